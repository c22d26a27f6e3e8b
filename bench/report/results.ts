import type { Report } from '../../simulation/report.ts';
import type { ColdLoads } from '../cold-load.ts';
import type { Machine } from '../measure/machine.ts';
import type { Modules } from '../modules.ts';
import type { Month } from '../money.ts';
import type { SideBySide } from '../side-by-side.ts';
import type { WarmRuns } from '../warm-attempt.ts';

/** All that the bench measures. */
export interface Results {
  readonly machine: Machine;
  /** How often each subject was measured. */
  readonly runs: number;
  /** How many calls to AWS a warm process has made before. */
  readonly warmUpCalls: number;
  readonly coldLoads: ColdLoads;
  readonly modules: Modules;
  readonly warmRuns: WarmRuns;
  readonly storms: readonly Report[];
  /** The same storms, told in several ways. */
  readonly sideBySide: readonly SideBySide[];
  readonly months: readonly Month[];
}

import type { Report } from '../../simulation/report.ts';
import { sum } from '../sum.ts';
import { decimals, percent, whole } from './numbers.ts';
import type { Results } from './results.ts';

/** What was to be reached, and what was. */
export interface Target {
  readonly name: string;
  /** At most this. */
  readonly most: number;
  readonly reached: number;
  readonly render: (number: number) => string;
  /** Whether it comes out the same on each machine. */
  readonly isDeterministic: boolean;
  /** Why it is not met, if it is not. */
  readonly reason?: string;
}

export const isMet = ({ most, reached }: Target) => reached <= most;

const ratio = (number: number) => `${decimals(number)} ×`;
const milliseconds = (number: number) => `${decimals(number)} ms`;

export function targetsOf({ coldLoads, modules, warmRuns, storms }: Results): Target[] {
  const { notify } = coldLoads.functions;
  const { alert, repeat, known, plain } = warmRuns;
  const idleBytes = sum(modules.idle.map(({ bytes }) => bytes));
  const sdk = `One call by the AWS SDK alone, as in the plain function, takes ${milliseconds(plain.cpuMs)} on this machine.`;
  const timed = { isDeterministic: false };
  const counted = { isDeterministic: true, render: whole };
  return [
    {
      name: '`notify` ready, of the default bundle',
      most: 0.6,
      reached: notify.ready,
      render: ratio,
      ...timed,
    },
    {
      name: 'Publish request out, of the default bundle',
      most: 0.8,
      reached: notify.publish ?? Number.NaN,
      render: ratio,
      ...timed,
    },
    {
      name: 'Zip of `notify`, bytes',
      most: 130_000,
      reached: notify.ours.zipBytes,
      ...counted,
    },
    {
      name: 'Modules that `notify` never runs',
      most: 0,
      reached: modules.idle.length,
      reason: `They take ${percent(idleBytes / modules.bundleBytes)} of the bundle. Packages import these files of theirs by path, for other formats, services and places than Lambda, so that no option of the bundler takes them out, only a plugin that replaced them one by one.`,
      ...counted,
      isDeterministic: false, // each version of the AWS SDK has others
    },
    {
      name: 'Calls of an alert',
      // The eighth confirms the claim: one that its run never confirmed lapses with the lease, or a run that dies
      // would silence all other attempts of its pair for the whole quiet window.
      most: 8,
      reached: alert.calls.length,
      ...counted,
    },
    { name: 'Calls of a repeat', most: 2, reached: repeat.calls.length, ...counted },
    {
      name: 'Calls of a repeat in a quiet window that the process knows',
      most: 1,
      reached: known.calls.length,
      ...counted,
    },
    {
      name: 'Processor time of a repeat',
      most: 0.5,
      reached: repeat.cpuMs,
      render: milliseconds,
      reason: `A repeat makes two calls. ${sdk}`,
      ...timed,
    },
    {
      name: 'Processor time of a repeat in a quiet window that the process knows',
      most: 0.5,
      reached: known.cpuMs,
      render: milliseconds,
      reason: `A repeat makes one call. ${sdk}`,
      ...timed,
    },
    {
      name: 'Time of an attempt in the largest storm, of that in the smallest',
      most: 1,
      reached: growth(storms, ({ wallSeconds, attempts }) => wallSeconds / attempts),
      render: ratio,
      ...timed,
    },
    {
      name: 'Memory of the largest storm, of that of the smallest',
      most: 1,
      reached: growth(storms, ({ peakMemoryMb }) => peakMemoryMb),
      render: ratio,
      reason: FLAT_BUT_FOR,
      ...timed,
    },
  ];
}

const FLAT_BUT_FOR =
  'It is of the simulation, which keeps each delivery and each mail to count them at the end. A function keeps 10,000 pairs at most.';

/** What a number of the largest storm is of that of the smallest. */
function growth(storms: readonly Report[], numberOf: (storm: Report) => number): number {
  const [smallest, largest] = [storms[0], storms.at(-1)];
  return smallest && largest ? numberOf(largest) / numberOf(smallest) : Number.NaN;
}

import type { Report } from '../../simulation/report.ts';
import type { ColdLoads } from '../cold-load.ts';
import { type DigestRun, READING_SECONDS, secondsOnAws } from '../digest.ts';
import { secondsOfAttempt } from '../scale.ts';
import type { Sifting } from '../sifting.ts';
import type { WarmKind, WarmRuns } from '../warm-attempt.ts';
import { ratio, type Section, whole } from './section.ts';

/** A target, and the measured value. */
export interface Target {
  readonly name: string;
  /** At most this. */
  readonly most: number;
  readonly reached: number;
  readonly render: (number: number) => string;
  /** Whether it is the same on each machine. */
  readonly isDeterministic: boolean;
}

interface Measured {
  readonly coldLoads: ColdLoads;
  readonly warmRuns: WarmRuns;
  readonly digest: DigestRun;
  readonly sifting: Sifting;
  readonly storms: readonly Report[];
}

/** The kinds of attempts, and how many calls to AWS each may make. */
const ATTEMPTS = [
  // Claim, incident, record, DescribeSecret, ledger, budget and Publish; then three note it: on the attempt, so that no digest
  // reports it again, on the incident, whose digest is due from then on, and on the pair, because the claim of a run that
  // dies would otherwise silence its caller for good.
  ['alert', 'an alert', 10],
  // What the table knows of the pair, and that its incident has news: both every few minutes at most in a process.
  ['repeat', 'a repeat', 3],
  ['known', 'a repeat of which the process knows', 1],
] as const;

/** The memory of `summarize`. */
const SUMMARIZE_MB = 1769;

export const isMet = ({ most, reached }: Target) => reached <= most;

export function targetsOf({ coldLoads, warmRuns, digest, sifting, storms }: Measured): Target[] {
  const { ours, ready, publish = Number.NaN } = coldLoads.functions.notify;
  const counted = (name: string, most: number, reached: number): Target => {
    return { name, most, reached, render: whole, isDeterministic: true };
  };
  const compared = (name: string, most: number, reached: number): Target => {
    return { name, most, reached, render: ratio, isDeterministic: false };
  };
  const limited = (name: string, most: number, reached: number): Target => {
    return { name, most, reached, render: whole, isDeterministic: false };
  };
  return [
    compared('`notify` ready, of the default bundle', 0.6, ready),
    compared('Publish request out, of the default bundle', 0.8, publish),
    counted('Zip of `notify`, bytes', 138_000, ours.zipBytes),
    ...ATTEMPTS.map(([kind, name, most]) =>
      counted(`Calls of ${name}`, most, warmRuns[kind].calls.length),
    ),
    ...ATTEMPTS.map(([kind, name]) =>
      compared(
        `Processor time for each call of ${name}, of a bare call`,
        1.3,
        cpuByCall(warmRuns, kind),
      ),
    ),
    // What is deleted is cached for a minute, and sifting takes less.
    counted('Reads of the table in a probe of names', 1, sifting.tableReads),
    // The function's own limits: what is too much for them is reported by a further digest.
    limited('Seconds of a digest on AWS', READING_SECONDS, secondsOnAws(digest)),
    limited('Memory of a digest, MB', SUMMARIZE_MB, digest.peakMemoryMb),
    compared(
      'Time of an attempt in the largest storm, of that in the smallest',
      1,
      secondsOfAttempt(storms.at(-1)) / secondsOfAttempt(storms[0]),
    ),
  ];
}

/** The ratio of each call of a kind to the one bare call by the AWS SDK that the plain function makes. */
function cpuByCall(warmRuns: WarmRuns, kind: WarmKind): number {
  const { cpuMs, calls } = warmRuns[kind];
  return cpuMs / calls.length / warmRuns.plain.cpuMs;
}

export function targetsTable(measured: Measured): Section {
  return {
    title: 'Targets',
    text: `Most of an attempt's processor time is what the AWS SDK takes for its calls. So it is compared, for each of them, with one
bare call by the SDK, which the plain function makes in the same run: nothing can take much less.`,
    head: ['what', 'at most', 'reached', 'met'],
    rows: targetsOf(measured).map((target) => {
      const { name, most, reached, render } = target;
      return [name, render(most), render(reached), isMet(target) ? 'yes' : 'no'];
    }),
  };
}

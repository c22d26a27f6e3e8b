import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Report } from '../simulation/report.ts';
import type { TrafficOptions } from '../simulation/traffic.ts';
import { type Measuring, sum } from './measure/measuring.ts';
import { decimals, percent, ratio, type Section, whole } from './report/section.ts';

const STORM = fileURLToPath(new URL('../simulation/storm.ts', import.meta.url));

/** The storm is the same at each size except for the attempts. */
const trafficOf = (attempts: number): TrafficOptions => ({
  attempts,
  secrets: 100,
  callers: 10,
  minutes: 120,
  duplicates: 0.05,
  seed: 1,
});

/** The planned faults, as shares of calls, of runs and of attempts. */
const TROUBLE = { failures: 0.02, crashes: 0.01, losses: 0.01 };

/** Attempts alone, on secrets that can be saved. */
const NOTHING_ELSE = { gone: 0, probes: 0, clashes: 0 };

/** Sends storms of so many attempts to the packaged service, each in a fresh process. @throws as `runStorm`. */
export async function measureScale(
  sizes: readonly number[],
  { signal, onProgress }: Pick<Measuring, 'signal' | 'onProgress'>,
): Promise<Report[]> {
  const reports: Report[] = [];
  for (const attempts of sizes) {
    reports.push(await runStorm(trafficOf(attempts), signal));
    onProgress();
  }
  return reports;
}

/**
 * Sends a storm to the packaged service in a fresh process.
 * @throws Error with its output if an invariant is broken: a broken service is not worth measuring.
 */
export async function runStorm(traffic: TrafficOptions, signal: AbortSignal): Promise<Report> {
  const options = Object.entries({ ...traffic, ...TROUBLE, ...NOTHING_ELSE });
  const args = options.flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, [STORM, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const [[code], printed, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  if (code === 0) return JSON.parse(printed);
  throw new Error(`The storm of ${traffic.attempts} attempts failed: ${printed}${errors}`);
}

/** On average, on the clock of this machine. */
export function secondsOfAttempt(storm?: Report): number {
  return storm ? storm.wallSeconds / storm.attempts : Number.NaN;
}

export function scaleTable(storms: readonly Report[]): Section {
  const { secrets, callers, minutes, duplicates } = trafficOf(0);
  return {
    title: 'Scale',
    text: `\`npm run storm\` with ${secrets} secrets, ${callers} callers of each, over ${minutes / 60} hours, ${percent(duplicates)} of the events delivered twice, ${percent(TROUBLE.losses)} of the
attempts lost by EventBridge, ${percent(TROUBLE.failures)} of the calls to AWS failing and ${percent(TROUBLE.crashes)} of the runs killed; the trail brings all of them again. Time and memory are of the whole simulation: the functions, the AWS that
they talk to, and the mailbox.`,
    head: [
      'attempts',
      'time for each, of the smallest',
      'seconds',
      'memory, MB',
      'calls for each',
      'mails',
      'reported',
      'lost',
    ],
    rows: storms.map((storm) => [
      whole(storm.attempts),
      ratio(secondsOfAttempt(storm) / secondsOfAttempt(storms[0])),
      decimals(storm.wallSeconds),
      whole(storm.peakMemoryMb),
      decimals(sum(Object.values(storm.callsPerAttempt))),
      whole(storm.mails),
      whole(storm.told),
      whole(storm.lost),
    ]),
  };
}

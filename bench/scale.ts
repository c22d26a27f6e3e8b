import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Report } from '../simulation/report.ts';
import type { TrafficOptions } from '../simulation/traffic.ts';
import type { Measuring } from './measure/measuring.ts';

const STORM = fileURLToPath(new URL('../simulation/storm.ts', import.meta.url));

/** The storm is the same at each size but for the attempts. */
export const trafficOf = (attempts: number): TrafficOptions => ({
  attempts,
  secrets: 100,
  callers: 10,
  minutes: 120,
  duplicates: 0.05,
  seed: 1,
});

/** What goes wrong meanwhile, as shares of calls and of runs. */
export const TROUBLE = { failures: 0.02, crashes: 0.01 };

/** Lets storms of so many attempts come over the packaged service, each in a fresh process. @throws as {@link runStorm}. */
export async function measureScale(
  sizes: readonly number[],
  { signal, onProgress }: Pick<Measuring, 'signal' | 'onProgress'>,
): Promise<Report[]> {
  const reports: Report[] = [];
  for (const attempts of sizes) {
    reports.push(await runStorm(attempts, signal));
    onProgress();
  }
  return reports;
}

/** @throws Error with what it printed if an invariant is broken: what a broken service costs is of no interest. */
async function runStorm(attempts: number, signal: AbortSignal): Promise<Report> {
  const options = Object.entries({ ...trafficOf(attempts), ...TROUBLE });
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
  throw new Error(`The storm of ${attempts} attempts failed: ${printed}${errors}`);
}

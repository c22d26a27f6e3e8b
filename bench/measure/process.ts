import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const PROBE = fileURLToPath(new URL('probe.mjs', import.meta.url));

/** The task of a fresh process with a packaged function. */
export interface Probe {
  /** The file of the handler: `.mjs`, or CommonJS. */
  readonly file: string;
  /** The whole environment of the process. */
  readonly variables: Readonly<Record<string, string>>;
  /** How long it may take for each event, in ms. Default: 45 s. */
  readonly timeoutMs?: number;
  /** The first event. */
  readonly coldEvent?: unknown;
  /** The next events, unmeasured. */
  readonly warmUp?: readonly unknown[];
  /** The measured events. */
  readonly measured?: readonly unknown[];
}

/** The average time of an event, in ms. */
export interface Warm {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface Measurement {
  /** When Node.js started, in ms since 1970, with fractions. */
  readonly startedAt: number;
  /** The time from then until the handler could be called, in ms. */
  readonly readyAfter: number;
  readonly warm?: Warm;
  /** The most memory that the process has held. */
  readonly peakMemoryMb: number;
  /** The size of the function's output: its log. */
  readonly printedBytes: number;
}

/** Runs a probe in a process of its own, which is stopped with `signal`. @throws Error with what it printed if it fails. */
export async function runProbe(
  { variables, ...job }: Probe,
  signal: AbortSignal,
): Promise<Measurement> {
  const jobFile = `${job.file}.json`;
  await writeFile(jobFile, JSON.stringify(job));
  const child = fork(PROBE, [jobFile], {
    env: { ...variables },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    signal,
    killSignal: 'SIGKILL',
  });
  let measurement: Omit<Measurement, 'printedBytes'> | undefined;
  child.on('message', (message) => {
    measurement = message as Measurement;
  });
  const { stdout, stderr } = child as { stdout: Readable; stderr: Readable };
  const [log, errors] = await Promise.all([text(stdout), text(stderr), once(child, 'close')]);
  // A minified bundle is quoted in full where it throws.
  if (!measurement) throw new Error(`The function could not be measured: …${errors.slice(-1500)}`);
  return { ...measurement, printedBytes: Buffer.byteLength(log) };
}

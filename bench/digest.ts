import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Packaged, timeoutOf, unpackedBundle, variablesOf } from './measure/bundles.ts';
import { digestPages, PAIRS } from './measure/digest-pages.ts';
import { startEndpoints } from './measure/endpoints.ts';
import { runProbe } from './measure/process.ts';
import { PRICES } from './money.ts';
import { decimals, dollars, type Section, whole } from './report/section.ts';

/** What a digest of very many attempts takes. */
export interface DigestRun {
  readonly attempts: number;
  /** Of the processor, and on the clock, with a server on the same machine that has its pages ready. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** The most that the process held. */
  readonly peakMemoryMb: number;
  readonly pages: number;
  readonly readUnits: number;
}

/** How long AWS is taken to need for a page of 1 MB, in ms, rather too long. */
const PAGE_MS = 100;

/** The time of the function that it reads for, in s: its timeout, less what `lib/incident/summarize.ts` keeps for the rest. */
export const READING_SECONDS = 300 - 90;

/** On AWS: with its time for the pages, none of which is asked for before the one before has been worked on. */
export const secondsOnAws = ({ wallSeconds, pages }: DigestRun) =>
  wallSeconds + (pages * PAGE_MS) / 1000;

/**
 * Lets the packaged function send a digest of so many attempts, of {@link PAIRS} pairs.
 * @throws Error if it does not report all of them.
 */
export async function measureDigest(
  packaged: Packaged,
  directory: string,
  attempts: number,
  signal: AbortSignal,
): Promise<DigestRun> {
  const { answer, message, pages, readUnits } = digestPages(attempts, Date.now());
  const own = join(directory, 'digest');
  await mkdir(own, { recursive: true });
  await using started = new AsyncDisposableStack();
  const endpoints = await startEndpoints(own, answer);
  started.defer(() => endpoints.stop());
  const { file } = await unpackedBundle(packaged, 'summarize');
  const variables = variablesOf(packaged, 'summarize', endpoints.variables);
  const timeoutMs = timeoutOf(packaged, 'summarize') * 1000;
  const { warm, peakMemoryMb } = await runProbe(
    { file, variables, timeoutMs, measured: [{}] },
    signal,
  );
  if (!warm) throw new Error('Nothing was measured');
  const reported = message().slice(0, 100);
  if (!reported.startsWith(`${attempts} attempts`)) {
    throw new Error(`Expected a digest of ${attempts} attempts, got: ${reported}`);
  }
  const [cpuSeconds, wallSeconds] = [warm.cpuMs / 1000, warm.wallMs / 1000];
  return { attempts, cpuSeconds, wallSeconds, peakMemoryMb, pages, readUnits };
}

export function digestTable(run: DigestRun): Section {
  const { attempts, cpuSeconds, wallSeconds, peakMemoryMb, pages, readUnits } = run;
  const { dollars: price, per } = PRICES.tableReadUnits;
  return {
    title: 'A digest',
    text: `What the packaged \`summarize\` takes for a digest of ${whole(attempts)} attempts of ${PAIRS} pairs on one secret: its table answers
in pages of 1 MB, over TLS. On AWS each page is taken to last ${PAGE_MS} ms more.`,
    head: ['what', 'of it'],
    rows: [
      ['seconds of the processor', decimals(cpuSeconds)],
      ['seconds', decimals(wallSeconds)],
      ['seconds on AWS', decimals(secondsOnAws(run))],
      ['memory, MB', whole(peakMemoryMb)],
      ['pages', whole(pages)],
      ['read units', whole(readUnits)],
      ['of them the price', dollars((readUnits * price) / per)],
    ],
  };
}

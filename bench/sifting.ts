import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { marshall } from '@aws-sdk/util-dynamodb';
import { HOME } from '../emulators/client.ts';
import { queueEvent } from '../emulators/event-source.ts';
import { identifySecret } from '../lib/cloudtrail/secret-id.ts';
import { partitionKey } from '../lib/deletion/ledger.ts';
import { attemptEvent, probeEvent, secretName } from '../simulation/cast.ts';
import { type Packaged, timeoutOf, unpackedBundle, variablesOf } from './measure/bundles.ts';
import { type Answer, answersAt, json } from './measure/cases.ts';
import { startEndpoints } from './measure/endpoints.ts';
import { runProbe } from './measure/process.ts';
import { costOfSifting } from './money.ts';
import { decimals, dollars, type Section, whole } from './report/section.ts';

/** What it takes to tell reads of names that never were from one read of a secret that is gone in each batch. */
export interface Sifting {
  /** Reads of names that never were. */
  readonly probes: number;
  /** What the queue hands over at a time, that one read included. */
  readonly batch: number;
  /** Of the processor, and on the clock, for a batch. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** The most that a process held for one batch. */
  readonly peakMemoryMb: number;
  /** Of the table, in all; and in read units. */
  readonly tableReads: number;
  readonly readUnits: number;
  /** What was handed on to `notify`: one read of each batch. */
  readonly handedOn: number;
}

/** How many secrets the ledger knows as deleted within sixty days. */
const DELETED = 1000;

/** Eventually consistent, as all reads of an index, a unit reads 8 KB. */
const BYTES_OF_A_UNIT = 2 * 4096;

/**
 * Lets one process of the packaged function sift so many reads in batches, the list of what is deleted unread before.
 * @throws Error if it does not hand on what it should, and no more.
 */
export async function measureSifting(
  packaged: Packaged,
  directory: string,
  { batches, batch }: { readonly batches: number; readonly batch: number },
  signal: AbortSignal,
): Promise<Sifting> {
  const own = join(directory, 'sifting');
  await mkdir(own, { recursive: true });
  const now = Date.now();
  const known = indexPage(now);
  await using started = new AsyncDisposableStack();
  const others = answersAt(now);
  const answer = (operation: string, request: string): Answer =>
    operation === 'Query' ? known : others(operation, request);
  const endpoints = await startEndpoints(own, answer);
  started.defer(() => endpoints.stop());
  const { file } = await unpackedBundle(packaged, 'sift-reads');
  const sift = (count: number) =>
    runProbe(
      {
        file,
        variables: variablesOf(packaged, 'sift-reads', endpoints.variables),
        timeoutMs: timeoutOf(packaged, 'sift-reads') * 1000,
        measured: Array.from({ length: count }, (_, i) => batchOf(i, batch, new Date(now))),
      },
      signal,
    );
  // The process is given all batches at once, which no function holds.
  const { peakMemoryMb } = await sift(1);
  endpoints.takeCalls();
  const { warm } = await sift(batches);
  if (!warm) throw new Error('Nothing was measured');
  const calls = endpoints.takeCalls();
  const countOf = (name: string) => calls.filter(({ operation }) => operation === name).length;
  const handedOn = countOf('Invoke');
  if (handedOn !== batches) throw new Error(`Expected ${batches} reads handed on, got ${handedOn}`);
  const tableReads = countOf('Query');
  const readUnits = tableReads * Math.ceil(Buffer.byteLength(known.body) / BYTES_OF_A_UNIT);
  const probes = batches * (batch - 1);
  return { probes, batch, ...warm, peakMemoryMb, tableReads, readUnits, handedOn };
}

/** What the index has of the secrets that are deleted, as far as it is read. */
function indexPage(now: number): Answer {
  const Items = Array.from({ length: DELETED }, (_, i) =>
    marshall({
      pk: partitionKey(identifySecret(secretName(i), HOME)),
      sk: 'change',
      kind: 'deletion',
      requestedAt: new Date(now - i * 1000).toISOString(),
    }),
  );
  return json('1.0', { Items, Count: DELETED, ScannedCount: DELETED });
}

function batchOf(index: number, size: number, time: Date) {
  const gone = attemptEvent({
    attempt: index,
    secret: index % DELETED,
    caller: 1,
    time,
    isGone: true,
  });
  const probes = Array.from({ length: size - 1 }, (_, i) => probeEvent(index * size + i, time));
  const bodies = [...probes, gone].map((event) => JSON.stringify(event));
  return queueEvent(
    bodies.map((body, i) => ({ id: `${index}-${i}`, body, sentAt: time.getTime(), receives: 1 })),
    'SiftReadsQueue',
  );
}

export function siftingTable(sifting: Sifting): Section {
  const { probes, batch, cpuMs, wallMs, peakMemoryMb, tableReads, readUnits, handedOn } = sifting;
  return {
    title: 'A probe of names',
    text: `What one process of the packaged \`sift-reads\` takes for ${whole(probes)} reads of names that never were a secret's, in batches of ${whole(batch)} with
one read of a secret that is gone in each, while the ledger knows ${whole(DELETED)} deleted secrets. Their list is read once a minute.`,
    head: ['what', 'of it'],
    rows: [
      ['ms of the processor for a batch', decimals(cpuMs)],
      ['ms for a batch', decimals(wallMs)],
      ['reads sifted in a second', whole((1000 * batch) / wallMs)],
      ['memory, MB', whole(peakMemoryMb)],
      ['reads of the table', whole(tableReads)],
      ['read units', whole(readUnits)],
      ['of an hour of 1,000 such reads a second, the price', dollars(costOfSifting(sifting))],
      ['handed on', whole(handedOn)],
    ],
    after: `A queue holds them: two processes at most work on it, so that no probe takes the concurrency of the account from
attempts, which reach \`notify\` by a rule of their own.`,
  };
}

import type { Batch, EventSource } from '../emulators/event-source.ts';
import type { Lambda, Report as RunReport } from '../emulators/lambda.ts';
import { MINUTE_MS } from '../lib/time.ts';
import { attemptOf, isProbe, probeEvent } from './cast.ts';
import { FIRST_TRY, type Task } from './task.ts';
import { below, type Random } from './traffic.ts';

/** Reads of secrets that are not there: of some that are gone, and of names that never were. */
export interface ReadsOptions {
  /** How many of the secrets are deleted at once, and read for all that. */
  readonly gone: number;
  /** How many names that never were a secret's are read, once each. */
  readonly probes: number;
}

/** How many processes the function has. */
export const SIFTERS = 2;

/** Half of the probes come in one second, the others go on for minutes: what is cached for a minute is read anew. */
const BURST_MS = 1000;
const LONG_MS = 3 * MINUTE_MS;

/** Plays the queue of reads, and counts what the function does that sifts them. */
export function openReads(source: EventSource, lambda: Lambda) {
  const counts = { probesHandedOn: 0, unknownReads: 0, ledgerReads: 0 };
  const minutes = new Set<number>();
  let restarts = 0;

  const poll = (time: number): Task => ({ ...FIRST_TRY, time, lambda, event: () => null, source });

  /** When a message that is sent at a time may be handed over at the latest, unless many are. */
  const polledAt = (time: number) => poll(time + source.wait);

  function send(event: unknown, time: number): Task {
    source.send(JSON.stringify(event), time);
    return polledAt(time);
  }

  return {
    counts,
    polledAt,
    send,
    /** What is left to hand over once a batch has been. */
    next(time: number): Task[] {
      const due = source.due();
      return due === undefined ? [] : [poll(Math.max(due, time))];
    },
    /** Counts a run. @returns the attempts that it could not hand on. */
    noteRun(batch: Batch, time: number, report: RunReport): readonly number[] {
      minutes.add(Math.floor(time / MINUTE_MS));
      counts.unknownReads += report.metrics.UnknownReads ?? 0;
      counts.ledgerReads += (report.calls.DynamoDB ?? 0) - (report.faults.DynamoDB ?? 0);
      if (report.outcome !== 'done') restarts++;
      const failed = report.outcome === 'done' ? failuresIn(report) : undefined;
      return attemptsIn(batch, failed);
    },
    /** Counts what is handed on to `notify`. */
    noteHandOn(event: unknown): void {
      if (isProbe(event)) counts.probesHandedOn++;
    },
    /** How often the ledger may be read: once a minute by each process, and by one that has begun anew. */
    maxLedgerReads: () => SIFTERS * minutes.size + restarts,
  };
}

export type Reads = ReturnType<typeof openReads>;

/** The attempts in a batch: of all its messages, or of those with some ids. */
export function attemptsIn({ messages }: Batch, ids?: ReadonlySet<unknown>): readonly number[] {
  return messages
    .filter(({ id }) => ids === undefined || ids.has(id))
    .flatMap(({ body }) => attemptOf(JSON.parse(body)) ?? []);
}

function failuresIn({ result }: RunReport): ReadonlySet<unknown> {
  const { batchItemFailures = [] } = (result ?? {}) as {
    batchItemFailures?: readonly { readonly itemIdentifier: unknown }[];
  };
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}

/** Sends the reads of names that never were, in the middle of a storm. @returns what hands them over. */
export function probeTasks(
  { send }: Reads,
  { probes, minutes }: ReadsOptions & { readonly minutes: number },
  beginning: number,
  random: Random,
): Task[] {
  const middle = beginning + Math.floor(minutes / 2) * MINUTE_MS;
  return Array.from({ length: probes }, (_, probe) => {
    const time = middle + below(random, probe % 2 === 0 ? BURST_MS : LONG_MS);
    return send(probeEvent(probe, new Date(time)), time);
  });
}

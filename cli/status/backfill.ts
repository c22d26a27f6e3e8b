import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { readAttempt } from '../../lib/attempt/attempt.ts';
import { attemptItem } from '../../lib/attempt/item.ts';
import type { Place } from '../../lib/aws/spokes.ts';
import type { Item, Table } from '../../lib/aws/table.ts';
import { type CloudTrailEvent, parseRecord } from '../../lib/cloudtrail/record.ts';
import { completedBy, isAmbiguous, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { readChanges } from '../../lib/deletion/change.ts';
import { type AskHistory, lookupEvents, type Query } from '../../lib/deletion/history.ts';
import {
  changeItem,
  createLedger,
  goneSecret,
  partitionKey,
  readLedger,
} from '../../lib/deletion/ledger.ts';
import { NotifierError } from '../../lib/errors.ts';
import { inBatches } from '../../lib/in-batches.ts';
import { addDays, formatUtc, parseTime, plural } from '../../lib/time.ts';
import { expected } from '../aws-errors.ts';
import { interruption } from '../interruption.ts';
import { printNote } from '../print.ts';
import { withTimeLeft } from '../progress.ts';
import { noteBackfilled, recordPast } from './table.ts';

/** CloudTrail's event history holds 90 days: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
const HISTORY_DAYS = 90;

/** An event history, and how far back it is of interest. */
export interface History {
  /** The client that reads it, anew for each page: a role's credentials end while it is read. */
  readonly client: () => Promise<CloudTrailClient>;
  readonly earliest: Date;
  /** Whose it is, if not that of the stack's account and Region. */
  readonly place?: Place;
}

/**
 * Fills the table from CloudTrail's event history, back to the earliest time at which one of the secrets can have been
 * scheduled for deletion, and reports on stderr how far it got. Ctrl-C ends it.
 * @returns whether it is complete.
 * @throws NotifierError `AWS_REFUSED` if the very first page is refused, unless it is another place's; any other error as it
 * is.
 */
export async function runBackfill(
  { client, earliest, place }: History,
  table: Table,
  now: () => Date,
): Promise<boolean> {
  const title = place
    ? `Event history of account ${place.accountId}, ${place.region}`
    : 'Event history';
  const start = now();
  const from = new Date(Math.max(earliest.getTime(), addDays(start, -HISTORY_DAYS).getTime()));
  const progress: BackfillProgress = { from, readTo: start, records: 0, attempts: 0 };
  const signal = interruption();
  const ports: BackfillPorts = {
    ...createLedger(table),
    now,
    ask: askBy(client, signal),
    recordPast: (item: Item) => recordPast(table, item),
  };
  const part = () =>
    (start.getTime() - progress.readTo.getTime()) / (start.getTime() - from.getTime() || 1);
  try {
    await withTimeLeft(
      title,
      () => now().getTime(),
      (show) =>
        backfill(progress, ports, () =>
          show(part(), `back to ${progress.readTo.toISOString().slice(0, 10)}`),
        ),
    );
    await noteBackfilled(table, from, place);
    printNote(`${title}: ${summary(progress)}.`);
    return true;
  } catch (error) {
    const why = signal.aborted
      ? 'interrupted'
      : refusal(error, progress.records > 0 || place !== undefined);
    printNote(`${title}: ${why}; ${summary(progress)}.`, 'yellow');
    printNote(`The rest, back to ${formatUtc(from)}, is missing: run it again.`);
    return false;
  }
}

/** Asks by whatever client there is for a page, two pages a second. */
function askBy(clientNow: History['client'], signal: AbortSignal): AskHistory {
  let client: CloudTrailClient | undefined;
  let ask: AskHistory;
  return async (query, token) => {
    const known = client;
    client = await clientNow();
    if (client !== known) ask = lookupEvents(client, signal);
    return ask(query, token);
  };
}

/** Why no more could be read. @throws the error if it is a defect, or is not to be borne */
function refusal(error: unknown, isBorne: boolean): string {
  const refused = expected(error);
  if (refused instanceof NotifierError && isBorne) return refused.message;
  throw refused;
}

function summary({ records, attempts, readTo }: BackfillProgress): string {
  const kept = `${plural(attempts, 'attempt')} not known before`;
  return `${plural(records, 'record')} back to ${formatUtc(readTo)}, ${kept}`;
}

/** The dependencies of a backfill; all may throw. */
export interface BackfillPorts {
  readonly now: () => Date;
  readonly ask: AskHistory;
  /** Records an attempt that is not to be reported any more; `false` if it was known. */
  readonly recordPast: (item: Item) => Promise<boolean>;
  readonly putIfNewer: (item: Item & { readonly order: string }) => Promise<unknown>;
  /** The items of the ledger in a partition. */
  readonly getItems: (pk: string) => Promise<unknown[]>;
}

/** How far a backfill has got. Updated with each page, so that it holds for one that failed, too. */
export interface BackfillProgress {
  /** The time to read back to. */
  readonly from: Date;
  /** The time back to which the attempts have been read. */
  readTo: Date;
  records: number;
  /** Attempts that were not known before. */
  attempts: number;
}

/**
 * Records the deletions and the attempts in CloudTrail's event history since a time, newest first. Running it again adds
 * what is missing and changes nothing else.
 * @param onPage is called after each page, and at the end.
 * @throws what the ports throw.
 */
export async function backfill(
  progress: BackfillProgress,
  ports: BackfillPorts,
  onPage: () => void,
): Promise<void> {
  for (const value of ['DeleteSecret', 'RestoreSecret']) {
    for await (const events of pages(value, progress.from, ports.ask)) {
      progress.records += events.length;
      await inBatches(events, (event) => keepChange(event, ports));
      onPage();
    }
  }
  for await (const events of pages('GetSecretValue', progress.from, ports.ask)) {
    await inBatches(events, async (event) => {
      if (await keepAttempt(event, ports)) progress.attempts++;
    });
    progress.records += events.length;
    progress.readTo = parseTime(events.at(-1)?.detail.eventTime) ?? progress.readTo;
    onPage();
  }
  progress.readTo = progress.from;
  onPage();
}

async function* pages(value: string, from: Date, ask: AskHistory) {
  const query: Query = { attribute: 'EventName', value, from };
  let token: string | undefined;
  do {
    const page = await ask(query, token);
    yield page.records.map(readEvent).filter((event) => event !== undefined);
    token = page.token;
  } while (token);
}

async function keepAttempt(event: CloudTrailEvent, ports: BackfillPorts): Promise<boolean> {
  const { attempt } = readAttempt(event, ports.now());
  if (!attempt) return false;
  const secret = attempt.isNotFound
    ? await goneSecret(attempt, ports.getItems)
    : await settle(attempt.secret, ports);
  return secret !== undefined && ports.recordPast(attemptItem({ ...attempt, secret }));
}

/** The secret that is meant by an id, as `notify` finds out: by the ledger, which has just been filled. */
async function settle(secret: SecretId, { getItems }: BackfillPorts): Promise<SecretId> {
  if (!isAmbiguous(secret)) return secret;
  const { change } = await readLedger(secret, getItems);
  return completedBy(secret, change?.secret.arn);
}

async function keepChange(event: CloudTrailEvent, ports: BackfillPorts): Promise<void> {
  for (const change of orUndefined(() => readChanges(event)) ?? []) {
    const pk = partitionKey(change.secret);
    if (pk) await ports.putIfNewer(changeItem(change, pk));
  }
}

/** An unreadable record is skipped. */
function readEvent(json: string): CloudTrailEvent | undefined {
  return orUndefined(() => parseRecord(JSON.parse(json)));
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotifierError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

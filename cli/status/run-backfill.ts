import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { Item, Table } from '../../lib/aws/table.ts';
import { lookupEvents } from '../../lib/deletion/history.ts';
import { createLedger } from '../../lib/deletion/ledger.ts';
import { NotifierError } from '../../lib/errors.ts';
import { addDays, formatUtc, plural } from '../../lib/time.ts';
import { expected } from '../aws-errors.ts';
import { interruption } from '../interruption.ts';
import { printNote } from '../print.ts';
import { withTimeLeft } from '../progress.ts';
import { type BackfillProgress, backfill } from './backfill.ts';
import { noteBackfilled, recordPast } from './table.ts';

/** CloudTrail's event history holds 90 days: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
const HISTORY_DAYS = 90;

/**
 * Fills the table from CloudTrail's event history, back to the earliest time at which one of the secrets can have been
 * scheduled for deletion, and says on stderr how far it got. Ctrl-C ends it.
 * @returns whether it has got all the way.
 * @throws NotifierError `AWS_REFUSED` if the very first page is refused, and what is no refusal of AWS's.
 */
export async function runBackfill(
  cloudTrail: CloudTrailClient,
  table: Table,
  earliest: Date,
  now: () => Date,
): Promise<boolean> {
  const start = now();
  const from = new Date(Math.max(earliest.getTime(), addDays(start, -HISTORY_DAYS).getTime()));
  const progress: BackfillProgress = { from, readTo: start, records: 0, attempts: 0 };
  const signal = interruption();
  const ports = {
    now,
    ask: lookupEvents(cloudTrail, signal),
    recordPast: (item: Item) => recordPast(table, item),
    putIfNewer: createLedger(table).putIfNewer,
  };
  const part = () =>
    (start.getTime() - progress.readTo.getTime()) / (start.getTime() - from.getTime() || 1);
  try {
    await withTimeLeft(
      'Event history',
      () => now().getTime(),
      (show) =>
        backfill(progress, ports, () =>
          show(part(), `back to ${progress.readTo.toISOString().slice(0, 10)}`),
        ),
    );
    await noteBackfilled(table, from);
    printNote(`Event history: ${summary(progress)}.`);
    return true;
  } catch (error) {
    const why = signal.aborted ? 'interrupted' : refusal(error, progress);
    const told = `Event history: ${why}; ${summary(progress)}.`;
    printNote(told, 'yellow');
    printNote(`Of all, back to ${formatUtc(from)}, the rest is missing: run it again.`);
    return false;
  }
}

function refusal(error: unknown, { records }: BackfillProgress): string {
  const refused = expected(error);
  if (refused instanceof NotifierError && records > 0) return refused.message;
  throw refused;
}

function summary({ records, attempts, readTo }: BackfillProgress): string {
  const kept = `${plural(attempts, 'attempt')} not known before`;
  return `${plural(records, 'record')} back to ${formatUtc(readTo)}, ${kept}`;
}

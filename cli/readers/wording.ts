import { callerIdentity } from '../../lib/cloudtrail/caller.ts';
import { lastUsedDay } from '../../lib/notice/deletion-text.ts';
import { defang, identifier, oneLine } from '../../lib/text.ts';
import { formatUtc, plural } from '../../lib/time.ts';
import { type CallerTally, callersOf, countOf, lastOf } from '../status/tally.ts';
import { callerText } from '../status/wording.ts';
import { HISTORY_DAYS } from './history.ts';
import type { Reader, Readers } from './readers.ts';
import type { Survey, Surveyed } from './survey.ts';
import type { LastRead, Verdict } from './verdict.ts';

/** The verdict in a word or two. */
export const VERDICTS: Readonly<Record<Verdict['kind'], string>> = {
  'in-use': 'in use',
  quiet: 'quiet',
  never: 'not read',
  'too-soon': 'too new',
  pending: 'pending',
  managed: 'managed',
};

/** `$0.40`, `$1,234.56`. */
export const costText = (dollars: number) =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(dollars);

/** `never`, `2026-11-27 14:03 UTC`; of what AWS tells only the day. */
export function lastReadText(last: LastRead | undefined): string {
  if (!last) return 'never, as far as AWS tells';
  return last.by === 'aws'
    ? `${last.at.toISOString().slice(0, 10)} (the day, by AWS)`
    : formatUtc(last.at);
}

/** `812 reads in 90 days, the last on …`. */
export function readsText({ readers }: Surveyed, { days }: Survey): string {
  const { read, batch } = readers.tallies;
  const last = lastOf(read);
  const batches = countOf(batch.values());
  return [
    `${plural(countOf(read.values()), 'read')} in ${plural(days, 'day')}`,
    ...(last ? [`the last on ${formatUtc(last)}`] : []),
    ...(batches > 0 ? [`and named in ${plural(batches, 'call')} of BatchGetSecretValue`] : []),
  ].join(', ');
}

/** `3 more failed, of role a, role b`; empty if none has. */
export function failedText({ id, readers }: Surveyed): string {
  const callers = callersOf(readers.tallies.failed);
  if (callers.length === 0) return '';
  const names = callers.slice(0, MAX_NAMES).map((caller) => callerText(caller, { id }));
  const more = callers.length - names.length;
  return `${plural(countOf(callers), 'read')} failed, by ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const MAX_NAMES = 5;

/** `eu-central-1, us-east-1`, or whose replica it is; empty if it has none. */
export function replicasText({ secret: { replicas = [], replicaOf } }: Surveyed): string {
  if (replicaOf) {
    return `it is one, of the primary in ${identifier(replicaOf, 64)}, where alone it can be removed, at once and for good`;
  }
  if (replicas.length === 0) return '';
  const regions = replicas.map((region) => identifier(region, 64)).join(', ');
  return `in ${regions}: it cannot be deleted before they are removed, and they go at once`;
}

export const lastUsedText = ({ secret }: Surveyed) => {
  const day = lastUsedDay(secret);
  return day ? `on ${day} (UTC), as AWS tells` : 'never, as far as AWS tells';
};

export const managedText = ({ secret }: Surveyed) =>
  defang(oneLine(secret.owningService ?? '', 100));

/** `$0.40 a month with its replicas`. */
export function costLine({ cost, secret }: Surveyed): string {
  if (secret.deletedDate) return 'nothing while it is scheduled for deletion';
  const { length } = secret.replicas ?? [];
  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html
  const service = secret.owningService ? ', unless the service bears it' : '';
  return `${costText(cost)} a month${length > 0 ? ', with its replicas' : ''}${service}`;
}

/** `role etl, by BatchGetSecretValue` where that is all that is known of it. */
export const readerText = (reader: Reader, secret: Surveyed) =>
  callerText(reader, secret) + (reader.unit === 'read' ? '' : ', by BatchGetSecretValue');

/** As what a caller was last seen: `role app-server, session i-0abc, account 111122223333`. */
export function seenText({ callerKey }: CallerTally, { lastSeen }: Readers): string {
  return defang(oneLine(lastSeen.get(callerIdentity(callerKey))?.description ?? '', 600));
}

/** What such a survey cannot know, a sentence each. */
export function limitsOf({ region, accountId, days, unnamed, isOfAll }: Survey): string[] {
  const filters = callersOf(unnamed.tallies.batch);
  const names = filters
    .slice(0, MAX_NAMES)
    .map((caller) => callerText(caller, { id: { accountId } }));
  return [
    `Only ${region} was asked: reads in other Regions, of replicas too, are in the event history there.`,
    `The event history keeps ${HISTORY_DAYS} days, of which ${days} were searched, and shows a read up to 15 minutes late. What runs once a quarter or a year may not be in it.`,
    `A cache reads seldom: the Lambda extension's, External Secrets, or an application that keeps the value for as long as it runs.`,
    `AWS says that BatchGetSecretValue leaves a GetSecretValue for each secret${isOfAll ? '' : '; where it does not, only the day by AWS shows such a read'}.`,
    ...(filters.length > 0
      ? [
          `${plural(countOf(filters), 'call')} of BatchGetSecretValue chose secrets by filters and named none: by ${names.join(', ')}.`,
        ]
      : []),
    'Who may read it, by policies, Lambda environments or task definitions, but has not, is not looked up.',
  ];
}

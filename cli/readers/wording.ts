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

/** The verdict in a word or two: `in use`, `not read`. */
export const verdictWord = ({ kind }: Verdict) => kind.replace('-', ' ');

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
export function replicasText({
  secret: { replicas = [], replicaOf, deletedDate },
}: Surveyed): string {
  if (replicaOf) {
    return `it is one, of the primary in ${identifier(replicaOf, 64)}, where alone it can be removed, at once and for good`;
  }
  if (replicas.length === 0) return '';
  const regions = replicas.map((region) => identifier(region, 64)).join(', ');
  // AWS lets no primary that has some be scheduled: that they are listed still says nothing.
  if (deletedDate) return `in ${regions}`;
  return `in ${regions}: it cannot be deleted before they are removed, and they go at once`;
}

export const lastUsedText = ({ secret }: Surveyed) => {
  const day = lastUsedDay(secret);
  return day ? `on ${day} (UTC), as AWS tells` : 'never, as far as AWS tells';
};

export const managedText = ({ secret }: Surveyed) =>
  defang(oneLine(secret.owningService ?? '', 100));

/** `$0.80 a month, with its replicas, calls not counted`. */
export function costLine({ cost, secret }: Surveyed): string {
  if (secret.deletedDate) return 'nothing while it is scheduled for deletion';
  const { length } = secret.replicas ?? [];
  // https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html
  const service = secret.owningService ? ', unless the service bears it' : '';
  return `${costText(cost)} a month${length > 0 ? ', with its replicas' : ''}, calls not counted${service}`;
}

/** `role etl, by BatchGetSecretValue` where that is all that is known of it. */
export const readerText = (reader: Reader, secret: Surveyed) =>
  callerText(reader, secret) + (reader.unit === 'read' ? '' : ', by BatchGetSecretValue');

/** As what a caller was last seen: `role app-server, session i-0abc, account 111122223333`. */
export function seenText({ callerKey }: CallerTally, { lastSeen }: Readers): string {
  return defang(oneLine(lastSeen.get(callerIdentity(callerKey))?.description ?? '', 600));
}

/** What such a survey cannot know of its secrets, a line each. */
export function limitsOf(survey: Survey): string[] {
  const { region, days, secrets } = survey;
  if (secrets.length === 0) return [];
  const hasReplicas = secrets.some(
    ({ secret: { replicas = [], replicaOf } }) => replicas.length > 0 || replicaOf,
  );
  const whose = hasReplicas ? ', of replicas too' : '';
  const older = days < HISTORY_DAYS ? `; ${HISTORY_DAYS} can be searched` : ', as of a yearly job';
  return [
    `Reads in other Regions than ${region}${whose}: ask there.`,
    `Reads of the last 15 minutes, or older than ${plural(days, 'day')}${older}.`,
    "Uses of a value in a cache, such as the Lambda extension's: it reads seldom.",
    ...batchLimit(survey),
  ];
}

/**
 * Batches by filters name no secret. AWS says that a GetSecretValue is recorded for each secret of a batch:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
 */
function batchLimit({ accountId, unnamed }: Survey): string[] {
  const filters = callersOf(unnamed.tallies.batch);
  const [first] = filters;
  if (!first) return [];
  const more = filters.length > 1 ? ` and ${filters.length - 1} more` : '';
  const calls = plural(countOf(filters), 'filtered BatchGetSecretValue call');
  const whom = callerText(first, { id: { accountId } });
  return [`Reads by ${calls} of ${whom}${more}, unless recorded.`];
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { Place } from '../aws/spokes.ts';
import { parseRecord } from '../cloudtrail/record.ts';
import { isSameSecret, type SecretId } from '../cloudtrail/secret-id.ts';
import { errorName, NotifierError } from '../errors.ts';
import { addDays, HOUR_MS, MINUTE_MS } from '../time.ts';
import { type Deletion, fits, readChanges } from './change.ts';
import { changeItem, historyItem, type Ledger, type Page, partitionKey } from './ledger.ts';
import { MAX_WINDOW_DAYS } from './schedule.ts';

/** A secret that was pending at a time. */
interface Pending {
  readonly secret: SecretId;
  readonly time: Date;
  /** What DescribeSecret says now, if anything. */
  readonly deletedDate?: Date;
  /** Where it is, if not where this stack is. */
  readonly place?: Place;
}

/** Searches CloudTrail's event history for the deletion of a pending secret, unless `page` says that it was in vain. */
export type SearchHistory = (
  pending: Pending,
  page: Page,
) => Promise<{ readonly change?: Deletion; readonly missing?: string }>;

/** Dependencies of {@link historySearch}; all may throw. */
export interface HistoryDependencies extends Pick<Ledger, 'putItem' | 'putIfNewer'> {
  readonly now: () => Date;
  /** Takes a few seconds at most. */
  readonly findDeletion: (
    secret: SecretId,
    time: Date,
    place?: Place,
  ) => Promise<Deletion | undefined>;
}

/**
 * How long an answer of CloudTrail's history holds. It shows a call within minutes, and a new deletion comes
 * by its own event, so asking again soon would hardly find more; a failure may pass sooner.
 */
const NOT_FOUND_MS = 6 * HOUR_MS;
const FAILED_MS = 10 * MINUTE_MS;

const NOT_IN_HISTORY =
  'Neither the ledger nor the event history of CloudTrail knows who scheduled it.';

/** Searches once, and keeps the answer in the ledger. The search does not throw. */
export function historySearch(dependencies: HistoryDependencies): SearchHistory {
  const { now, putItem, putIfNewer, findDeletion } = dependencies;
  return async ({ secret, time, deletedDate, place }, { history }) => {
    const pk = partitionKey(secret);
    if (!pk) return {};
    if (history && history.askAgainAt > now()) return { missing: history.missing };
    const inVain = async (missing: string, ms: number) => {
      const askAgainAt = new Date(now().getTime() + ms);
      await keep(() => putItem(historyItem(pk, askAgainAt, missing)));
      return { missing };
    };
    try {
      const change = await findDeletion(secret, time, place);
      // An older deletion than the one that DescribeSecret dates: the history does not show that one yet.
      if (!change || !fits(change, deletedDate, now())) {
        return await inVain(NOT_IN_HISTORY, NOT_FOUND_MS);
      }
      await keep(() => putIfNewer(changeItem(change, partitionKey(change.secret) ?? pk)));
      return { change };
    } catch (error) {
      return inVain(whyFailed(error), FAILED_MS);
    }
  };
}

function whyFailed(error: unknown): string {
  if (error instanceof NotifierError) return error.message;
  return `The event history of CloudTrail could not be asked (${errorName(error)}).`;
}

/** What cannot be kept is asked again next time. */
async function keep(put: () => Promise<unknown>): Promise<void> {
  await put().catch(() => undefined);
}

/** How long one search may take, in ms, of the time of an alert. */
const SEARCH_MS = 4000;

/** As {@link historySearch}, by the client of where a secret is, which may not be had. */
export const historySearchBy = (
  ledger: Pick<Ledger, 'putItem' | 'putIfNewer'>,
  clientAt: (place?: Place) => Promise<CloudTrailClient>,
): SearchHistory =>
  historySearch({
    ...ledger,
    now: () => new Date(),
    async findDeletion(secret, time, place) {
      const ask = lookupEvents(await clientAt(place), AbortSignal.timeout(SEARCH_MS));
      return findDeletion(secret, time, ask);
    },
  });

/** What to ask CloudTrail's event history for: the calls with one attribute, newest first, since a time, up to another or now. */
export interface Query {
  readonly attribute: 'ResourceName' | 'EventName';
  readonly value: string;
  readonly from: Date;
  readonly to?: Date;
}

/** Asks for one page; `token` asks for the page after the one that returned it. */
export type AskHistory = (query: Query, token?: string) => Promise<HistoryPage>;

export interface HistoryPage {
  /** The records, as JSON text. */
  readonly records: readonly string[];
  readonly token?: string;
}

/** One page of up to 50 for the secret's own calls; a few for those of all secrets. */
const PAGES = { ResourceName: 1, EventName: 3 } as const;

/**
 * Finds the newest DeleteSecret of a secret that was pending at `time`, in CloudTrail's event history: by the
 * secret's name, which AWS documents as the name of the resource, by its ARN, then, if that finds nothing, by the name
 * of the call. Looks 30 days back, the longest that a secret can be pending.
 * Sources: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudtrail.html,
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 * @throws what `ask` throws.
 */
export async function findDeletion(
  secret: SecretId,
  time: Date,
  ask: AskHistory,
): Promise<Deletion | undefined> {
  const from = addDays(time, -MAX_WINDOW_DAYS);
  const resources = [secret.name, secret.arn].filter((resource) => resource !== undefined);
  const queries: Query[] = [
    ...resources.map((value) => ({ attribute: 'ResourceName' as const, value, from })),
    { attribute: 'EventName', value: 'DeleteSecret', from },
  ];
  for (const query of queries) {
    const deletion = await newestMatch(query, secret, ask);
    if (deletion) return deletion;
  }
  return undefined;
}

async function newestMatch(
  query: Query,
  secret: SecretId,
  ask: AskHistory,
): Promise<Deletion | undefined> {
  let token: string | undefined;
  for (let page = 0; page < PAGES[query.attribute]; page++) {
    const answer = await ask(query, token);
    const deletion = answer.records.flatMap(readDeletions).find((found) => isOf(found, secret));
    if (deletion || !answer.token) return deletion;
    token = answer.token;
  }
  return undefined;
}

/** A record that cannot be read is no reason to lose the others. */
function readDeletions(json: string): readonly Deletion[] {
  try {
    const changes = readChanges(parseRecord(JSON.parse(json)));
    return changes.filter((change) => change.kind === 'deletion');
  } catch (error) {
    if (error instanceof NotifierError || error instanceof SyntaxError) return [];
    throw error;
  }
}

/** A record that names no secret is of none. */
function isOf({ secret: found }: Deletion, secret: SecretId): boolean {
  return found.name !== undefined && isSameSecret(found, secret);
}

/** CloudTrail takes 2 calls of LookupEvents a second in an account and Region. */
const CALL_INTERVAL_MS = 500;

/**
 * Asks LookupEvents for pages of 50, two a second, until `signal` is aborted.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 * @throws whatever the SDK throws, an AbortError included.
 */
export function lookupEvents(client: CloudTrailClient, signal: AbortSignal): AskHistory {
  let calls = 0;
  return async ({ attribute, value, from, to }, NextToken) => {
    if (calls++ > 0) await sleep(CALL_INTERVAL_MS, undefined, { signal });
    const { Events = [], NextToken: token } = await client.send(
      new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }],
        StartTime: from,
        EndTime: to,
        MaxResults: 50,
        NextToken,
      }),
      { abortSignal: signal },
    );
    return { records: Events.map((event) => event.CloudTrailEvent ?? ''), token };
  };
}

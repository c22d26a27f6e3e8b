import { parseRecord } from '../cloudtrail/record.ts';
import { isSameSecret, type SecretId } from '../cloudtrail/secret-id.ts';
import { NotifierError } from '../errors.ts';
import { addDays } from '../time.ts';
import { type Deletion, readChange } from './change.ts';
import { MAX_WINDOW_DAYS } from './schedule.ts';

/** What to ask CloudTrail's event history for: the calls with one attribute, newest first, since a time. */
export interface Query {
  readonly attribute: 'ResourceName' | 'EventName';
  readonly value: string;
  readonly from: Date;
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
    const deletion = answer.records.map(readDeletion).find((found) => found && isOf(found, secret));
    if (deletion || !answer.token) return deletion;
    token = answer.token;
  }
  return undefined;
}

/** A record that cannot be read is no reason to lose the others. */
function readDeletion(json: string): Deletion | undefined {
  try {
    const change = readChange(parseRecord(JSON.parse(json)));
    return change?.kind === 'deletion' ? change : undefined;
  } catch (error) {
    if (error instanceof NotifierError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isOf({ secret: found }: Deletion, secret: SecretId): boolean {
  return isSameSecret(found, secret);
}

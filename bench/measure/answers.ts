import { marshall } from '@aws-sdk/util-dynamodb';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { cloudTrailRecord } from '../../emulators/cloudtrail.ts';
import { parseRecord } from '../../lib/cloudtrail/record.ts';
import { readChange } from '../../lib/deletion/change.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import { DAY_MS } from '../../lib/time.ts';
import { ADMIN, SUFFIX, secretName } from '../../simulation/cast.ts';

/** What is answered, with which status and of which type. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The callers from this one on have been alerted by another process a moment ago. */
export const FIRST_QUIET_CALLER = 5000;

/** The ledger does not know the deletions of these two, and CloudTrail's event history refuses the search for the second. */
export const UNKNOWN_SECRET = 1;
export const REFUSED_SECRET = 2;

const WINDOW_DAYS = 30;

const arnOf = (name: string) =>
  `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-${SUFFIX}`;

const PUBLISHED: Answer = {
  status: 200,
  type: 'text/xml',
  body: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>
<MessageId>00000000-0000-4000-8000-000000000000</MessageId></PublishResult>
<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000001</RequestId></ResponseMetadata></PublishResponse>`,
};

/**
 * Answers calls as AWS does while secrets are pending: each pair is claimed, each attempt is new, and the budget is
 * never used up.
 * @param now when this begins, in ms since 1970
 */
export function answersAt(now: number): (operation: string, request: string) => Answer {
  const written = json('1.0', {});
  // Only the beginning of a summary asks what it has written.
  const begun = json('1.0', { Attributes: marshall({ summary: 'summary#1' }) });
  const refused = json('1.0', refusedClaim(now), 400);
  const known = json('1.0', { Items: [ledgerItem(now)], Count: 1, ScannedCount: 1 });
  const unknown = json('1.0', { Items: [], Count: 0, ScannedCount: 0 });
  const notInHistory = json('1.1', { Events: [] });
  const historyRefused = json('1.1', { __type: 'OperationNotPermittedException' }, 400);
  return (operation, request) => {
    const secret = secretOf(request);
    switch (operation) {
      case 'UpdateItem':
        if (isQuietClaim(request)) return refused;
        return request.includes('"ALL_NEW"') ? begun : written;
      case 'DescribeSecret':
        return json('1.1', description(secret, now));
      case 'Query':
        // An index is asked only by a summary, which finds nothing to tell.
        return secret === 0 && !request.includes('"IndexName"') ? known : unknown;
      case 'LookupEvents':
        return secret === REFUSED_SECRET ? historyRefused : notInHistory;
      case 'Publish':
        return PUBLISHED;
      default:
        return written;
    }
  };
}

/** The number of the secret that a request names, 0 if it names none. */
function secretOf(request: string): number {
  return Number(/storm\/s(\d+)/.exec(request)?.[1] ?? 0);
}

function description(secret: number, now: number) {
  const Name = secretName(secret);
  const DeletedDate = (now - DAY_MS) / 1000;
  return { ARN: arnOf(Name), Name, DeletedDate, Tags: [{ Key: 'owner', Value: 'payments' }] };
}

function json(version: string, body: object, status = 200): Answer {
  return { status, type: `application/x-amz-json-${version}`, body: JSON.stringify(body) };
}

function isQuietClaim(request: string): boolean {
  const caller = /"pk":\{"S":"pair#.*?role\/caller-(\d+)"/.exec(request)?.[1];
  return caller !== undefined && Number(caller) >= FIRST_QUIET_CALLER;
}

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
function refusedClaim(now: number) {
  return {
    __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
    message: 'The conditional request failed',
    Item: marshall({ claimedAt: now - 60_000, claimedBy: 'other', leaseUntil: now - 20_000 }),
  };
}

function ledgerItem(now: number) {
  const name = secretName(0);
  const record = cloudTrailRecord({
    eventName: 'DeleteSecret',
    time: new Date(now - DAY_MS),
    region: REGION,
    account: ACCOUNT,
    caller: ADMIN,
    accessKeyId: 'ASIAEXAMPLE',
    userAgent: 'console',
    request: { SecretId: name, RecoveryWindowInDays: WINDOW_DAYS },
    outcome: {
      response: {
        ARN: arnOf(name),
        Name: name,
        DeletionDate: (now + (WINDOW_DAYS - 1) * DAY_MS) / 1000,
      },
    },
  });
  const change = readChange(parseRecord(record));
  const pk = change && partitionKey(change.secret);
  if (!pk) throw new Error('The record of a deletion was not understood');
  return marshall(changeItem(change, pk), { removeUndefinedValues: true });
}

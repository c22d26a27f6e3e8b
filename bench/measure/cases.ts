import { marshall } from '@aws-sdk/util-dynamodb';
import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { cloudTrailRecord, subscriptionEvent } from '../../emulators/cloudtrail.ts';
import { parseRecord } from '../../lib/cloudtrail/record.ts';
import { readChanges } from '../../lib/deletion/change.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import { DAY_MS } from '../../lib/time.ts';
import { ADMIN, attemptEvent, SUFFIX, secretName } from '../../simulation/cast.ts';

/** An answer, with its status and type. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Another process has just alerted the callers from this one on. */
const FIRST_KNOWN_CALLER = 5000;

/** The age of the attempts, in ms: a usual delay of CloudTrail. */
const AGO_MS = 3000;

const eventOf = (caller: number, attempt: number) =>
  attemptEvent({ attempt, secret: 0, caller, time: new Date(Date.now() - AGO_MS) });

/** Attempts of so many callers, each the first of its pair. */
export const alertEvents = (count: number, firstCaller = 0) =>
  Array.from({ length: count }, (_, i) => eventOf(firstCaller + i, firstCaller + i));

/** Attempts of so many pairs that another process has just alerted. */
export const newRepeatEvents = (count: number) => alertEvents(count, FIRST_KNOWN_CALLER);

/** Further attempts of one pair, of which the process knows after the first of them that they are reported. */
export const repeatEvents = (count: number) =>
  Array.from({ length: count }, (_, i) => eventOf(FIRST_KNOWN_CALLER - 1, 100_000 + i));

/** Batches of the trail's log group, each of one attempt. */
export const trailEvents = (count: number) =>
  alertEvents(count).map(({ detail }) => subscriptionEvent([detail]));

/** The secret of all attempts. */
const NAME = secretName(0);
const ARN = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${NAME}-${SUFFIX}`;
const WINDOW_DAYS = 30;

const PUBLISHED: Answer = {
  status: 200,
  type: 'text/xml',
  body: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>
<MessageId>00000000-0000-4000-8000-000000000000</MessageId></PublishResult>
<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000001</RequestId></ResponseMetadata></PublishResponse>`,
};

/** Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const ACCEPTED: Answer = { status: 202, type: 'application/json', body: '' };

/**
 * Answers calls as AWS does while the secret is pending: each pair is claimed, each attempt is new, the ledger has the
 * deletion, and the budget is never used up.
 * @param now when this begins, in ms since 1970
 */
export function answersAt(now: number): (operation: string, request: string) => Answer {
  const written = json('1.0', {});
  // Only a claim, an incident and the beginning of a run read what they have written.
  const incident = {
    sk: 'incident',
    secretId: NAME,
    accountId: ACCOUNT,
    region: REGION,
    alerts: 1,
  };
  const begun = json('1.0', { Attributes: marshall(incident) });
  const refused = json('1.0', refusedClaim(now), 400);
  const known = json('1.0', { Items: [ledgerItem(now)], Count: 1, ScannedCount: 1 });
  const nothing = json('1.0', { Items: [], Count: 0, ScannedCount: 0 });
  const Tags = [{ Key: 'owner', Value: 'payments' }];
  const secret = json('1.1', { ARN, Name: NAME, DeletedDate: (now - DAY_MS) / 1000, Tags });
  return (operation, request) => {
    switch (operation) {
      case 'UpdateItem':
        if (isKnownClaim(request)) return refused;
        return request.includes('"ALL_NEW"') ? begun : written;
      case 'DescribeSecret':
        return secret;
      case 'Query':
        // There is no incident, and nothing in the index.
        return /"IndexName"|\{"S":"incidents"\}/.test(request) ? nothing : known;
      case 'Publish':
        return PUBLISHED;
      case 'Invoke':
        return ACCEPTED;
      default:
        return written;
    }
  };
}

export function json(version: string, body: object, status = 200): Answer {
  return { status, type: `application/x-amz-json-${version}`, body: JSON.stringify(body) };
}

function isKnownClaim(request: string): boolean {
  const caller = /"pk":\{"S":"pair#.*?role\/caller-(\d+)"/.exec(request)?.[1];
  return caller !== undefined && Number(caller) >= FIRST_KNOWN_CALLER;
}

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
function refusedClaim(now: number) {
  return {
    __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
    message: 'The conditional request failed',
    Item: marshall({ claimedAt: now - 60_000, leaseUntil: now - 20_000 }),
  };
}

function ledgerItem(now: number) {
  const record = cloudTrailRecord({
    eventName: 'DeleteSecret',
    time: new Date(now - DAY_MS),
    caller: ADMIN,
    accessKeyId: 'ASIAEXAMPLE',
    userAgent: 'console',
    request: { SecretId: NAME, RecoveryWindowInDays: WINDOW_DAYS },
    outcome: {
      response: {
        ARN,
        Name: NAME,
        DeletionDate: (now + (WINDOW_DAYS - 1) * DAY_MS) / 1000,
      },
    },
  });
  const [change] = readChanges(parseRecord(record));
  const pk = change && partitionKey(change.secret);
  if (!pk) throw new Error('The record of a deletion was not understood');
  return marshall(changeItem(change, pk), { removeUndefinedValues: true });
}

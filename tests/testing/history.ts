import { ACCOUNT, REGION } from '../../emulators/client.ts';
import { type CloudTrailRecord, cloudTrailRecord } from '../../emulators/cloudtrail.ts';
import type { AskHistory, Query } from '../../lib/deletion/history.ts';
import { DAY_MS, HOUR_MS } from '../../lib/time.ts';

/** A record of the event history, as far as a search needs one. */
export type HistoryRecord = Pick<CloudTrailRecord, 'eventTime' | 'eventName'> & {
  readonly eventID: string;
  readonly requestParameters?: unknown;
};

const PAGE = 50;

/**
 * Answers as LookupEvents: newest first, 50 a page, times inclusive, a token for its own query only. A read has the id that
 * its caller sent as its resource.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export function historyOf(records: () => readonly HistoryRecord[]): AskHistory {
  const answers = new Map<string, readonly HistoryRecord[]>();
  return async ({ attribute, value, from, to }, token) => {
    const query = JSON.stringify([attribute, value, from, to]);
    const [of = query, position = '0'] = token?.split('\n') ?? [];
    if (of !== query) throw new Error(`Expected a token of ${query}, got one of ${of}`);
    const known = token === undefined ? undefined : answers.get(query);
    const found = known ?? answer(records(), attribute, value, from, to);
    answers.set(query, found);
    const next = Number(position) + PAGE;
    return {
      records: found.slice(Number(position), next).map((record) => JSON.stringify(record)),
      token: next < found.length ? `${query}\n${next}` : undefined,
    };
  };
}

function answer(
  records: readonly HistoryRecord[],
  attribute: Query['attribute'],
  value: string,
  from: Date,
  to = new Date(8.64e15),
): HistoryRecord[] {
  return records
    .filter((record) => attributeOf(record, attribute) === value)
    .map((record) => ({ record, time: Date.parse(record.eventTime) }))
    .filter(({ time }) => time >= from.getTime() && time <= to.getTime())
    .sort((a, b) => b.time - a.time)
    .map(({ record }) => record);
}

function attributeOf(record: HistoryRecord, attribute: Query['attribute']): unknown {
  if (attribute === 'EventName') return record.eventName;
  return (record.requestParameters as { secretId?: string } | undefined)?.secretId;
}

/** So many reads of the 85 days before a time, the same each time, of these secrets and of one more, by five roles. */
export function recordedReads(
  count: number,
  names: readonly string[],
  until: Date,
): HistoryRecord[] {
  let seed = 42;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  return Array.from({ length: count }, (_, i) => {
    const name = [...names, 'other'][random(names.length + 1)] ?? 'other';
    const sent = [name, arnOf(name), arnOf(name).slice(0, -7)][random(3)] ?? name;
    // Few seconds of a day, so that many share one.
    const ago = random(85) * DAY_MS + random(20) * HOUR_MS + random(3) * 1000;
    const error = random(20) === 0 ? 'AccessDenied' : undefined;
    const time = new Date(until.getTime() - ago);
    return readBy(`role-${random(5)}`, sent, time, { error, eventID: `event-${i}` });
  });
}

/** The ARN of a secret of the example account. */
export const arnOf = (name: string, suffix = 'AbCdEf') =>
  `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-${suffix}`;

/** The record of a read by a role; `error`: its code, if it failed. */
export function readBy(
  role: string,
  SecretId: string,
  time: Date,
  { error, eventID }: { readonly error?: string; readonly eventID?: string } = {},
): CloudTrailRecord {
  const record = cloudTrailRecord({
    eventName: 'GetSecretValue',
    time,
    caller: { account: ACCOUNT, role, session: 'i-0abc', sourceIPAddress: '10.0.3.7' },
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    userAgent: 'aws-sdk-js/3.1163.0',
    request: { SecretId },
    outcome: error ? { error: { code: error, message: 'no' } } : { response: {} },
  });
  return eventID === undefined ? record : { ...record, eventID: eventID as typeof record.eventID };
}

/** The record of a call that reads several; `request`: a list of ids, or filters. */
export function batchBy(
  role: string,
  request: { readonly SecretIdList?: readonly string[]; readonly Filters?: readonly object[] },
  time: Date,
): CloudTrailRecord {
  return cloudTrailRecord({
    eventName: 'BatchGetSecretValue',
    time,
    caller: { account: ACCOUNT, role, session: 'i-0abc', sourceIPAddress: '10.0.3.7' },
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    userAgent: 'aws-sdk-js/3.1163.0',
    request: { ...request },
    outcome: { response: {} },
  });
}

import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Item, Key } from '../aws/table.ts';
import { nameBeside } from '../cloudtrail/caller.ts';
import { identifySecret, isSameSecret, type SecretId, secretKey } from '../cloudtrail/secret-id.ts';
import { addDays, epochSeconds, isoTime } from '../time.ts';
import type { Attempt } from './attempt.ts';

/** Days for which attempts and what is known of deletions are kept: longer than any recovery window. */
export const RETENTION_DAYS = 60;

/** When the table may forget what is of this time, in seconds since 1970. */
export function expiryOf(time: Date): number {
  return epochSeconds(addDays(time, RETENTION_DAYS));
}

/**
 * By the attribute `tell` the version before noted who was to report an attempt, `ignored` of a caller that is; by the index on
 * it, what it left is taken over. Nothing writes it any more.
 */
export const TELL_INDEX = 'tell';

/**
 * The attribute of an attempt that was read from CloudTrail's event history. Nothing reports it; but if it is delivered after all,
 * it is treated as new.
 */
export const BACKFILLED = 'backfilled';

/**
 * The key of an attempt: the same in each delivery, and in an addendum, which may complete who the caller was.
 */
export function attemptKey({ secret, time, id }: Attempt): Key {
  return { pk: attemptPartition(secret), sk: `${time.toISOString()}#${short(id, 128)}` };
}

/** The attempt's id in such a key, hashed if it is too long. */
export const attemptIdOf = ({ sk }: Key) => sk.slice(sk.indexOf('#') + 1);

/** What the partitions of attempts begin with. */
export const ATTEMPT_PREFIX = 'attempt#';

/** The partition of a secret's attempts, in which they are sorted by their time in ISO 8601. */
export function attemptPartition(secret: SecretId): string {
  return `${ATTEMPT_PREFIX}${secretKey(secret)}`;
}

/** A key has at most 2,048 bytes, a sort key 1,024: what is too long for AWS to have made is hashed. */
export function short(value: string, max: number): string {
  return Buffer.byteLength(value) <= max ? value : createHash('sha256').update(value).digest('hex');
}

/** An attempt's item; `recordedAt`: when it arrived, absent of one of the past, which nothing reports. */
export function attemptItem(attempt: Attempt, recordedAt?: Date): Item {
  const { secret, caller, time, sourceAddress, path } = attempt;
  const { sent, arn, accountId, region, partition } = secret;
  return {
    ...attemptKey(attempt),
    secretId: (arn ?? sent)?.slice(0, 2048),
    accountId: accountId?.slice(0, 64),
    region: region?.slice(0, 64),
    partition,
    callerKey: short(caller.key, 2048),
    callerName: nameBeside(accountId, caller),
    issuerArn: caller.issuerArn?.slice(0, 2048),
    session: caller.session,
    sourceAddress: sourceAddress?.slice(0, 256),
    time: time.toISOString(),
    path,
    recordedAt: recordedAt?.toISOString(),
    expiresAt: expiryOf(time),
  };
}

/** An attempt as the table keeps it, for notices. */
export interface RecordedAttempt {
  readonly key: Key;
  readonly secret: SecretId;
  readonly callerKey: string;
  readonly callerName: string;
  /** Who issued a person's session, where that is not the key. */
  readonly issuerArn?: string;
  /** What tells apart those who share the caller. */
  readonly session?: string;
  readonly sourceAddress?: string;
  readonly time: Date;
  readonly recordedAt: Date;
  /** Whether its caller is one of `ignoredCallers`. */
  readonly isIgnored: boolean;
  /** Whether an alert of its own has reported it, or was to. */
  readonly alert: 'sent' | 'begun' | 'none';
}

const text = v.optional(v.string());
const AttemptItem = v.object({
  pk: v.string(),
  sk: v.string(),
  secretId: text,
  accountId: text,
  region: text,
  partition: v.optional(v.string(), 'aws'),
  callerKey: v.string(),
  callerName: v.string(),
  issuerArn: text,
  session: text,
  sourceAddress: text,
  time: isoTime,
  recordedAt: v.optional(isoTime),
  ignored: v.optional(v.boolean(), false),
  alertedAt: text,
  alertBy: text,
  tell: text,
});

/** The attributes of an attempt's item that a notice needs. */
export const ATTEMPT_ATTRIBUTES = Object.keys(AttemptItem.entries);

/**
 * Reads an attempt's item; `undefined` for what is none, such as one changed by hand. One that bears no time of arrival is of the
 * version before, which has reported it.
 */
export function readAttemptItem(item: unknown): RecordedAttempt | undefined {
  const result = v.safeParse(AttemptItem, item);
  if (!result.success) return undefined;
  const { pk, sk, secretId, accountId, region, partition, ...others } = result.output;
  const { ignored, alertedAt, alertBy, tell, recordedAt, ...rest } = others;
  return {
    ...rest,
    recordedAt: recordedAt ?? rest.time,
    isIgnored: ignored || tell === 'ignored',
    alert: alertedAt || !recordedAt ? 'sent' : alertBy ? 'begun' : 'none',
    key: { pk, sk },
    secret: identifySecret(secretId, { accountId, region, partition }),
  };
}

/** Who tried to read a secret, and when. */
export interface Asking {
  readonly callerKey: string;
  readonly callerName: string;
  /** Who issued a person's session, where that is not the key. */
  readonly issuerArn?: string;
  readonly time: Date;
}

/** The attributes of an attempt's item that say so. */
export const ASKING_ATTRIBUTES = [
  'secretId',
  'callerKey',
  'callerName',
  'issuerArn',
  'time',
] as const;

const AskingItem = v.pick(AttemptItem, ASKING_ATTRIBUTES);

/**
 * As {@link readAttemptItem}, of an item of which only these attributes were read; `undefined` too for an attempt
 * on another secret, whose id looks like one of `secret`.
 */
export function readAsking(item: unknown, secret: SecretId): Asking | undefined {
  const result = v.safeParse(AskingItem, item);
  if (!result.success) return undefined;
  const { secretId, ...asking } = result.output;
  return isSameSecret(identifySecret(secretId, secret), secret) ? asking : undefined;
}

import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Item, Key } from '../aws/table.ts';
import { nameBeside } from '../cloudtrail/caller.ts';
import { identifySecret, isSameSecret, type SecretId, secretKey } from '../cloudtrail/secret-id.ts';
import { addDays, epochSeconds, isoTime } from '../time.ts';
import type { Attempt } from './attempt.ts';

/** Days for which attempts and what is known of deletions are kept: longer than any recovery window. */
const RETENTION_DAYS = 60;

/** When the table may forget what is of this time, in seconds since 1970. */
export function expiryOf(time: Date): number {
  return epochSeconds(addDays(time, RETENTION_DAYS));
}

/** Why an attempt is deferred to the next summary; `failed`: its alert could not be sent. Stored as `heldBack`. */
export type Deferral = 'quiet-window' | 'budget' | 'failed' | 'ignored';

/**
 * The attribute `tell` of an attempt says who is to report it. `untold`: the next summary. `unnamed`: that summary too,
 * before all that is `untold`, because perhaps nothing has named its pair of secret and caller yet.
 * `ignored`: nobody; the next summary counts it. `alerting`: its alert, unless the lease is over. `summary#…`: that
 * summary. Told by its alert, it has none.
 */
export const UNTOLD = 'untold';
export const UNNAMED = 'unnamed';
export const IGNORED = 'ignored';
export const ALERTING = 'alerting';

/** The index by that attribute. */
export const TELL_INDEX = 'tell';

/**
 * The attribute of an attempt that was read from CloudTrail's event history. It counts as reported, and has no `tell`; but if it
 * is delivered after all, it is treated as new.
 */
export const BACKFILLED = 'backfilled';

/**
 * The key of an attempt: the same in each delivery, and in an addendum, which may complete who the caller was.
 */
export function attemptKey({ secret, time, id }: Attempt): Key {
  return { pk: attemptPartition(secret), sk: `${time.toISOString()}#${short(id, 128)}` };
}

/** The partition of a secret's attempts, in which they are sorted by their time in ISO 8601. */
export function attemptPartition(secret: SecretId): string {
  return `attempt#${secretKey(secret)}`;
}

/** A key has at most 2,048 bytes, a sort key 1,024: what is too long for AWS to have made is hashed. */
export function short(value: string, max: number): string {
  return Buffer.byteLength(value) <= max ? value : createHash('sha256').update(value).digest('hex');
}

/** An attempt's item, but for what says who is to tell it. */
export function attemptItem(attempt: Attempt): Item {
  const { secret, caller, time, sourceAddress } = attempt;
  const { sent, arn, accountId, region, partition } = secret;
  return {
    ...attemptKey(attempt),
    secretId: (arn ?? sent)?.slice(0, 2048),
    accountId: accountId?.slice(0, 64),
    region: region?.slice(0, 64),
    partition,
    callerKey: short(caller.key, 2048),
    callerName: nameBeside(accountId, caller),
    session: caller.session,
    sourceAddress: sourceAddress?.slice(0, 256),
    time: time.toISOString(),
    expiresAt: expiryOf(time),
  };
}

/** What a summary reports of an attempt. */
export interface RecordedAttempt {
  readonly key: Key;
  readonly secret: SecretId;
  readonly callerKey: string;
  readonly callerName: string;
  /** What tells apart those who share the caller. */
  readonly session?: string;
  readonly sourceAddress?: string;
  readonly time: Date;
  readonly deferred: Exclude<Deferral, 'ignored'>;
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
  session: text,
  sourceAddress: text,
  time: isoTime,
  heldBack: v.optional(v.picklist(['quiet-window', 'budget', 'failed']), 'failed'),
});

/** Reads an attempt's item; `undefined` for what is none, such as one changed by hand. */
export function readAttemptItem(item: unknown): RecordedAttempt | undefined {
  const result = v.safeParse(AttemptItem, item);
  if (!result.success) return undefined;
  const { pk, sk, secretId, accountId, region, partition, heldBack, ...rest } = result.output;
  return {
    ...rest,
    deferred: heldBack,
    key: { pk, sk },
    secret: identifySecret(secretId, { accountId, region, partition }),
  };
}

/** Who tried to read a secret, and when. */
export interface Asking {
  readonly callerKey: string;
  readonly callerName: string;
  readonly time: Date;
}

const AskingItem = v.pick(AttemptItem, ['secretId', 'callerKey', 'callerName', 'time']);

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

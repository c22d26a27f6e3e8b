import * as v from 'valibot';

import type { Asking } from '../../lib/attempt/item.ts';
import { callId } from '../../lib/cloudtrail/call.ts';
import { identifyCaller, nameBeside } from '../../lib/cloudtrail/caller.ts';
import { type CloudTrailEvent, parseRecord, SECRETS_MANAGER } from '../../lib/cloudtrail/record.ts';
import {
  identifySecret,
  isSameSecret,
  partitionOfArn,
  readAsPartial,
  type SecretId,
  secretKey,
} from '../../lib/cloudtrail/secret-id.ts';
import { NotifierError } from '../../lib/errors.ts';
import { parseTime } from '../../lib/time.ts';

/**
 * What a record shows: a value that was read, a call that failed for whatever reason, or that a BatchGetSecretValue named
 * the secret, or none.
 */
export const OUTCOMES = ['read', 'failed', 'batch'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a record of the event history says of one of the secrets that are asked for. */
export interface Read extends Asking {
  /** The same in every delivery of the record. */
  readonly id: string;
  readonly outcome: Outcome;
  /** The key of the secret; {@link UNNAMED} of a batch that chose its secrets by filters. */
  readonly secret: string;
  /** The caller's session, as one plain line. */
  readonly description: string;
}

/** The secret of what names none. */
export const UNNAMED = '';

/** The key of the one that is meant by an id, of the secrets that are asked for. */
export type FindSecret = (asked: SecretId) => string | undefined;

/** Tells which of these secrets is meant by whatever form of id a caller sent: an ARN is read as complete first. */
export function secretFinder(secrets: readonly SecretId[]): FindSecret {
  const byKey = new Map(secrets.map((secret) => [secretKey(secret), secret]));
  return (asked) => {
    for (const form of [asked, readAsPartial(asked)]) {
      const key = form && secretKey(form);
      const found = key === undefined ? undefined : byKey.get(key);
      if (form && found && isSameSecret(found, form)) return key;
    }
    return undefined;
  };
}

const GET = 'GetSecretValue';
export const BATCH = 'BatchGetSecretValue';
/** The calls that read values. */
export const READING_CALLS = [GET, BATCH] as const;

/** What a batch names, as far as it was sent: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
const Batch = v.object({
  requestParameters: v.fallback(
    v.nullish(v.object({ secretIdList: v.fallback(v.optional(v.array(v.string())), undefined) })),
    undefined,
  ),
});

/** What a record of the event history, as JSON text, says of the secrets; nothing if it cannot be read, or is of another call. */
export function readsIn(json: string, find: FindSecret): Read[] {
  const parsed = parse(json);
  if (!parsed) return [];
  const { event, record } = parsed;
  const { detail } = event;
  if (detail.eventSource !== SECRETS_MANAGER) return [];
  const hasFailed = detail.errorCode !== undefined || detail.errorMessage !== undefined;
  if (detail.eventName === GET) {
    const { secretId } = detail.requestParameters ?? {};
    return toReads(event, hasFailed ? 'failed' : 'read', [secretId], find);
  }
  if (detail.eventName !== BATCH) return [];
  const { secretIdList = [] } = v.parse(Batch, record).requestParameters ?? {};
  // One by filters that failed says nothing of any secret.
  if (hasFailed && secretIdList.length === 0) return [];
  return toReads(event, hasFailed ? 'failed' : 'batch', secretIdList, find);
}

function parse(json: string): { event: CloudTrailEvent; record: unknown } | undefined {
  try {
    const record: unknown = JSON.parse(json);
    return { event: parseRecord(record), record };
  } catch (error) {
    if (error instanceof NotifierError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Of a batch by filters, which names no secret, one that is {@link UNNAMED}. */
function toReads(
  event: CloudTrailEvent,
  outcome: Outcome,
  sent: readonly (string | undefined)[],
  find: FindSecret,
): Read[] {
  const { userIdentity, recipientAccountId, awsRegion, eventTime } = event.detail;
  const time = parseTime(eventTime);
  if (!time) return [];
  const caller = identifyCaller(userIdentity);
  const where = {
    accountId: recipientAccountId ?? caller.accountId,
    region: awsRegion,
    partition: partitionOfArn(userIdentity?.arn),
  };
  const keys = sent.flatMap((id) => find(identifySecret(id, where)) ?? []);
  const secrets = sent.length === 0 ? [UNNAMED] : [...new Set(keys)];
  return secrets.map((secret) => ({
    id: callId(event),
    outcome,
    secret,
    time,
    callerKey: caller.key.slice(0, 2048),
    callerName: nameBeside(recipientAccountId, caller),
    issuerArn: caller.issuerArn?.slice(0, 2048),
    description: caller.description,
  }));
}

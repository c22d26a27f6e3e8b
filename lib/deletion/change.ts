import { type Caller, identifyCaller } from '../cloudtrail/caller.ts';
import { CHANGES, type CloudTrailEvent, SECRETS_MANAGER } from '../cloudtrail/record.ts';
import {
  identifySecret,
  inRegion,
  partitionOfArn,
  type SecretId,
} from '../cloudtrail/secret-id.ts';
import { NotifierError } from '../errors.ts';
import { addDays, DAY_MS, parseTime } from '../time.ts';
import { CLOCK_TOLERANCE_MS, isScheduledDate, MAX_WINDOW_DAYS, requestedFrom } from './schedule.ts';

/** A successful call that changed whether a secret is scheduled for deletion. */
interface Call {
  /** CloudTrail's id of the call. */
  readonly id: string;
  readonly secret: SecretId;
  readonly requestedAt: Date;
  readonly requestedBy: Caller;
  readonly sourceAddress?: string;
}

/** A DeleteSecret: who scheduled which deletion, and for when; or the removal of a replica, which goes at once. */
export interface Deletion extends Call {
  readonly kind: 'deletion';
  /** The end of the recovery window; for a forced deletion the time of the request. */
  readonly date: Date;
  /** Whether the date is the record's, or counted from the window because the record's cannot be read. */
  readonly dateFrom: 'record' | 'window';
  /** In days; 0 for a forced deletion, which leaves no window. */
  readonly windowDays: number;
  readonly forced: boolean;
  /** Where the primary secret is, of a replica, which is deleted at once. */
  readonly replicaOf?: string;
  /** The tags that say who owns the secret and what took its place, as they were when it was deleted, if anybody looked. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A RestoreSecret: who cancelled a deletion. */
export interface Cancellation extends Call {
  readonly kind: 'cancellation';
}

export type Change = Deletion | Cancellation;

/**
 * Whether a deletion is the one that DescribeSecret dates at `now`: the secret may have been restored and deleted
 * again since. By the time of the request alone; the end of the window counts only where an emulator stores it.
 * A forced deletion ends whatever was scheduled before it, though AWS may date that for a moment.
 */
export function fits(deletion: Deletion, deletedDate: Date | undefined, now: Date): boolean {
  if (!deletedDate) return true;
  const { date, requestedAt, forced } = deletion;
  if (forced) return requestedFrom(deletedDate, now) <= requestedAt;
  const dated = isScheduledDate(deletedDate, now) ? date : requestedAt;
  return Math.abs(dated.getTime() - deletedDate.getTime()) <= CLOCK_TOLERANCE_MS;
}

/** CloudTrail's times are whole seconds: of two calls within one, in ms, nobody knows which came first. */
const SAME_SECOND_MS = 1000;

/** Whether a change shows that a secret which AWS did not find at a time was gone by then: deleted by force, or past its end. */
export function isGoneBy(change: Change, time: Date): boolean {
  if (change.kind !== 'deletion') return false;
  const goneFrom = change.forced ? change.requestedAt : change.date;
  return goneFrom.getTime() <= time.getTime() + SAME_SECOND_MS;
}

/**
 * Reads the record of a DeleteSecret, a RestoreSecret or a RemoveRegionsFromReplication, which deletes a replica in each Region that
 * it names; nothing for one that failed and so changed nothing.
 * @throws NotifierError `INVALID_EVENT` for the record of another call, or one without a time.
 */
export function readChanges(event: CloudTrailEvent): readonly Change[] {
  const { detail, account, region, time } = event;
  const { eventName, requestParameters: asked, responseElements: answer, userIdentity } = detail;
  const isOfSecretsManager = detail.eventSource === SECRETS_MANAGER;
  if (!isOfSecretsManager || !CHANGES.has(eventName)) {
    const came = isOfSecretsManager ? eventName : `${eventName} of ${detail.eventSource}`;
    throw expected(`the record of one of ${[...CHANGES].join(', ')}`, `one of ${came}`);
  }
  if (detail.errorCode ?? detail.errorMessage) return [];
  const requestedAt = parseTime(detail.eventTime) ?? parseTime(time);
  if (!requestedAt) throw expected('an eventTime such as 2026-11-22T14:03:00Z', detail.eventTime);

  const requestedBy = identifyCaller(userIdentity);
  const call: Call = {
    id: detail.sharedEventID ?? detail.eventID ?? event.id ?? '',
    secret: identifySecret(answer?.arn ?? answer?.aRN ?? asked?.secretId, {
      accountId: detail.recipientAccountId ?? account ?? requestedBy.accountId,
      region: detail.awsRegion ?? region,
      partition: partitionOfArn(userIdentity?.arn),
    }),
    requestedAt,
    requestedBy,
    sourceAddress: detail.sourceIPAddress,
  };
  if (eventName === 'RestoreSecret') return [{ kind: 'cancellation', ...call }];
  if (eventName === 'DeleteSecret') {
    return [{ kind: 'deletion', ...call, ...windowOf(event, requestedAt) }];
  }
  return (asked?.removeReplicaRegions ?? []).map((region) => removalOf(call, region));
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/delete-replica.html */
function removalOf(call: Call, region: string): Deletion {
  const { id, secret, requestedAt } = call;
  return {
    kind: 'deletion',
    ...call,
    id: `${id}/${region}`,
    secret: inRegion(secret, region),
    date: requestedAt,
    dateFrom: 'record',
    windowDays: 0,
    forced: true,
    replicaOf: secret.region,
  };
}

/**
 * The date is the answer's `deletionDate`, a locale string in UTC. If that cannot be read, or is not what was asked for (a
 * number of ms passes for one of seconds), it is the request's time plus the recovery window, for which AWS documents the
 * same arithmetic and a default of 30 days.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
 */
function windowOf({ detail }: CloudTrailEvent, requestedAt: Date) {
  const { requestParameters: asked, responseElements: answer } = detail;
  const forced = asked?.forceDeleteWithoutRecovery === true;
  const windowDays = forced ? 0 : (asked?.recoveryWindowInDays ?? MAX_WINDOW_DAYS);
  const recorded = parseTime(answer?.deletionDate);
  const counted = addDays(requestedAt, windowDays);
  const date = recorded && isNear(recorded, counted) ? recorded : undefined;
  return {
    date: date ?? counted,
    dateFrom: date ? ('record' as const) : ('window' as const),
    windowDays,
    forced,
  };
}

/** Within a day, so that no rounding of AWS's is taken for another window. */
function isNear(date: Date, counted: Date): boolean {
  return Math.abs(date.getTime() - counted.getTime()) <= DAY_MS;
}

function expected(what: string, came: string | undefined): NotifierError {
  return new NotifierError('INVALID_EVENT', `Expected ${what}, got ${came ?? 'nothing'}.`);
}

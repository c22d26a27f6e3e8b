import { type Caller, identifyCaller } from './caller.ts';
import { NotifierError } from './errors.ts';
import type { CloudTrailEvent } from './record.ts';
import { MAX_WINDOW_DAYS } from './schedule.ts';
import { identifySecret, partitionOfArn, type SecretId } from './secret-id.ts';
import { addDays, parseTime } from './time.ts';

/** A successful DeleteSecret call: who scheduled which deletion, and for when. */
export interface Deletion {
  readonly secret: SecretId;
  readonly requestedAt: Date;
  readonly requestedBy: Caller;
  readonly sourceAddress?: string;
  /** The end of the recovery window; for a forced deletion the time of the request. */
  readonly date: Date;
  /** In days; 0 for a forced deletion, which leaves no window. */
  readonly windowDays: number;
  readonly forced: boolean;
}

/**
 * Reads a CloudTrail record of DeleteSecret. The date is its `responseElements.deletionDate`, a locale string
 * in UTC, or if that cannot be read the request's time plus the recovery window, for which AWS documents the
 * same arithmetic and a default of 30 days:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
 * @throws NotifierError `INVALID_EVENT` for a record of another call, of a failed one, or without a time.
 */
export function readDeletion({ detail, account, region, time }: CloudTrailEvent): Deletion {
  const failed = detail.errorCode ?? detail.errorMessage;
  if (detail.eventName !== 'DeleteSecret' || failed) {
    const came = failed ? `one that failed with ${failed}` : `one of ${detail.eventName}`;
    throw expected('the record of a successful DeleteSecret', came);
  }
  const requestedAt = parseTime(detail.eventTime) ?? parseTime(time);
  if (!requestedAt) throw expected('an eventTime such as 2026-11-22T14:03:00Z', detail.eventTime);

  const { requestParameters: asked, responseElements: answer, userIdentity } = detail;
  const requestedBy = identifyCaller(userIdentity);
  const forced = asked?.forceDeleteWithoutRecovery === true;
  const windowDays = forced ? 0 : (asked?.recoveryWindowInDays ?? MAX_WINDOW_DAYS);
  return {
    secret: identifySecret(answer?.arn ?? answer?.aRN ?? asked?.secretId, {
      accountId: detail.recipientAccountId ?? requestedBy.accountId ?? account,
      region: detail.awsRegion ?? region,
      partition: partitionOfArn(userIdentity?.arn),
    }),
    requestedAt,
    requestedBy,
    sourceAddress: detail.sourceIPAddress,
    date: parseTime(answer?.deletionDate) ?? addDays(requestedAt, windowDays),
    windowDays,
    forced,
  };
}

function expected(what: string, came: string | undefined): NotifierError {
  return new NotifierError('INVALID_EVENT', `Expected ${what}, got ${came ?? 'nothing'}.`);
}

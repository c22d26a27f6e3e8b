import { type Caller, identifyCaller } from './caller.ts';
import { API_CALL, type CloudTrailEvent } from './record.ts';
import { identifySecret, partitionOfArn, type SecretId } from './secret-id.ts';
import { parseTime } from './time.ts';

/** One GetSecretValue call that failed because its secret is marked for deletion. */
export interface Attempt {
  /** The same in every delivery of the attempt, and in the caller's and the owner's account. */
  readonly id: string;
  readonly time: Date;
  readonly secret: SecretId;
  readonly caller: Caller;
  /** An address, or the name of the AWS service that called. */
  readonly sourceAddress?: string;
  readonly vpcEndpointId?: string;
  readonly userAgent?: string;
  /** The AWS service that called on the caller's behalf. */
  readonly invokedBy?: string;
}

export type Reading =
  | { readonly attempt: Attempt; readonly reason?: undefined }
  | { readonly attempt?: undefined; readonly reason: string };

/**
 * Secrets Manager changed the words around these over the years, and the apostrophe before them; the error
 * code, InvalidRequestException, has other meanings too. So these words decide.
 */
const MARKED = /marked for deletion/i;

/** The attempt that an event tells of, or the reason why it tells of none. `now` dates a record that has no time. */
export function readAttempt(event: CloudTrailEvent, now: Date): Reading {
  const reason = whyNoAttempt(event);
  if (reason) return { reason };
  const { detail } = event;
  const identity = detail.userIdentity;
  const caller = identifyCaller(identity);
  const secret = identifySecret(detail.requestParameters?.secretId, {
    accountId: detail.recipientAccountId ?? caller.accountId ?? event.account,
    region: detail.awsRegion ?? event.region,
    partition: partitionOfArn(identity?.arn),
  });
  return {
    attempt: {
      id: attemptId(event),
      time: parseTime(detail.eventTime) ?? parseTime(event.time) ?? now,
      secret,
      caller,
      sourceAddress: detail.sourceIPAddress,
      vpcEndpointId: detail.vpcEndpointId,
      userAgent: detail.userAgent,
      invokedBy: identity?.invokedBy,
    },
  };
}

function whyNoAttempt({ detail, ...envelope }: CloudTrailEvent): string | undefined {
  if (envelope['detail-type'] !== API_CALL) {
    return `the detail-type is "${envelope['detail-type']}", not "${API_CALL}"`;
  }
  if (detail.eventSource !== 'secretsmanager.amazonaws.com') {
    return `the call went to ${detail.eventSource}, not to secretsmanager.amazonaws.com`;
  }
  if (detail.eventName !== 'GetSecretValue') {
    return `the call was ${detail.eventName}, not GetSecretValue`;
  }
  if (detail.errorMessage === undefined && detail.errorCode === undefined) {
    return 'the call succeeded';
  }
  if (!MARKED.test(detail.errorMessage ?? '')) {
    const error = [detail.errorCode, detail.errorMessage].filter(Boolean).join(': ');
    return `the call failed for another reason than "marked for deletion" (${error})`;
  }
  return undefined;
}

/**
 * Of a call across accounts both get a record of their own with one `sharedEventID`; an addendum repeats a
 * record under a new `eventID` and names the first.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
function attemptId({ id, detail }: CloudTrailEvent): string {
  const known = detail.sharedEventID ?? detail.addendum?.originalEventID ?? detail.eventID ?? id;
  return known ?? `${detail.eventTime}/${detail.sourceIPAddress}/${detail.userIdentity?.arn}`;
}

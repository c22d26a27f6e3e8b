import { type Caller, identifyCaller } from '../cloudtrail/caller.ts';
import { API_CALL, type CloudTrailEvent, SECRETS_MANAGER } from '../cloudtrail/record.ts';
import {
  completedBy,
  identifySecret,
  partitionOfArn,
  type SecretId,
} from '../cloudtrail/secret-id.ts';
import { parseTime } from '../time.ts';

/** One GetSecretValue call that failed because its secret is marked for deletion. */
export interface Attempt {
  /** The same in every delivery of the attempt, and in the caller's and the owner's account. */
  readonly id: string;
  /** CloudTrail's id of the record, by which it is found. */
  readonly eventId?: string;
  readonly time: Date;
  readonly secret: SecretId;
  readonly caller: Caller;
  /** An address, or the name of the AWS service that called. */
  readonly sourceAddress?: string;
  readonly vpcEndpointId?: string;
  readonly userAgent?: string;
  /** The AWS service that called on the caller's behalf. */
  readonly invokedBy?: string;
  /** By which path this delivery of it has come, if not by the rule. */
  readonly path?: 'trail';
}

export type Reading =
  | { readonly attempt: Attempt; readonly reason?: undefined }
  | { readonly attempt?: undefined; readonly reason: string };

/**
 * The code of Secrets Manager's refusal, with whatever prefix, suffix or shortening. AWS chooses the code, so nobody can
 * forge it: a refusal by IAM, whose message quotes what the caller sent, has another one.
 */
const REFUSED = /InvalidRequest/i;

/** The code has other meanings too, so the words decide. Those of 2018 were "because it was deleted". */
const MARKED = /marked\s+for\s+deletion|because\s+it\s+was\s+deleted/i;

/** The whole of Secrets Manager's message, with whatever apostrophe. It quotes nothing that the caller sent. */
const SENTENCE =
  /^\s*You can\P{L}{0,3}t perform this operation(?: on the secret)? because it was (?:marked for deletion|deleted)\.?\s*$/iu;

/** The attempt that an event records, or the reason why it records none. `now` dates a record that has no time. */
export function readAttempt(event: CloudTrailEvent, now: Date): Reading {
  const reason = whyNoAttempt(event);
  if (reason) return { reason };
  const { detail } = event;
  const identity = detail.userIdentity;
  const caller = identifyCaller(identity);
  const asked = identifySecret(detail.requestParameters?.secretId, {
    accountId: detail.recipientAccountId ?? event.account ?? caller.accountId,
    region: detail.awsRegion ?? event.region,
    partition: partitionOfArn(identity?.arn),
  });
  const resource = detail.resources?.find((one) => one?.ARN !== undefined);
  return {
    attempt: {
      id: attemptId(event),
      eventId: detail.eventID,
      time: parseTime(detail.eventTime) ?? parseTime(event.time) ?? now,
      secret: completedBy(asked, resource?.ARN),
      caller,
      sourceAddress: detail.sourceIPAddress,
      vpcEndpointId: detail.vpcEndpointId,
      userAgent: detail.userAgent,
      invokedBy: identity?.invokedBy,
      path: event.path,
    },
  };
}

type Detail = CloudTrailEvent['detail'];

function whyNoAttempt({ detail, ...envelope }: CloudTrailEvent): string | undefined {
  if (envelope['detail-type'] !== API_CALL) {
    return `the detail-type is "${envelope['detail-type']}", not "${API_CALL}"`;
  }
  if (detail.eventSource !== SECRETS_MANAGER) {
    return `the call went to ${detail.eventSource}, not to ${SECRETS_MANAGER}`;
  }
  if (detail.eventName !== 'GetSecretValue') {
    return `the call was ${detail.eventName}, not GetSecretValue`;
  }
  if (detail.errorMessage === undefined && detail.errorCode === undefined) {
    return 'the call succeeded';
  }
  if (!isRefusedAsMarked(detail)) {
    const error = [detail.errorCode, detail.errorMessage].filter(Boolean).join(': ');
    return `the call failed for another reason than "marked for deletion" (${error})`;
  }
  return undefined;
}

/**
 * Whether Secrets Manager itself said that the secret is marked for deletion. A record without a code is judged by its
 * words alone: no refusal by IAM is known without one, and the words count only outside of what the caller sent, so that
 * none is lost and no forged one accepted.
 */
function isRefusedAsMarked({ errorCode, errorMessage = '', requestParameters }: Detail): boolean {
  if (errorCode && !REFUSED.test(errorCode)) return false;
  if (SENTENCE.test(errorMessage)) return true;
  const { secretId, versionId, versionStage } = requestParameters ?? {};
  const sent = [secretId, versionId, versionStage]
    .filter((text) => text && MARKED.test(text))
    .sort((a, b) => (b?.length ?? 0) - (a?.length ?? 0));
  // Words that the caller sent count for nothing, the longest first, lest what is left of one is no longer found. A
  // message may quote them cut, which looks the same as AWS's own.
  if (!sent.every((text) => errorMessage.includes(text ?? ''))) return false;
  return MARKED.test(
    sent.reduce<string>((left, text) => left.replaceAll(text ?? '', ' '), errorMessage),
  );
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

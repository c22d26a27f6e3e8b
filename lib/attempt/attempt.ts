import { callId, isRefused, type Refusal } from '../cloudtrail/call.ts';
import { type Caller, identifyCaller } from '../cloudtrail/caller.ts';
import { API_CALL, type CloudTrailEvent, SECRETS_MANAGER } from '../cloudtrail/record.ts';
import {
  completedBy,
  identifySecret,
  partitionOfArn,
  type SecretId,
} from '../cloudtrail/secret-id.ts';
import { parseTime } from '../time.ts';

/** One GetSecretValue call that failed because its secret is marked for deletion, or because that deletion is done. */
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
  /** AWS did not find the secret, rather than find it marked: an attempt only where the secret is known to have been deleted. */
  readonly isNotFound?: true;
  /** By which path this delivery of it has come, if not by the rule. */
  readonly path?: 'trail';
}

export type Reading =
  | { readonly attempt: Attempt; readonly reason?: undefined }
  | { readonly attempt?: undefined; readonly reason: string };

/** That the secret is marked for deletion. The words of 2018 were "because it was deleted". */
const MARKED: Refusal = {
  code: /InvalidRequest/i,
  sentence:
    /^\s*You can\P{L}{0,3}t perform this operation(?: on the secret)? because it was (?:marked for deletion|deleted)\.?\s*$/iu,
  words: /marked\s+for\s+deletion|because\s+it\s+was\s+deleted/i,
};

/** A secret that lives, but lacks a version, is refused in nearly the same words: "… the specified secret value for staging label". */
const NOT_FOUND: Refusal = {
  code: /ResourceNotFound/i,
  words: /can\P{L}{0,3}t\s+find\s+the\s+specified\s+secret(?!\s+value)/iu,
  sentence: /^\s*Secrets Manager can\P{L}{0,3}t find the specified secret\.?\s*$/iu,
};

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
      id: callId(event),
      eventId: detail.eventID,
      time: parseTime(detail.eventTime) ?? parseTime(event.time) ?? now,
      secret: completedBy(asked, resource?.ARN),
      caller,
      sourceAddress: detail.sourceIPAddress,
      vpcEndpointId: detail.vpcEndpointId,
      userAgent: detail.userAgent,
      invokedBy: identity?.invokedBy,
      isNotFound: isRefusedAs(NOT_FOUND, detail) || undefined,
      path: event.path,
    },
  };
}

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
  if (!isRefusedAs(MARKED, detail) && !isRefusedAs(NOT_FOUND, detail)) {
    const error = [detail.errorCode, detail.errorMessage].filter(Boolean).join(': ');
    return `the call failed for another reason than "marked for deletion" or "can't find the specified secret" (${error})`;
  }
  return undefined;
}

function isRefusedAs(refusal: Refusal, detail: CloudTrailEvent['detail']): boolean {
  const { secretId, versionId, versionStage } = detail.requestParameters ?? {};
  return isRefused(detail, refusal, [secretId, versionId, versionStage]);
}

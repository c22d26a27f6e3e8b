import { callId, isRefused, type Refusal } from '../cloudtrail/call.ts';
import { type Caller, identifyCaller } from '../cloudtrail/caller.ts';
import { type CloudTrailEvent, SECRETS_MANAGER } from '../cloudtrail/record.ts';
import { identifySecret, NAME, partitionOfArn, type SecretId } from '../cloudtrail/secret-id.ts';
import { NotifierError } from '../errors.ts';
import { oneLine } from '../text.ts';
import { parseTime } from '../time.ts';

/** One CreateSecret call that failed because its name is of a secret that is scheduled for deletion. */
export interface Clash {
  /** The same in every delivery of the call, by whatever path. */
  readonly id: string;
  readonly time: Date;
  /** The one of the name, by its name and place alone. */
  readonly secret: SecretId;
  readonly caller: Caller;
  readonly sourceAddress?: string;
  readonly userAgent?: string;
}

/** That the name is of a secret that is scheduled for deletion. */
const TAKEN: Refusal = {
  code: /InvalidRequest/i,
  sentence:
    /^\s*You can\P{L}{0,3}t create this secret because a secret with this name is already scheduled for deletion\.?\s*$/iu,
  words: /already\s+scheduled\s+for\s+deletion/i,
};

/** Whether an event records a CreateSecret, whatever came of it. */
export const isCreation = ({ detail }: CloudTrailEvent): boolean =>
  detail.eventSource === SECRETS_MANAGER && detail.eventName === 'CreateSecret';

/**
 * Reads the record of a CreateSecret; `undefined` for one that succeeded, or failed for another reason.
 * @throws NotifierError `INVALID_EVENT` for one that failed so, but has no name or no time.
 */
export function readClash(event: CloudTrailEvent): Clash | undefined {
  const { detail, account, region, time: sentAt } = event;
  const { requestParameters, userIdentity, sourceIPAddress, userAgent } = detail;
  const name = requestParameters?.name;
  if (detail.errorCode === undefined && detail.errorMessage === undefined) return undefined;
  if (!isRefused(detail, TAKEN, [name])) return undefined;
  const time = parseTime(detail.eventTime) ?? parseTime(sentAt);
  if (!time) throw expected('an eventTime such as 2026-11-22T14:03:00Z', detail.eventTime);
  // AWS says so of a secret that there is alone.
  if (name === undefined || !NAME.test(name)) {
    throw expected('the record of a CreateSecret to have its name in requestParameters.name', name);
  }
  const caller = identifyCaller(userIdentity);
  return {
    id: callId(event),
    time,
    secret: identifySecret(name, {
      accountId: detail.recipientAccountId ?? account ?? caller.accountId,
      region: detail.awsRegion ?? region,
      partition: partitionOfArn(userIdentity?.arn),
    }),
    caller,
    sourceAddress: sourceIPAddress,
    userAgent,
  };
}

function expected(what: string, came: string | undefined): NotifierError {
  const got = came === undefined ? 'nothing' : oneLine(came, 100);
  return new NotifierError('INVALID_EVENT', `Expected ${what}, got ${got}.`);
}

import type { CloudTrailEvent } from './record.ts';

/** How a service says in a record that it refused a call for one reason. */
export interface Refusal {
  /**
   * The code, with whatever prefix, suffix or shortening. AWS chooses it, so nobody can forge it: a refusal by IAM, whose message
   * quotes what the caller sent, has another one.
   */
  readonly code: RegExp;
  /** The whole of the message, with whatever apostrophe. It quotes nothing that the caller sent. */
  readonly sentence: RegExp;
  /** The code has other meanings too, so the words decide. */
  readonly words: RegExp;
}

/**
 * Whether the service itself refused the call for this reason. A record without a code is judged by its words alone: no refusal
 * by IAM is known without one, and the words count only outside of what the caller sent, so that none is lost and no forged one
 * accepted.
 * @param sent what the caller sent that a message may quote
 */
export function isRefused(
  { errorCode, errorMessage = '' }: CloudTrailEvent['detail'],
  { code, sentence, words }: Refusal,
  sent: readonly (string | undefined)[],
): boolean {
  if (errorCode && !code.test(errorCode)) return false;
  if (sentence.test(errorMessage)) return true;
  const alike = sent
    .flatMap((text) => (text && words.test(text) ? [text] : []))
    .sort((a, b) => b.length - a.length);
  // Words that the caller sent count for nothing, the longest first, lest what is left of one is no longer found. A
  // message may quote them cut, which looks the same as AWS's own.
  if (!alike.every((text) => errorMessage.includes(text))) return false;
  return words.test(alike.reduce((left, text) => left.replaceAll(text, ' '), errorMessage));
}

/**
 * What is the same in each delivery of a call. Of a call across accounts both get a record of their own with one
 * `sharedEventID`; an addendum repeats a record under a new `eventID` and names the first.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function callId({ id, detail }: CloudTrailEvent): string {
  const known = detail.sharedEventID ?? detail.addendum?.originalEventID ?? detail.eventID ?? id;
  return known ?? `${detail.eventTime}/${detail.sourceIPAddress}/${detail.userIdentity?.arn}`;
}

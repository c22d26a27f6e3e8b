/**
 * SNS suspends an e-mail subscription that gets more messages in a second.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
export const MAX_PER_SECOND = 10;

/** The most messages in any second, minute or other span of the clock; all in ms. */
export function maxPer(span: number, messages: readonly { readonly time: number }[]): number {
  const spans = new Map<number, number>();
  for (const { time } of messages) {
    const index = Math.floor(time / span);
    spans.set(index, (spans.get(index) ?? 0) + 1);
  }
  return Math.max(0, ...spans.values());
}

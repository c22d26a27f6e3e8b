import { asciiLine } from '../text.ts';

/** SNS message attributes, for subscriptions' filter policies. */
export type Attributes = Readonly<Record<string, string>>;

/** Longer than any name or ARN, so that a filter policy matches the whole value. */
const MAX_VALUE = 2048;

/**
 * Cleans the values: SNS refuses empty ones and some that are not plain text, and a refused attribute would
 * cost the whole message. What is unknown is left out.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export function renderAttributes(values: Record<string, string | undefined>): Attributes {
  const entries = Object.entries(values).map(([key, value]) => [
    key,
    asciiLine(value ?? '', MAX_VALUE),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

import { isDrill } from '../../drill.ts';
import { asciiLine } from '../../text.ts';
import type { ClashNotice } from '../clash.ts';
import type { DigestNotice } from '../digest.ts';
import type { AlertNotice, AnnouncementNotice } from '../notice.ts';

/** What a mail reports, before it has a form: data alone, as hostile as the records that they come from. */
export type Notice = AlertNotice | AnnouncementNotice | DigestNotice | ClashNotice;

/** A mail, ready to publish. */
export interface Mail {
  /** ASCII, at most 99 characters. */
  readonly subject: string;
  readonly body: string;
  readonly attributes: Attributes;
}

/** A mail of a notice, and what had no room in it: a notice of the same kind. */
export interface RenderedMail<One> {
  readonly mail: Mail;
  readonly rest?: One;
}

/** The most bytes of a message, of text and attributes together: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const MAX_MESSAGE = 256 * 1024;

/** Bytes left for the subject and for what stands before and after the secrets. */
export const RESERVE = 3 * 1024;

/**
 * SNS message attributes, for subscriptions' filter policies. A list is of the type `String.Array`, which a policy
 * accepts as soon as it accepts one of its values.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
type Attributes = Readonly<Record<string, string | readonly string[]>>;

/** Longer than any name or ARN, so that a filter policy matches the whole value. */
const MAX_VALUE = 2048;

/** In bytes: some hundreds of names. Attributes share the 256 KiB of a message with its text. */
const MAX_LIST = 16 * 1024;

/** The last value of a list that has no room for all, or stands for one that is not known. */
export const MORE = '*';

/**
 * Cleans the values: SNS refuses empty ones and some that are not plain text, and a refused attribute would
 * cost the whole message. What is unknown is left out, and so is what stands in a list twice; a list of one is that one.
 * The action of a message about a drill's secret is `drill`, whatever it was.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export function renderAttributes(
  values: Readonly<Record<string, string | readonly (string | undefined)[] | undefined>>,
): Attributes {
  const { secret } = values;
  const isOfDrill = typeof secret === 'string' && isDrill(secret);
  const entries = Object.entries({ ...values, ...(isOfDrill && { action: 'drill' }) })
    .map(([key, value]) => [key, listOf([value].flat())] as const)
    .filter(([, list]) => list.length > 0)
    .map(([key, list]) => [key, list.length > 1 ? list : list[0]]);
  return Object.fromEntries(entries);
}

function listOf(values: readonly (string | undefined)[]): string[] {
  const list = new Set<string>();
  let size = 0;
  for (const value of values) {
    const clean = asciiLine(value ?? '', MAX_VALUE);
    if (clean === '' || list.has(clean)) continue;
    size += JSON.stringify(clean).length + 1;
    if (size > MAX_LIST) return [...list, MORE];
    list.add(clean);
  }
  return [...list];
}

/** An attribute's value as SNS takes it. */
export function encodeAttribute(value: string | readonly string[]) {
  return typeof value === 'string'
    ? { DataType: 'String', StringValue: value }
    : { DataType: 'String.Array', StringValue: JSON.stringify(value) };
}

/** What attributes take of a message's size, in bytes: names, types and values count. */
export function attributesSize(attributes: Attributes): number {
  const sizes = Object.entries(attributes).map(([name, value]) => {
    const { DataType, StringValue } = encodeAttribute(value);
    return name.length + DataType.length + StringValue.length;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

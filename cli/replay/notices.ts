import * as v from 'valibot';
import { readSnsEvent } from '../../lib/notice/sns-event.ts';
import { oneLine } from '../../lib/text.ts';
import { formatUtc, plural } from '../../lib/time.ts';

/**
 * What SNS leaves of a message that it could not hand to a function: as a queue gets it, without a word on which function.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html, and for the fields
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
const Notification = v.looseObject({ Type: v.literal('Notification'), Message: v.string() });

/** The event that SNS would have handed to a function; `undefined` for what is no notification. */
export function eventOf(message: unknown): unknown {
  if (!v.is(Notification, message)) return undefined;
  return { Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', Sns: message }] };
}

const Notices = v.pipe(
  v.array(
    v.object({
      kind: v.string(),
      now: v.date(),
      secret: v.object({ name: v.optional(v.string()), id: v.optional(v.string()) }),
    }),
  ),
  v.minLength(1),
);

/** The kind, the secret and the time of the notices in an event of SNS; `undefined` for what no channel can read. */
export function describeNotices(event: unknown): string | undefined {
  try {
    const [first, ...others] = v.parse(Notices, readSnsEvent(event).notices);
    if (!first) return undefined;
    const { kind, secret, now } = first;
    const more = others.length > 0 ? ` and ${plural(others.length, 'other secret')}` : '';
    const which = oneLine(secret.name ?? secret.id ?? 'a secret without a name');
    return `${oneLine(kind)} of ${which}${more}, ${formatUtc(now)}`;
  } catch {
    return undefined;
  }
}

import * as v from 'valibot';
import { NotifierError } from '../errors.ts';

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
const SqsEvent = v.object({
  Records: v.array(v.object({ messageId: v.string(), body: v.string() })),
});

/** A message of a queue; `body`: what should be an EventBridge event with a CloudTrail record, as JSON text. */
export interface Message {
  readonly id: string;
  readonly body: string;
}

/**
 * Reads what an event source mapping of Amazon SQS invokes a function with.
 * @throws NotifierError `INVALID_EVENT` for anything else.
 */
export function unpackMessages(event: unknown): Message[] {
  const { success, output } = v.safeParse(SqsEvent, event);
  if (success) return output.Records.map(({ messageId: id, body }) => ({ id, body }));
  const came = JSON.stringify(event)?.slice(0, 100);
  throw new NotifierError(
    'INVALID_EVENT',
    `Expected an event of Amazon SQS, whose Records each have a messageId and a body, got ${came}.`,
  );
}

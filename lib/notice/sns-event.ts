import * as v from 'valibot';
import { NotifierError } from '../errors.ts';
import { decode, type HandedOn } from './incident-notice.ts';

const SnsEvent = v.object({
  Records: v.pipe(v.array(v.object({ Sns: v.object({ Message: v.string() }) })), v.length(1)),
});

/**
 * Reads what the topic of notices has invoked a channel's function with: an event of SNS, which always has one record.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 * @throws NotifierError `INVALID_EVENT` for anything else.
 */
export function readSnsEvent(event: unknown): HandedOn {
  const { success, output } = v.safeParse(SnsEvent, event);
  if (success) return decode(output.Records[0]?.Sns.Message ?? '');
  const came = JSON.stringify(event)?.slice(0, 100);
  throw new NotifierError(
    'INVALID_EVENT',
    `Expected an event of SNS with one record, whose Sns.Message is text, got ${came}.`,
  );
}

import { encode } from '../../../lib/notice/incident-notice.ts';
import { readSnsEvent } from '../../../lib/notice/sns-event.ts';
import { NOTICES } from '../../testing/incident-notices.ts';

const eventOf = (...messages: unknown[]) => ({
  Records: messages.map((Message) => ({ EventSource: 'aws:sns', Sns: { Message } })),
});

test('what was handed on is read from the event of SNS, dates included', () => {
  const handedOn = { notices: [NOTICES.opened], isMailed: true, stack: { stage: 'dev' } };
  expect(readSnsEvent(eventOf(encode(handedOn)))).toEqual({ version: 1, ...handedOn });
});

test.each([
  ['nothing', undefined],
  ['no records', { Records: [] }],
  ['two', eventOf('a', 'b')],
  ['a message that is no text', eventOf({})],
  ['another text', eventOf('{"version":1}')],
  ['no JSON', eventOf('DRILL')],
])('%s is refused', (_what, event) => {
  expect(() => readSnsEvent(event)).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
});

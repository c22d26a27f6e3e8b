import { unpackMessages } from '../../../lib/cloudtrail/messages.ts';

test('an event of a queue is read as its messages, whatever else it says of each', () => {
  const Records = [
    { messageId: '1', body: '{}', receiptHandle: 'x', attributes: {} },
    { messageId: '2', body: '' },
  ];
  expect(unpackMessages({ Records })).toEqual([
    { id: '1', body: '{}' },
    { id: '2', body: '' },
  ]);
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['an event of EventBridge', { detail: {} }],
  ['a record of SNS', { Records: [{ Sns: { Message: '{}' } }] }],
])('%s is refused, with what was expected', (_, event) => {
  expect(() => unpackMessages(event)).toThrow(
    expect.objectContaining({
      code: 'INVALID_EVENT',
      message: expect.stringMatching(
        /^Expected an event of Amazon SQS, whose Records each have a messageId and a body, got .{0,110}\.$/,
      ),
    }),
  );
});

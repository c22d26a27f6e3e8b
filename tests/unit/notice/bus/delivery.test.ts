import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { HttpResponse } from '@smithy/core/protocols';
import { busChannel } from '../../../../lib/notice/bus/delivery.ts';
import { eventOf } from '../../../testing/events.ts';
import { NOTICES } from '../../../testing/incident-notices.ts';

/** A bus that answers with these, one after the other, and what it was asked. */
function bus(...answers: readonly (readonly [statusCode: number, body: object])[]) {
  const asked: unknown[] = [];
  const handle = async ({ body }: { body: Uint8Array }) => {
    const [statusCode, answer] = answers[asked.length] ?? [500, {}];
    asked.push(JSON.parse(new TextDecoder().decode(body)));
    const response = new HttpResponse({ statusCode, headers: {} });
    response.body = new TextEncoder().encode(JSON.stringify(answer));
    return { response };
  };
  const client = new EventBridgeClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: { handle } as never,
  });
  return { asked, put: busChannel(client, 'security') };
}

const event = eventOf(NOTICES.opened);

test('an event is put on the bus, one a request', async () => {
  const { asked, put } = bus([200, { FailedEntryCount: 0, Entries: [{ EventId: 'event-1' }] }]);
  await expect(put(event)).resolves.toBe('event-1');
  const { Source, DetailType, Resources, Detail, Time } = event;
  const Entries = [
    {
      Source,
      DetailType,
      Resources,
      Detail,
      Time: Time.getTime() / 1000,
      EventBusName: 'security',
    },
  ];
  expect(asked).toEqual([{ Entries }]);
});

const failed = { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized.' };

test.each([
  [
    'has an entry that failed',
    [200, { FailedEntryCount: 1, Entries: [failed] }],
    'got NotAuthorizedForSourceException: Not authorized.. Lambda',
  ],
  [
    'has an entry that failed without a message',
    [200, { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] }],
    'got InternalFailure: no message. Lambda',
  ],
  ['counts a failure alone', [200, { FailedEntryCount: 1, Entries: [{ EventId: 'x' }] }], 'got no'],
  ['has no entry', [200, { FailedEntryCount: 0, Entries: [] }], 'got no event id'],
] as const)('an answer that %s is a failure', async (_what, answer, message) => {
  await expect(bus(answer).put(event)).rejects.toMatchObject({
    code: 'AWS_REFUSED',
    message: expect.stringContaining(message),
  });
});

test('what the SDK throws goes on to the caller', async () => {
  const { put } = bus([400, { __type: 'ThrottlingException', message: 'Rate exceeded' }]);
  await expect(put(event)).rejects.toThrow('Rate exceeded');
});

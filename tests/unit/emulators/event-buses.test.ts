import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { clientSettings } from '../../../emulators/client.ts';
import { type EventBuses, startEventBuses } from '../../../emulators/event-buses.ts';

const NOW = new Date('2026-11-22T08:00:00Z');
const ENTRY = { Source: 'test', DetailType: 'Test', Detail: '{"a":1}', EventBusName: 'security' };

let buses: EventBuses;
let client: EventBridgeClient;

beforeEach(async () => {
  buses = await startEventBuses(() => NOW);
  client = new EventBridgeClient({ ...clientSettings(buses.endpoint, 'key'), maxAttempts: 1 });
});
afterEach(() => {
  client.destroy();
  return buses.stop();
});

const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));

test('events are kept with their bus and their time', async () => {
  const Time = new Date('2026-11-22T07:59:58.000Z');
  const arn = 'arn:aws:events:eu-west-1:111122223333:event-bus/security';
  const answer = await put(
    { ...ENTRY, Time, Resources: ['arn:x'] },
    { ...ENTRY, EventBusName: undefined },
    { ...ENTRY, EventBusName: arn },
  );
  expect(answer.FailedEntryCount).toBe(0);
  expect(answer.Entries?.map(({ EventId }) => typeof EventId)).toEqual(Array(3).fill('string'));
  expect(buses.events.map(({ bus }) => bus)).toEqual(['security', 'default', 'security']);
  expect(buses.events[0]).toEqual({
    bus: 'security',
    source: 'test',
    detailType: 'Test',
    detail: { a: 1 },
    resources: ['arn:x'],
    time: Time,
    putAt: NOW,
    run: undefined,
    isLost: false,
  });
  expect(buses.events[1]).toMatchObject({ time: NOW, resources: [] });
});

test.each([
  ['no source', { Source: undefined }, 'InvalidArgument'],
  ['a detail that is no JSON', { Detail: '{' }, 'MalformedDetail'],
  ['a detail that is no object', { Detail: '[]' }, 'MalformedDetail'],
  ["one of AWS's sources", { Source: 'aws.sns' }, 'NotAuthorizedForSourceException'],
])('an entry with %s fails, and no other', async (_, change, ErrorCode) => {
  const answer = await put(ENTRY, { ...ENTRY, ...change });
  expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{}, { ErrorCode }] });
  expect(buses.events).toHaveLength(1);
});

test.each([
  ['no entry', []],
  ['more than ten', Array(11).fill(ENTRY)],
  ['more than 1 MB', [{ ...ENTRY, Detail: JSON.stringify({ a: 'x'.repeat(1024 * 1024) }) }]],
])('a request with %s fails', async (_, entries) => {
  await expect(put(...entries)).rejects.toThrow(
    expect.objectContaining({ name: 'ValidationException' }),
  );
  expect(buses.events).toEqual([]);
});

test('entries, and requests, fail as planned', async () => {
  buses.failEntries(1);
  expect(await put(ENTRY, ENTRY)).toMatchObject({
    FailedEntryCount: 1,
    Entries: [{ ErrorCode: 'InternalFailure' }, {}],
  });
  buses.failNext('PutEvents', { code: 'ThrottlingException', message: 'Rate exceeded' });
  await expect(put(ENTRY)).rejects.toThrow('Rate exceeded');
  await put(ENTRY);
  expect(buses.events).toHaveLength(2);
});

test('nothing is taken while the buses are down', async () => {
  let down = NOW.getTime();
  buses.failWhile((time) => time === down);
  await expect(put(ENTRY)).rejects.toThrow('Planned');
  down++;
  await put(ENTRY);
  expect(buses.events).toHaveLength(1);
});

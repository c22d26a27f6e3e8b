import {
  CloudTrailClient,
  LookupEventsCommand,
  type LookupEventsRequest,
} from '@aws-sdk/client-cloudtrail';
import { clientSettings } from '../../../emulators/client.ts';
import { type EventHistory, startEventHistory } from '../../../emulators/event-history.ts';
import { APP_SERVER, deleteSecret, getSecretValue, restoreSecret } from '../../testing/records.ts';

const NAME = 'prod/db-password';
const ARN = `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${NAME}-AbCdEf`;
const NOW = new Date('2026-11-22T15:00:00Z');

const at = (time: string, eventID: string) => ({ eventTime: `2026-11-22T${time}Z`, eventID });
const records = [
  deleteSecret(at('10:00:00', 'deletion')),
  restoreSecret(at('11:00:00', 'cancellation')),
  deleteSecret(at('12:00:00', 'second deletion')),
  getSecretValue(at('12:00:00', 'read')),
];

let history: EventHistory;
let client: CloudTrailClient;

async function restart(...options: Partial<Parameters<typeof startEventHistory>>) {
  client?.destroy();
  await history?.stop();
  const [shown = records, now = () => NOW, callers = {}, more] = options;
  history = await startEventHistory(shown, now, { key: APP_SERVER, ...callers }, more);
  client = clientOf('key');
}

function clientOf(accessKeyId: string, region?: string) {
  const settings = clientSettings(history.endpoint, accessKeyId, region);
  return new CloudTrailClient({ ...settings, maxAttempts: 1 });
}

const lookUp = (request: LookupEventsRequest = {}) => client.send(new LookupEventsCommand(request));

async function idsOf(request?: LookupEventsRequest) {
  const { Events = [] } = await lookUp(request);
  return Events.map(({ EventId }) => EventId);
}

const by = (AttributeKey: 'EventName' | 'ResourceName' | 'Username', AttributeValue: string) => ({
  LookupAttributes: [{ AttributeKey, AttributeValue }],
});
const time = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));

beforeEach(() => restart());
afterAll(async () => {
  client.destroy();
  await history.stop();
});

test.each<[string, LookupEventsRequest, string[]]>([
  ['all, newest first', {}, ['read', 'second deletion', 'cancellation', 'deletion']],
  ['those of a call', by('EventName', 'DeleteSecret'), ['second deletion', 'deletion']],
  [
    'those that changed a secret',
    by('ResourceName', NAME),
    ['second deletion', 'cancellation', 'deletion'],
  ],
  ['those of another secret', by('ResourceName', 'x'), []],
  ['those since a time', { StartTime: time(12) }, ['read', 'second deletion']],
  ['those until a time', { EndTime: time(11) }, ['cancellation', 'deletion']],
])('finds %s', async (_, request, expected) => {
  expect(await idsOf(request)).toEqual(expected);
});

test('if told to, an event names the secret that its call read as the caller sent it', async () => {
  expect(await idsOf(by('ResourceName', NAME))).not.toContain('read');
  await restart(records, undefined, undefined, { hasReadResource: true });
  expect(await idsOf(by('ResourceName', NAME))).toContain('read');
});

test('an event has the record, its time and the secret that it changed', async () => {
  const { Events } = await lookUp({ MaxResults: 1, ...by('EventName', 'RestoreSecret') });
  expect(Events).toEqual([
    {
      EventId: 'cancellation',
      EventName: 'RestoreSecret',
      EventSource: 'secretsmanager.amazonaws.com',
      EventTime: time(11),
      ReadOnly: 'false',
      Resources: [{ ResourceType: 'AWS::SecretsManager::Secret', ResourceName: NAME }],
      CloudTrailEvent: JSON.stringify(records[1]),
    },
  ]);
});

test('pages by a token, which no other query takes', async () => {
  const query = { ...by('EventName', 'DeleteSecret'), MaxResults: 1 };
  const { NextToken, Events } = await lookUp(query);
  expect(Events).toHaveLength(1);
  const next = await lookUp({ ...query, NextToken });
  expect(next.Events).toMatchObject([{ EventId: 'deletion' }]);
  expect(next).not.toHaveProperty('NextToken');
  await expect(lookUp({ MaxResults: 1, NextToken })).rejects.toMatchObject({
    name: 'InvalidNextTokenException',
  });
});

test.each<[string, LookupEventsRequest]>([
  ['InvalidLookupAttributesException', by('Username', 'ada')],
  [
    'InvalidLookupAttributesException',
    {
      LookupAttributes: [
        ...by('EventName', 'DeleteSecret').LookupAttributes,
        ...by('ResourceName', ARN).LookupAttributes,
      ],
    },
  ],
  ['InvalidTimeRangeException', { StartTime: time(12), EndTime: time(11) }],
  ['InvalidMaxResultsException', { MaxResults: 51 }],
  ['InvalidNextTokenException', { NextToken: 'x' }],
])('refuses with %s', async (name, request) => {
  await expect(lookUp(request)).rejects.toMatchObject({ name });
});

test.each([
  [
    'the own account and Region',
    'key',
    undefined,
    ['read', 'second deletion', 'cancellation', 'deletion'],
  ],
  ['another Region', 'key', 'us-east-1', ['there']],
  ['another account', 'other', undefined, ['of another']],
])('shows the calls of %s only', async (_, accessKeyId, region, expected) => {
  const there = deleteSecret({ awsRegion: 'us-east-1', eventID: 'there' });
  const ofAnother = deleteSecret({ recipientAccountId: '444455556666', eventID: 'of another' });
  const callers = { other: { ...APP_SERVER, account: '444455556666' } };
  await restart([...records, there, ofAnother], () => NOW, callers);
  client.destroy();
  client = clientOf(accessKeyId, region);
  expect(await idsOf()).toEqual(expected);
});

test('refuses an unknown caller', async () => {
  client.destroy();
  client = clientOf('stranger');
  await expect(lookUp()).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
});

test('can show calls late', async () => {
  await restart(records, () => NOW, {}, { historyDelay: 3.5 * 60 * 60 * 1000 });
  expect(await idsOf()).toEqual(['cancellation', 'deletion']);
});

test.each([
  ['by their ARN', 'arn', 3],
  ['not at all', 'none', 0],
] as const)('can name the secrets %s', async (_, resource, count) => {
  await restart(records, () => NOW, {}, { resource });
  expect(await idsOf(by('ResourceName', NAME))).toEqual([]);
  expect(await idsOf(by('ResourceName', ARN))).toHaveLength(count);
  expect(await idsOf(by('EventName', 'RestoreSecret'))).toEqual(['cancellation']);
});

test('fails as often as set, and counts its calls', async () => {
  history.failNext('LookupEvents', { code: 'ThrottlingException', message: 'Rate exceeded' });
  await expect(lookUp()).rejects.toMatchObject({ name: 'ThrottlingException' });
  expect(await idsOf()).toHaveLength(4);
  expect(history.calls()).toBe(2);
});

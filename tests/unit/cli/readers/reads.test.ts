import { readsIn, secretFinder, UNNAMED } from '../../../../cli/readers/reads.ts';
import { identifySecret, secretKey } from '../../../../lib/cloudtrail/secret-id.ts';
import { arnOf, batchBy, readBy } from '../../../testing/history.ts';

const TIME = new Date('2026-11-22T14:03:00Z');
const IDS = ['app', 'app-config', 'prod/db'].map((name) => identifySecret(arnOf(name), {}));
const find = secretFinder(IDS);
const KEYS = new Map(IDS.map((id) => [secretKey(id), id.name]));

/** `outcome name` of each read. */
const summary = (record: object) =>
  readsIn(JSON.stringify(record), find).map(
    ({ outcome, secret }) => `${outcome} ${secret === UNNAMED ? '?' : KEYS.get(secret)}`,
  );

test.each([
  ['its name', 'prod/db', ['read prod/db']],
  ['its ARN', arnOf('prod/db'), ['read prod/db']],
  ['its ARN without the suffix', arnOf('prod/db').slice(0, -7), ['read prod/db']],
  [
    'an ARN without the suffix that looks complete',
    arnOf('app-config').slice(0, -7),
    ['read app-config'],
  ],
  ['an ARN of one that had the name before', arnOf('prod/db', 'ZzZzZz'), []],
  [
    'the ARN of one of another account',
    arnOf('prod/db').replace('111122223333', '444455556666'),
    [],
  ],
  ['another name', 'prod/db2', []],
])('a read by %s is of the secret that is meant', (_, sent, expected) => {
  expect(summary(readBy('app-server', sent, TIME))).toEqual(expected);
});

test('a read that fails, for whatever reason, is told apart', () => {
  expect(summary(readBy('app', 'app', TIME, { error: 'AccessDenied' }))).toEqual(['failed app']);
  expect(summary(readBy('app', 'app', TIME, { error: 'InvalidRequestException' }))).toEqual([
    'failed app',
  ]);
});

test('a batch that fails has failed to read each secret of its list; one by filters, none that is known', () => {
  const failed = { errorCode: 'AccessDenied' };
  const list = batchBy('etl', { SecretIdList: ['app', 'unknown'] }, TIME);
  expect(summary({ ...list, ...failed })).toEqual(['failed app']);
  expect(summary({ ...batchBy('etl', { Filters: [] }, TIME), ...failed })).toEqual([]);
});

test('a batch names each secret of its list once; one by filters names none', () => {
  const list = ['app', arnOf('app'), 'prod/db', 'unknown'];
  expect(summary(batchBy('etl', { SecretIdList: list }, TIME))).toEqual([
    'batch app',
    'batch prod/db',
  ]);
  expect(summary(batchBy('etl', { Filters: [{ key: 'name', values: ['prod'] }] }, TIME))).toEqual([
    'batch ?',
  ]);
});

test.each([
  ['no JSON', 'x'],
  ['no record', '{}'],
  ['nothing', 'null'],
  [
    'another service',
    JSON.stringify({ ...readBy('a', 'app', TIME), eventSource: 'ssm.amazonaws.com' }),
  ],
  ['another call', JSON.stringify({ ...readBy('a', 'app', TIME), eventName: 'DescribeSecret' })],
  ['no time', JSON.stringify({ ...readBy('a', 'app', TIME), eventTime: 'soon' })],
  [
    'a list that is none',
    JSON.stringify({ ...batchBy('a', {}, TIME), eventName: 'BatchGetSecretValue', errorCode: 'X' }),
  ],
])('%s is no read', (_, json) => {
  expect(readsIn(json, find)).toEqual([]);
});

test('what a batch holds instead of a list is passed over', () => {
  const record = { ...batchBy('a', {}, TIME), requestParameters: { secretIdList: [1, { a: 2 }] } };
  expect(summary(record)).toEqual(['batch ?']);
});

test('the addendum of a record, and its copy in another account, are the same read', () => {
  const record = readBy('a', 'app', TIME, { eventID: 'one' });
  const [own] = readsIn(JSON.stringify(record), find);
  const addendum = { ...record, eventID: 'two', addendum: { originalEventID: 'one' } };
  const [later] = readsIn(JSON.stringify(addendum), find);
  expect(later?.id).toBe(own?.id);
});

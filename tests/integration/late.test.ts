import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { readAttempt } from '../../lib/attempt/attempt.ts';
import { parseEvent } from '../../lib/cloudtrail/record.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../lib/deletion/change.ts';
import { partitionKey, readPage } from '../../lib/deletion/ledger.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import type { AnnouncementNotice } from '../../lib/notice/notice.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, cancellation, deletion, found, HOME, nth } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { linesOf } from '../testing/notices.ts';
import { asEvent, failedGetSecretValue } from '../testing/records.ts';
import { type State, useState } from '../testing/state.ts';

/** What comes a second time, by another path, or for the first time long after it was made. */
const state = useState();
const run = async (overrides: Parameters<State['sumUp']>[0] = {}) =>
  linesOf(await state.sumUp(overrides));

const NAME = 'prod/db/password';
const { secret: SECRET } = attempt();
const find = () => state.stores.incidents.find(incidentKey(SECRET));
const callerOf = (name: string) => ({
  ...attempt().caller,
  key: `arn:aws:iam::111122223333:role/${name}`,
  name: `role ${name}`,
});

/** An attempt made now. */
const made = (id: string, name = 'app-server') =>
  attempt({ id, time: state.now(), caller: callerOf(name) });

const announced: AnnouncementNotice[] = [];
beforeEach(() => announced.splice(0));

/** The record of a change comes, to a stack that announces. */
const happens = (change: Change) =>
  track(change, { tagKeys: { owner: [], replacement: [] }, maxMailsPerHour: 20 }, {
    ...state.gate(),
    ...state.stores,
    home: HOME,
    describeSecret: async () => found(),
    publish: async (notice) => announced.push(notice),
  } as TrackPorts);
const deletedNow = (id = 'deletion') =>
  deletion({ id, requestedAt: state.now(), date: addDays(state.now(), 30), windowDays: 30 });
const restoredNow = (id = 'restore') => cancellation({ id, requestedAt: state.now() });

/** All that the table holds. */
async function items() {
  const { client, name } = state.table;
  const { Items = [] } = await client.send(new ScanCommand({ TableName: name }));
  const byKey = Items.map((item) => unmarshall(item)).map((item) => [
    `${item.pk}/${item.sk}`,
    item,
  ]);
  return Object.fromEntries(byKey);
}

describe.each([
  ['five minutes', 5 * MINUTE_MS],
  ['five hours', 5 * HOUR_MS],
])('a repeat %s later changes nothing in the table', (_, later) => {
  const first = nth(1);
  test.each<[what: string, before: () => Promise<unknown>]>([
    ['of an attempt that was alerted', () => state.comes(first)],
    [
      'of one that was deferred',
      async () => {
        await state.comes(nth(2));
        expect(await state.comes(first)).toBe('known-caller');
      },
    ],
    [
      'of one that was ignored',
      async () => {
        const policy = { ...GATE_POLICY, ignoredCallers: ['*:role/app-server'] };
        expect(await state.comes(first, { policy })).toBe('ignored');
      },
    ],
    [
      'of one whose secret was restored since',
      async () => {
        await state.comes(first);
        state.pass(MINUTE_MS);
        await happens(restoredNow());
        state.pass(2 * MINUTE_MS);
        expect(await run()).toHaveLength(1);
      },
    ],
    [
      'of one whose secret was restored, and deleted anew, since',
      async () => {
        await state.comes(first);
        state.pass(MINUTE_MS);
        await happens(restoredNow());
        state.pass(MINUTE_MS);
        await happens(deletedNow('again'));
        state.pass(10 * MINUTE_MS);
        await run();
      },
    ],
    [
      'of one that is muted, of a mute that has ended since',
      async () => {
        const until = new Date(state.now().getTime() + MINUTE_MS);
        const mute = { id: 'mute', by: 'alice', reason: 'we know', from: state.now(), until };
        await state.stores.incidents.mute(SECRET, mute);
        expect(await state.comes(first)).toBe('muted');
      },
    ],
  ])('%s', async (_what, before) => {
    await before();
    state.pass(later);
    const table = await items();
    expect(await state.comes(first)).toBe('repeated');
    expect(await items()).toEqual(table);
  });

  test('of a change, whatever came in between', async () => {
    await state.comes(first);
    const deleted = deletedNow();
    state.pass(MINUTE_MS);
    const restored = restoredNow();
    for (const change of [deleted, restored]) expect(await happens(change)).toBe('recorded');
    state.pass(later);
    const table = await items();
    for (const change of [deleted, restored]) expect(await happens(change)).toBe('outdated');
    expect(await items()).toEqual(table);
  });
});

test('an attempt of which the account of its caller and that of the owner have a record is one', async () => {
  const sharedEventID = '5f0a1f63-3a8e-4b9c-8e57-000000000001';
  const secretId = `arn:aws:secretsmanager:eu-west-1:444455556666:secret:${NAME}-AbC123`;
  const record = failedGetSecretValue({ sharedEventID, requestParameters: { secretId } });
  const userIdentity = {
    type: 'AWSAccount',
    principalId: 'AROAEXAMPLE:i-0',
    accountId: '111122223333',
  };
  const owners = {
    ...record,
    userIdentity,
    eventID: 'of-the-owner',
    recipientAccountId: '444455556666',
  };
  const attempts = [record, owners].map(
    (detail) => readAttempt(parseEvent(asEvent(detail as typeof record)), state.now()).attempt,
  );
  for (const order of [attempts, attempts.toReversed()]) {
    const outcomes: string[] = [];
    for (const one of order) if (one) outcomes.push(await state.comes(one));
    expect(outcomes.slice(1)).toEqual(['repeated']);
  }
  state.pass(2 * HOUR_MS);
  expect(await run()).toEqual([]);
});

test('an attempt whose alert has failed is alerted by what comes next, by whatever path, once', async () => {
  const alert = await state.underWay(nth(1));
  await alert.fails();
  state.pass(5 * MINUTE_MS);
  expect(await state.comes(nth(1))).toBe('alert');
  state.pass(5 * HOUR_MS);
  expect(await state.comes(nth(1))).toBe('repeated');
  expect(await run()).toEqual([]);
});

test('an attempt whose run still alerts it is left to that run', async () => {
  await state.underWay(attempt({ time: addDays(state.now(), -1) }));
  expect(await state.comes(attempt({ time: addDays(state.now(), -1) }))).toBe('repeated');
});

test('no digest is made because of a repeat, nor takes along what is not due', async () => {
  const other = { secret: identifySecret('prod/other', HOME) };
  await state.comes(made('1'));
  const repeated = made('2');
  await state.comes(repeated);
  state.pass(HOUR_MS);
  expect(await run()).toEqual([`digest ${NAME}: 1 x role app-server`]);
  await state.comes({ ...made('3'), ...other });
  await state.comes({ ...made('4'), ...other });
  // What nobody reads any more would be due in its next digest.
  state.pass(3 * HOUR_MS);
  expect(await run()).toHaveLength(1);
  await state.comes({ ...made('5'), ...other });
  state.pass(HOUR_MS + 40 * MINUTE_MS);
  expect(await state.comes(repeated)).toBe('repeated');
  expect(await run()).toEqual([]);
  state.pass(20 * MINUTE_MS);
  expect(await run()).toEqual(['digest prod/other: 1 x role app-server']);
});

describe('a restore', () => {
  test('that ended an incident is not announced when it comes again', async () => {
    await state.comes(made('1'));
    state.pass(MINUTE_MS);
    const restored = restoredNow();
    expect(await happens(restored)).toBe('recorded');
    state.pass(5 * MINUTE_MS);
    expect(await run()).toEqual([`resolved ${NAME}: 1 x role app-server (0 new)`]);
    expect(await happens(restored)).toBe('outdated');
    expect(announced).toEqual([]);
  });

  test.each([
    ['before the attempt', false],
    ['after it', true],
  ])(
    'of a secret that was read before, of which all comes minutes later, the restore %s, ends the incident',
    async (_, isLast) => {
      const read = made('1');
      state.pass(MINUTE_MS);
      const restored = restoredNow();
      state.pass(5 * MINUTE_MS);
      const restore = async () => expect(await happens(restored)).toBe('recorded');
      // What an alert finds out of the secret, from the ledger.
      const known = isLast ? {} : { state: { state: 'restored' as const } };
      const come = async () => expect(await state.comes(read, known)).toBe('alert');
      await (isLast ? come() : restore());
      state.pass(1000);
      await (isLast ? restore() : come());
      expect(await find()).toMatchObject({ ended: 'restored', isEndReported: !isLast });
      state.pass(2 * MINUTE_MS);
      const resolved = isLast ? [`resolved ${NAME}: 1 x role app-server (0 new)`] : [];
      expect(await run()).toEqual(resolved);
      state.pass(DAY_MS);
      expect(await run()).toEqual([]);
    },
  );

  test('that comes five hours late does not end the incident of a deletion since', async () => {
    const [restored, again] = [restoredNow(), 2 * MINUTE_MS];
    state.pass(again);
    await state.comes(made('1'));
    state.pass(5 * HOUR_MS);
    await happens(restored);
    expect((await find())?.ended).toBeUndefined();
  });
});

test('a deletion anew that comes after the attempts before it begins the incident anew', async () => {
  const early = made('1');
  state.pass(2 * MINUTE_MS);
  const again = deletedNow('again');
  state.pass(4 * MINUTE_MS);
  await state.comes(early);
  state.pass(MINUTE_MS);
  await happens(again);
  expect((await find())?.namedAt).toBeUndefined();
});

test('a deletion that comes five hours late takes the place of no later change', async () => {
  const early = deletedNow('early');
  state.pass(MINUTE_MS);
  await happens(restoredNow());
  state.pass(MINUTE_MS);
  const late = deletedNow('late');
  await happens(late);
  state.pass(5 * HOUR_MS);
  expect(await happens(early)).toBe('outdated');
  const page = readPage(await state.stores.ledger.getItems(partitionKey(SECRET) ?? ''), SECRET);
  expect(page.change).toMatchObject({ id: 'late', date: late.date });
  expect(announced.map(({ change }) => change.id)).toEqual(['restore', 'late']);
});

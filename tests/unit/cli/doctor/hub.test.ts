import { stripVTControlCharacters } from 'node:util';
import { isHealthy, reportJson, reportText } from '../../../../cli/doctor/report.ts';
import { type Change, examine } from '../../../testing/account.ts';
import { heardOf, hub, items, spokesIn } from '../../../testing/healthy-hub.ts';
import { noTrailPath } from './faults/trail-path.ts';

test('of a healthy hub nothing is said but ok', async () => {
  const { results } = await examine(hub);
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  const { results: before } = await examine();
  const known = before.map(({ check }) => check);
  expect(results.filter(({ check }) => !known.includes(check))).toMatchInlineSnapshot(`
[
  {
    "check": "hub: bus",
    "message": "lets o-a1b2c3d4e5 forward events of Secrets Manager, and nobody else",
    "verdict": "ok",
  },
  {
    "check": "notify: hub rule",
    "message": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, with the pattern as deployed",
    "verdict": "ok",
  },
  {
    "check": "notify: hub target",
    "message": "sends its events to notify",
    "verdict": "ok",
  },
  {
    "check": "notify: hub permission",
    "message": "may invoke the function",
    "verdict": "ok",
  },
  {
    "check": "trackDeletion: hub rule",
    "message": "ENABLED, with the pattern as deployed",
    "verdict": "ok",
  },
  {
    "check": "trackDeletion: hub target",
    "message": "sends its events to trackDeletion",
    "verdict": "ok",
  },
  {
    "check": "trackDeletion: hub permission",
    "message": "may invoke the function",
    "verdict": "ok",
  },
  {
    "check": "hub: alarms",
    "message": "watch the rules on the bus",
    "verdict": "ok",
  },
  {
    "check": "hub: roles",
    "message": "notify, summarize and operators may assume the spokes' roles",
    "verdict": "ok",
  },
  {
    "check": "spokes",
    "details": {
      "data": [
        {
          "account": "444455556666",
          "last": 2026-11-23T10:00:00.000Z,
          "lastByRule": 2026-11-23T10:00:00.000Z,
          "lastByTrail": undefined,
          "name": "payments",
          "region": "eu-west-1",
          "state": "forwards",
        },
      ],
      "lines": [
        "A spoke, and heard of:",
        "  444455556666 payments: eu-west-1 (last 2026-11-23 10:00 UTC)",
      ],
    },
    "message": "1 place: 1 with a spoke, and heard of",
    "verdict": "ok",
  },
]
`);
});

test('without the trail path it is said that spokes are heard all the same', async () => {
  const { results } = await examine(hub, noTrailPath);
  const messages = results.filter(({ check }) => /^trail(: coverage| path)$/.test(check));
  expect(messages.map(({ message }) => message)).toEqual([
    'main covers every enabled Region of the account 111122223333, of which the functions hear eu-west-1 of this account, and what spokes forward',
    'not deployed (trailPath=off): the functions hear eu-west-1 of this account, and what spokes forward',
  ]);
});

/** What is said of the spokes, and below the table. */
async function spokes(...changes: readonly Change[]) {
  const diagnosis = await examine(hub, ...changes);
  const { results } = diagnosis;
  const result = results.find(({ check }) => check === 'spokes');
  const blocks = stripVTControlCharacters(
    reportText({ ...diagnosis, results: result ? [result] : [] }),
  );
  const data = reportJson(diagnosis).results.find(({ check }) => check === 'spokes');
  return {
    ...result,
    diagnosis,
    block: blocks.split('\n\n')[2],
    data: JSON.parse(JSON.stringify(data)),
  };
}

/** The organization has these accounts besides that of the hub. */
const accounts =
  (names: Readonly<Record<string, string>>): Change =>
  (account) => {
    account.ListAccounts = () => ({
      Accounts: Object.entries({ '111122223333': 'tools', ...names }).map(([Id, Name]) => ({
        Id,
        Name,
        State: 'ACTIVE',
      })),
    });
  };

const FOUR = {
  '222233334444': 'web',
  '444455556666': 'payments',
  '555566667777': 'data',
  '666677778888': 'sandbox',
};

test('of each place is said whether there is a spoke, whether it forwards, and when it was last heard of', async () => {
  const { block, data, message, diagnosis } = await spokes(
    accounts(FOUR),
    spokesIn('222233334444 eu-west-1', '444455556666 eu-west-1', '444455556666 us-east-1'),
    items(
      heardOf('111122223333', 'eu-west-1'),
      heardOf('444455556666', 'eu-west-1'),
      heardOf('444455556666', 'us-east-1', 'trail'),
      heardOf('555566667777', 'eu-west-1', 'trail'),
    ),
  );
  expect(message).toBe(
    '9 places: 1 by the trail only; 1 heard of without a role; 1 with a spoke, and heard of; 1 with a spoke, nothing yet; 5 without a spoke, nothing yet.',
  );
  expect(block).toMatchInlineSnapshot(`
"spokes
Heard of by the trail only: the rules of their spokes do not forward:
  444455556666 payments: us-east-1 (last 2026-11-23 10:00 UTC)
  to see why: npm run doctor -- --stage dev --region us-east-1 --profile PROFILE-OF-444455556666 --spoke
Heard of, but no role lets the hub look there: no spoke, or one that refuses:
  555566667777 data: eu-west-1 (last 2026-11-23 10:00 UTC)
  to deploy them: npm run spoke -- --stage dev --region eu-west-1
A spoke, and heard of:
  444455556666 payments: eu-west-1 (last 2026-11-23 10:00 UTC)
A spoke, from which nothing has come yet:
  222233334444 web: eu-west-1
  to prove one: npm run drill -- --stage dev --region eu-west-1 --profile PROFILE-OF-222233334444 --account 222233334444"
`);
  expect(data.details).toHaveLength(9);
  expect(data.details[0]).toEqual({
    account: '444455556666',
    name: 'payments',
    region: 'us-east-1',
    state: 'silent',
    last: '2026-11-23T10:00:00.000Z',
    lastByTrail: '2026-11-23T10:00:00.000Z',
  });
  expect(isHealthy(diagnosis)).toBe(true);
});

test('of 200 accounts in 8 Regions a person sees few, and a machine all', async () => {
  const REGIONS = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `eu-west-${n}`);
  const ids = Array.from({ length: 200 }, (_, i) => `${444400000000 + i}`);
  const places = ids.flatMap((id) => REGIONS.map((region) => `${id} ${region}`));
  const {
    block = '',
    data,
    message,
    verdict,
  } = await spokes(
    accounts(Object.fromEntries(ids.map((id) => [id, `team-${id}`]))),
    spokesIn(...places),
    items(...REGIONS.map((region) => heardOf('444400000000', region))),
  );
  expect([verdict, message]).toEqual([
    'ok',
    '1607 places: 8 with a spoke, and heard of; 1592 with a spoke, nothing yet; 7 without a spoke, nothing yet',
  ]);
  expect(block.split('\n')).toHaveLength(16);
  expect(block).toContain('  and 189 accounts more, which --json lists\n');
  expect(data.details).toHaveLength(1607);
});

test('the name of an account cannot forge a line', async () => {
  const { block } = await spokes(accounts({ '444455556666': 'x\nok  spokes\u001b[2J' }));
  expect(block?.split('\n')).toEqual([
    'spokes',
    'A spoke, and heard of:',
    expect.stringMatching(/^ {2}444455556666 x ok spokes\S*\[2J: eu-west-1 \(last/),
  ]);
});

test('where no other account is known it is said how to deploy spokes', async () => {
  const { verdict, message } = await spokes(accounts({}), items(), spokesIn(), (account) => {
    account.ListStackInstances = () => ({});
  });
  expect([verdict, message]).toEqual([
    'ok',
    'none is known: npm run spoke shows how to deploy them',
  ]);
});

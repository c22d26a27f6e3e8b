import { examine, patched } from '../../../testing/account.ts';
import { hub } from '../../../testing/healthy-hub.ts';
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
    "check": "siftReads: hub rule",
    "message": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, with the pattern as deployed",
    "verdict": "ok",
  },
  {
    "check": "siftReads: hub target",
    "message": "sends its events to siftReads",
    "verdict": "ok",
  },
  {
    "check": "siftReads: hub permission",
    "message": "may send to the queue",
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
    "check": "trackDeletion: clash hub rule",
    "message": "ENABLED, with the pattern as deployed",
    "verdict": "ok",
  },
  {
    "check": "trackDeletion: clash hub target",
    "message": "sends its events to trackDeletion",
    "verdict": "ok",
  },
  {
    "check": "trackDeletion: clash hub permission",
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
    "message": "notify, trackDeletion, summarize and operators may assume the spokes' roles",
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
          "stackSet": "CURRENT, SUCCEEDED",
          "state": "forwards",
        },
      ],
      "lines": [
        "A spoke, and heard of by its rules:",
        "  444455556666: eu-west-1 (last 2026-11-23 10:00 UTC) [payments]",
      ],
    },
    "message": "1 place: 1 with a spoke, and heard of by its rules",
    "verdict": "ok",
  },
]
`);
});

test('the roles are asked as what they are in a request: of a session, for a role of the organization', async () => {
  const asked: object[] = [];
  await examine(
    hub,
    patched('SimulatePrincipalPolicy', (_, { ActionNames, ContextEntries }) => {
      if (ActionNames[0] === 'sts:AssumeRole') asked.push(ContextEntries);
    }),
  );
  const string = (ContextKeyName: string, value: string) => ({
    ContextKeyName,
    ContextKeyType: 'string',
    ContextKeyValues: [value],
  });
  expect(asked).toEqual(
    ['notify', 'trackDeletion', 'summarize', 'operator']
      .flatMap((one) => [one, one])
      .map((session) => [
        string('sts:RoleSessionName', session),
        string('aws:ResourceOrgID', 'o-a1b2c3d4e5'),
      ]),
  );
});

test('without the trail path it is said that spokes are heard all the same', async () => {
  const { results } = await examine(hub, noTrailPath);
  const messages = results.filter(({ check }) => /^trail(: coverage| path)$/.test(check));
  expect(messages.map(({ message }) => message)).toEqual([
    'main covers every enabled Region of the account 111122223333, of which the functions hear eu-west-1 of this account, and what spokes forward',
    'not deployed (trailPath=off): the functions hear eu-west-1 of this account, and what spokes forward',
  ]);
});

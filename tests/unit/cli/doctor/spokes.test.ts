import { stripVTControlCharacters } from 'node:util';
import { isHealthy, reportJson, reportText } from '../../../../cli/doctor/report.ts';
import { type Change, examine, examineAs, refusal } from '../../../testing/account.ts';
import { heardOf, hub, instancesIn, items, spokesIn } from '../../../testing/healthy-hub.ts';

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
    '9 places: 1 lately by the trail only; 1 heard of without a role; 1 with a spoke, and heard of by its rules; 1 with a spoke, nothing yet; 5 without a spoke, nothing yet.',
  );
  expect(block).toMatchInlineSnapshot(`
"spokes
A spoke, but its rules did not bring what the trail brought last; if that is younger than the spoke, they do not forward:
  444455556666: us-east-1 (last by the trail 2026-11-23 10:00 UTC) [payments]
  to see why: npm run doctor -- --stage dev --region us-east-1 --profile PROFILE-OF-444455556666 --spoke
Heard of, but no role lets the hub look there: no spoke, one that refuses, or an account that has left:
  555566667777: eu-west-1 (last 2026-11-23 10:00 UTC) [data]
  to deploy them: npm run spoke -- --stage dev --region eu-west-1 # but never to an account that has left the organization
A spoke, and heard of by its rules:
  444455556666: eu-west-1 (last 2026-11-23 10:00 UTC) [payments]
A spoke, from which nothing has come yet:
  222233334444: eu-west-1 [web]
  to prove one: AWS_REGION=eu-west-1 npm run -s drill -- --stage dev --region eu-west-1 --profile PROFILE-OF-222233334444 --account 222233334444"
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

/** An attempt that came at this time. */
const attempt = (recordedAt: string, path?: 'trail') => ({
  ...heardOf('444455556666', 'eu-west-1', path),
  recordedAt,
});
/** What is known of a secret that was deleted, without an attempt. */
const deletion = {
  pk: 'secret#444455556666#eu-west-1#prod/db',
  announced: true,
  requestedAt: '2026-11-23T10:00:00.000Z',
};
const OCTOBER = '2026-10-05T10:00:00.000Z';
const NOVEMBER = '2026-11-23T10:00:00.000Z';

test.each<[what: string, state: string, line: string, items: object[]]>([
  [
    'went deaf, so that only the trail still brings what happens there',
    'silent',
    'last by the trail 2026-11-23 10:00 UTC; last by its rules 2026-10-05 10:00 UTC',
    [attempt(OCTOBER), attempt(NOVEMBER, 'trail')],
  ],
  [
    'was the slower by more than a day',
    'silent',
    'last by the trail 2026-11-23 10:00 UTC; last by its rules 2026-11-22 09:59 UTC',
    [attempt('2026-11-22T09:59:59.000Z'), attempt(NOVEMBER, 'trail')],
  ],
  [
    'was the slower by a day, for which EventBridge tries',
    'forwards',
    'last 2026-11-23 10:00 UTC',
    [attempt('2026-11-22T10:00:00.000Z'), attempt(NOVEMBER, 'trail')],
  ],
  [
    'forwards again',
    'forwards',
    'last 2026-11-23 10:00 UTC',
    [attempt(OCTOBER, 'trail'), attempt(NOVEMBER)],
  ],
  ['showed a deletion only', 'changes', 'last 2026-11-23 10:00 UTC', [deletion]],
  [
    'showed a deletion, and an attempt by the trail',
    'silent',
    'last by the trail 2026-10-05 10:00 UTC',
    [deletion, attempt(OCTOBER, 'trail')],
  ],
  [
    'showed a deletion, and an attempt by its rules',
    'forwards',
    'last 2026-11-23 10:00 UTC',
    [deletion, attempt(OCTOBER)],
  ],
])('a spoke that %s: %s', async (_, state, line, all) => {
  const { verdict, data, block } = await spokes(items(...all));
  expect([verdict, data.details[0].state]).toEqual([state === 'silent' ? 'warn' : 'ok', state]);
  expect(block).toContain(`: eu-west-1 (${line})`);
});

test('of a deletion it is not said which way it came', async () => {
  const { message, block } = await spokes(items(deletion));
  expect(message).toBe('1 place: 1 with a spoke, and only changes heard of');
  expect(block?.split('\n')).toEqual([
    'spokes',
    'A spoke, of which only deletions or restores of secrets were heard, whether by its rules or by the trail:',
    '  444455556666: eu-west-1 (last 2026-11-23 10:00 UTC) [payments]',
    expect.stringMatching(/^ {2}to prove one: AWS_REGION=eu-west-1 npm run -s drill /),
  ]);
});

test('of each spoke that the StackSet could not deploy or bring up to date, it is said how it stands', async () => {
  const { block, data } = await spokes(
    accounts(FOUR),
    spokesIn('555566667777 eu-west-1', '666677778888 eu-west-1'),
    items(heardOf('444455556666', 'eu-west-1', 'trail')),
    instancesIn(
      ['222233334444 eu-west-1', 'OUTDATED', 'FAILED'],
      '444455556666 eu-west-1',
      ['555566667777 eu-west-1', 'INOPERABLE', 'INOPERABLE'],
      ['666677778888 eu-west-1', 'OUTDATED', 'RUNNING'],
    ),
  );
  expect(block).toMatchInlineSnapshot(`
"spokes
The StackSet has a spoke there, but it failed to deploy, or its role refuses the hub:
  222233334444: eu-west-1 (OUTDATED, FAILED) [web]
  444455556666: eu-west-1 (CURRENT, SUCCEEDED; last 2026-11-23 10:00 UTC) [payments]
  what AWS says of each: aws cloudformation list-stack-instances --stack-set-name deleted-secret-notifier-dev-spoke --call-as SELF --region eu-west-1
  to see why: npm run doctor -- --stage dev --region eu-west-1 --profile PROFILE-OF-222233334444 --spoke
  to deploy again: npm run spoke -- --stage dev --region eu-west-1
A spoke that the StackSet could not bring up to date:
  555566667777: eu-west-1 (INOPERABLE) [data]
  what AWS says of each: aws cloudformation list-stack-instances --stack-set-name deleted-secret-notifier-dev-spoke --call-as SELF --region eu-west-1
  to deploy again: npm run spoke -- --stage dev --region eu-west-1
A spoke, from which nothing has come yet:
  666677778888: eu-west-1 [sandbox]
  to prove one: AWS_REGION=eu-west-1 npm run -s drill -- --stage dev --region eu-west-1 --profile PROFILE-OF-666677778888 --account 666677778888"
`);
  expect(data.details[0]).toEqual({
    account: '222233334444',
    name: 'web',
    region: 'eu-west-1',
    state: 'refuses',
    stackSet: 'OUTDATED, FAILED',
  });
});

test('a StackSet that a delegated administrator reads is named so', async () => {
  const { remedy } = await spokes(spokesIn(), (account) => {
    const answer = account.ListStackInstances;
    account.ListStackInstances = (input) => {
      if (input.CallAs === 'SELF') throw refusal('StackSetNotFoundException');
      return answer?.(input);
    };
  });
  expect(remedy).toContain(' --call-as DELEGATED_ADMIN ');
});

test('the drill that proves a spoke finds the hub by the profile that the doctor was run with', async () => {
  const { results } = await examineAs("my team's", hub, items());
  const { details } = results.find(({ check }) => check === 'spokes') ?? {};
  expect(details?.lines.at(-1)).toBe(
    "  to prove one: AWS_PROFILE='my team'\\''s' AWS_REGION=eu-west-1 npm run -s drill -- --stage dev --region eu-west-1 --profile PROFILE-OF-444455556666 --account 444455556666",
  );
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
    '1607 places: 8 with a spoke, and heard of by its rules; 1592 with a spoke, nothing yet; 7 without a spoke, nothing yet',
  ]);
  expect(block.split('\n')).toHaveLength(16);
  expect(block).toContain('  and 189 accounts more, which --json lists\n');
  expect(data.details).toHaveLength(1607);
});

test.each([
  ['forge a line', 'x\nok  spokes\u001b[2J', 'x ok spokes??2J'],
  [
    'pass for a Region with a sign of life',
    'x], eu-west-2 (last 2026-11-27 09:00 UTC) [y',
    'x?, eu-west-2 (last 2026-11-27 09:00 UTC) ?y',
  ],
  ['be a link', 'https://evil.example/login', 'https[:]//evil[.]example/login'],
  ['be longer than a name is', 'x'.repeat(300), `${'x'.repeat(47)}...`],
])('the name of an account cannot %s', async (_, name, shown) => {
  const { block } = await spokes(accounts({ '444455556666': name }));
  expect(block?.split('\n')).toEqual([
    'spokes',
    'A spoke, and heard of by its rules:',
    `  444455556666: eu-west-1 (last 2026-11-23 10:00 UTC) [${shown}]`,
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

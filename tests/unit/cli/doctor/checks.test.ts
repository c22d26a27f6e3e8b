import { type Account, examine, patch, refusal, refuse } from '../../../testing/account.ts';
import { healthyAccount, REGION, STACK, TOPIC, TRAIL } from '../../../testing/healthy-account.ts';
import { CLASSIC_FAULTS } from './faults/classic.ts';
import { DUPLICATES, otherRule } from './faults/duplicates.ts';
import type { Any, Fault } from './faults/fault.ts';
import { configuration, FUNCTION_FAULTS } from './faults/functions.ts';
import { RULE_FAULTS, rule } from './faults/rules.ts';
import { resource, STACK_FAULTS } from './faults/stack.ts';
import { STORAGE_FAULTS } from './faults/storage.ts';
import { TARGET_FAULTS } from './faults/targets.ts';
import { key, TOPIC_FAULTS } from './faults/topic.ts';
import { selectors, status, TRAIL_FAULTS, trail } from './faults/trail.ts';

test('of a healthy account nothing is said but ok', async () => {
  const { results, ...where } = await examine(healthyAccount());
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(results.filter(({ remedy }) => remedy)).toEqual([]);
  expect(where).toEqual({ stack: STACK, region: REGION, account: '111122223333' });
  expect(results.map(({ check }) => check)).toMatchInlineSnapshot(`
[
  "stack",
  "trail: reads",
  "trail: logging",
  "notify: rule",
  "notify: target",
  "notify: permission",
  "notify: function",
  "notify: errors",
  "trackDeletion: rule",
  "trackDeletion: target",
  "trackDeletion: permission",
  "trackDeletion: function",
  "trackDeletion: errors",
  "summarize: rule",
  "summarize: target",
  "summarize: permission",
  "summarize: function",
  "summarize: errors",
  "log group",
  "log group: trail",
  "log group: events",
  "metric filter",
  "alarm",
  "alarm: actions",
  "topic: subscriptions",
  "topic: policy",
  "topic: key",
  "dead-letter queue",
  "table",
  "own alarms",
  "other rules",
  "other filters",
]
`);
});

test.each<Fault>([
  ...STACK_FAULTS,
  ...TRAIL_FAULTS,
  ...RULE_FAULTS,
  ...TARGET_FAULTS,
  ...FUNCTION_FAULTS,
  ...CLASSIC_FAULTS,
  ...TOPIC_FAULTS,
  ...STORAGE_FAULTS,
  ...DUPLICATES,
])('%s: %s: %s', async (check, verdict, message, remedy, change) => {
  const account = healthyAccount();
  change(account);
  // The fault may well show in other checks too.
  const { results } = await examine(account);
  expect(results.find((one) => one.check === check)).toEqual({
    check,
    verdict,
    message: expect.stringMatching(message),
    ...(remedy && { remedy: expect.stringMatching(remedy) }),
  });
});

describe('the stack', () => {
  test('without one there is nothing else to ask', async () => {
    const account = healthyAccount();
    account.DescribeStacks = refuse('ValidationError', 'does not exist');
    expect((await examine(account)).results).toHaveLength(1);
  });

  test('what it lacks is unknown to the checks that need it', async () => {
    const account = healthyAccount();
    resource(account, 'DeadLetterQueue', (one) => delete one.PhysicalResourceId);
    const { results } = await examine(account);
    expect(results.find(({ check }) => check === 'dead-letter queue')).toMatchObject({
      verdict: 'unknown',
      message: 'The stack has no DeadLetterQueue.',
    });
  });
});

describe('a rule', () => {
  test('that sees more than it must is fine', async () => {
    const account = healthyAccount();
    const State = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
    rule(account, 'TrackDeletionRule', (one) => Object.assign(one, { State }));
    const { results } = await examine(account);
    expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });
});

describe('a function', () => {
  test('that was not needed for weeks is fine', async () => {
    const account = healthyAccount();
    configuration({ State: 'Inactive' })(account);
    const { results } = await examine(account);
    expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });
});

describe('the trail', () => {
  test('is mended in its home Region, however many others there are', async () => {
    const account = healthyAccount();
    trail(account, (one) => Object.assign(one, { HomeRegion: 'us-east-1' }));
    status(account, { IsLogging: false });
    const { results } = await examine(account);
    expect(results.find(({ check }) => check === 'trail: logging')?.remedy).toBe(
      `aws cloudtrail start-logging --name ${TRAIL} --region us-east-1`,
    );
  });

  describe('of the organization, of which a member may not see the selectors', () => {
    const ORGANIZATION = `arn:aws:cloudtrail:us-east-1:999999999999:trail/org`;
    const withOrganization = (change: (account: Account) => void = () => undefined) => {
      const account = healthyAccount();
      change(account);
      patch(account, 'DescribeTrails', ({ trailList }) =>
        trailList.unshift({ Name: 'org', TrailARN: ORGANIZATION, HomeRegion: 'us-east-1' }),
      );
      const before = account.GetEventSelectors;
      account.GetEventSelectors = (input) => {
        if (input.TrailName === ORGANIZATION) throw refusal('TrailNotFoundException');
        return before?.(input);
      };
      return examine(account);
    };

    test('does not hide that another trail logs the reads', async () => {
      const { results } = await withOrganization();
      expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    });

    test('may log what no other does', async () => {
      const { results } = await withOrganization((account) =>
        selectors(account, { ReadWriteType: 'WriteOnly' }),
      );
      expect(results.find(({ check }) => check === 'trail: reads')).toMatchObject({
        verdict: 'unknown',
        message: expect.stringMatching(/cannot be seen: AWS answered cloudtrail:GetEventSelectors/),
      });
    });
  });
});

describe('the topic', () => {
  test('may be encrypted with a key that alarms may use', async () => {
    const account = healthyAccount();
    key(account);
    const { results } = await examine(account);
    expect(results.find(({ check }) => check === 'topic: key')).toEqual({
      check: 'topic: key',
      verdict: 'ok',
      message: 'lets the alarm use it',
    });
  });
});

describe('what would alert twice', () => {
  test.each<[string, (account: Account) => void]>([
    ['sends elsewhere', (account) => otherRule(account, 'arn:aws:sns:eu-west-1:111122223333:x')],
    ['never sees a read', (account) => otherRule(account, TOPIC, { State: 'ENABLED' })],
    [
      'does not match',
      (account) => {
        otherRule(account, TOPIC);
        account.TestEventPattern = () => ({ Result: false });
      },
    ],
  ])('is no rule that %s', async (_, change) => {
    const account = healthyAccount();
    change(account);
    const { results } = await examine(account);
    expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  test('EventBridge is asked with a whole event', async () => {
    const account = healthyAccount();
    otherRule(account, TOPIC);
    let event: Any;
    account.TestEventPattern = ({ Event }) => {
      event = JSON.parse(Event);
      return { Result: true };
    };
    await examine(account);
    // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
    expect(Object.keys(event)).toEqual(
      expect.arrayContaining([
        'id',
        'account',
        'source',
        'time',
        'region',
        'resources',
        'detail-type',
      ]),
    );
    expect(event.detail).toMatchObject({ eventName: 'GetSecretValue', readOnly: true });
  });
});

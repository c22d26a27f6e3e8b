import { type Account, examine, patch, refusal, refuse } from '../../../testing/account.ts';
import { healthyAccount, REGION, STACK, TOPIC, TRAIL } from '../../../testing/healthy-account.ts';
import { state } from './faults/classic.ts';
import { ELSEWHERE, otherRule, twin } from './faults/duplicates.ts';
import { type Any, type Fault, faults } from './faults/fault.ts';
import { configuration } from './faults/functions.ts';
import { rule } from './faults/rules.ts';
import { resource } from './faults/stack.ts';
import { key } from './faults/topic.ts';
import { selectors, status, trail } from './faults/trail.ts';

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

test.each<Fault>(faults())('%s: %s: %s', async (check, verdict, message, remedy, change) => {
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
      expect(results.find(({ check }) => check === 'trail: reads')).toEqual({
        check: 'trail: reads',
        verdict: 'warn',
        message:
          'What org of the account 999999999999 logs only that account can see, and no read arrived in the last 14 days: prove that reads arrive.',
        remedy: 'npm run drill -- --stage dev --region eu-west-1 --path event',
      });
    });

    test('logs the reads if one of them has arrived', async () => {
      const { results } = await withOrganization((account) => {
        account.DescribeTrails = () => ({ trailList: [] });
        account.GetMetricStatistics = ({ MetricName }) => ({
          Datapoints: MetricName === 'TriggeredRules' ? [{ Sum: 1 }] : [],
        });
      });
      expect(results.find(({ check }) => check === 'trail: reads')).toEqual({
        check: 'trail: reads',
        verdict: 'ok',
        message:
          'What org of the account 999999999999 logs only that account can see; 1 read arrived in the last 14 days',
      });
    });

    test('is no fault, whatever may not be read of it', async () => {
      const { results } = await withOrganization((account) => {
        patch(account, 'DescribeTrails', ({ trailList }) => {
          Object.assign(trailList[0], { TrailARN: TRAIL.replace('111122223333', '999999999999') });
        });
        account.GetEventSelectors = refuse('CloudTrailARNInvalidException');
        account.GetTrailStatus = refuse('TrailNotFoundException');
      });
      expect(
        results
          .filter(({ verdict }) => verdict !== 'ok')
          .map(({ check, verdict }) => [check, verdict]),
      ).toEqual([
        ['trail: reads', 'warn'],
        ['trail: logging', 'warn'],
        ['log group: trail', 'warn'],
      ]);
    });

    test('is not to be changed from here: the stack makes one of its own', async () => {
      const account = healthyAccount();
      trail(account, (one) =>
        Object.assign(one, { TrailARN: TRAIL.replace('111122223333', '999999999999') }),
      );
      selectors(account, { ReadWriteType: 'WriteOnly' });
      status(account, { IsLogging: false });
      const { results } = await examine(account);
      const remedies = results.filter(({ check }) => /^trail: /.test(check));
      expect(remedies.map(({ remedy }) => remedy)).toEqual([
        expect.stringMatching(/^npx serverless deploy .+createTrail=true/),
        expect.stringMatching(/^npx serverless deploy .+createTrail=true/),
      ]);
    });
  });
});

describe('the alarm', () => {
  test.each([
    ['that went off just now', 'ALARM', '2026-11-24T11:30:00Z'],
    ['that was made just now', 'INSUFFICIENT_DATA', '2026-11-24T11:30:00Z'],
    ['that was quiet for weeks', 'OK', '2026-11-01T00:00:00Z'],
  ])('%s is fine', async (_, value, since) => {
    const account = healthyAccount();
    state(value, since)(account);
    const { results } = await examine(account);
    expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  test('may have the unit that the filter writes', async () => {
    const account = healthyAccount();
    patch(account, 'DescribeMetricFilters', ({ metricFilters: [one] }) =>
      Object.assign(one.metricTransformations[0], { unit: 'Count' }),
    );
    patch(account, 'DescribeAlarms', ({ MetricAlarms: [one] }) =>
      Object.assign(one, { Unit: 'Count' }),
    );
    const { results } = await examine(account);
    expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });
});

describe('the metric filter', () => {
  test("may differ from AWS's guide in white space", async () => {
    const account = healthyAccount();
    patch(account, 'DescribeMetricFilters', ({ metricFilters: [one] }) =>
      Object.assign(one, { filterPattern: one.filterPattern.replaceAll(' = ', '=') }),
    );
    const { results } = await examine(account);
    expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });
});

describe('the topic', () => {
  test.each([
    ['drills', '{"action":["restored",{"exists":false}]}'],
    ['nothing', '{}'],
    ['nothing at all', ''],
  ])('may have subscribers that filter out %s', async (_, FilterPolicy) => {
    const account = healthyAccount();
    account.GetSubscriptionAttributes = () => ({ Attributes: { FilterPolicy } });
    const { results } = await examine(account);
    expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  test('may have subscribers of another account, whose filters cannot be seen', async () => {
    const account = healthyAccount();
    patch(account, 'ListSubscriptionsByTopic', ({ Subscriptions }) =>
      Subscriptions.unshift({ SubscriptionArn: `${TOPIC}:theirs`, Protocol: 'sqs' }),
    );
    const before = account.GetSubscriptionAttributes;
    account.GetSubscriptionAttributes = (input) => {
      if (input.SubscriptionArn.endsWith('theirs')) throw refusal('AuthorizationErrorException');
      return before?.(input);
    };
    const { results } = await examine(account);
    expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  test('may be encrypted with a key that alarms may use', async () => {
    const account = healthyAccount();
    key(account);
    const { results } = await examine(account);
    expect(results.find(({ check }) => check === 'topic: key')).toEqual({
      check: 'topic: key',
      verdict: 'ok',
      message: 'lets the alarm and notify, summarize use it',
    });
  });
});

describe('what would alert twice', () => {
  test.each<[string, (account: Account) => void]>([
    ['sends elsewhere', (account) => otherRule(account, [ELSEWHERE])],
    ['never sees a read', (account) => otherRule(account, [TOPIC], { State: 'ENABLED' })],
    [
      'does not match',
      (account) => {
        otherRule(account, [TOPIC]);
        account.TestEventPattern = () => ({ Result: false });
      },
    ],
  ])('is no rule that %s', async (_, change) => {
    const account = healthyAccount();
    change(account);
    const { results } = await examine(account);
    expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  });

  test.each<[string, string, (account: Account) => void]>([
    [
      'other rules',
      'none but the stage prod of this service, to its own topic',
      (account) =>
        otherRule(account, [
          'arn:aws:lambda:eu-west-1:111122223333:function:deleted-secret-notifier-prod-notify',
        ]),
    ],
    [
      'other rules',
      'none but the stage prod of this service, to its own topic',
      (account) =>
        // Whatever else its operators have it do.
        otherRule(account, [TOPIC], {
          Name: 'deleted-secret-notifier-prod-NotifyRule-1A2B3C4D5E6F',
        }),
    ],
    [
      'other filters',
      'none but the stage prod of this service, for its own alarm',
      twin({
        filterName: 'deleted-secret-notifier-prod-AttemptsMetricFilter-1A2B3C4D5E6F',
        metricTransformations: [{ metricNamespace: 'prod', metricName: 'attempts' }],
      }),
    ],
  ])('is not another stage of this service: %s: %s', async (check, message, change) => {
    const account = healthyAccount();
    change(account);
    const { results } = await examine(account);
    expect(results.find((one) => one.check === check)).toEqual({ check, verdict: 'ok', message });
  });

  test('EventBridge is asked with a whole event', async () => {
    const account = healthyAccount();
    otherRule(account, [TOPIC]);
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

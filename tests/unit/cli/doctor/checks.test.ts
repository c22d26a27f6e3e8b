import { DAY_MS } from '../../../../lib/time.ts';
import {
  all,
  answered,
  type Change,
  examine,
  patched,
  refusal,
  refused,
} from '../../../testing/account.ts';
import { NOW, REGION, STACK, TOPIC, TRAIL } from '../../../testing/healthy-account.ts';
import { alarms, always, state, transformation } from './faults/classic.ts';
import { ELSEWHERE, otherRule, twin } from './faults/duplicates.ts';
import { type Any, faults } from './faults/fault.ts';
import { configuration, rule } from './faults/functions.ts';
import { resource } from './faults/stack.ts';
import { ALARMS, filter, filters, key } from './faults/topic.ts';
import { selectors, status, trail } from './faults/trail.ts';
import { noClassicAlarm, noTrailPath, ownLogGroup, subscription } from './faults/trail-path.ts';

test('of a healthy account nothing is said but ok', async () => {
  const { results, ...where } = await examine();
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(results.filter(({ remedy }) => remedy)).toEqual([]);
  expect(where).toEqual({ stack: STACK, region: REGION, account: '111122223333' });
  expect(results.map(({ check }) => check)).toMatchInlineSnapshot(`
[
  "stack",
  "trail: reads",
  "trail: logging",
  "trail: coverage",
  "notify: rule",
  "notify: target",
  "notify: permission",
  "notify: function",
  "notify: errors",
  "siftReads: rule",
  "siftReads: target",
  "siftReads: permission",
  "siftReads: queue",
  "siftReads: mapping",
  "siftReads: function",
  "siftReads: errors",
  "trackDeletion: rule",
  "trackDeletion: target",
  "trackDeletion: permission",
  "trackDeletion: clash rule",
  "trackDeletion: clash target",
  "trackDeletion: clash permission",
  "trackDeletion: function",
  "trackDeletion: errors",
  "summarize: rule",
  "summarize: target",
  "summarize: permission",
  "summarize: function",
  "summarize: errors",
  "readTrail: permission",
  "readTrail: filter",
  "readTrail: function",
  "readTrail: errors",
  "log group",
  "log group: trail",
  "log group: events",
  "metric filter",
  "alarm",
  "alarm: actions",
  "alarm: suppressor",
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

test.each(faults())('%s: %s: %s', async (check, verdict, message, remedy, change) => {
  // The fault may well show in other checks too.
  const { results } = await examine(change);
  const { details: _, ...found } = results.find((one) => one.check === check) ?? {};
  expect(found).toEqual({
    check,
    verdict,
    message: expect.stringMatching(message),
    ...(remedy && { remedy: expect.stringMatching(remedy) }),
  });
});

/** As {@link answered}, but AWS refuses to answer for what this picks. */
const refusedFor =
  (call: string, isIt: (input: Any) => boolean, name: string): Change =>
  (account) => {
    const before = account[call];
    account[call] = (input) => {
      if (isIt(input)) throw refusal(name);
      return before?.(input);
    };
  };

const ORGANIZATION = 'arn:aws:cloudtrail:us-east-1:999999999999:trail/org';
/** There is a trail of the organization too, of which a member may not see the selectors. */
const organization = all(
  patched('DescribeTrails', ({ trailList }) =>
    trailList.unshift({
      Name: 'org',
      TrailARN: ORGANIZATION,
      HomeRegion: 'us-east-1',
      IsMultiRegionTrail: true,
      IsOrganizationTrail: true,
    }),
  ),
  refusedFor(
    'GetEventSelectors',
    ({ TrailName }) => TrailName === ORGANIZATION,
    'TrailNotFoundException',
  ),
);

/** The trail delivers to a log group of another account. */
const elsewhere = trail({
  CloudWatchLogsLogGroupArn: 'arn:aws:logs:eu-west-1:999999999999:log-group:org:*',
});

test.each<[string, Change]>([
  [
    'a rule that sees more than it must',
    rule('TrackDeletionRule', { State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' }),
  ],
  ['a function that was not needed for weeks', configuration({ State: 'Inactive' })],
  ["a trail of the organization that hides what it logs, beside one's own", organization],
  ['an alarm that mails itself, whatever is recorded', always],
  [
    'an alarm that has been in ALARM for days, of attempts that are recorded',
    all(
      state('ALARM', '2026-11-10T00:00:00Z'),
      patched('DescribeAlarms', ({ CompositeAlarms: [one] }) =>
        Object.assign(one, { StateValue: 'ALARM', ActionsSuppressedBy: 'Alarm' }),
      ),
    ),
  ],
  [
    'a suppressor that has no data yet',
    state('INSUFFICIENT_DATA', '2026-11-01T00:00:00Z', 'AttemptsRecordedAlarm'),
  ],
  [
    'a suppressor that has been in ALARM for days',
    state('ALARM', '2026-11-01T00:00:00Z', 'AttemptsRecordedAlarm'),
  ],
  [
    'a composite alarm that names the others by name',
    patched('DescribeAlarms', ({ CompositeAlarms: [one] }) =>
      Object.assign(one, {
        AlarmRule: 'ALARM(AttemptsToAccessDeletedSecretsAlarm)',
        ActionsSuppressor: one.ActionsSuppressor.split(':').at(-1),
      }),
    ),
  ],
  ['an alarm that went off just now', state('ALARM', '2026-11-24T11:30:00Z')],
  ['an alarm that was made just now', state('INSUFFICIENT_DATA', '2026-11-24T11:30:00Z')],
  [
    'an own alarm that has had no data for less than an hour',
    state('INSUFFICIENT_DATA', '2026-11-24T11:01:00Z', 'NoticeOverdueAlarm'),
  ],
  ['an alarm that was quiet for weeks', state('OK', '2026-11-01T00:00:00Z')],
  [
    'an alarm with the unit that the filter writes',
    all(transformation({ unit: 'Count' }), alarms({ Unit: 'Count' })),
  ],
  [
    "a metric filter that differs from AWS's guide in white space",
    patched('DescribeMetricFilters', ({ metricFilters: [one] }) =>
      Object.assign(one, { filterPattern: one.filterPattern.replaceAll(' = ', '=') }),
    ),
  ],
  [
    'a topic with subscribers that filter out drills',
    filters(ALARMS, { action: [{ 'anything-but': 'drill' }] }),
  ],
  [
    'a topic with subscribers of which one or another gets each message',
    filters(
      ALARMS,
      { severity: [{ prefix: 'crit' }, { suffix: 'ning' }] },
      { severity: [{ 'equals-ignore-case': 'NOTICE' }], owner: [{ exists: false }] },
    ),
  ],
  [
    'a topic with subscribers that filter out nothing by alternatives',
    filters(ALARMS, { $or: [{ owner: ['a'] }, { account: ['111122223333'] }] }),
  ],
  ['a topic with subscribers that filter out nothing', filter('{}')],
  ['a topic with subscribers that filter out nothing at all', filter('')],
  [
    'a topic with subscribers of another account, whose filters cannot be seen',
    all(
      patched('ListSubscriptionsByTopic', ({ Subscriptions }) =>
        Subscriptions.unshift({ SubscriptionArn: `${TOPIC}:theirs`, Protocol: 'sqs' }),
      ),
      refusedFor(
        'GetSubscriptionAttributes',
        ({ SubscriptionArn }) => SubscriptionArn.endsWith('theirs'),
        'AuthorizationErrorException',
      ),
    ),
  ],
  ['a stack without the trail path', noTrailPath],
  ['a stack without the classic alarm', noClassicAlarm],
  [
    'a stack with neither, in a member account of the organization',
    all(noTrailPath, noClassicAlarm, elsewhere),
  ],
  ["a trail of the stack's own, with its log group", ownLogGroup],
  ["a trail of the stack's own, without the classic alarm", all(ownLogGroup, noClassicAlarm)],
  [
    'a subscription filter that differs from the deployed one in white space',
    patched('DescribeSubscriptionFilters', ({ subscriptionFilters: [one] }) =>
      Object.assign(one, { filterPattern: one.filterPattern.replaceAll(' = ', '=') }),
    ),
  ],
  ['a subscription filter of another name', subscription({ filterName: 'mine' })],
  ['another rule that sends elsewhere', otherRule([ELSEWHERE])],
  ['another rule that never sees a read', otherRule([TOPIC], { State: 'ENABLED' })],
  [
    'another rule that does not match',
    all(otherRule([TOPIC]), answered('TestEventPattern', { Result: false })),
  ],
])('%s is fine', async (_, change) => {
  const { results } = await examine(change);
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
});

/** Log streams of three accounts that CloudTrail has written to lately, and others. */
const logStreams: Change = (account) => {
  const stream = (logStreamName: string, daysAgo: number) => ({
    logStreamName,
    lastEventTimestamp: NOW.getTime() - daysAgo * DAY_MS,
  });
  account.DescribeLogStreams = ({ nextToken }) =>
    nextToken
      ? {
          logStreams: [
            stream('o-a1b2c3_444455556666_CloudTrail_eu-west-1', 13),
            stream('o-a1b2c3_777788889999_CloudTrail_eu-west-1', 15),
          ],
          nextToken: 'third',
        }
      : {
          logStreams: [
            stream('111122223333_CloudTrail_eu-west-1', 0),
            stream('o-a1b2c3_444455556666_CloudTrail_eu-west-1_2', 1),
            stream('o-a1b2c3_222233334444_CloudTrail_eu-west-1', 2),
            stream('by-hand', 3),
          ],
          nextToken: 'second',
        };
};

const PROD_TOO = 'none but the stage prod of this service, to its own topic';

test.each<[string, string, Change]>([
  [
    'trail: reads',
    'Whether org of the account 999999999999 logs reads only that account can see; 1 read arrived in the last 14 days',
    all(answered('DescribeTrails', { trailList: [] }), organization, (account) => {
      account.GetMetricStatistics = ({ MetricName }) => ({
        Datapoints: MetricName === 'TriggeredRules' ? [{ Sum: 1 }] : [],
      });
    }),
  ],
  [
    'trail path',
    'not deployed (trailPath=off): the functions hear eu-west-1 of this account alone',
    noTrailPath,
  ],
  [
    'classic alarm',
    'not deployed (classicAlarm=false): what the functions miss nothing reports',
    noClassicAlarm,
  ],
  [
    'trail: coverage',
    'main covers every enabled Region of the account 111122223333, and the functions hear all of it',
    all(),
  ],
  [
    'trail: coverage',
    'main covers eu-west-1 of the account 111122223333, and the functions hear all of it',
    trail({ IsMultiRegionTrail: false }),
  ],
  [
    'trail: coverage',
    'main covers every enabled Region of the account 111122223333, of which the functions hear eu-west-1 of this account',
    noTrailPath,
  ],
  [
    'trail: coverage',
    'main covers every enabled Region of the account 111122223333, of which the functions hear eu-west-1 of this account',
    elsewhere,
  ],
  [
    'trail: coverage',
    'main covers every enabled Region of every account of the organization of 111122223333, and the functions hear all of it: 3 accounts in the last 14 days',
    all(trail({ IsOrganizationTrail: true }), logStreams),
  ],
  [
    'trail: coverage',
    'main covers every enabled Region of every account of the organization of 111122223333, and the functions hear all of it',
    all(trail({ IsOrganizationTrail: true }), answered('DescribeLogStreams', { logStreams: [] })),
  ],
  [
    'trail: coverage',
    'org covers every enabled Region of every account of the organization of 999999999999, of which the functions hear eu-west-1 of this account; main covers every enabled Region of the account 111122223333, and the functions hear all of it',
    organization,
  ],
  ['topic: key', 'lets alarms and notify, summarize use it', key()],
  [
    'other rules',
    PROD_TOO,
    otherRule([
      'arn:aws:lambda:eu-west-1:111122223333:function:deleted-secret-notifier-prod-notify',
    ]),
  ],
  [
    'other rules',
    PROD_TOO,
    // Whatever else its operators have it do.
    otherRule([TOPIC], { Name: 'deleted-secret-notifier-prod-NotifyRule-1A2B3C4D5E6F' }),
  ],
  [
    'other filters',
    'none but the stage prod of this service, for its own alarm',
    twin({
      filterName: 'deleted-secret-notifier-prod-AttemptsMetricFilter-1A2B3C4D5E6F',
      metricTransformations: [{ metricNamespace: 'prod', metricName: 'attempts' }],
    }),
  ],
])('%s is ok: %s', async (check, message, change) => {
  const { results } = await examine(change);
  expect(results.find((one) => one.check === check)).toEqual({ check, verdict: 'ok', message });
});

test('what is not deployed is not checked', async () => {
  const { results: without } = await examine(noTrailPath, noClassicAlarm, elsewhere);
  const { results } = await examine();
  const left = without.map(({ check }) => check);
  const all = results.map(({ check }) => check);
  expect(all.filter((check) => !left.includes(check))).toEqual([
    'readTrail: permission',
    'readTrail: filter',
    'readTrail: function',
    'readTrail: errors',
    'log group',
    'log group: trail',
    'log group: events',
    'metric filter',
    'alarm',
    'alarm: actions',
    'alarm: suppressor',
    'other filters',
  ]);
  expect(left.filter((check) => !all.includes(check))).toEqual(['trail path', 'classic alarm']);
});

test('without the classic alarm it is the own ones that have to reach the topic', async () => {
  const { results } = await examine(
    noClassicAlarm,
    answered('GetTopicAttributes', { Attributes: {} }),
  );
  const { remedy = '' } = results.find(({ check }) => check === 'topic: policy') ?? {};
  expect(remedy).toContain('DeadLettersAlarm');
  expect(remedy).not.toContain('AttemptsAlarm');
});

test('without a stack nothing else is checked', async () => {
  const missing = refused('DescribeStacks', 'ValidationError', 'does not exist');
  expect((await examine(missing)).results).toHaveLength(1);
});

test('what the stack lacks is unknown to the checks that need it', async () => {
  const { results } = await examine(resource('DeadLetterQueue', { PhysicalResourceId: undefined }));
  expect(results.find(({ check }) => check === 'dead-letter queue')).toMatchObject({
    verdict: 'unknown',
    message: 'The stack has no DeadLetterQueue.',
  });
});

test('the trail is mended in its home Region, however many others there are', async () => {
  const { results } = await examine(
    trail({ HomeRegion: 'us-east-1' }),
    status({ IsLogging: false }),
  );
  expect(results.find(({ check }) => check === 'trail: logging')?.remedy).toBe(
    `aws cloudtrail start-logging --name ${TRAIL} --region us-east-1`,
  );
});

describe('a trail of the organization, of which a member may not see the selectors', () => {
  const isTheirs = trail({ TrailARN: TRAIL.replace('111122223333', '999999999999') });

  test('may log what no other does', async () => {
    const { results } = await examine(selectors({ ReadWriteType: 'WriteOnly' }), organization);
    expect(results.find(({ check }) => check === 'trail: reads')).toEqual({
      check: 'trail: reads',
      verdict: 'warn',
      message:
        'Whether org of the account 999999999999 logs reads only that account can see, and no read arrived in the last 14 days: prove that reads arrive.',
      remedy: 'npm run drill -- --stage dev --region eu-west-1 --path event',
    });
  });

  test('is no fault, whatever may not be read of it', async () => {
    const { results } = await examine(
      isTheirs,
      refused('GetEventSelectors', 'CloudTrailARNInvalidException'),
      refused('GetTrailStatus', 'TrailNotFoundException'),
      organization,
    );
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

  const nothingToBeSeen = [
    isTheirs,
    refused('GetEventSelectors', 'CloudTrailARNInvalidException'),
    refused('GetTrailStatus', 'TrailNotFoundException'),
  ];
  /** What CloudWatch has counted by a metric, whatever its dimensions. */
  const counted =
    (name: string): Change =>
    (account) => {
      account.GetMetricStatistics = ({ MetricName }) => ({
        Datapoints: MetricName === name ? [{ Sum: 2 }] : [],
      });
    };

  test.each<[string, string, Change[]]>([
    ['TriggeredRules', 'trail: reads', []],
    ['TriggeredRules', 'trail: logging', []],
    ['AttemptsToAccessDeletedSecrets', 'log group: trail', []],
    ['HeardByTrail', 'log group: trail', [noClassicAlarm]],
  ])('is proven by %s to be fine: %s', async (metric, check, changes) => {
    const of = async (...more: Change[]) =>
      (await examine(...nothingToBeSeen, ...changes, ...more)).results.find(
        (one) => one.check === check,
      );
    expect(await of(counted(metric))).toMatchObject({
      verdict: 'ok',
      message: expect.stringMatching(/; 2 reads arrived in the last 14 days$/),
    });
    expect(await of()).toMatchObject({
      verdict: 'warn',
      remedy: expect.stringMatching(/^npm run drill -- --stage dev --region eu-west-1/),
    });
  });

  test.each([
    ['alarm', []],
    ['trail', [noClassicAlarm]],
  ])(
    'is to be proven by a drill of the path that the log group serves: %s',
    async (path, changes) => {
      const { results } = await examine(...nothingToBeSeen, ...changes);
      const { remedy } = results.find(({ check }) => check === 'log group: trail') ?? {};
      expect(remedy).toMatch(new RegExp(` --path ${path}$`));
    },
  );

  test('never leaves anything unknown, whatever is deployed', async () => {
    for (const deployed of [[], [noTrailPath], [noClassicAlarm], [noTrailPath, noClassicAlarm]]) {
      const { results } = await examine(...nothingToBeSeen, ...deployed);
      const verdicts = results.map(({ verdict }) => verdict);
      expect(verdicts).not.toContain('unknown');
      expect(verdicts).not.toContain('fail');
    }
  });

  const onlyMain = (more: object) =>
    patched('GetTrailStatus', (one, { Name }) => Name === TRAIL && Object.assign(one, more));
  const stopped = onlyMain({ IsLogging: false });
  const readsArrived = answered('GetMetricStatistics', { Datapoints: [{ Sum: 3 }] });
  const ofOrganization = refusedFor(
    'GetTrailStatus',
    ({ Name }) => Name === ORGANIZATION,
    'TrailNotFoundException',
  );

  test.each<[string, string, Change[]]>([
    ['warn', 'no read arrived', []],
    ['warn', 'no read arrived', [ofOrganization]],
    ['ok', '; 3 reads arrived', [readsArrived]],
    ['ok', '; 3 reads arrived', [readsArrived, ofOrganization]],
    ['fail', 'main is stopped.', [status({ IsLogging: false })]],
  ])("may log while one's own is stopped: %s: %s", async (verdict, message, changes) => {
    const { results } = await examine(organization, stopped, ...changes);
    expect(results.find(({ check }) => check === 'trail: logging')).toMatchObject({
      verdict,
      message: expect.stringContaining(message),
    });
  });

  test("may be one's own, without the permission to see them", async () => {
    const mine = TRAIL.replace('main', 'other');
    const { results } = await examine(
      patched('DescribeTrails', ({ trailList }) =>
        trailList.push({ Name: 'other', TrailARN: mine, HomeRegion: REGION }),
      ),
      refusedFor(
        'GetEventSelectors',
        ({ TrailName }) => TrailName === mine,
        'AccessDeniedException',
      ),
      stopped,
    );
    expect(results.find(({ check }) => check === 'trail: logging')).toMatchObject({
      verdict: 'unknown',
      message: expect.stringContaining('cloudtrail:GetEventSelectors'),
    });
  });

  test('is not to be changed from here, nor is a second one to be paid for', async () => {
    const { results } = await examine(
      isTheirs,
      selectors({ ReadWriteType: 'WriteOnly' }),
      status({ IsLogging: false }),
    );
    const remedies = results.filter(({ check }) => /^trail: /.test(check));
    expect(remedies.map(({ remedy }) => remedy)).toEqual([
      'docs/operations.md#the-organizations-trail',
      'docs/operations.md#the-organizations-trail',
    ]);
  });
});

test('EventBridge gets a complete event', async () => {
  let event: Any;
  await examine(otherRule([TOPIC]), (account) => {
    account.TestEventPattern = ({ Event }) => {
      event = JSON.parse(Event);
      return { Result: true };
    };
  });
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
  const required = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];
  expect(Object.keys(event)).toEqual(expect.arrayContaining(required));
  expect(event.detail).toMatchObject({ eventName: 'GetSecretValue', readOnly: true });
});

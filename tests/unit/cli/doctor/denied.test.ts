import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { all, examine, examineSpoke, refused } from '../../../testing/account.ts';
import { healthyAccount, STACK } from '../../../testing/healthy-account.ts';
import { channels } from '../../../testing/healthy-channels.ts';
import { hub } from '../../../testing/healthy-hub.ts';
import { healthySpoke } from '../../../testing/healthy-spoke.ts';
import { ELSEWHERE, otherRule } from './faults/duplicates.ts';
import { key, lost } from './faults/topic.ts';

/** An account in which the doctor makes every call that it can make. */
const whole = all(key(), otherRule([ELSEWHERE]), lost);

/** What is said if a call is denied. */
const deny = async (call: string) =>
  (await examine(whole, refused(call, 'AccessDeniedException', 'User is not authorized'))).results;

const calls = Object.keys(healthyAccount());

test('an account in which every call is made has only the findings that cause the calls', async () => {
  const { results } = await examine(whole);
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toMatchObject([
    { check: 'topic: subscriptions', verdict: 'warn' },
  ]);
});

test.each(calls)(
  'without permission for %s something is unknown, and nothing is wrong',
  async (call) => {
    const results = await deny(call);
    const unknown = results.filter(({ verdict }) => verdict === 'unknown');
    expect(unknown).not.toEqual([]);
    expect(results.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    for (const { message, remedy } of unknown) {
      expect(message).toMatch(new RegExp(`o permission [a-z]+:${call}\\.$`));
      expect(remedy).toMatch(new RegExp(`^docs/permissions\\.md#doctor \\([a-z]+:${call}\\)$`));
    }
  },
);

test('each permission, and what is unknown without it', async () => {
  const unknown: Record<string, string> = {};
  for (const call of calls) {
    const results = (await deny(call)).filter(({ verdict }) => verdict === 'unknown');
    unknown[call] = results.map(({ check }) => check).join(', ');
  }
  expect(unknown).toMatchInlineSnapshot(`
{
  "DescribeAlarms": "log group, log group: trail, log group: events, metric filter, alarm, alarm: actions, alarm: suppressor, own alarms, other filters",
  "DescribeContinuousBackups": "table",
  "DescribeKey": "topic: key",
  "DescribeLogGroups": "log group, log group: trail",
  "DescribeLogStreams": "log group: events",
  "DescribeMetricFilters": "log group, log group: trail, log group: events, metric filter, other filters",
  "DescribeRule": "notify: rule, notify: permission, siftReads: rule, siftReads: permission, trackDeletion: rule, trackDeletion: permission, trackDeletion: clash rule, trackDeletion: clash permission, summarize: rule, summarize: permission",
  "DescribeStacks": "stack",
  "DescribeSubscriptionFilters": "readTrail: filter",
  "DescribeTable": "table",
  "DescribeTimeToLive": "table",
  "DescribeTrails": "trail: reads, trail: logging, trail: coverage, log group: trail",
  "GetEventSelectors": "trail: reads, log group: trail",
  "GetFunctionConcurrency": "notify: function, siftReads: function, trackDeletion: function, summarize: function, readTrail: function, topic: policy, topic: key",
  "GetFunctionConfiguration": "notify: function, siftReads: function, trackDeletion: function, summarize: function, readTrail: function, topic: policy, topic: key",
  "GetKeyPolicy": "topic: key",
  "GetMetricStatistics": "notify: errors, siftReads: errors, trackDeletion: errors, summarize: errors, readTrail: errors",
  "GetPolicy": "notify: permission, trackDeletion: permission, trackDeletion: clash permission, summarize: permission, readTrail: permission",
  "GetQueueAttributes": "siftReads: permission, siftReads: queue, dead-letter queue",
  "GetSubscriptionAttributes": "topic: subscriptions",
  "GetTemplate": "trail: coverage, readTrail: permission, readTrail: filter, topic: subscriptions",
  "GetTopicAttributes": "topic: policy, topic: key",
  "GetTrailStatus": "trail: logging, log group: trail",
  "ListEventSourceMappings": "siftReads: mapping",
  "ListRules": "other rules",
  "ListStackResources": "stack",
  "ListSubscriptionsByTopic": "topic: subscriptions",
  "ListTargetsByRule": "notify: target, siftReads: target, trackDeletion: target, trackDeletion: clash target, summarize: target, other rules",
  "SimulatePrincipalPolicy": "topic: policy, topic: key",
  "TestEventPattern": "other rules",
}
`);
});

test('without any permission but for the stack nothing is ok', async () => {
  const others = calls.filter((one) => !/Stack/.test(one));
  const { results } = await examine(
    whole,
    ...others.map((call) => refused(call, 'AccessDeniedException')),
  );
  const good = results.filter(({ verdict }) => verdict !== 'unknown');
  expect(good.map(({ check }) => check)).toEqual(['stack']);
});

/** The permissions that findings name. */
const named = (results: readonly { message: string }[]) =>
  results.flatMap(({ message }) =>
    Array.from(message.matchAll(/\b[a-z]+:[A-Z]\w+/g), ([permission]) => permission),
  );

/** The actions of the policies that the documents have for the command, in their order. */
function documented(): string[][] {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/permissions.md'), 'utf8');
  const section = text.slice(text.search(/^## doctor$/m), text.search(/^## drill$/m));
  return Array.from(section.matchAll(/```json\n([\s\S]+?)```/g), ([, json = '']) =>
    JSON.parse(json)
      .Statement.flatMap(({ Action }: { Action: string[] }) => Action)
      .sort(),
  );
}

test('the policy in the documents has these permissions, and no other', async () => {
  const permissions = new Set<string>();
  for (const call of calls) {
    for (const permission of named(await deny(call))) permissions.add(permission);
  }
  expect(documented()[0]).toEqual([...permissions].sort());
});

describe('with channels beside the mail', () => {
  const denied = async (call: string) =>
    (await examine(channels, refused(call, 'AccessDeniedException'))).results.filter(
      ({ verdict }) => verdict !== 'ok',
    );

  test.each([
    [
      'GetResource',
      'cloudformation',
      ['chat: configuration', 'buttons: attached', 'buttons: role'],
    ],
    ['DescribeEventBus', 'events', ['bus: event bus']],
  ])('without permission for %s of %s these are unknown: %s', async (call, service, checks) => {
    const permission = `${service}:${call}`;
    expect(await denied(call)).toEqual(
      checks.map((check) => ({
        check,
        verdict: 'unknown',
        message: `No permission ${permission}.`,
        remedy: `docs/permissions.md#doctor (${permission})`,
      })),
    );
  });

  test('the policy in the documents has what it takes besides', () => {
    expect(documented()[1]).toEqual([
      // Those that Cloud Control needs of whom it reads a configuration for, in its resource types' schemas.
      'chatbot:DescribeSlackChannelConfigurations',
      'chatbot:GetMicrosoftTeamsChannelConfiguration',
      'chatbot:ListAssociations',
      'cloudformation:GetResource',
      'events:DescribeEventBus',
    ]);
  });
});

describe('of a hub', () => {
  const denied = async (call: string) =>
    (await examine(hub, refused(call, 'AccessDeniedException'))).results.filter(
      ({ verdict }) => verdict !== 'ok',
    );
  /** What is left out if they may not be read. */
  const OPTIONAL = ['ListAccounts', 'ListStackInstances'];

  test.each([
    ['DescribeEventBus', 'hub: bus', 'events:DescribeEventBus'],
    ['AssumeRole', 'spokes', 'sts:AssumeRole'],
    ['Scan', 'spokes', 'dynamodb:Scan'],
  ])('without permission for %s it is unknown: %s', async (call, check, permission) => {
    expect(await denied(call)).toEqual([
      {
        check,
        verdict: 'unknown',
        message: `No permission ${permission}.`,
        remedy: `docs/permissions.md#doctor (${permission})`,
      },
    ]);
  });

  test.each(OPTIONAL)('without permission for %s fewer places are known', async (call) => {
    expect(await denied(call)).toEqual([]);
  });

  test.each([
    ['ListAccounts', 'organizations', 'TooManyRequestsException'],
    ['ListAccounts', 'organizations', 'ServiceException'],
    ['ListStackInstances', 'cloudformation', 'Throttling'],
    ['ListStackInstances', 'cloudformation', 'InternalFailure'],
  ])(
    'if %s is answered by an error of %s, %s, only the spokes are unknown',
    async (call, service, name) => {
      const { results } = await examine(hub, refused(call, name, 'Try again'));
      expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([
        {
          check: 'spokes',
          verdict: 'unknown',
          message: `AWS answered ${service}:${call} with ${name}: Try again.`,
        },
      ]);
    },
  );

  test('the policy in the documents has what it takes besides', () => {
    expect(documented()[2]).toEqual([
      'cloudformation:ListStackInstances',
      'dynamodb:Scan',
      'events:DescribeEventBus',
      'organizations:ListAccounts',
      'sts:AssumeRole',
    ]);
  });
});

describe('of a spoke', () => {
  const callsThere = Object.keys(healthySpoke()).filter((call) => call !== 'GetCallerIdentity');
  const denied = async (call: string) =>
    (
      await examineSpoke(
        refused(call, 'AccessDeniedException'),
        ...(call === 'GetTopicAttributes' ? [alarmed] : []),
      )
    ).results.filter(({ verdict }) => verdict !== 'ok');
  const alarmed = (account: ReturnType<typeof healthySpoke>) => {
    Object.assign(account, {
      DescribeAlarms: healthySpoke({ AlarmTopicName: 'alarms' }).DescribeAlarms,
    });
  };

  test.each(callsThere)('without permission for %s something is unknown', async (call) => {
    const unknown = await denied(call);
    expect(unknown).not.toEqual([]);
    for (const { verdict, message } of unknown) {
      expect(verdict).toBe('unknown');
      expect(message).toMatch(new RegExp(`o permission [a-z]+:${call}\\.$`));
    }
  });

  test('the policy in the documents has these permissions, and no other', async () => {
    const permissions = new Set<string>();
    for (const call of callsThere) {
      for (const permission of named(await denied(call))) permissions.add(permission);
    }
    expect(documented()[3]).toEqual([...permissions].sort());
  });
});

test('a stack that may not be described is the only finding', async () => {
  expect(await deny('DescribeStacks')).toEqual([
    {
      check: 'stack',
      verdict: 'unknown',
      message: 'No permission cloudformation:DescribeStacks.',
      remedy: 'docs/permissions.md#doctor (cloudformation:DescribeStacks)',
    },
  ]);
});

test('an answer that is neither a refusal nor usable is unknown too', async () => {
  const { results } = await examine(
    refused('DescribeTable', 'InternalServerError', `The table of ${STACK} is not to be seen`),
  );
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([
    {
      check: 'table',
      verdict: 'unknown',
      message: `AWS answered dynamodb:DescribeTable with InternalServerError: The table of ${STACK} is not to be seen.`,
    },
  ]);
});

test.each([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'ExpiredToken',
  'ExpiredTokenException',
  'SignatureDoesNotMatch',
])('credentials that are no good end the examination: %s', async (name) => {
  await expect(examine(refused('DescribeStacks', name))).rejects.toMatchObject({ name });
});

test('no answer ends the examination', async () => {
  const unanswered = examine((account) => {
    account.DescribeRule = () => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { $metadata: { attempts: 3 } });
    };
  });
  await expect(unanswered).rejects.toThrow('ECONNREFUSED');
});

test.each([
  ['AccessDenied', 'of CloudFormation, SQS, CloudWatch'],
  ['AccessDeniedException', 'of most services'],
  ['AuthorizationError', 'of SNS'],
  ['AuthorizationErrorException', 'of SNS, in the SDK'],
])('%s, the name %s, is a missing permission', async (name) => {
  const { results } = await examine(refused('GetQueueAttributes', name));
  expect(results.find(({ check }) => check === 'dead-letter queue')).toMatchObject({
    verdict: 'unknown',
    message: 'No permission sqs:GetQueueAttributes.',
  });
});

import { type Change, examine, patched } from '../../../testing/account.ts';
import {
  BUS_NAME,
  CHAT_ENDPOINT,
  CHAT_TOPIC,
  channels,
  channelsWith,
  RULE,
  teams,
} from '../../../testing/healthy-channels.ts';
import { hub } from '../../../testing/healthy-hub.ts';
import { SLACK, TEAMS } from '../../stack/complete-settings.ts';

/** The findings of the checks that an account without channels does not have. */
async function found(...changes: readonly Change[]) {
  const known = (await examine()).results.map(({ check }) => check);
  const { results } = await examine(...changes);
  return results.filter(({ check }) => !known.includes(check));
}

test('of healthy channels nothing is said but ok', async () => {
  const { results } = await examine(channels);
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  const lines = (await found(channels)).map(({ check, message }) => `${check}: ${message}`);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
"notices: policy: lets notify, summarize publish
notices: key: none, nothing to refuse
chat: subscription: brings chat all notices
chat: permission: may invoke the function
chat: function: Active, last update successful
chat: errors: none in the last day
bus: subscription: brings bus all notices
bus: permission: may invoke the function
bus: function: Active, last update successful
bus: errors: none in the last day
chat topic: policy: lets chat publish
chat topic: key: none, nothing to refuse
chat topic: subscriptions: Amazon Q Developer is subscribed, and nobody who would see JSON
chat: configuration: topic, guardrail, role and channel are as deployed; whether a policy of the organization disables it, this does not show
buttons: attached: 3 are attached to the channel
buttons: role: may restore a secret of this account and Region, and call the function
buttons: function: Active, last update successful
buttons: errors: none in the last day
bus: event bus: security, on which bus may put events
bus: rules: sent on by to-pagerduty"
`);
});

test('the configuration of Teams is read as that of Slack is', async () => {
  const asked: string[] = [];
  const results = await found(
    teams,
    patched('GetResource', (_, { TypeName }) => void asked.push(TypeName)),
  );
  expect(asked).toEqual(['AWS::Chatbot::MicrosoftTeamsChannelConfiguration']);
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(results.map(({ check }) => check)).not.toContain('bus: rules');
});

test('without buttons the guardrail is that nothing is allowed', async () => {
  const results = await found(channelsWith({ chatButtons: 'false', ...SLACK }));
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(results.map(({ check }) => check).filter((one) => /^buttons/.test(one))).toEqual([]);
});

test('of a given topic the configuration is not looked into', async () => {
  const results = await found(channelsWith({ chatTopicArn: CHAT_TOPIC }));
  expect(results.find(({ check }) => check === 'chat: configuration')).toMatchObject({
    verdict: 'ok',
    message: 'not of this stack (chatTopicArn): whoever connected the topic looks after it',
  });
});

describe('of a given topic', () => {
  const CONFIRMED = `${CHAT_TOPIC}:9`;
  const SUBSCRIPTIONS = {
    Q: ['https', CHAT_ENDPOINT, CONFIRMED],
    'pending Q': ['https', CHAT_ENDPOINT, 'PendingConfirmation'],
    lambda: ['lambda', 'arn:aws:lambda:eu-west-1:111122223333:function:to-chat', CONFIRMED],
    sqs: ['sqs', 'arn:aws:sqs:eu-west-1:111122223333:to-chat', CONFIRMED],
    firehose: ['firehose', 'arn:aws:firehose:eu-west-1:111122223333:to-chat', CONFIRMED],
    webhook: ['https', 'https://chat.example.com/hooks/SECRET', CONFIRMED],
    'pending webhook': ['https', 'https://chat.example.com/hooks/SECRET', 'PendingConfirmation'],
    mail: ['email', 'a@example.com', CONFIRMED],
  } as const;

  const Q_OK = 'Amazon Q Developer is subscribed, and nobody who would see JSON';
  const NO_Q = 'Amazon Q Developer is not subscribed to the topic';
  const NOBODY = 'Nothing that could bring its messages to a chat is subscribed to the topic.';
  const JSON_TO_MAIL =
    'Its messages are JSON for the chat, which is what these get too: a@example.com.';
  const CHAT_PAGE = /^docs\/operations\.md#chat$/;
  const SUBSCRIBE_Q = /^aws sns subscribe .+ https:\/\/global\.sns-api\.chatbot\.amazonaws\.com /;
  const SUBSCRIBE_FUNCTION =
    /^aws sns subscribe --topic-arn \S+:chat --protocol lambda --notification-endpoint FUNCTION_ARN --region/;
  const brought = (by: string) =>
    `${by} subscribed, which is not Amazon Q Developer: whether a chat gets the messages so, a drill and a look into it show`;

  test.each([
    ['aws', ['Q'], 'ok', Q_OK, undefined],
    ['aws', ['Q', 'lambda'], 'ok', Q_OK, undefined],
    [
      'aws',
      ['lambda'],
      'warn',
      `${NO_Q}, but lambda is: a drill and a look into the chat show whether it gets the messages so.`,
      CHAT_PAGE,
    ],
    [
      'aws',
      ['pending Q', 'webhook'],
      'warn',
      `${NO_Q}, but https is: a drill and a look into the chat show whether it gets the messages so.`,
      CHAT_PAGE,
    ],
    [
      'aws',
      ['pending Q'],
      'fail',
      'Amazon Q Developer has not confirmed its subscription: no chat gets it.',
      SUBSCRIBE_Q,
    ],
    ['aws', ['mail'], 'fail', `${NO_Q}: no chat gets it.`, CHAT_PAGE],
    ['aws', [], 'fail', `${NO_Q}: no chat gets it.`, CHAT_PAGE],
    ['aws-us-gov', ['Q'], 'ok', Q_OK, undefined],
    ['aws-us-gov', ['lambda'], 'ok', brought('lambda is'), undefined],
    [
      'aws-cn',
      ['lambda', 'webhook', 'pending webhook'],
      'ok',
      brought('lambda, https are'),
      undefined,
    ],
    ['aws-cn', ['sqs'], 'ok', brought('sqs is'), undefined],
    ['aws-cn', ['firehose'], 'ok', brought('firehose is'), undefined],
    ['aws-us-gov', ['lambda', 'mail'], 'warn', JSON_TO_MAIL, /^aws sns unsubscribe /],
    ['aws-us-gov', ['mail'], 'fail', NOBODY, SUBSCRIBE_FUNCTION],
    ['aws-us-gov', ['pending Q', 'pending webhook'], 'fail', NOBODY, SUBSCRIBE_FUNCTION],
    ['aws-cn', [], 'fail', NOBODY, SUBSCRIBE_FUNCTION],
  ] as const)(
    'in %s, to which %j is subscribed: %s',
    async (partition, who, verdict, message, remedy) => {
      const results = await found(
        channelsWith({ chatTopicArn: CHAT_TOPIC }),
        patched('DescribeStacks', ({ Stacks: [stack] }) => {
          stack.StackId = stack.StackId.replace('arn:aws:', `arn:${partition}:`);
        }),
        patched('ListSubscriptionsByTopic', (answer, { TopicArn }) => {
          if (TopicArn === CHAT_TOPIC) {
            answer.Subscriptions = who.map((name) => {
              const [Protocol, Endpoint, SubscriptionArn] = SUBSCRIPTIONS[name];
              return { Protocol, Endpoint, SubscriptionArn };
            });
          }
        }),
      );
      const finding = results.find(({ check }) => check === 'chat topic: subscriptions');
      expect(finding).toMatchObject({ verdict, message });
      if (remedy) expect(finding?.remedy).toMatch(remedy);
      else expect(finding).not.toHaveProperty('remedy');
    },
  );
});

test('a channel of Teams is the same however its id is escaped', async () => {
  const results = await found(
    channelsWith({ ...TEAMS, teamsChannelId: '19%3aABC%40thread.tacv2' }),
    patched('GetResource', ({ ResourceDescription: one }) => {
      one.Properties = one.Properties.replace('%3a', '%3A');
    }),
  );
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
});

test('a channel of Teams that was changed by hand is put back', async () => {
  const results = await found(
    teams,
    patched('GetResource', ({ ResourceDescription: one }) => {
      const other = { TeamsChannelId: '19%3Aother%40thread.tacv2' };
      one.Properties = JSON.stringify({ ...JSON.parse(one.Properties), ...other });
    }),
  );
  expect(results.filter(({ verdict }) => verdict !== 'ok')).toEqual([
    {
      check: 'chat: configuration',
      verdict: 'fail',
      message: expect.stringMatching(/^Its channel is 19%3Aother%40thread\.tacv2, not 19%3A\S+\.$/),
      remedy: expect.stringContaining('"path":"/TeamsChannelId","value":"19%3A'),
    },
  ]);
});

test("of a hub the role of the buttons has to look into the spokes too, by the hub's path", async () => {
  const rolesOf = async (...changes: readonly Change[]) =>
    (await found(channels, hub, ...changes)).find(({ check }) => check === 'hub: roles');
  expect(await rolesOf()).toMatchObject({
    message: "notify, trackDeletion, summarize, buttons and operators may assume the spokes' roles",
  });
  const refusal = patched('SimulatePrincipalPolicy', ({ EvaluationResults }, input) => {
    if (/role\/deleted-secret-notifier\/dev\/\S+-ButtonsRole$/.test(input.PolicySourceArn)) {
      EvaluationResults[0].EvalDecision = 'implicitDeny';
    }
  });
  expect(await rolesOf(refusal)).toMatchObject({
    verdict: 'fail',
    message: "No policy lets ButtonsRole assume the spokes' roles: details and rescue are missing.",
    remedy: expect.stringContaining('"sts:RoleSessionName":"buttons"'),
  });
});

test('a rule is asked for what it says of source and type, not of details, which depend on what is reported', async () => {
  const patterns: unknown[] = [];
  await examine(
    channels,
    patched('TestEventPattern', (answer, { EventPattern, Event }) => {
      const { source } = JSON.parse(Event);
      if (source !== 'deleted-secret-notifier') return;
      patterns.push(JSON.parse(EventPattern));
      answer.Result = /Last Call/.test(Event);
    }),
    patched('ListRules', (answer, { EventBusName }) => {
      const EventPattern = JSON.stringify({
        'detail-type': ['Incident Last Call'],
        detail: { secret: { name: ['prod/db'] } },
      });
      if (EventBusName === BUS_NAME) answer.Rules = [{ ...RULE, EventPattern }];
    }),
  );
  expect(new Set(patterns.map((one) => JSON.stringify(one)))).toEqual(
    new Set(['{"source":["deleted-secret-notifier"],"detail-type":["Incident Last Call"]}']),
  );
});

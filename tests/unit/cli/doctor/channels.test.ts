import { type Change, examine, patched } from '../../../testing/account.ts';
import {
  BUS_NAME,
  CHAT_TOPIC,
  channels,
  channelsWith,
  RULE,
  teams,
} from '../../../testing/healthy-channels.ts';
import { hub } from '../../../testing/healthy-hub.ts';
import { SLACK } from '../../stack/complete-settings.ts';

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
chat: configuration: topic, guardrail and role are as deployed; whether a policy of the organization disables it, this does not show
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

test("of a hub the role of the buttons has to look into the spokes too, by the hub's path", async () => {
  const rolesOf = async (...changes: readonly Change[]) =>
    (await found(channels, hub, ...changes)).find(({ check }) => check === 'hub: roles');
  expect(await rolesOf()).toMatchObject({
    message: "notify, summarize, buttons and operators may assume the spokes' roles",
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

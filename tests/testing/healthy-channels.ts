import { checkSettings } from '../../stack/check-settings.ts';
import type { Resources } from '../../stack/cloudformation.ts';
import { BUS, BUTTONS, CHAT } from '../../stack/names.ts';
import { stack } from '../../stack/stack.ts';
import { COMPLETE, SLACK, TEAMS } from '../unit/stack/complete-settings.ts';
import type { Change } from './account.ts';
import { functionArn, policyOf, REGION, STACK, TOPIC } from './healthy-account.ts';

// biome-ignore lint/suspicious/noExplicitAny: each type of resource has properties of its own.
type Any = any;

const ACCOUNT = '111122223333';
export const NOTICES = `arn:aws:sns:${REGION}:${ACCOUNT}:notices`;
export const CHAT_TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:chat`;
export const BUS_NAME = 'security';
const CONFIGURATION = `arn:aws:chatbot::${ACCOUNT}:chat-configuration/slack-channel/${STACK}`;
export const CHAT_ENDPOINT = 'https://global.sns-api.chatbot.amazonaws.com';
const DEAD_LETTERS = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead-letters`;

/** The physical ids that are not made up of the logical id. */
const IDS: Readonly<Record<string, string>> = {
  NoticeTopic: NOTICES,
  ChatTopic: CHAT_TOPIC,
  SlackChannel: CONFIGURATION,
  TeamsChannel: CONFIGURATION,
  [CHAT.function]: `${STACK}-chat`,
  [BUS.function]: `${STACK}-bus`,
  [BUTTONS.function]: `${STACK}-buttons`,
};

function idOf(logicalId: string, type: string | undefined): string {
  if (type === 'AWS::IAM::ManagedPolicy') return `arn:aws:iam::${ACCOUNT}:policy/${logicalId}`;
  if (type === 'AWS::Chatbot::CustomAction') {
    return `arn:aws:chatbot::${ACCOUNT}:custom-action/${logicalId}`;
  }
  return IDS[logicalId] ?? `${STACK}-${logicalId}`;
}

/** What a value of the channel's configuration has become. */
function resolved(template: Resources, value: Any): Any {
  if (Array.isArray(value)) return value.map((one) => resolved(template, one));
  const { Ref, 'Fn::GetAtt': [id] = [], 'Fn::Sub': text } = Object(value);
  const type = template[id]?.Type;
  if (type === 'AWS::IAM::Role') return `arn:aws:iam::${ACCOUNT}:role/${idOf(id, type)}`;
  if (Ref ?? id) return idOf(Ref ?? id, template[Ref ?? id]?.Type);
  return text === undefined ? value : text.replace('${AWS::Partition}', 'aws');
}

const subscriptions: Readonly<Record<string, readonly object[]>> = {
  [NOTICES]: ['chat', 'bus'].map((name) => ({
    SubscriptionArn: `${NOTICES}:${name}`,
    Protocol: 'lambda',
    Endpoint: functionArn(name),
  })),
  [CHAT_TOPIC]: [
    { SubscriptionArn: `${CHAT_TOPIC}:1`, Protocol: 'https', Endpoint: CHAT_ENDPOINT },
  ],
};

/** A topic's own policy: roles may publish by theirs. */
const denyInsecure = (Resource: string) =>
  policyOf({
    Effect: 'Deny',
    Principal: '*',
    Action: 'sns:Publish',
    Resource,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });

/** A rule of the account's own that sends our events on. */
export const RULE = {
  Name: 'to-pagerduty',
  State: 'ENABLED',
  EventPattern: JSON.stringify({
    source: ['deleted-secret-notifier'],
    detail: { severity: ['critical'] },
  }),
};

/** The healthy account, in which the stack is deployed with these settings besides, and so with channels. */
export const channelsWith =
  (more: Readonly<Record<string, string>>): Change =>
  (account) => {
    const before = { ...account };
    const settings = checkSettings(
      { ...COMPLETE, ...more },
      { region: REGION, functionNames: [], stage: 'dev' },
    );
    const { Resources: resources, Outputs: outputs } = stack(settings, 'dev').template;
    const template = resources as Resources;
    const types: Record<string, string> = {
      ...Object.fromEntries(Object.entries(template).map(([id, { Type }]) => [id, Type])),
    };
    for (const names of [CHAT, BUS, BUTTONS]) {
      if (template[names.role]) types[names.function] = 'AWS::Lambda::Function';
    }
    const [, channel] =
      Object.entries(template).find(([, { Type }]) => /ChannelConfiguration$/.test(Type)) ?? [];

    account.DescribeStacks = (input) => {
      const answer = before.DescribeStacks?.(input);
      const known: Record<string, string> = { ChatTopicArn: CHAT_TOPIC, EventBusName: BUS_NAME };
      for (const [OutputKey, OutputValue] of Object.entries(known)) {
        if (OutputKey in outputs) answer.Stacks[0].Outputs.push({ OutputKey, OutputValue });
      }
      return answer;
    };
    account.ListStackResources = (input) => {
      const answer = before.ListStackResources?.(input);
      const there = answer.StackResourceSummaries.map((one: Any) => one.LogicalResourceId);
      for (const [id, ResourceType] of Object.entries(types)) {
        if (there.includes(id)) continue;
        answer.StackResourceSummaries.push({
          LogicalResourceId: id,
          ResourceType,
          PhysicalResourceId: idOf(id, ResourceType),
          ResourceStatus: 'CREATE_COMPLETE',
        });
      }
      return answer;
    };
    account.GetTemplate = () => ({ TemplateBody: JSON.stringify({ Resources: template }) });
    account.GetTopicAttributes = (input) =>
      input.TopicArn === TOPIC
        ? before.GetTopicAttributes?.(input)
        : { Attributes: { Policy: denyInsecure(input.TopicArn) } };
    account.ListSubscriptionsByTopic = (input) =>
      input.TopicArn === TOPIC
        ? before.ListSubscriptionsByTopic?.(input)
        : { Subscriptions: [...(subscriptions[input.TopicArn] ?? [])] };
    account.GetSubscriptionAttributes = ({ SubscriptionArn }) => ({
      Attributes: SubscriptionArn.startsWith(NOTICES)
        ? { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD_LETTERS }) }
        : {},
    });
    account.GetPolicy = (input) =>
      /-(chat|bus)$/.test(input.FunctionName)
        ? {
            Policy: policyOf({
              Effect: 'Allow',
              Principal: { Service: 'sns.amazonaws.com' },
              Action: 'lambda:InvokeFunction',
              Resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${input.FunctionName}`,
              Condition: { ArnLike: { 'AWS:SourceArn': NOTICES } },
            }),
          }
        : before.GetPolicy?.(input);
    account.GetResource = ({ TypeName, Identifier }) => {
      const properties = Object.entries(channel?.Properties ?? {});
      return {
        TypeName,
        ResourceDescription: {
          Identifier,
          Properties: JSON.stringify(
            Object.fromEntries(
              properties.map(([name, value]) => [name, resolved(template, value)]),
            ),
          ),
        },
      };
    };
    account.DescribeEventBus = ({ Name }) => ({
      Name,
      Arn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${Name}`,
    });
    account.ListRules = (input) =>
      input.EventBusName === BUS_NAME ? { Rules: [RULE] } : before.ListRules?.(input);
    account.ListTargetsByRule = (input) =>
      input.EventBusName === BUS_NAME
        ? {
            Targets: [
              { Id: 'pagerduty', Arn: `arn:aws:events:${REGION}:${ACCOUNT}:api-destination/p` },
            ],
          }
        : before.ListTargetsByRule?.(input);
    account.DescribeAlarms = (input) => {
      const isOfChannel = (name: string) =>
        /-(Chat|Bus|Buttons|NoticesNotTaken)\w*Alarm$/.test(name);
      const AlarmNames = input.AlarmNames.filter((name: string) => !isOfChannel(name));
      const answer = before.DescribeAlarms?.({ ...input, AlarmNames });
      const more = input.AlarmNames.filter(isOfChannel).map((AlarmName: string) => ({
        ...template[AlarmName.slice(STACK.length + 1)]?.Properties,
        AlarmName,
        ActionsEnabled: true,
        AlarmActions: [TOPIC],
        StateValue: 'OK',
      }));
      answer.MetricAlarms = [...(answer.MetricAlarms ?? []), ...more];
      return answer;
    };
  };

/** With a chat in Slack, its buttons, and an event bus. */
export const channels = channelsWith({ ...SLACK, eventBusName: BUS_NAME });
/** With a chat in Teams alone. */
export const teams = channelsWith(TEAMS);

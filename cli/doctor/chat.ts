import type { CloudControl } from '@aws-sdk/client-cloudcontrol';
import type { Subscription } from '@aws-sdk/client-sns';
import { BUTTONS, CHAT } from '../../stack/names.ts';
import { find, UnreadableError } from './ask.ts';
import { type Context, once } from './context.ts';
import { functionChecks } from './function.ts';
import type { Decision } from './policy.ts';
import { aws, redeploy } from './remedy.ts';
import { putRolePolicy, readOwnPolicies } from './role.ts';
import { arnIn, physicalId, roleArnIn, type Stack, type Template } from './stack.ts';
import {
  clearFilter,
  isConfirmed,
  isFiltered,
  readAttributes,
  readSubscriptions,
  type SubscriptionAttributes,
} from './subscriptions.ts';
import { publisherChecks, readTopic } from './topic.ts';
import { type Checks, type Finding, fail, ok, unknown, warn } from './verdict.ts';

/** Checks of the way from the function of the chat to the channel, and of its buttons. */
export function chatChecks(context: Context): Checks {
  const { clients, stack } = context;
  const topicArn = stack.outputs.get('ChatTopicArn') ?? '';
  return {
    ...publisherChecks(clients, stack, {
      label: 'chat topic',
      arn: topicArn,
      attributes: once(() => readTopic(clients.sns, topicArn)),
      senders: async () => [CHAT],
      isForAlarms: false,
    }),
    'chat topic: subscriptions': async () => {
      const all = await readSubscriptions(clients.sns, topicArn);
      const own = all.find((one) => isOfChat(one) && isConfirmed(one));
      const attributes = own && (await readAttributes(clients.sns, own));
      return judgeChatSubscriptions(stack, topicArn, all, attributes);
    },
    ...configurationChecks(context),
  };
}

/** Checks of the channel configuration of the stack. */
function configurationChecks(context: Context): Checks {
  const { clients, stack } = context;
  const deployed = findConfiguration(stack);
  if (!deployed) {
    const given = 'not of this stack (chatTopicArn): whoever connected the topic looks after it';
    return { 'chat: configuration': async () => ok(given) };
  }
  const find = once(() => readConfiguration(clients.cloudControl, deployed));
  const read = async () => {
    const configuration = await find();
    if (configuration) return configuration;
    throw new UnreadableError('there is no channel configuration');
  };
  const expected = async () => expectedOf(stack, await context.deployed.template(), deployed);
  return {
    'chat: configuration': async () =>
      judgeConfiguration(stack, deployed, await expected(), await find()),
    ...(stack.resources.has(BUTTONS.function) && {
      'buttons: attached': async () =>
        judgeActions(stack, deployed, await expected(), await read()),
      'buttons: role': async () => {
        const { IamRoleArn = '' } = await read();
        return judgeRole(stack, IamRoleArn, await readNeeds(context, IamRoleArn));
      },
      ...functionChecks(context, BUTTONS),
    }),
  };
}

/**
 * Where Amazon Q Developer in chat applications receives the messages of topics:
 * https://repost.aws/knowledge-center/sns-aws-chatbot-message-troubleshooting
 */
const CHAT_ENDPOINT = 'https://global.sns-api.chatbot.amazonaws.com';

const isOfChat = ({ Protocol, Endpoint }: Subscription) =>
  Protocol === 'https' && Endpoint === CHAT_ENDPOINT;

/**
 * Whether the chat gets the messages, and nobody does who would see JSON.
 * @param attributes of the chat's own subscription, `undefined` if it has none that is confirmed
 */
function judgeChatSubscriptions(
  stack: Stack,
  topicArn: string,
  all: readonly Subscription[],
  attributes: SubscriptionAttributes | undefined,
): Finding {
  const subscribe = aws(stack)`sns subscribe --topic-arn ${topicArn} --protocol https
    --notification-endpoint ${CHAT_ENDPOINT}`;
  if (!attributes) {
    return all.some(isOfChat)
      ? fail('Amazon Q Developer has not confirmed its subscription: no chat gets it.', subscribe)
      : fail('Amazon Q Developer is not subscribed to the topic: no chat gets it.', subscribe);
  }
  if (isFiltered(attributes)) {
    return fail(
      "The filter policy of Amazon Q Developer's subscription keeps messages away.",
      clearFilter(stack, attributes),
    );
  }
  const readers = all.filter((one) => /^(email|sms)/.test(one.Protocol ?? '') && isConfirmed(one));
  if (readers[0]) {
    const list = readers.map(({ Endpoint }) => Endpoint).join(', ');
    return warn(
      `Its messages are JSON for the chat, which is what these get too: ${list}.`,
      aws(stack)`sns unsubscribe --subscription-arn ${readers[0].SubscriptionArn}`,
    );
  }
  return ok('Amazon Q Developer is subscribed, and nobody who would see JSON');
}

/** A channel configuration of the stack. */
interface DeployedConfiguration {
  readonly logicalId: string;
  readonly type: string;
  readonly arn: string;
}

const CONFIGURATION_TYPES = [
  'AWS::Chatbot::SlackChannelConfiguration',
  'AWS::Chatbot::MicrosoftTeamsChannelConfiguration',
];

/** `undefined` if the chat is connected by somebody else (`chatTopicArn`). */
function findConfiguration({ resources }: Stack): DeployedConfiguration | undefined {
  const found = Array.from(resources).find(([, { type }]) => CONFIGURATION_TYPES.includes(type));
  if (!found) return undefined;
  const [logicalId, { type, physicalId: arn = '' }] = found; // `Ref` of one is its ARN
  return { logicalId, type, arn };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html */
interface Configuration {
  readonly IamRoleArn?: string;
  readonly SnsTopicArns?: readonly string[];
  readonly GuardrailPolicies?: readonly string[];
  readonly CustomizationResourceArns?: readonly string[];
}

/**
 * A channel configuration as it is now, of Slack or of Teams, in the words of CloudFormation, and in the stack's own
 * Region, while the service's own API is there in a few. `undefined` if there is none.
 */
async function readConfiguration(
  client: CloudControl,
  { type: TypeName, arn: Identifier }: DeployedConfiguration,
): Promise<Configuration | undefined> {
  const answer = await find(
    'cloudformation:GetResource',
    client.getResource({ TypeName, Identifier }),
  );
  return answer && JSON.parse(answer.ResourceDescription?.Properties ?? '{}');
}

/** The configuration as it was deployed. @throws UnreadableError if the template has none. */
function expectedOf(stack: Stack, template: Template, { logicalId }: DeployedConfiguration) {
  const properties = template[logicalId]?.Properties;
  if (!properties) throw new UnreadableError(`the stack's template has no ${logicalId}`);
  const all = (name: keyof Configuration) =>
    [properties[name] ?? []].flat().map((value) => resolve(stack, value));
  const [role = ''] = all('IamRoleArn');
  return {
    role,
    topics: all('SnsTopicArns'),
    guardrails: all('GuardrailPolicies'),
    actions: all('CustomizationResourceArns'),
  };
}

type Expected = ReturnType<typeof expectedOf>;

/** What a value of the template has become. @throws UnreadableError if the stack lacks the resource. */
function resolve(stack: Stack, value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = Object(value);
  if (Ref) return physicalId(stack, Ref);
  // Of what is no role this is the ARN, as `Ref` is.
  if (attribute) {
    const [id = ''] = [attribute].flat();
    const isRole = stack.resources.get(id)?.type === 'AWS::IAM::Role';
    return isRole ? roleArnIn(stack, id) : physicalId(stack, id);
  }
  return String(text ?? value).replaceAll(/\$\{AWS::Partition\}/g, stack.partition);
}

/** What sets properties of a configuration. */
const update = (
  stack: Stack,
  { type, arn }: DeployedConfiguration,
  configuration: Configuration,
) => {
  const patch = Object.entries(configuration).map(([name, value]) => ({
    op: 'add', // replaces what is there: https://datatracker.ietf.org/doc/html/rfc6902#section-4.1
    path: `/${name}`,
    value,
  }));
  return aws(stack)`cloudcontrol update-resource --type-name ${type} --identifier ${arn}
    --patch-document ${JSON.stringify(patch)}`;
};

/** Whether the configuration brings the messages to the channel, and lets nobody there do more than the buttons need. */
function judgeConfiguration(
  stack: Stack,
  deployed: DeployedConfiguration,
  expected: Expected,
  configuration: Configuration | undefined,
): Finding {
  if (!configuration) {
    return fail(`There is no channel configuration ${deployed.arn}.`, redeploy(stack));
  }
  const { IamRoleArn, SnsTopicArns = [], GuardrailPolicies = [] } = configuration;
  if (missingIn(SnsTopicArns, expected.topics).length > 0) {
    return fail(
      `Its topics are ${listOf(SnsTopicArns)}, without ${listOf(expected.topics)}.`,
      update(stack, deployed, {
        SnsTopicArns: [...new Set([...SnsTopicArns, ...expected.topics])],
      }),
    );
  }
  const { guardrails } = expected;
  const isSame =
    missingIn(GuardrailPolicies, guardrails).length === 0 &&
    missingIn(guardrails, GuardrailPolicies).length === 0;
  if (!isSame) {
    return fail(
      `Its guardrail is ${listOf(GuardrailPolicies, NO_GUARDRAIL)}, not ${listOf(guardrails)}: the channel may do what was not deployed.`,
      update(stack, deployed, { GuardrailPolicies: guardrails }),
    );
  }
  if (IamRoleArn !== expected.role) {
    return fail(
      `Its role is ${IamRoleArn}, not ${expected.role}.`,
      update(stack, deployed, { IamRoleArn: expected.role }),
    );
  }
  return ok(
    'topic, guardrail and role are as deployed; whether a policy of the organization disables it, this does not show',
  );
}

/** What AWS applies if none is set. */
const NO_GUARDRAIL = "none, which is AWS's AdministratorAccess";

const missingIn = (some: readonly string[], wanted: readonly string[]) =>
  wanted.filter((one) => !some.includes(one));

const listOf = (arns: readonly string[], none = 'none') => arns.join(', ') || none;

/** Whether the buttons are attached to the channel. */
function judgeActions(
  stack: Stack,
  deployed: DeployedConfiguration,
  { actions }: Expected,
  configuration: Configuration,
): Finding {
  const { CustomizationResourceArns: attached = [] } = configuration;
  const lacking = missingIn(attached, actions);
  if (lacking.length === 0) return ok(`${actions.length} are attached to the channel`);
  return warn(
    `The messages lack buttons that are not attached to the channel: ${listOf(lacking)}.`,
    update(stack, deployed, { CustomizationResourceArns: [...attached, ...lacking] }),
  );
}

/** What a button does, and whether the role of the channel may do it. */
interface Need {
  readonly action: string;
  readonly resource: string;
  readonly decision: Decision;
}

function readNeeds({ clients, stack }: Context, roleArn: string): Promise<Need[]> {
  const needs = [
    [
      'lambda:InvokeFunction',
      arnIn(stack, 'lambda', `function:${physicalId(stack, BUTTONS.function)}`),
    ],
    ['secretsmanager:RestoreSecret', arnIn(stack, 'secretsmanager', 'secret:*')],
  ] as const;
  return Promise.all(
    needs.map(async ([action, resource]) => ({
      action,
      resource,
      decision: await readOwnPolicies(clients.iam, roleArn, action, resource),
    })),
  );
}

/** Only a warning: the messages come without it, and what the buttons do the commands do too. */
function judgeRole(stack: Stack, roleArn: string, needs: readonly Need[]): Finding {
  const refused = needs.filter(({ decision }) => /^(not allowed|forbidden)$/.test(decision));
  const show = aws(stack)`iam simulate-principal-policy --policy-source-arn ${roleArn}
    --action-names ${needs.map(({ action }) => action)}`;
  const [first] = refused;
  if (first) {
    const list = refused.map(({ action }) => action).join(', ');
    return first.decision === 'forbidden'
      ? warn(`A policy forbids its buttons ${list}.`, show)
      : warn(
          `No policy lets its buttons ${list}.`,
          putRolePolicy(stack, roleArn, 'buttons', {
            Effect: 'Allow',
            Action: refused.map(({ action }) => action),
            Resource: refused.map(({ resource }) => resource),
          }),
        );
  }
  if (needs.some(({ decision }) => decision === 'undecided')) {
    return unknown('There are conditions that cannot be evaluated here.', show);
  }
  return ok('may restore a secret of this account and Region, and call the function');
}

import type { CloudControl } from '@aws-sdk/client-cloudcontrol';
import { BUTTONS } from '../../stack/names.ts';
import { find, UnreadableError } from './ask.ts';
import { chatTopicChecks } from './chat-topic.ts';
import { type Context, once } from './context.ts';
import { functionChecks } from './function.ts';
import type { Decision } from './policy.ts';
import { aws, redeploy } from './remedy.ts';
import { putRolePolicy, readOwnPolicies } from './role.ts';
import { arnIn, physicalId, roleArnIn, type Stack, type Template } from './stack.ts';
import { type Checks, type Finding, fail, ok, unknown, warn } from './verdict.ts';

/** Checks of the way from the function of the chat to the channel, and of its buttons. */
export function chatChecks(context: Context): Checks {
  const deployed = findConfiguration(context.stack);
  return {
    ...chatTopicChecks(context, { isGiven: deployed === undefined }),
    ...configurationChecks(context, deployed),
  };
}

/** Checks of the channel configuration of the stack. */
function configurationChecks(
  context: Context,
  deployed: DeployedConfiguration | undefined,
): Checks {
  const { clients, stack } = context;
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
        const { IamRoleArn = '', UserRoleRequired } = await read();
        if (UserRoleRequired) return roleRequired(stack, deployed);
        return judgeRole(stack, IamRoleArn, await readNeeds(context, IamRoleArn));
      },
      ...functionChecks(context, BUTTONS),
    }),
  };
}

/** A channel configuration of the stack. */
interface DeployedConfiguration {
  readonly logicalId: string;
  readonly type: string;
  readonly channelProperty: 'SlackChannelId' | 'TeamsChannelId';
  readonly arn: string;
}

/** The types of configurations, and what of each names the channel. */
const CHANNEL_PROPERTIES: ReadonlyMap<string, 'SlackChannelId' | 'TeamsChannelId'> = new Map([
  ['AWS::Chatbot::SlackChannelConfiguration', 'SlackChannelId'],
  ['AWS::Chatbot::MicrosoftTeamsChannelConfiguration', 'TeamsChannelId'],
]);

/** `undefined` if the chat is connected by somebody else (`chatTopicArn`). */
function findConfiguration({ resources }: Stack): DeployedConfiguration | undefined {
  for (const [logicalId, { type, physicalId: arn = '' }] of resources) {
    const channelProperty = CHANNEL_PROPERTIES.get(type);
    if (channelProperty) return { logicalId, type, channelProperty, arn }; // `Ref` of one is its ARN
  }
  return undefined;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html */
interface Configuration {
  readonly IamRoleArn?: string;
  readonly SnsTopicArns?: readonly string[];
  readonly GuardrailPolicies?: readonly string[];
  readonly CustomizationResourceArns?: readonly string[];
  readonly SlackChannelId?: string;
  readonly TeamsChannelId?: string;
  readonly UserRoleRequired?: boolean;
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
function expectedOf(
  stack: Stack,
  template: Template,
  { logicalId, channelProperty }: DeployedConfiguration,
) {
  const properties = template[logicalId]?.Properties;
  if (!properties) throw new UnreadableError(`the stack's template has no ${logicalId}`);
  const all = (name: keyof Configuration) =>
    [properties[name] ?? []].flat().map((value) => resolve(stack, value));
  const [role = ''] = all('IamRoleArn');
  const [channel = ''] = all(channelProperty);
  return {
    role,
    channel,
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
  const channel = configuration[deployed.channelProperty] ?? expected.channel;
  if (spelled(channel) !== spelled(expected.channel)) {
    return fail(
      `Its channel is ${channel}, not ${expected.channel}.`,
      update(stack, deployed, { [deployed.channelProperty]: expected.channel }),
    );
  }
  return ok(
    'topic, guardrail, role and channel are as deployed; whether a policy of the organization disables it, this does not show',
  );
}

/**
 * The id of a channel, of Teams in one of its two spellings, `%3A` and `%3a`.
 * https://docs.aws.amazon.com/chatbot/latest/APIReference/API_TeamsChannelConfiguration.html
 */
const spelled = (channel: string) => channel.replace(/%3a/i, '%3A');

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

/** Only a warning, as below: https://docs.aws.amazon.com/chatbot/latest/adminguide/adm-container.html */
const roleRequired = (stack: Stack, deployed: DeployedConfiguration) =>
  warn(
    'Its buttons work only for members who have chosen a role of their own (UserRoleRequired).',
    update(stack, deployed, { UserRoleRequired: false }),
  );

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

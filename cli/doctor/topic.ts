import type { KMS } from '@aws-sdk/client-kms';
import type { Lambda } from '@aws-sdk/client-lambda';
import type { SNS } from '@aws-sdk/client-sns';
import { type FunctionNames, NOTIFY, SUMMARIZE, TRACK_DELETION } from '../../stack/names.ts';
import { TOPIC } from '../../stack/topic.ts';
import { mailingAlarm } from './alarm.ts';
import { ask, find } from './ask.ts';
import type { Clients, Context } from './context.ts';
import { announces } from './function.ts';
import { type Decision, decide, decideForRole, type Role } from './policy.ts';
import { aws, deploy, param } from './remedy.ts';
import { putRolePolicy, readOwnPolicies } from './role.ts';
import { arnIn, hasClassicAlarm, roleArnIn, type Stack } from './stack.ts';
import { type Checks, type Finding, fail, ok, unknown } from './verdict.ts';

/** A topic, and who has to publish to it. */
export interface PublishedTo {
  /** What its checks are called after. */
  readonly label: string;
  readonly arn: string;
  /** `undefined` if there is no such topic. */
  readonly attributes: () => Promise<Attributes | undefined>;
  /** The functions that send messages to it. */
  readonly senders: () => Promise<readonly FunctionNames[]>;
  /** Whether alarms publish to it too. */
  readonly isForAlarms: boolean;
}

type Attributes = Readonly<Record<string, string>>;

/** Checks of who may publish to the topic of mails. */
export const topicChecks = ({ clients, stack, deployed }: Context): Checks =>
  publisherChecks(clients, stack, {
    label: 'topic',
    arn: stack.outputs.get('AlertTopicArn') ?? '', // without it the attributes are unreadable
    attributes: deployed.topic,
    senders: () => mailingFunctions(clients.lambda, stack),
    isForAlarms: true,
  });

/** The functions that decide on notices; trackDeletion does only if deletions are announced. */
export async function mailingFunctions(client: Lambda, stack: Stack): Promise<FunctionNames[]> {
  const isAnnouncing = await announces(client, stack);
  return [NOTIFY, SUMMARIZE, ...(isAnnouncing ? [TRACK_DELETION] : [])];
}

/** Checks whether those that have to may publish to a topic, and use the key that it is encrypted with. */
export const publisherChecks = (clients: Clients, stack: Stack, topic: PublishedTo): Checks => ({
  [`${topic.label}: policy`]: async () => {
    const attributes = await topic.attributes();
    const publishers = attributes
      ? await readPublishers(clients, stack, topic, TOPIC_ACTIONS, topic.arn)
      : [];
    return judgeTopicPolicy(stack, topic, attributes, publishers);
  },
  [`${topic.label}: key`]: async () => {
    const id = (await topic.attributes())?.KmsMasterKeyId;
    const key = id ? await readKey(clients.kms, id) : undefined;
    const publishers = key ? await readPublishers(clients, stack, topic, KEY_ACTIONS, key.arn) : [];
    return judgeKey(stack, topic, id, key, publishers);
  },
});

/** The attributes of a topic; `undefined` if there is none. */
export async function readTopic(client: SNS, TopicArn: string): Promise<Attributes | undefined> {
  const answer = await find('sns:GetTopicAttributes', client.getTopicAttributes({ TopicArn }));
  return answer && (answer.Attributes ?? {});
}

/** A KMS key: its state, its owner and its policy. */
interface Key {
  readonly arn: string;
  /** `Enabled`, `Disabled`, `PendingDeletion` … */
  readonly state: string;
  /** The policy of a key that AWS manages cannot be changed. */
  readonly isCustomers: boolean;
  /** JSON. */
  readonly policy: string | undefined;
}

/**
 * @param id id, ARN or alias
 * @returns undefined if there is no such key
 */
async function readKey(client: KMS, id: string): Promise<Key | undefined> {
  const described = await find('kms:DescribeKey', client.describeKey({ KeyId: id }));
  const { Arn: arn = '', KeyState: state = '', KeyManager } = described?.KeyMetadata ?? {};
  if (!described) return undefined;
  const isCustomers = KeyManager === 'CUSTOMER';
  if (!isCustomers) return { arn, state, isCustomers, policy: undefined };
  // Takes no alias: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
  const { Policy: policy } = await ask(
    'kms:GetKeyPolicy',
    client.getKeyPolicy({ KeyId: arn, PolicyName: 'default' }),
  );
  return { arn, state, isCustomers, policy };
}

/** A function that sends messages, and what its role's own policies decide, by action. */
interface Publisher {
  readonly name: string;
  readonly roleArn: string;
  readonly own: Readonly<Record<string, Decision>>;
}

async function readPublishers(
  { iam }: Clients,
  stack: Stack,
  topic: PublishedTo,
  actions: readonly string[],
  resource: string,
): Promise<Publisher[]> {
  return Promise.all(
    (await topic.senders()).map(async ({ key, role }) => {
      const roleArn = roleArnIn(stack, role);
      const own: Record<string, Decision> = {};
      for (const action of actions) {
        own[action] = await readOwnPolicies(iam, roleArn, action, resource);
      }
      return { name: key, roleArn, own };
    }),
  );
}

/** The name of the classic alarm, or else of one by which the service watches itself. */
const alarmOf = (stack: Stack) =>
  hasClassicAlarm(stack) ? mailingAlarm(stack) : alarmsOf(stack)[0];

const ALARM_TYPES = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];

const alarmsOf = ({ resources }: Stack) =>
  Array.from(resources.values())
    .filter(({ type }) => ALARM_TYPES.includes(type))
    .map(({ physicalId }) => physicalId);

/** The request of an alarm's action, as policies see it. */
const alarmRequest = (stack: Stack) => ({
  principals: ['cloudwatch.amazonaws.com'],
  context: {
    'aws:sourceaccount': stack.account,
    'aws:sourceowner': stack.account, // that of SNS's own default policy
    'aws:sourcearn': arnIn(stack, 'cloudwatch', `alarm:${alarmOf(stack)}`),
    'aws:securetransport': 'true',
    'aws:principalisawsservice': 'true',
  },
});

/** The request of a function, as policies see it. Only a service that acts on behalf of a resource has a source. */
const roleContext = (stack: Stack, roleArn: string) => ({
  'aws:sourceaccount': undefined,
  'aws:sourcearn': undefined,
  'aws:sourceowner': stack.account,
  'aws:securetransport': 'true',
  'aws:principalisawsservice': 'false',
  'aws:principalaccount': stack.account,
  'aws:principalarn': roleArn,
  // A key is used by SNS in the function's name.
  'kms:calleraccount': stack.account,
  'kms:viaservice': `sns.${stack.region}.amazonaws.com`,
});

/** What a policy decides for all that publish to a topic, by name. */
function decisions(
  stack: Stack,
  { isForAlarms }: PublishedTo,
  publishers: readonly Publisher[],
  policy: string | undefined,
  actions: readonly string[],
  resource: string,
) {
  const all = actions.flatMap((action): (readonly [string, Decision])[] => [
    ...(isForAlarms
      ? [[ALARMS, decide(policy, { ...alarmRequest(stack), action, resource })] as const]
      : []),
    ...publishers.map(({ name, roleArn, own }): readonly [string, Decision] => {
      const role: Role = { arn: roleArn, own: own[action] ?? 'undecided' };
      const context = roleContext(stack, roleArn);
      return [name, decideForRole(policy, role, { action, resource, context })];
    }),
  ]);
  return (...wanted: Decision[]) => [
    ...new Set(all.filter(([, decision]) => wanted.includes(decision)).map(([name]) => name)),
  ];
}

const PUBLISH = 'sns:Publish';
/** What alarms are called among those that publish. */
const ALARMS = 'alarms';

/** The actions of each publisher on the topic and on its key. */
const TOPIC_ACTIONS = [PUBLISH];
const KEY_ACTIONS = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** The names of all that publish to a topic. */
const namesOf = ({ isForAlarms }: PublishedTo, publishers: readonly Publisher[]) => {
  const names = publishers.map(({ name }) => name).join(', ');
  return isForAlarms ? `${ALARMS} and ${names}` : names;
};

/** Whether those may publish that have to. @param attributes `undefined` if there is no topic */
function judgeTopicPolicy(
  stack: Stack,
  topic: PublishedTo,
  attributes: Attributes | undefined,
  publishers: readonly Publisher[],
): Finding {
  const { arn } = topic;
  if (!attributes) return fail(`There is no topic ${arn}.`, aws(stack)`sns list-topics`);
  const { Policy } = attributes;
  const who = decisions(stack, topic, publishers, Policy, TOPIC_ACTIONS, arn);
  const show = aws(stack)`sns get-topic-attributes --topic-arn ${arn}`;
  const forbidden = who('forbidden').join(', ');
  if (forbidden) return fail(`A policy forbids to publish to ${forbidden}.`, show);
  const refused = who('not allowed');
  if (refused.length > 0 && arn.split(':')[4] !== stack.account) {
    return fail(
      `The policy of the other account's topic does not let ${refused.join(', ')} publish.`,
      'docs/operations.md#a-topic-of-another-account',
    );
  }
  if (refused[0] === ALARMS) {
    const allow = allowAlarms(stack, arn, attributes);
    return fail('The policy does not let alarms publish.', allow);
  }
  const lacking = publishers.filter(({ name }) => refused.includes(name));
  if (lacking[0]) {
    const names = lacking.map(({ name }) => name).join(', ');
    return fail(`No policy lets ${names} publish.`, allowRole(stack, lacking[0], arn));
  }
  if (who('undecided').length > 0) return unknown(cannotJudge(who('undecided')), show);
  return ok(`lets ${namesOf(topic, publishers)} publish`);
}

const cannotJudge = (who: readonly string[]) =>
  `There are conditions that cannot be evaluated here, for ${who.join(', ')}.`;

/** A Sid must be unique in a policy, and two stages may share a topic. */
const ownSid = ({ name, resources }: Stack) =>
  resources.has(TOPIC) ? 'AllowAlarmsOfThisStack' : `AllowAlarmsOf${name.replaceAll(/\W/g, '')}`;

/** Adds to the present policy: the call replaces it, and others may publish by it. */
function allowAlarms(stack: Stack, topic: string, { Policy }: Attributes) {
  const policy = JSON.parse(Policy || '{"Version":"2012-10-17"}');
  const Sid = ownSid(stack);
  const statement = {
    Sid,
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: PUBLISH,
    Resource: topic,
    Condition: {
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnEquals: {
        'aws:SourceArn': alarmsOf(stack).map((name) => arnIn(stack, 'cloudwatch', `alarm:${name}`)),
      },
    },
  };
  const others = [policy.Statement ?? []].flat().filter((one) => one.Sid !== Sid);
  const Statement = [...others, statement];
  return aws(stack)`sns set-topic-attributes --topic-arn ${topic} --attribute-name Policy
    --attribute-value ${JSON.stringify({ ...policy, Statement })}`;
}

/** A policy besides the deployed one, which a deployment does not restore. */
const allowRole = (stack: Stack, { roleArn }: Publisher, Resource: string) =>
  putRolePolicy(stack, roleArn, 'publish', { Effect: 'Allow', Action: PUBLISH, Resource });

/** The section on the policies that a topic and its key need. */
const DOCUMENTED = 'docs/operations.md#an-encrypted-topic';

/**
 * Whether those that publish may use the key that encrypts the topic. Alarms may not use a key of AWS, functions may.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * @param id of the key, `undefined` if the topic has none
 */
function judgeKey(
  stack: Stack,
  topic: PublishedTo,
  id: string | undefined,
  key: Key | undefined,
  publishers: readonly Publisher[],
): Finding {
  if (!id) return ok('none, nothing to refuse');
  if (!key) return fail(`There is no key ${id}.`, DOCUMENTED);
  if (!key.isCustomers) {
    return topic.isForAlarms
      ? fail(`Alarms cannot use ${id}, a key of AWS.`, DOCUMENTED)
      : ok(`${id}, a key of AWS`);
  }
  if (key.state !== 'Enabled') {
    return fail(`The key is ${key.state}.`, aws(stack)`kms enable-key --key-id ${key.arn}`);
  }
  const who = decisions(stack, topic, publishers, key.policy, KEY_ACTIONS, key.arn);
  const refused = who('forbidden', 'not allowed');
  if (refused.length > 0) {
    // The setting adds what the role lacks; the documentation shows what the key's policy needs.
    const isUnset = publishers.some(
      ({ name, own }) => refused.includes(name) && Object.values(own).includes('not allowed'),
    );
    return isUnset
      ? fail(
          `The topic is encrypted, but the stack is deployed without its key: ${refused.join(', ')} may not use it.`,
          deploy(stack, param('kmsKeyArn', key.arn)),
        )
      : fail(`The key's policy does not let it be used by ${refused.join(', ')}.`, DOCUMENTED);
  }
  if (who('undecided').length > 0) {
    return unknown(
      cannotJudge(who('undecided')),
      aws(stack)`kms get-key-policy --key-id ${key.arn} --policy-name default`,
    );
  }
  return ok(`lets ${namesOf(topic, publishers)} use it`);
}

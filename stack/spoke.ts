import { AUTO_CANCEL_TAG } from '../lib/deletion/auto-cancel.ts';
import { AT_ONE } from './alarm.ts';
import {
  accountRoot,
  allow,
  attribute,
  type Resource,
  type Resources,
  ref,
  role,
  service,
  sub,
  type Value,
} from './cloudformation.ts';
import { DEAD_LETTER_DAYS, DEAD_LETTER_QUEUE, deadLetterQueue } from './dead-letter-queue.ts';
import { ATTEMPT_RULE, CHANGE_RULE, CLASH_RULE, READ_RULE, SECRETS, TAGGED } from './functions.ts';
import { hubPath, NOTIFY, SERVICE, SPOKE_PATH, spokeNames } from './names.ts';
import { matching, type RecordRule } from './rule.ts';
import { SETTINGS } from './settings.ts';

/** What a spoke is told of its hub. */
export type HubValues = { hubBusArn: string; organizationId: string; watchGoneSecrets: boolean };

/**
 * The template of a spoke, for each account and Region of the hub's organization. Plain CloudFormation without transform, macro,
 * nested stack or function, because service-managed StackSets take no others: docs/decisions/0020-hub-and-spokes.md
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-custom-execution-role.html
 * @param hub the defaults of its parameters; without them they have to be given
 */
export const spokeTemplate = (hub?: HubValues) => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: `A spoke of ${SERVICE}: forwards to the hub who reads secrets that are scheduled for deletion, and lets it look here. ${NEEDS_TRAIL}`,
  Parameters: parameters(hub),
  Conditions: conditions,
  Resources: {
    ...inAnotherPlace({
      [ATTEMPTS]: forwardingRule(ATTEMPT_RULE, names.attemptRule),
      [READS]: forwardingRule(READ_RULE, names.readRule, {
        State: ifForwarded(READ_RULE.State, 'DISABLED'),
        Description: ifForwarded(READ_RULE.Description, NOT_FORWARDED),
      }),
      [CHANGES]: forwardingRule(CHANGE_RULE, names.changeRule),
      [CLASHES]: forwardingRule(CLASH_RULE, names.clashRule),
      [FORWARDING_ROLE]: role(
        service('events.amazonaws.com'),
        {},
        allow('ForwardToHub', 'events:PutEvents', ref('HubBusArn')),
      ),
      ...deadLetterQueue(
        { rules: [ATTEMPTS, READS, CHANGES, CLASHES] },
        { QueueName: ofHub(names.deadLetterQueue) },
      ),
      DeadLettersAlarm: alarm,
    }),
    LookupRole: lookupRole,
  },
});

/** A sentence. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html */
export const NEEDS_TRAIL =
  "A spoke hears a read only where a trail logs read management events in its account and Region, as an organization's trail of all Regions does in every account.";

/** What the rule on reads is described as where these are not forwarded, which tells that from a rule that was disabled by hand. */
export const NOT_FORWARDED = 'not forwarded (WatchGoneSecrets=false)';

const ifForwarded = (value: string, otherwise: string): Value => ({
  'Fn::If': ['ForwardsReads', value, otherwise],
});

const ATTEMPTS = 'AttemptRule';
const READS = 'ReadRule';
const CHANGES = 'ChangeRule';
const CLASHES = 'ClashRule';
const FORWARDING_ROLE = 'ForwardingRole';

const parameters = (hub: HubValues | undefined) => ({
  HubBusArn: {
    Type: 'String',
    Description: "The hub's event bus: the output HubBusArn of its stack",
    AllowedPattern: `arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/${SERVICE}-[A-Za-z0-9-]+`,
    ConstraintDescription: 'must be the output HubBusArn of the stack of the hub',
    ...(hub && { Default: hub.hubBusArn }),
  },
  OrganizationId: {
    Type: 'String',
    Description: "The organization of both: the hub's setting organizationId",
    AllowedPattern: 'o-[a-z0-9]{10,32}',
    ConstraintDescription: `must be ${SETTINGS.organizationId.expected}`,
    ...(hub && { Default: hub.organizationId }),
  },
  RestoreMode: {
    Type: 'String',
    Description: `Which deletions the hub may cancel here, if its setting autoCancelDeletion lets it: off, tagged (of secrets tagged ${AUTO_CANCEL_TAG}=true), all`,
    AllowedValues: ['off', 'tagged', 'all'],
    Default: 'off',
  },
  WatchGoneSecrets: {
    Type: 'String',
    // https://aws.amazon.com/eventbridge/pricing/
    Description:
      'Whether reads of names that are not there are forwarded too, of which the hub reports those of secrets that are gone; AWS bills this account $1 for a million',
    AllowedValues: ['true', 'false'],
    Default: String(hub?.watchGoneSecrets ?? SETTINGS.watchGoneSecrets.default),
  },
  AlarmTopicName: {
    Type: 'String',
    Description:
      'An SNS topic of this account and Region that the alarm on the dead-letter queue tells; its policy has to let cloudwatch.amazonaws.com publish; empty: none',
    AllowedPattern: '[A-Za-z0-9_-]{0,256}',
    ConstraintDescription: 'must be the name, not the ARN, of a standard SNS topic',
    Default: '',
  },
});

// The parts of the hub's ARN, arn:PARTITION:events:REGION:ACCOUNT:event-bus/NAME. The hub's account is no parameter, which could
// only contradict it.
const part = (index: number): Value => ({
  'Fn::Select': [index, { 'Fn::Split': [':', ref('HubBusArn')] }],
});
const HUB_REGION = part(3);
const HUB_ACCOUNT = part(4);
const HUB_STAGE: Value = {
  'Fn::Select': [1, { 'Fn::Split': [`:event-bus/${SERVICE}-`, ref('HubBusArn')] }],
};

/** A text with the stage, the account and the Region of the hub. */
const ofHub = (text: string): Value => ({
  'Fn::Sub': [
    text,
    {
      ...(text.includes('${HubStage}') && { HubStage: HUB_STAGE }),
      ...(text.includes('${HubAccount}') && { HubAccount: HUB_ACCOUNT }),
      ...(text.includes('${HubRegion}') && { HubRegion: HUB_REGION }),
    },
  ],
});
const names = spokeNames('${HubStage}');

const equals = (one: Value, other: Value) => ({ 'Fn::Equals': [one, other] });
const not = (condition: Record<string, unknown>) => ({ 'Fn::Not': [condition] });
const conditions = {
  IsElsewhere: not({
    'Fn::And': [equals(HUB_ACCOUNT, ref('AWS::AccountId')), equals(HUB_REGION, ref('AWS::Region'))],
  }),
  MayRestore: not(equals(ref('RestoreMode'), 'off')),
  MayRestoreAll: equals(ref('RestoreMode'), 'all'),
  ForwardsReads: equals(ref('WatchGoneSecrets'), 'true'),
  HasAlarmTopic: not(equals(ref('AlarmTopicName'), '')),
};
const only = (condition: keyof typeof conditions, value: unknown): Value => ({
  'Fn::If': [condition, value, ref('AWS::NoValue')],
});

/** Leaves out in the hub's own account and Region, where a StackSet may deploy too, what the hub's rules there already hear. */
const inAnotherPlace = (resources: Resources): Resources =>
  Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [
      id,
      { ...resource, Condition: 'IsElsewhere' satisfies keyof typeof conditions },
    ]),
  );

/**
 * A rule on the default bus that forwards to the hub's, for as long as every rule of the hub tries: a day, by default. No retry
 * policy says so, because whether EventBridge takes one for a bus AWS does not document.
 * @param others properties that are not those of the record's rule
 */
const forwardingRule = (
  recorded: RecordRule,
  name: string,
  others: { State?: Value; Description?: Value } = {},
): Resource => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    Name: ofHub(name),
    ...matching(recorded),
    ...others,
    Targets: [
      {
        Id: 'hub',
        Arn: ref('HubBusArn'),
        RoleArn: attribute(FORWARDING_ROLE, 'Arn'),
        DeadLetterConfig: { Arn: attribute(DEAD_LETTER_QUEUE, 'Arn') },
      },
    ],
  },
});

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
const ALARM_TEXT = `\
Reads of secrets that are scheduled for deletion in \${AWS::Region} of \${AWS::AccountId} may not be reported: EventBridge could not \
forward them to the hub in \${HubRegion} of \${HubAccount}. Nothing does so again; they are kept for ${DEAD_LETTER_DAYS} days.
1. Why? In a checkout: npm run -s doctor -- --spoke --stage \${HubStage} --region \${AWS::Region} --profile PROFILE
2. Who read what? aws sqs receive-message --max-number-of-messages 10 --message-attribute-names All --region \${AWS::Region} --queue-url \
\${${DEAD_LETTER_QUEUE}} shows up to ten, with ERROR_CODE.
3. Still needed? aws secretsmanager restore-secret --region \${AWS::Region} --secret-id ID
4. Then aws sqs purge-queue --region \${AWS::Region} --queue-url \${${DEAD_LETTER_QUEUE}}
This alarm goes off again only once the queue was empty.`;

const alarm: Resource = {
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: ofHub(names.deadLettersAlarm),
    AlarmDescription: ofHub(ALARM_TEXT),
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: attribute(DEAD_LETTER_QUEUE, 'QueueName') }],
    Statistic: 'Maximum',
    ...AT_ONE,
    AlarmActions: only('HasAlarmTopic', [
      sub('arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${AlarmTopicName}'),
    ]),
  },
};

/** What the lookup role may do anywhere. @param secrets all of its account and Region */
export const lookUps = (secrets: Value, region: Value) => [
  allow('DescribeSecrets', 'secretsmanager:DescribeSecret', secrets),
  // Neither can be narrowed to resources.
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html
  allow('ListSecretsAndHistory', ['secretsmanager:ListSecrets', 'cloudtrail:LookupEvents'], '*', {
    StringEquals: { 'aws:RequestedRegion': region },
  }),
];

/**
 * What it may do besides by the parameter RestoreMode. Only for the sessions of the function that decides it, not for those of
 * the commands.
 * @param StringEquals which secrets, if not all
 */
export const cancelDeletions = (secrets: Value, StringEquals?: Record<string, Value | Value[]>) =>
  allow('CancelDeletions', 'secretsmanager:RestoreSecret', secrets, {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-infotouse
    StringLike: { 'aws:userid': `*:${NOTIFY.key}` },
    ...(StringEquals && { StringEquals }),
  });

/**
 * What the hub looks here by. It trusts the hub's account and, by condition, the path of the hub's roles: a role as principal
 * becomes an id when that role is replaced, and then trusts nobody.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
const lookupRole: Resource = role(
  {
    Sid: 'AssumedByHub',
    Principal: accountRoot('${HubAccount}', { HubAccount: HUB_ACCOUNT }),
    Condition: {
      ArnLike: {
        'aws:PrincipalArn': ofHub(
          `arn:\${AWS::Partition}:iam::\${HubAccount}:role${hubPath('${HubStage}')}*`,
        ),
      },
      StringEquals: { 'aws:PrincipalOrgID': ref('OrganizationId') },
    },
  },
  { Path: SPOKE_PATH, RoleName: ofHub(names.lookupRole('${AWS::Region}')) },
  ...lookUps(SECRETS, ref('AWS::Region')),
  only(
    'MayRestore',
    cancelDeletions(SECRETS, { 'Fn::If': ['MayRestoreAll', ref('AWS::NoValue'), TAGGED] }),
  ),
);

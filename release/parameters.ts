import { AUTO_CANCEL_TAG } from '../lib/deletion/auto-cancel.ts';
import { AWS_METRIC, MAX_IGNORED, RETENTION_DAYS, SETTINGS } from '../stack/settings.ts';
import type { Expression } from './conditions.ts';

type Parameter = {
  Type: 'String' | 'Number';
  Description: string;
  Default?: string | number;
  AllowedPattern?: string;
  MaxLength?: number;
  AllowedValues?: (string | number)[];
  MinValue?: number;
  MaxValue?: number;
  ConstraintDescription?: string;
};

type SettingName = keyof typeof SETTINGS;

/** A text as CloudFormation checks it, which always takes the whole of it for the pattern. */
const text = (
  name: SettingName,
  AllowedPattern: string,
  Description: string,
  expected: string = SETTINGS[name].expected,
): Parameter => ({
  Type: 'String',
  Description,
  AllowedPattern,
  ConstraintDescription: `must be ${expected}`,
  Default: SETTINGS[name].default,
});

const choice = (name: SettingName, AllowedValues: string[], Description: string): Parameter => ({
  Type: 'String',
  Description,
  AllowedValues,
  Default: SETTINGS[name].default,
});

const number = (name: SettingName, limits: Partial<Parameter>, Description: string): Parameter => ({
  Type: 'Number',
  Description,
  ...limits,
  Default: Number(SETTINGS[name].default),
});

const optional = (pattern: string) => `(${pattern})?`;
const TOPIC_ARN = 'arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}';
const TAG_KEY_END = '[\\p{L}\\p{N}_.:/=+@-]';
const TAG_KEY = `${TAG_KEY_END}([ ${TAG_KEY_END.slice(1)}{0,126}${TAG_KEY_END})?`;
/** Stricter than the setting: a whole ARN of a role or a user of one account or of all, whose name may end with a `*`. */
const CALLER =
  'arn:aws[a-z-]*:iam::([0-9]{12}|[*]):(role|user)/([A-Za-z0-9_+=.@-]+/)*([A-Za-z0-9_+=.@-]+|[A-Za-z0-9_+=.@-]{3,}[*])';
const listOf = (item: string) => `${item}(,${item})*`;

const WHERE = {
  AlertEmail: text(
    'alertEmails',
    optional("[A-Za-z0-9_.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+"),
    'The address that alerts are mailed to, by a topic that the stack makes; further ones by aws sns subscribe. Exactly one of AlertEmail and AlertTopicArn',
    'an e-mail address',
  ),
  AlertTopicArn: text(
    'alertTopicArn',
    optional(TOPIC_ARN),
    'A standard SNS topic of this Region that is used instead; its policy must let CloudWatch alarms publish',
  ),
} satisfies Record<string, Parameter>;

const TRAIL = {
  CloudTrailLogGroup: {
    ...text(
      'cloudTrailLogGroup',
      '[A-Za-z0-9_./#-]{0,512}',
      "The log group of this account and Region that your trail delivers to. Empty, with CreateTrail false: this account and Region alone are heard, and there is no alarm of AWS's guide; for a member account whose only trail is its organization's",
    ),
    Default: undefined,
  },
  CreateTrail: choice(
    'createTrail',
    ['true', 'false'],
    'Make a multi-Region trail with its bucket and log group instead. Beside another trail it is a second one, which AWS bills',
  ),
} satisfies Record<string, Parameter>;

const PARAMETERS_BY_GROUP = {
  'Who is alerted': WHERE,
  'What is heard': {
    ...TRAIL,
    OrganizationId: text(
      'organizationId',
      optional('o-[a-z0-9]{10,32}'),
      'Makes this stack the hub of the spokes in other accounts and Regions of this organization (spoke.json). The stage must then be another than spoke',
    ),
    IgnoredCallers: {
      ...text(
        'ignoredCallers',
        optional(listOf(CALLER)),
        'Callers that are never alerted, only counted in digests: ARNs of roles or users, comma-separated, without spaces. * stands for all accounts, or at the end for the rest of a name',
        'ARNs such as arn:aws:iam::111122223333:role/scanner, comma-separated without spaces; * may stand for the account and for the end of a name',
      ),
      MaxLength: MAX_IGNORED,
    },
  },
  'What is done': {
    AutoCancelDeletion: choice(
      'autoCancelDeletion',
      ['off', 'tagged', 'all'],
      `Whether an attempt cancels the deletion: off, tagged (of secrets tagged ${AUTO_CANCEL_TAG}=true before their deletion), all`,
    ),
    AnnounceDeletions: choice(
      'announceDeletions',
      ['true', 'false'],
      'Also mail when a deletion is scheduled or cancelled',
    ),
    MaxMailsPerHour: number(
      'maxMailsPerHour',
      { MinValue: 10, MaxValue: 200 },
      'The most mails an hour',
    ),
    MaxDigestPauseHours: number(
      'maxDigestPauseHours',
      { MinValue: 1, MaxValue: 168 },
      'The longest pause, in hours, between two digests that name the same secret',
    ),
  },
  'What the mails say': {
    OwnerTagKeys: text(
      'ownerTagKeys',
      listOf(TAG_KEY),
      'Tags that name the owner of a secret, comma-separated, without spaces around the commas',
    ),
    ReplacementTagKeys: text(
      'replacementTagKeys',
      listOf(TAG_KEY),
      'Tags that name the secret to use instead, comma-separated, without spaces around the commas',
    ),
  },
  'Beside the mail': {
    SlackWorkspaceId: text(
      'slackWorkspaceId',
      optional('T[0-9A-Z]{2,30}'),
      'With SlackChannelId: the workspace, as the console of Amazon Q Developer in chat applications shows it once you have authorized it there',
    ),
    SlackChannelId: text(
      'slackChannelId',
      optional('[CG][0-9A-Z]{2,30}'),
      'The channel there: the end of the link that Slack copies of it',
    ),
    EventBusName: text(
      'eventBusName',
      '[/.A-Za-z0-9_-]{0,256}',
      'An event bus of this account and Region, such as default, on which each notice is put as an event too',
    ),
  },
  'What is kept, and its names': {
    LogRetentionDays: number(
      'logRetentionDays',
      {
        AllowedValues: RETENTION_DAYS,
      },
      'How many days the log groups of the stack keep their records',
    ),
    AlarmName: text(
      'alarmName',
      '[^:*$"\\\\\\x00-\\x1f\\x7f]{1,255}',
      "The name of the alarm of AWS's guide, unique in a Region: another for a second stage there, or where the guide was followed by hand",
      '1 to 255 characters other than : * $ " and a backslash',
    ),
  },
} satisfies Record<string, Record<string, Parameter>>;

type Groups = typeof PARAMETERS_BY_GROUP;
export type ParameterName = { [Group in keyof Groups]: keyof Groups[Group] }[keyof Groups] & string;

export const PARAMETERS = Object.assign({}, ...Object.values(PARAMETERS_BY_GROUP)) as Record<
  ParameterName,
  Parameter
>;

/** How the console groups them. */
export const INTERFACE = {
  'AWS::CloudFormation::Interface': {
    ParameterGroups: Object.entries(PARAMETERS_BY_GROUP).map(([label, parameters]) => ({
      Label: { default: label },
      Parameters: Object.keys(parameters),
    })),
  },
};

const parameter = (name: ParameterName) => ({ Ref: name });
export const equals = (name: ParameterName, value: string): Expression => ({
  'Fn::Equals': [parameter(name), value],
});
export const not = (expression: Expression): Expression => ({ 'Fn::Not': [expression] });
const both = (...expressions: Expression[]): Expression => ({ 'Fn::And': expressions });
export const either = (...expressions: Expression[]): Expression => ({ 'Fn::Or': expressions });
export const isEmpty = (name: ParameterName) => equals(name, '');

/** What else is checked before anything is made. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html */
export const RULES = {
  WhoIsAlerted: rule(
    [
      either(not(isEmpty('AlertEmail')), not(isEmpty('AlertTopicArn'))),
      'Give AlertEmail or AlertTopicArn: nobody would be alerted',
    ],
    [
      either(isEmpty('AlertEmail'), isEmpty('AlertTopicArn')),
      'Give AlertEmail or AlertTopicArn, not both; the topic may have the address as a subscription',
    ],
  ),
  OneLogGroup: rule([
    either(isEmpty('CloudTrailLogGroup'), equals('CreateTrail', 'false')),
    'Leave CloudTrailLogGroup empty, or CreateTrail false: the trail that is made has a log group of its own',
  ]),
  WholeChannel: rule([
    either(
      both(isEmpty('SlackWorkspaceId'), isEmpty('SlackChannelId')),
      both(not(isEmpty('SlackWorkspaceId')), not(isEmpty('SlackChannelId'))),
    ),
    'Give both SlackWorkspaceId and SlackChannelId, or neither',
  ]),
};

function rule(...assertions: [Expression, string][]) {
  return {
    Assertions: assertions.map(([Assert, AssertDescription]) => ({ Assert, AssertDescription })),
  };
}

/** What stands for the name of the metric, which follows from that of the alarm. */
export const metricName = (condition: string) => ({
  'Fn::If': [condition, AWS_METRIC, parameter('AlarmName')],
});

import { AUTO_CANCEL_TAG, type AutoCancelMode } from '../lib/deletion/auto-cancel.ts';

/** A setting without its name. In whatever form it is given, it is checked and read as text. */
type Setting<Value> = {
  /** A setting whose default is empty may be left empty. */
  default: string;
  /** What it means, in Markdown, for the table of docs/settings.md. */
  doc: string;
} & Schema<Value>;

/** What is expected of a text that is not empty, and how it is read. */
type Schema<Value> = {
  expected: string;
  accepts: (text: string) => boolean;
  read: (text: string) => Value;
};

const asItIs = (text: string) => text;
const orUndefined = (text: string) => text || undefined;
const matches = (pattern: RegExp) => (text: string) => pattern.test(text);

const items = (text: string) => (text === '' ? [] : text.split(',').map((item) => item.trim()));
const eachMatches = (pattern: RegExp) => (text: string) =>
  items(text).every((item) => pattern.test(item));
const hasNoDuplicate = (list: string[]) => new Set(list).size === list.length;

// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address, with a dot in the domain
const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d-]+(\.[a-z\d-]+)+$/i;

const AUTO_CANCEL = {
  off: 'off',
  false: 'off',
  tagged: 'tagged',
  all: 'all',
  true: 'all',
} as const satisfies Record<string, AutoCancelMode>;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

// Keys that begin with "aws:" are fine: tags are only read here, and AWS's own may name an owner too.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
const tagKeys: Schema<string[]> = {
  expected: 'comma-separated tag keys, each of 1 to 128 letters, digits, spaces or _.:/=+-@',
  accepts: eachMatches(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u),
  read: items,
};

const trueOrFalse: Schema<boolean> = {
  expected: 'true or false',
  accepts: matches(/^(true|false)$/),
  read: (text) => text === 'true',
};

const oneOf = <const Value extends string>(values: readonly Value[]): Schema<Value> => ({
  expected: values.join(' or '),
  accepts: (text) => values.some((value) => value === text),
  read: (text) => text as Value,
});

const wholeNumber = (least: number, most: number): Schema<number> => ({
  expected: `a whole number from ${least} to ${most}`,
  accepts: (text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most,
  read: Number,
});

const ONE_WEEK = 7 * 24; // hours

/** The names of AWS's own guide. */
export const AWS_METRIC = 'AttemptsToAccessDeletedSecrets';
const AWS_ALARM = `${AWS_METRIC}Alarm`;

// Words in the ARN of every caller, or of every caller of a kind, or in the name of every service.
const COMMON = 'arn aws iam sts root role user assumed-role federated-user amazonaws.com';

/** Whether a pattern has anything that tells callers apart: three letters that are not common, or a whole last name. */
function isSpecific(pattern: string): boolean {
  const words = pattern.split(/[:/*.]/).filter((word) => word.length >= 3);
  const isCommon = (word: string) => COMMON.includes(word) || /^aws[a-z-]*$/.test(word);
  return /\/[^*/]+$/.test(pattern) || !words.every(isCommon);
}

/**
 * How many characters the list of ignored callers may have: the environment of a function holds 4 KB, with its other variables.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export const MAX_IGNORED = 3000;

// How a caller's key can begin (lib/cloudtrail/caller.ts): an ARN, an account and a principal of it, the name of a service, or the
// id of a user of IAM Identity Center.
const SOMEBODY = /^(?:\*|arn:|\d{12}|[\w-]+(?:\.[\w-]+)+$|[\da-f]{8,10}-[\da-f-]+$)/;
// The sessions of a role are one caller, the role; but those of IAM Identity Center are people.
const SESSION = /assumed-role\/(?!AWSReservedSSO_|\*)/;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
const ARN_PARTS = [/^arn$/, /^aws[a-z-]*$/, /^(?:iam|sts)$/, /^$/, /^\d{12}$/];
const KINDS = ['role/', 'user/', 'assumed-role/', 'federated-user/', 'root'];

/** Whether a pattern can match the ARN of a caller: what stands between its colons is of IAM or STS, an account, a kind. */
function canMatchCaller(pattern: string): boolean {
  const [head = '', ...others] = pattern.split('*');
  const isOfKind = (text: string) => KINDS.some((kind) => text.startsWith(kind));
  if (head.startsWith('arn:')) {
    const parts = head.split(':');
    // What a * follows is only the beginning of its part.
    const whole = others.length > 0 ? parts.slice(0, -1) : parts;
    if (!whole.every((part, i) => ARN_PARTS[i]?.test(part) ?? true)) return false;
    const resource = parts.slice(ARN_PARTS.length).join(':');
    if (others.length === 0) return isOfKind(resource);
    if (!isOfKind(resource) && !KINDS.some((kind) => kind.startsWith(resource))) return false;
  }
  // Behind a *, what follows a colon may begin any part.
  return others.every((piece, i) => {
    if (!piece.includes(':')) return true;
    const last = piece.split(':').at(-1) ?? '';
    const isEnd = i === others.length - 1;
    const begins = isOfKind(last) || (!isEnd && /^(?:\d{0,12}|iam?|sts?|aws.*)$/.test(last));
    return begins || (!isEnd && KINDS.some((kind) => kind.startsWith(last)));
  });
}

/**
 * The service's settings: the meaning, default and check of each. One that a function reads is in `lib/settings.ts` too, by
 * the same name, from which the name of its environment variable follows.
 */
export const SETTINGS = {
  alertEmails: {
    default: '',
    doc: 'comma-separated addresses, each subscribed to the topic the stack makes',
    expected: 'comma-separated e-mail addresses, each once',
    accepts: (text) => eachMatches(EMAIL)(text) && hasNoDuplicate(items(text.toLowerCase())),
    read: items,
  },
  alertTopicArn: {
    default: '',
    doc: 'use this topic instead; one of the two is required. Its policy must let CloudWatch alarms publish; [that of another account](operations.md#a-topic-of-another-account) the functions too',
    expected: 'the ARN of a standard SNS topic (a .fifo topic delivers no e-mail)',
    accepts: matches(/^arn:aws[a-z-]*:sns:[a-z\d-]+:\d{12}:[\w-]{1,256}$/),
    read: orUndefined,
  },
  kmsKeyArn: {
    default: '',
    doc: 'customer managed key of the topics ([its policy](operations.md#an-encrypted-topic))',
    expected: 'the ARN of a KMS key (an IAM policy cannot grant the use of an alias)',
    accepts: matches(/^arn:aws[a-z-]*:kms:[a-z\d-]+:\d{12}:key\/[\w-]+$/),
    read: orUndefined,
  },
  cloudTrailLogGroup: {
    default: '',
    doc: 'the log group that your trail delivers to',
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    expected: 'the name, not the ARN, of a log group: 1 to 512 letters, digits or _./#-',
    accepts: matches(/^[\w./#-]{1,512}$/),
    read: orUndefined,
  },
  createTrail: {
    default: 'false',
    doc: 'make bucket, log group, role and a multi-Region trail instead; one of the two is required, unless nothing uses the log group',
    ...trueOrFalse,
  },
  trailPath: {
    default: 'all',
    doc: '`all`: hear every Region and account that this log group holds, some five minutes later, by a subscription filter on it; `off`: hear the own Region, and spokes, only',
    ...oneOf(['all', 'off']),
  },
  classicAlarm: {
    default: 'true',
    doc: "make the metric filter and the alarm of AWS's guide, on this log group too; with `false` and `trailPath=off` no log group is needed, as in a member account whose only trail is the organization's",
    ...trueOrFalse,
  },
  autoCancelDeletion: {
    default: 'off',
    doc: `whether an attempt cancels the deletion: \`off\`, \`tagged\` (of secrets tagged \`${AUTO_CANCEL_TAG}=true\` *before* their deletion), \`all\`; \`false\`/\`true\` mean \`off\`/\`all\`. An attempt cancels only the deletion that it failed on, and what was done is mailed whatever the budget`,
    expected: 'off, tagged or all',
    accepts: (text) => Object.hasOwn(AUTO_CANCEL, text),
    read: (text) => AUTO_CANCEL[text as keyof typeof AUTO_CANCEL],
  },
  organizationId: {
    default: '',
    doc: 'the id of your organization, such as `o-a1b2c3d4e5`: makes this stack the hub of the [spokes](decisions/0020-hub-and-spokes.md) in its other accounts and Regions, which `npm run -s spoke` writes the template of',
    // https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
    expected: 'the id of an organization: o- and 10 to 32 lower-case letters or digits',
    accepts: matches(/^o-[a-z\d]{10,32}$/),
    read: orUndefined,
  },
  slackWorkspaceId: {
    default: '',
    doc: 'with `slackChannelId`: the Slack workspace of [the chat](operations.md#chat), such as `T012ABCDEFG`, as the console of Amazon Q Developer in chat applications shows it once you have authorized the workspace there',
    // https://docs.aws.amazon.com/chatbot/latest/APIReference/API_SlackChannelConfiguration.html
    expected:
      'the id of a Slack workspace, such as T012ABCDEFG (the console of Amazon Q Developer in chat applications shows it beside the workspace, once that is authorized)',
    accepts: matches(/^T[0-9A-Z]{2,30}$/),
    read: orUndefined,
  },
  slackChannelId: {
    default: '',
    // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1155
    doc: 'the channel there, such as `C012ABCDEFG`: the end of the link that Slack copies of it. A channel is configured once in an account; another stage or Region needs another one',
    expected:
      'the id of a Slack channel, not its name, such as C012ABCDEFG (the end of its link: Copy link, in its menu)',
    accepts: matches(/^[CG][0-9A-Z]{2,30}$/),
    read: orUndefined,
  },
  teamsTenantId: {
    default: '',
    doc: 'with `teamId` and `teamsChannelId`: the Microsoft Teams tenant of the chat',
    expected:
      'the id of a Microsoft Teams tenant, a UUID (tenantId in the link of the channel: Get link to channel, in its menu)',
    accepts: matches(UUID),
    read: orUndefined,
  },
  teamId: {
    default: '',
    doc: 'the team there (`groupId` in the link that Teams copies of the channel)',
    expected:
      'the id of a team, a UUID (groupId in the link of the channel: Get link to channel, in its menu)',
    accepts: matches(UUID),
    read: orUndefined,
  },
  teamsChannelId: {
    default: '',
    doc: 'the channel there, as it stands in that link: `19%3a…%40thread.tacv2`',
    // https://docs.aws.amazon.com/chatbot/latest/APIReference/API_TeamsChannelConfiguration.html
    expected:
      'the id of a Teams channel, such as 19%3aabc%40thread.tacv2 (what follows /channel/ in its link: Get link to channel, in its menu)',
    accepts: matches(/^[\w=+/.,-]{1,200}(?:%3a|:)[\w=+/.,-]{1,200}(?:%40|@)[\w=+/.,-]{1,50}$/i),
    read: (text) => text.replace(':', '%3A').replace('@', '%40') || undefined,
  },
  chatTopicArn: {
    default: '',
    doc: 'instead of these: a topic of this Region that is connected to a chat already, and has no e-mail subscribers, who would see JSON; without buttons. If it is encrypted, then with `kmsKeyArn`',
    expected: 'the ARN of a standard SNS topic that is connected to a chat',
    accepts: matches(/^arn:aws[a-z-]*:sns:[a-z\d-]+:\d{12}:[\w-]{1,256}$/),
    read: orUndefined,
  },
  chatButtons: {
    default: 'true',
    doc: 'whether the messages of the chat have the buttons *Restore*, *Mute for 7 days* and *Show status*; whoever is in the channel may press them',
    ...trueOrFalse,
  },
  maxChatMessagesPerHour: {
    default: '60',
    doc: 'the most messages of the chat an hour, 10 to 600; what is mailed is never left out: a mail at once comes all the same, and what else finds no room is named, a line each, in overviews of some 60 to 100 lines',
    ...wholeNumber(10, 600),
  },
  eventBusName: {
    default: '',
    doc: 'an event bus of this account and Region, such as `default`, on which each notice is put [as an event](operations.md#events-for-machines) too',
    // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html
    expected: 'the name, not the ARN, of an event bus: 1 to 256 letters, digits or ./-_',
    accepts: matches(/^[/.\-_A-Za-z0-9]{1,256}$/),
    read: orUndefined,
  },
  announceDeletions: {
    default: 'false',
    doc: 'also send a short mail when a deletion is scheduled ("by …, last used …") or cancelled, so that the owner can object before anything breaks',
    ...trueOrFalse,
  },
  watchGoneSecrets: {
    default: 'true',
    doc: 'also report reads that fail because the secret is gone: deleted without a recovery window, or past its end, within the last 60 days ([how, and what it costs](operations.md#reads-of-secrets-that-are-gone))',
    ...trueOrFalse,
  },
  watchNameClashes: {
    default: 'true',
    doc: 'also report, once a day for each caller, that a secret cannot be created because its name is that of a secret scheduled for deletion, with the fix for the tool that tried',
    ...trueOrFalse,
  },
  maxMailsPerHour: {
    default: '20',
    doc: 'the most mails an hour, 10 to 200, and never more than 8 a second. Eleven are kept for digests and last calls, the rest is for alerts: 9 of 20, 189 of 200, of 10 one. Of these, further callers of a secret get one only while less than half has gone out; what finds no room is in a digest ([why](decisions/0016-incidents.md)). Only what auto-cancel has restored is mailed whatever the budget',
    // At least 10, so that one is left for alerts beside what digests need to keep their times; at most what a person can still bear.
    ...wholeNumber(10, 200),
  },
  maxDigestPauseHours: {
    default: '24',
    doc: `the longest pause, in hours, between two digests that name the same secret while it is still read: they come 1, 2, 4, 8, 16, 24 … hours apart, up to this; 1 to ${ONE_WEEK}`,
    ...wholeNumber(1, ONE_WEEK),
  },
  ignoredCallers: {
    default: '',
    doc: "comma-separated ARN patterns with `*`, such as `arn:aws:iam::*:role/scanner`, matched with what the mail shows as *Caller ARN*, and with the role or user that issued a person's session: counted in digests, never alerted, never the cause of a restore",
    // A role's name may have a comma, for which a * has to stand.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
    expected:
      'comma-separated patterns of what a mail shows as Caller ARN (* stands for any characters; of a role, not of its sessions: arn:aws:iam::*:role/scanner), none of which fits everybody or nobody, at most 3000 characters in all',
    accepts: (text) =>
      text.length <= MAX_IGNORED &&
      eachMatches(/^[\w+=.@:/*-]+$/)(text) &&
      items(text).every(
        (item) =>
          SOMEBODY.test(item) && !SESSION.test(item) && isSpecific(item) && canMatchCaller(item),
      ),
    read: items,
  },
  ownerTagKeys: {
    default: 'owner,team',
    doc: 'tags that name the owner in alerts, digests and last calls, in upper or lower case',
    ...tagKeys,
  },
  replacementTagKeys: {
    default: 'replaced-by',
    doc: 'tags that name the secret to use instead',
    ...tagKeys,
  },
  metricNamespace: {
    default: 'CloudTrailLogMetrics',
    doc: "namespace of the classic metric; the default is that of AWS's guide",
    // AWS/ is reserved: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
    expected: '1 to 255 characters other than : * $, not beginning with AWS/',
    accepts: matches(/^(?!AWS\/)[^:*$]{1,255}$/),
    read: asItIs,
  },
  metricName: {
    default: '',
    doc: `name of that metric; if empty \`${AWS_METRIC}\`, as in AWS's guide, or like \`alarmName\` if that is another than the default, so that nothing is counted twice`,
    expected: '1 to 255 characters other than : * $',
    accepts: matches(/^[^:*$]{1,255}$/),
    read: asItIs,
  },
  alarmName: {
    default: AWS_ALARM,
    doc: "name of the alarm on it, unique in a Region: set it for a second stage there, and where AWS's guide was followed by hand before",
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    expected: '1 to 255 characters, none of them a control character',
    accepts: matches(/^\P{Cc}{1,255}$/u),
    read: asItIs,
  },
  alarmMails: {
    default: 'unexplained',
    doc: "which attempts the alarm mails: `unexplained`: only if the trail path has brought none for an hour; `always`: whatever the trail logs, whenever the alarm goes off, as in AWS's guide, and with `trailPath=off` too, because the functions then hear their own Region only ([more](operations.md#what-the-alarm-mails))",
    expected: 'unexplained or always',
    accepts: matches(/^(unexplained|always)$/),
    read: (text) => text as 'unexplained' | 'always',
  },
  dashboard: { default: 'true', doc: 'make a CloudWatch dashboard', ...trueOrFalse },
  logRetentionDays: {
    default: '30',
    doc: 'for every log group of the stack',
    expected: `one of ${RETENTION_DAYS.join(', ')}`,
    accepts: (text) => RETENTION_DAYS.map(String).includes(text),
    read: Number,
  },
} satisfies Record<string, Setting<unknown>>;

/** What to do instead of setting what was a setting in an earlier version. */
export const GONE = {
  quietWindowMinutes:
    'further attempts of a caller are reported by digests, ever further apart; set `maxDigestPauseHours`, the longest pause between two',
  summaryEveryMinutes:
    'digests, which go out when they are due, have taken the place of summaries; set `maxDigestPauseHours`, the longest pause between two',
  maxAlertsPerMinute: 'the budget is by the hour; set `maxMailsPerHour`',
} as const satisfies Record<string, string>;

/** The settings, checked and parsed. */
export type Settings = {
  [Name in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Name]['read']>;
};

/** Whether anything of the stack reads the log group of the trail. */
export const readsLogGroup = ({
  trailPath,
  classicAlarm,
}: Pick<Settings, 'trailPath' | 'classicAlarm'>): boolean => trailPath !== 'off' || classicAlarm;

type ChatSettings = Pick<
  Settings,
  'slackChannelId' | 'teamsChannelId' | 'chatTopicArn' | 'chatButtons'
>;

/** Whether the stack makes the configuration of a channel. */
export const makesChannel = ({
  slackChannelId,
  teamsChannelId,
}: Pick<ChatSettings, 'slackChannelId' | 'teamsChannelId'>): boolean =>
  slackChannelId !== undefined || teamsChannelId !== undefined;

/** Whether notices go to a chat. */
export const hasChat = (settings: Omit<ChatSettings, 'chatButtons'>): boolean =>
  settings.chatTopicArn !== undefined || makesChannel(settings);

/** Whether the messages of the chat have buttons, which takes a channel whose role is the stack's own. */
export const hasButtons = (settings: Omit<ChatSettings, 'chatTopicArn'>): boolean =>
  settings.chatButtons && makesChannel(settings);

/** The default of a setting. */
export const defaultOf = <Name extends keyof Settings>(name: Name): Settings[Name] =>
  SETTINGS[name].read(SETTINGS[name].default) as Settings[Name];

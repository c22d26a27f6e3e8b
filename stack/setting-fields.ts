import type { Settings } from './settings.ts';

/** What is expected of one setting's text, and how it is read. */
type Field<T> = {
  expected: string;
  /** Whether it may be left empty. */
  optional?: true;
  accepts: (text: string) => boolean;
  read: (text: string) => T;
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
} as const;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

// Keys that begin with "aws:" are fine: tags are only read here, and AWS's own tell an owner too.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
const tagKeys: Field<string[]> = {
  expected: 'comma-separated tag keys, each of 1 to 128 letters, digits, spaces or _.:/=+-@',
  accepts: eachMatches(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u),
  read: items,
};

const trueOrFalse: Field<boolean> = {
  expected: 'true or false',
  accepts: matches(/^(true|false)$/),
  read: (text) => text === 'true',
};

const wholeNumber = (least: number, most: number): Field<number> => ({
  expected: `a whole number from ${least} to ${most}`,
  accepts: (text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most,
  read: Number,
});

const ONE_DAY = 24 * 60; // minutes

// What is in the ARN of every caller, or of every caller of a kind.
const ANYBODY = /^(?:arn|aws[a-z-]*|iam|sts|role|assumed-role|user|[:/*])+$/;

// How a caller's key can begin (lib/cloudtrail/caller.ts): an ARN, an account and a principal of it, the name of a service, or the
// id of a user of IAM Identity Center.
const SOMEBODY = /^(?:\*|arn:|\d{12}|[\w-]+(?:\.[\w-]+)+$|[\da-f]{8,10}-[\da-f-]+$)/;
// The sessions of a role are one caller, the role; but those of IAM Identity Center are people.
const SESSION = /:assumed-role\/(?!AWSReservedSSO_|\*)/;

export const FIELDS: { [Name in keyof Settings]: Field<Settings[Name]> } = {
  alertEmails: {
    expected: 'comma-separated e-mail addresses, each once',
    optional: true,
    accepts: (text) => eachMatches(EMAIL)(text) && hasNoDuplicate(items(text.toLowerCase())),
    read: items,
  },
  alertTopicArn: {
    expected: 'the ARN of a standard SNS topic (a .fifo topic delivers no e-mail)',
    optional: true,
    accepts: matches(/^arn:aws[a-z-]*:sns:[a-z\d-]+:\d{12}:[\w-]{1,256}$/),
    read: orUndefined,
  },
  kmsKeyArn: {
    expected: 'the ARN of a KMS key (an IAM policy cannot grant the use of an alias)',
    optional: true,
    accepts: matches(/^arn:aws[a-z-]*:kms:[a-z\d-]+:\d{12}:key\/[\w-]+$/),
    read: orUndefined,
  },
  cloudTrailLogGroup: {
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    expected: 'the name, not the ARN, of a log group: 1 to 512 letters, digits or _./#-',
    optional: true,
    accepts: matches(/^[\w./#-]{1,512}$/),
    read: orUndefined,
  },
  createTrail: trueOrFalse,
  autoCancelDeletion: {
    expected: 'off, tagged or all',
    accepts: (text) => Object.hasOwn(AUTO_CANCEL, text),
    read: (text) => AUTO_CANCEL[text as keyof typeof AUTO_CANCEL],
  },
  announceDeletions: trueOrFalse,
  quietWindowMinutes: wholeNumber(1, ONE_DAY),
  summaryEveryMinutes: wholeNumber(1, ONE_DAY),
  // At least 2, because one is kept for the summary; at most what SNS mails, 10 a second, with room to spare.
  // https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
  maxAlertsPerMinute: wholeNumber(2, 400),
  ignoredCallers: {
    // A role's name may have a comma, for which a * has to stand.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
    expected:
      'comma-separated patterns of what a mail shows as Caller ARN (* stands for any characters; of a role, not of its sessions: arn:aws:iam::*:role/scanner), none of which fits everybody or nobody',
    optional: true,
    accepts: (text) =>
      eachMatches(/^[\w+=.@:/*-]+$/)(text) &&
      items(text).every(
        (item) => !ANYBODY.test(item) && SOMEBODY.test(item) && !SESSION.test(item),
      ),
    read: items,
  },
  ownerTagKeys: tagKeys,
  replacementTagKeys: tagKeys,
  metricNamespace: {
    // AWS/ is reserved: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
    expected: '1 to 255 characters other than : * $, not beginning with AWS/',
    accepts: matches(/^(?!AWS\/)[^:*$]{1,255}$/),
    read: asItIs,
  },
  metricName: {
    expected: '1 to 255 characters other than : * $',
    optional: true,
    accepts: matches(/^[^:*$]{1,255}$/),
    read: asItIs,
  },
  alarmName: {
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    expected: '1 to 255 characters, none of them a control character',
    accepts: matches(/^\P{Cc}{1,255}$/u),
    read: asItIs,
  },
  dashboard: trueOrFalse,
  logRetentionDays: {
    expected: `one of ${RETENTION_DAYS.join(', ')}`,
    accepts: (text) => RETENTION_DAYS.map(String).includes(text),
    read: Number,
  },
};

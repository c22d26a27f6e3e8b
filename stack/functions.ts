import { CHANGES, SECRETS_MANAGER } from '../lib/cloudtrail/record.ts';
import { AUTO_CANCEL_TAG } from '../lib/deletion/auto-cancel.ts';
import { type FunctionKey, readBy, variableOf } from '../lib/settings.ts';
import { BUTTONS_TABLE_ACTIONS } from './buttons.ts';
import { chatName, chatTopicArn } from './chat.ts';
import {
  allow,
  attribute,
  type Resource,
  type Resources,
  ref,
  role,
  type Statement,
  service,
  sub,
  type Value,
} from './cloudformation.ts';
import { deadLetterQueueArn } from './dead-letter-queue.ts';
import { allowLookUp, hubRolePath, hubRule, lookupRoleOf } from './hub.ts';
import {
  BUS,
  BUTTONS,
  CHAT,
  type FunctionNames,
  NOTIFY,
  NOTIFY_HUB,
  READ_TRAIL,
  READS_QUEUE,
  SIFT_READS,
  SIFT_READS_HUB,
  SUMMARIZE,
  TRACK_CLASHES,
  TRACK_CLASHES_HUB,
  TRACK_DELETION,
  TRACK_DELETION_HUB,
} from './names.ts';
import { listeners, noticeTopicArn } from './notices.ts';
import { readsQueue, readsQueueArn } from './reads-queue.ts';
import { type Expected, type RecordRule, recordRule, type Schedule, scheduleRule } from './rule.ts';
import { hasButtons, type Settings } from './settings.ts';
import { subscription } from './subscription.ts';
import { allowFindLeftOver, allowListDeleted, allowOnTable, TABLE } from './table.ts';
import { allowPublish, topicArn } from './topic.ts';

const SIX_HOURS = 6 * 60 * 60; // seconds, the most that Lambda allows

/** What serverless.yml leaves out: what depends on the settings, or is the same for all functions. */
export const functionDefinition = (names: FunctionNames, settings: Settings, stage: string) => ({
  role: sub(`\${${names.role}.Arn}`),
  logRetentionInDays: settings.logRetentionDays,
  // An event on which the function fails is retried, then kept.
  ...(!THAT_ANSWER.includes(names) && {
    maximumRetryAttempts: 2,
    maximumEventAge: SIX_HOURS,
    destinations: { onFailure: { type: 'sqs', arn: deadLetterQueueArn } },
  }),
  environment: environment(names.key, settings, stage),
  ...(THAT_REPORT.includes(names) && { dependsOn: listeners(settings) }),
});

/** Those that hand on what they mail. */
const THAT_REPORT: readonly FunctionNames[] = [NOTIFY, TRACK_DELETION, SUMMARIZE];

/** Those for whose answer the caller waits: who presses a button, and what takes from a queue, which itself keeps what fails. */
const THAT_ANSWER: readonly FunctionNames[] = [SIFT_READS, BUTTONS];

function environment(key: FunctionKey, settings: Settings, stage: string): Record<string, Value> {
  const values = {
    ...settings,
    stage,
    alertTopicArn: topicArn(settings),
    tableName: ref(TABLE),
    notifyFunctionName: ref(NOTIFY.function),
    trackDeletionFunctionName: ref(TRACK_DELETION.function),
    lookupRoleArn: lookupRoleOf(settings, stage),
    noticeTopicArn: noticeTopicArn(settings),
    readsQueueUrl: settings.watchGoneSecrets ? ref(READS_QUEUE) : undefined,
    chatTopicArn: chatTopicArn(settings),
    chatButtons: hasButtons(settings),
    chatName: chatName(settings),
  };
  return Object.fromEntries(
    readBy(key).flatMap((name) => {
      const value = values[name];
      return value === undefined ? [] : [[variableOf(name), textOf(value)]];
    }),
  );
}

/** As `lib/settings.ts` reads it. */
function textOf(value: Value | boolean | number | string[]): Value {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'object' ? value : String(value);
}

/**
 * In any form in which CloudTrail writes the code of Secrets Manager's refusals, except a refusal by IAM, whose message quotes what
 * the caller sent. The functions check further.
 */
const withCode = (code: string): Expected[] => [{ wildcard: `*${code}*` }, { exists: false }];

export const ATTEMPT_RULE: RecordRule = {
  Description: 'Failed requests for the values of secrets that are scheduled for deletion',
  // A rule that is merely ENABLED never matches a Get* call.
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
  State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
  detail: {
    eventName: ['GetSecretValue'],
    errorMessage: [{ wildcard: '*marked for deletion*' }],
    errorCode: withCode('InvalidRequest'),
  },
};

/** The rule that sends each attempt to the function `notify`, and what that function may do. */
export const notify = (settings: Settings, stage: string): Resources => ({
  ...recordRule(NOTIFY, ATTEMPT_RULE),
  ...hubRule(settings, stage, NOTIFY_HUB, ATTEMPT_RULE),
  [NOTIFY.role]: functionRole(
    NOTIFY,
    hubRolePath(settings, stage),
    allowOnTable('Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
    allowSearchHistory,
    allowDescribe,
    ...allowRestore(settings),
    ...allowLookUp(settings, stage, NOTIFY.key),
    ...allowReport(settings),
  ),
});

export const READ_RULE: RecordRule = {
  Description: 'Requests for the values of secrets that AWS did not find',
  State: ATTEMPT_RULE.State,
  detail: {
    eventName: ['GetSecretValue'],
    // Of a secret that is there, but has no such version, too.
    errorMessage: [{ wildcard: '*find the specified secret*' }],
    errorCode: withCode('ResourceNotFound'),
  },
};

/**
 * The rule that keeps each read that found no secret in a queue, and what the function `siftReads` may do, which takes them from
 * there; nothing unless `watchGoneSecrets` is set.
 */
export function siftReads(settings: Settings, stage: string): Resources {
  if (!settings.watchGoneSecrets) return {};
  return {
    ...recordRule(SIFT_READS, READ_RULE),
    ...hubRule(settings, stage, SIFT_READS_HUB, READ_RULE),
    ...readsQueue(settings),
    [SIFT_READS.role]: functionRole(
      SIFT_READS,
      {},
      // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      allow(
        'TakeFromQueue',
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        readsQueueArn,
      ),
      allowListDeleted,
      allow('HandOnReads', 'lambda:InvokeFunction', attribute(NOTIFY.function, 'Arn')),
    ),
  };
}

export const CHANGE_RULE: RecordRule = {
  Description: 'Deletions of secrets and replicas, and cancellations of deletions, that succeeded',
  // Enough here: these are writes, and a plain ENABLED leaves out read events only.
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
  State: 'ENABLED',
  detail: {
    eventName: [...CHANGES],
    errorCode: [{ exists: false }],
  },
};

export const CLASH_RULE: RecordRule = {
  Description:
    'Secrets that could not be created: their names are of secrets scheduled for deletion',
  State: CHANGE_RULE.State,
  detail: {
    eventName: ['CreateSecret'],
    errorMessage: [{ wildcard: '*already scheduled for deletion*' }],
    errorCode: withCode('InvalidRequest'),
  },
};

/**
 * The rules that send each deletion, each cancellation of one, and each creation that a deletion is in the way of, to the
 * function `trackDeletion`, and what that function may do.
 */
export const trackDeletion = (settings: Settings, stage: string): Resources => ({
  ...recordRule(TRACK_DELETION, CHANGE_RULE),
  ...hubRule(settings, stage, TRACK_DELETION_HUB, CHANGE_RULE),
  ...(settings.watchNameClashes && {
    ...recordRule(TRACK_CLASHES, CLASH_RULE),
    ...hubRule(settings, stage, TRACK_CLASHES_HUB, CLASH_RULE),
  }),
  [TRACK_DELETION.role]: functionRole(
    TRACK_DELETION,
    hubRolePath(settings, stage),
    allowOnTable('Query', 'PutItem', 'UpdateItem'),
    ...(settings.watchNameClashes ? [allowSearchHistory] : []),
    allowDescribe, // whose it is, as long as AWS can tell
    ...allowLookUp(settings, stage, TRACK_DELETION.key),
    ...(settings.announceDeletions ? allowReport(settings) : []),
  ),
});

/**
 * Not how often digests go out, but how soon one that is due is found: what the budget has deferred is to be named within
 * minutes.
 */
export const SCHEDULE: Schedule = {
  Description: 'Time to look for digests, last calls and ends that are due',
  minutes: 2,
};

/** The schedule of the function `summarize`, and what that function may do. */
export const summarize = (settings: Settings, stage: string): Resources => ({
  ...scheduleRule(SUMMARIZE, SCHEDULE),
  [SUMMARIZE.role]: functionRole(
    SUMMARIZE,
    hubRolePath(settings, stage),
    // What the topic of the notices did not take is kept in the table until it does.
    allowOnTable(
      'Query',
      'PutItem',
      'UpdateItem',
      ...(noticeTopicArn(settings) ? ['DeleteItem'] : []),
    ),
    ...allowFindLeftOver,
    allowDescribe, // where the ledger has nothing
    ...allowLookUp(settings, stage, SUMMARIZE.key),
    ...allowReport(settings),
  ),
});

/** As the rules that there are, in at most the 1024 characters that CloudWatch Logs takes. */
export function trailPattern({
  watchGoneSecrets,
  watchNameClashes,
}: Pick<Settings, 'watchGoneSecrets' | 'watchNameClashes'>): string {
  const rules = [
    ATTEMPT_RULE,
    CHANGE_RULE,
    ...(watchGoneSecrets ? [READ_RULE] : []),
    ...(watchNameClashes ? [CLASH_RULE] : []),
  ];
  return `{ ($.eventSource = "${SECRETS_MANAGER}") && (${rules.map(clauseOf).join(' || ')}) }`;
}

/** What such a rule matches, in the syntax of CloudWatch Logs. */
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
function clauseOf({ detail }: RecordRule): string {
  const fields = Object.entries(detail).map(([field, values]) => {
    const tests = values.map((value) => testOf(`$.${field}`, value));
    return tests.length > 1 ? `(${tests.join(' || ')})` : tests.join('');
  });
  return `(${fields.join(' && ')})`;
}

function testOf(field: string, value: Expected): string {
  if (typeof value === 'string') return `(${field} = "${value}")`;
  return 'wildcard' in value ? `(${field} = "${value.wildcard}")` : `(${field} NOT EXISTS)`;
}

/**
 * The subscription filter that sends what the trail's log group holds, of every Region and account, to the function
 * `readTrail`, and what that function may do; nothing if `trailPath` is off.
 */
export function readTrail(settings: Settings): Resources {
  if (settings.trailPath === 'off') return {};
  const handlers = [NOTIFY, TRACK_DELETION].map((names) => attribute(names.function, 'Arn'));
  return {
    ...subscription(settings, trailPattern(settings)),
    [READ_TRAIL.role]: functionRole(
      READ_TRAIL,
      {},
      allow('HandOnRecords', 'lambda:InvokeFunction', handlers),
      ...(settings.watchGoneSecrets
        ? [allow('HandOnReads', 'sqs:SendMessage', readsQueueArn)]
        : []),
    ),
  };
}

/** What the functions of the channels beside the mail may do, and that of the chat's buttons: of those that there are. */
export function channels(settings: Settings, stage: string): Resources {
  const chat = chatTopicArn(settings);
  const { eventBusName } = settings;
  return {
    ...(chat && {
      [CHAT.role]: functionRole(CHAT, {}, allowClaim, ...allowPublish(settings, chat)),
    }),
    ...(eventBusName && {
      [BUS.role]: functionRole(
        BUS,
        {},
        allowClaim,
        allow(
          'PutEvents',
          'events:PutEvents',
          sub(
            `arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:event-bus/${eventBusName}`,
          ),
        ),
      ),
    }),
    ...(hasButtons(settings) && {
      [BUTTONS.role]: functionRole(
        BUTTONS,
        hubRolePath(settings, stage),
        allowOnTable(...BUTTONS_TABLE_ACTIONS),
        allowDescribe,
        ...allowLookUp(settings, stage, BUTTONS.key),
      ),
    }),
  };
}

/** Lets the function of a channel claim a notice, note that it is sent, and give the claim back. */
const allowClaim = allowOnTable('UpdateItem', 'DeleteItem');

/** Lets a function mail, and hand on to the other channels, if there are any, what it mails. */
const allowReport = (settings: Settings): Statement[] => {
  const handOn = noticeTopicArn(settings);
  return allowPublish(settings, topicArn(settings), ...(handOn ? [handOn] : []));
};

/** A function's own role: its logs, the dead-letter queue unless its caller waits, and what it is for. */
const functionRole = (
  names: FunctionNames,
  name: { Path?: string },
  ...statements: Statement[]
): Resource =>
  role(
    service('lambda.amazonaws.com'),
    name,
    allow(
      'WriteOwnLogs',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      attribute(names.logGroup, 'Arn'),
    ),
    ...(THAT_ANSWER.includes(names)
      ? []
      : [allow('KeepFailedEvents', 'sqs:SendMessage', deadLetterQueueArn)]),
    ...statements,
  );

/** All of the account and Region of a stack. */
export const SECRETS = sub(
  'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*',
);

/** Date, tags and last use; never a value. */
const allowDescribe = allow('DescribeSecrets', 'secretsmanager:DescribeSecret', SECRETS);

// Cannot be narrowed: LookupEvents has no resource types.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html
const allowSearchHistory = allow('SearchEventHistory', 'cloudtrail:LookupEvents', '*');

/** The condition on secrets whose owners allow that their deletion is cancelled. */
export const TAGGED = { [`aws:ResourceTag/${AUTO_CANCEL_TAG}`]: 'true' };

/** Absent when off, so that the template proves that nothing is ever restored. */
function allowRestore({ autoCancelDeletion }: Settings): Statement[] {
  if (autoCancelDeletion === 'off') return [];
  return [
    allow(
      'CancelDeletions',
      'secretsmanager:RestoreSecret',
      SECRETS,
      autoCancelDeletion === 'tagged' ? { StringEquals: TAGGED } : undefined,
    ),
  ];
}

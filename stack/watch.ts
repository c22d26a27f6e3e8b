import { LATE_MS, NAMED_WITHIN_MS } from '../lib/incident/plan.ts';
import { MUTE_DAYS } from '../lib/notice/chat/variables.ts';
import { LEFT_DAYS } from '../lib/notice/incident-notice.ts';
import { MINUTE_MS } from '../lib/time.ts';
import { alarmAt, alarmAtOne, command, OWN_DIMENSION, type Watched } from './alarm.ts';
import { attribute, type Resource, type Resources, ref, sub } from './cloudformation.ts';
import { DEAD_LETTER_DAYS, DEAD_LETTER_QUEUE } from './dead-letter-queue.ts';
import {
  BUS,
  BUTTONS,
  CHAT,
  channelsOf,
  type FunctionNames,
  functionsOf,
  HUB_BUS,
  type HubFunctionNames,
  NOTIFY,
  READ_TRAIL,
  READS_QUEUE,
  type RuleFunctionNames,
  rulesOf,
  SERVICE,
  SIFT_READS,
  SUMMARIZE,
  stackNameOf,
  TRACK_CLASHES,
  TRACK_DELETION,
} from './names.ts';
import { NOTICE_TOPIC, noticeTopics } from './notices.ts';
import { READ_AGAIN, READ_TRIES, READS_KEPT_DAYS } from './reads-queue.ts';
import { hasChat, type Settings } from './settings.ts';
import { topicArn } from './topic.ts';

/**
 * In seconds, written by each completed run of `summarize`: by how much the notice that is most overdue is later than it may be
 * (`LATE_MS`, `NAMED_WITHIN_MS`); 0 if none is.
 */
export const NOTICE_OVERDUE = 'NoticeOverdue';

/** Counts what the topic of the notices did not take, by each function that hands on, and at each further try. */
export const NOTICES_NOT_TAKEN = 'NoticesNotTaken';

/** How long a notice may be overdue, and no run be completed, before an alarm goes off, in seconds. */
const PERIOD = 300;
const PERIODS = 3;

const replay = (stage: string) => command('replay', stage);

/** How long it may take until messages of a queue that was idle are counted, and an alarm on them goes off, in minutes. */
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
const QUEUE_AWAKE = 20;

const deadLetters = (settings: Settings, stage: string) => `\
Something could not be handled: an attempt on a deleted secret may not be reported, or a deletion unknown\
${channelsOf(settings).length > 0 ? ', or a notice was mailed, but is missing in the chat or on the event bus' : ''}.
Each message of \${${DEAD_LETTER_QUEUE}.QueueName} is an event that a function failed on three times, or that \
a rule could not hand to it. The queue keeps it for ${DEAD_LETTER_DAYS} days; this alarm may see it ${QUEUE_AWAKE} minutes late.
1. What and why: the alarms of functions and rules that went off up to half an hour before this one say where to look; the \
message itself holds the event and the error.
2. Fix that, then: ${replay(stage)} (each message is deleted only once it has been handled)
This alarm mails no more until the queue is empty.`;

/** When the alarm goes off that a notice is overdue which may be late by `ms`, in minutes. */
const afterMinutes = (ms = 0) => (PERIODS * PERIOD) / 60 + ms / MINUTE_MS;

const overdue = (stage: string) => `\
ALARM: a mail on deleted secrets (digest, last call, end, name taken) is over ${afterMinutes(LATE_MS)} minutes late, or a secret has been read for \
${afterMinutes(NAMED_WITHIN_MS.secret)} minutes without one that names it. INSUFFICIENT_DATA: for ${afterMinutes()} minutes no run of \
\${${SUMMARIZE.function}}, which sends them, has come to its end. First attempts \
are still alerted, nothing is lost: its next complete run sends what is due.
1. An alarm on its errors, throttles or failed invocations has gone off too? Do what that says.
2. INSUFFICIENT_DATA alone: nothing starts it. aws events describe-rule --name \${${SUMMARIZE.rule}} must say ENABLED; \
if not: aws events enable-rule --name \${${SUMMARIZE.rule}}
3. ALARM alone: more attempts than a run can count, or mails than an hour may have. ${command('status', stage)} \
shows who makes so many: restore that secret, or stop that caller.`;

/** Where the notices are missing that the topic does not take: `in the chat and on the event bus`. */
const placesOf = (settings: Settings): string =>
  [hasChat(settings) && 'in the chat', settings.eventBusName && 'on the event bus']
    .filter(Boolean)
    .join(' and ');

const notTaken = (settings: Settings, stage: string) => `\
Notices are missing ${placesOf(settings)}: the topic \${${NOTICE_TOPIC}.TopicName} does not take them. They are mailed all the same.
Each is kept for ${LEFT_DAYS} days, and \${${SUMMARIZE.function}} tries again every two minutes: once the topic takes them, nothing is left to do, \
and this alarm ends.
1. ${command('doctor', stage)} says whether the topic is there, and who may not publish to it.
2. Else see why, in CloudWatch Logs Insights, on /aws/lambda/\${${SUMMARIZE.function}}: fields @timestamp, error.name, error.message | \
filter message like "not handed on"
3. AuthorizationError: a policy was changed, of the topic, the function's role or the organization; KMSAccessDenied: that of the key in kmsKeyArn. \
NotFound: the topic is gone. What was changed by hand a deployment does not put back.`;

/** How old a read may get in its queue, which holds each back for five minutes, before an alarm goes off, in seconds. */
const WAITING = 60 * 60;

const readsWaiting = (stage: string) => `\
A read that found no secret has been waiting for over ${WAITING / 60} minutes in \${${READS_QUEUE}.QueueName}: reads of secrets that are \
gone are reported late. After ${READS_KEPT_DAYS} days the queue drops what it holds. Attempts on secrets that are still scheduled for deletion do not wait there.
1. An alarm on errors or throttles of \${${SIFT_READS.function}} has gone off too? Do what that says.
2. Else nothing may hand it what the queue holds. aws lambda list-event-source-mappings --function-name \${${SIFT_READS.function}} must say \
Enabled; if not: aws lambda update-event-source-mapping --enabled --uuid UUID. ${command('doctor', stage)} says what else is amiss.
3. All is well? Then somebody reads thousands of names a second that AWS does not find. CloudTrail has who: GetSecretValue, ResourceNotFoundException.`;

/** What waits while the function does not run, or is lost. */
type AtStake = string;

/** A function with one of its rules. */
type RuleNames = RuleFunctionNames | HubFunctionNames;
type Names = FunctionNames | RuleNames;

const isOnHubBus = (names: Names): names is HubFunctionNames => 'ruleName' in names;

/** A rule's name, and by which options the AWS CLI finds it. */
function ruleText(names: RuleNames, stage: string) {
  const name = isOnHubBus(names) ? names.ruleName(stage) : `\${${names.rule}}`;
  const onBus = isOnHubBus(names) ? ` --event-bus-name ${stackNameOf(stage)}` : '';
  return { name, found: `${name}${onBus}` };
}

/**
 * The functions, and a rule that one has besides; and what an event takes with it that is lost for good: nothing where a later run
 * makes up for it.
 */
const FUNCTIONS: { names: Names; atStake: AtStake; ifLost?: AtStake }[] = [
  {
    names: NOTIFY,
    atStake: 'alerts are late: an attempt on a deleted secret may not be reported',
    ifLost: 'an attempt on a deleted secret is not reported',
  },
  {
    names: TRACK_DELETION,
    atStake: 'alerts may not know when a secret goes, and who scheduled that',
    ifLost: 'a deletion, or its end, is not known',
  },
  {
    names: TRACK_CLASHES,
    atStake: 'nobody hears of secrets that a deletion keeps from being created',
    ifLost: 'nobody hears of a secret that a deletion keeps from being created',
  },
  {
    names: SIFT_READS,
    atStake: 'reads of secrets that are gone are not reported',
    ifLost: 'a read of a secret that may be gone is not reported',
  },
  {
    names: SUMMARIZE,
    atStake: 'digests, last calls and what became of secrets are not sent; a later run sends them',
  },
  {
    names: READ_TRAIL,
    atStake: 'what the trail tells of other Regions and accounts is late',
    ifLost: 'attempts and deletions of other Regions and accounts are not known',
  },
  {
    names: CHAT,
    atStake: 'notices reach the chat late; mails do not wait for it',
    ifLost: 'a notice is missing in the chat, though a mail has it',
  },
  {
    names: BUS,
    atStake: 'notices reach the event bus late; mails do not wait for it',
    ifLost: 'a notice is missing on the event bus, though a mail has it',
  },
  { names: BUTTONS, atStake: 'somebody has pressed a button of the chat, and nothing was done' },
];

/** Writes the text of an alarm on a function, or on its rule. */
type Text<Of extends FunctionNames = FunctionNames> = (
  names: Of,
  atStake: AtStake,
  stage: string,
) => string;

const inItsLog = (names: FunctionNames) => `\
in CloudWatch Logs Insights, on /aws/lambda/\${${names.function}}: fields @timestamp, \
message, error.name, error.message | filter level = "ERROR" or record.status = "timeout" | sort @timestamp desc`;

const errors: Text = (names, atStake, stage) => `\
\${${names.function}} failed. Until it succeeds ${atStake}.
Lambda tries each event again after one minute and after two more; then, some three minutes after the first failure, it goes to \
the dead-letter queue, which has an alarm of its own. No such alarm within half an hour: a retry has succeeded, nothing is to be done.
Otherwise see why, ${inItsLog(names)}
AccessDenied: a policy (of the topic, its key, the organization) was changed. Faulty environment: deploy again. \
Then: ${replay(stage)}`;

const notAnswered: Text = (names, atStake, stage) => `\
\${${names.function}} failed: ${atStake}. Nothing tries that again.
1. ${command('mute', stage)} --secret NAME --for ${MUTE_DAYS}d --reason "why" and ${command('status', stage)} do what the buttons do; \
of a secret elsewhere its ARN for NAME.
2. See why, ${inItsLog(names)}
AccessDenied: a policy (of the function, the organization) was changed. Faulty environment: deploy again.`;

const againByQueue = `\
\${${READS_QUEUE}.QueueName} hands each read over again after ${Math.round(READ_AGAIN / 60)} minutes; after ${READ_TRIES} tries it goes to the dead-letter queue, \
which has an alarm of its own. No such alarm within an hour: a later try has succeeded, nothing is to be done.`;

const notTakenFromQueue: Text = (names, atStake, stage) => `\
\${${names.function}} failed. Until it succeeds ${atStake}.
${againByQueue}
Otherwise see why, ${inItsLog(names)}
AccessDenied: a policy (of the function, the organization) was changed. Faulty environment: deploy again. Then: ${replay(stage)}`;

const FIND_ROOM = `\
1. Which function uses up the account's concurrency in \${AWS::Region}? CloudWatch, Lambda, \
ConcurrentExecutions by function name.
2. Give that one a limit: aws lambda put-function-concurrency. Or ask for more: Service Quotas, AWS Lambda, \
Concurrent executions.`;

const throttles: Text = (names, atStake, stage) => `\
Lambda could not run \${${names.function}} for want of concurrency. Meanwhile ${atStake}.
Lambda keeps each event and tries again for 6 hours, then it goes to the dead-letter queue, which has an alarm \
of its own.
${FIND_ROOM}
3. After more than 6 hours: ${replay(stage)}`;

const throttledAtQueue: Text = (names, atStake, stage) => `\
Lambda could not run \${${names.function}} for want of concurrency. Meanwhile ${atStake}.
${againByQueue}
${FIND_ROOM}
3. Messages in the dead-letter queue? ${replay(stage)}`;

const notQueued: Text<RuleNames> = (names, atStake, stage) => `\
EventBridge gave up handing an event to the queue of \${${names.function}}. Meanwhile ${atStake}.
The event is in the dead-letter queue, which has an alarm of its own. The usual cause is a change by hand, of the \
queue \${${READS_QUEUE}.QueueName}, its policy, or the target of the rule ${ruleText(names, stage).name}.
1. ${command('doctor', stage)} names the call that puts it back, a deployment does not.
2. ${replay(stage)}`;

const failedInvocations: Text<RuleNames> = (names, atStake, stage) => `\
EventBridge gave up handing an event to \${${names.function}}. Meanwhile ${atStake}.
The event is in the dead-letter queue, which has an alarm of its own. The usual cause is a change by hand, of the \
function or of what lets the rule invoke it; then it gives up at once, else after a day.
1. aws lambda get-policy --function-name \${${names.function}} must allow events.amazonaws.com for the rule \
${ruleText(names, stage).name}; aws events list-targets-by-rule --rule ${ruleText(names, stage).found} must name the function.
2. If not: ${command('doctor', stage)} names the call that puts it back, a deployment does not. 3. ${replay(stage)}`;

const dropped: Text = (names, atStake, stage) => `\
Lambda gave up an event for \${${names.function}}, and has sent it to the dead-letter queue, whose alarm follows within \
${QUEUE_AWAKE} minutes. Until it is replayed ${atStake}.
It failed three times, some three minutes, or found no concurrency for 6 hours: the alarms on errors and throttles say why.
1. Fix that, then: ${replay(stage)}
2. An alarm on DestinationDeliveryFailures too? Then it is not in the queue: do what that says.`;

const lost = (names: Names, stage: string) => `\
What was changed by hand a deployment does not put back.
2. ${names === CHAT || names === BUS ? lostNotice(stage) : lostRecord(names, stage)}`;

const lostNotice = (stage: string) =>
  `Nothing sends it there again. ${command('status', stage)} shows the secrets that are scheduled for deletion, and who has tried to read them.`;

const lostRecord = (names: Names, stage: string) => `\
${
  names === READ_TRAIL || isOnHubBus(names)
    ? ''
    : `${command('status', stage)} --backfill reads from CloudTrail's event history what is not in the table, of this \
account and Region, and shows it; no mail follows. `
}The trail's log group keeps all records, of other Regions and accounts too: \
search it for eventSource = "secretsmanager.amazonaws.com".`;

const notDelivered: Text = (names, atStake, stage) => `\
AN EVENT IS LOST. Lambda gave up an event for \${${names.function}}, and could not send it to the dead-letter queue either: ${atStake}.
1. The queue \${${DEAD_LETTER_QUEUE}.QueueName} must exist, and the function's role must allow sqs:SendMessage to it. ${lost(names, stage)}`;

const notSent: Text<RuleNames> = (names, atStake, stage) => `\
AN EVENT IS LOST. EventBridge gave up handing an event to \${${names.queue ? `${names.queue}.QueueName` : names.function}}, and could not send it to the dead-letter \
queue either: ${atStake}.
1. The queue \${${DEAD_LETTER_QUEUE}.QueueName} must exist, and its policy must allow events.amazonaws.com to send for the rule \
${ruleText(names, stage).name}. ${lost(names, stage)}`;

/**
 * What goes wrong, for a while or for good, and where it is counted. Events are lost for good only by two faults at a time,
 * which is why that has alarms of its own, and only of the functions for which it matters.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html#eb-metrics
 */
const FAULTS: Metrics = {
  ofFunction: { Errors: errors, Throttles: throttles },
  ofRule: { FailedInvocations: failedInvocations },
};
const LOSSES: Metrics = {
  ofFunction: { AsyncEventsDropped: dropped, DestinationDeliveryFailures: notDelivered },
  ofRule: { InvocationsFailedToBeSentToDlq: notSent },
};

/** The metrics that have an alarm, with its text. */
type Metrics = {
  readonly ofFunction: Readonly<Record<string, Text>>;
  readonly ofRule: Readonly<Record<string, Text<RuleNames>>>;
};

/** What is watched of a function and its rules: less where its caller waits for the answer, or of a rule that it has besides. */
function metricsOf(names: Names): { faults: Metrics; losses: Metrics } {
  const losses = { ofFunction: {}, ofRule: LOSSES.ofRule };
  switch (names) {
    case BUTTONS:
      return { faults: { ofFunction: { Errors: notAnswered }, ofRule: {} }, losses };
    case TRACK_CLASHES:
      return { faults: { ofFunction: {}, ofRule: FAULTS.ofRule }, losses };
    case SIFT_READS: {
      const ofFunction = { Errors: notTakenFromQueue, Throttles: throttledAtQueue };
      return { faults: { ofFunction, ofRule: { FailedInvocations: notQueued } }, losses };
    }
    default:
      return { faults: FAULTS, losses: LOSSES };
  }
}

/** Alarms on the notifier itself. The text of each says what it means and what to do, at three in the morning. */
export const watch = (settings: Settings, stage: string): Resources => ({
  DeadLettersAlarm: alarmAtOne(settings, {
    AlarmName: sub('${AWS::StackName}-DeadLetters'),
    AlarmDescription: sub(deadLetters(settings, stage)),
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Statistic: 'Maximum',
    Dimensions: [{ Name: 'QueueName', Value: attribute(DEAD_LETTER_QUEUE, 'QueueName') }],
  }),
  NoticeOverdueAlarm: noticeOverdue(settings, stage),
  // One for all functions that hand on: they count it as one metric.
  ...(noticeTopics(settings).length > 0 && {
    NoticesNotTakenAlarm: alarmAtOne(settings, {
      AlarmName: sub(`\${AWS::StackName}-${NOTICES_NOT_TAKEN}`),
      AlarmDescription: sub(notTaken(settings, stage)),
      Namespace: SERVICE,
      MetricName: NOTICES_NOT_TAKEN,
      Statistic: 'Sum',
      Dimensions: [{ Name: OWN_DIMENSION.Name, Value: sub(OWN_DIMENSION.Value) }],
    }),
  }),
  ...Object.fromEntries(
    FUNCTIONS.filter(({ names }) => isThere(settings, names)).flatMap(
      ({ names, atStake, ifLost }) => {
        const { faults, losses } = metricsOf(names);
        return [
          ...alarms(settings, faults, names, atStake, stage),
          ...(ifLost ? alarms(settings, losses, names, ifLost, stage) : []),
        ];
      },
    ),
  ),
  ...(settings.watchGoneSecrets && {
    ReadsWaitingAlarm: alarmAt(WAITING, settings, {
      AlarmName: sub('${AWS::StackName}-ReadsWaiting'),
      AlarmDescription: sub(readsWaiting(stage)),
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Statistic: 'Maximum',
      Dimensions: [{ Name: 'QueueName', Value: attribute(READS_QUEUE, 'QueueName') }],
    }),
  }),
});

const isThere = (settings: Settings, names: Names): boolean =>
  [...functionsOf(settings), ...rulesOf(settings)].includes(names);

/** One for each metric, not one for all: its name and text then say what is wrong, at the same price. */
function alarms(
  settings: Settings,
  { ofFunction, ofRule }: Metrics,
  names: Names,
  atStake: AtStake,
  stage: string,
): [logicalId: string, Resource][] {
  const of = (
    { function: id, key, prefix }: Names,
    MetricName: string,
    text: string,
    where: Pick<Watched, 'Namespace' | 'Dimensions'>,
  ): [string, Resource] => {
    // Of a function's own rule nothing, of others what their prefix has besides the function's: `Hub`, `ClashHub`.
    const AlarmName = sub(`\${${id}}-${prefix.slice(key.length)}${MetricName}`);
    const counted = { MetricName, Statistic: 'Sum', ...where } as const;
    const watched = { AlarmName, AlarmDescription: sub(text), ...counted };
    return [`${prefix}${MetricName}Alarm`, alarmAtOne(settings, watched)];
  };
  const functions = Object.entries(ofFunction).map(([name, text]) =>
    of(names, name, text(names, atStake, stage), {
      Namespace: 'AWS/Lambda',
      Dimensions: [{ Name: 'FunctionName', Value: ref(names.function) }],
    }),
  );
  const rules = rulesBy(settings, names).flatMap((one) =>
    Object.entries(ofRule).map(([name, text]) =>
      of(one, name, text(one, atStake, stage), {
        Namespace: 'AWS/Events',
        Dimensions: dimensionsOf(one, stage),
      }),
    ),
  );
  return [...functions, ...rules];
}

/** A function's rule of these names: on the default bus, and on the hub's. */
const rulesBy = (settings: Settings, { prefix }: Names): RuleNames[] =>
  rulesOf(settings).filter((one) => one.prefix === prefix || one.prefix === `${prefix}Hub`);

/** A rule on a bus of its own is counted by the bus's name too. */
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html#eb-metrics-dimensions
const dimensionsOf = (names: RuleNames, stage: string) =>
  isOnHubBus(names)
    ? [
        { Name: 'EventBusName', Value: ref(HUB_BUS) },
        { Name: 'RuleName', Value: names.ruleName(stage) },
      ]
    : [{ Name: 'RuleName', Value: ref(names.rule) }];

/**
 * An alarm on notices that are overdue. No data means no completed run, and mails too; but not when the stack
 * is created, because an alarm begins in that state, and only a change of state mails.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
function noticeOverdue(settings: Settings, stage: string): Resource {
  const actions = [topicArn(settings)];
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: sub(`\${AWS::StackName}-${NOTICE_OVERDUE}`),
      AlarmDescription: sub(overdue(stage)),
      Namespace: SERVICE,
      MetricName: NOTICE_OVERDUE,
      Dimensions: [{ Name: OWN_DIMENSION.Name, Value: sub(OWN_DIMENSION.Value) }],
      Statistic: 'Maximum',
      Period: PERIOD,
      EvaluationPeriods: PERIODS,
      DatapointsToAlarm: 1,
      Threshold: PERIODS * PERIOD,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'missing',
      AlarmActions: actions,
      InsufficientDataActions: actions,
    },
  };
}

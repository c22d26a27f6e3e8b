import { LATE_MS, NAMED_WITHIN_MS } from '../lib/incident/plan.ts';
import { MINUTE_MS } from '../lib/time.ts';
import { alarmAtOne } from './alarm.ts';
import { attribute, type Resource, type Resources, ref, sub } from './cloudformation.ts';
import { DEAD_LETTER_DAYS, DEAD_LETTER_QUEUE } from './dead-letter-queue.ts';
import { type FunctionNames, NOTIFY, SERVICE, SUMMARIZE, TRACK_DELETION } from './names.ts';
import type { Settings } from './settings.ts';
import { topicArn } from './topic.ts';

/** The dimension of the metrics that the functions write by Powertools: their service is the stack's name (serverless.yml). */
export const OWN_DIMENSION = { Name: 'service', Value: '${AWS::StackName}' } as const;

/**
 * In seconds, written by each completed run of `summarize`: by how much the notice that is most overdue is later than it may be
 * (`LATE_MS`, `NAMED_WITHIN_MS`); 0 if none is.
 */
export const NOTICE_OVERDUE = 'NoticeOverdue';

/** How long a notice may be overdue, and no run be completed, before an alarm goes off, in seconds. */
const PERIOD = 300;
const PERIODS = 3;

const command = (name: 'doctor' | 'replay' | 'status', stage: string) =>
  `npm run ${name} -- --stage ${stage} --region \${AWS::Region}`;
const replay = (stage: string) => command('replay', stage);

const deadLetters = (stage: string) => `\
Something could not be handled: an attempt on a deleted secret may not be reported, or a deletion unknown.
Each message of \${${DEAD_LETTER_QUEUE}.QueueName} is an event that a function failed on three times, or that \
a rule could not hand to it. The queue keeps it for ${DEAD_LETTER_DAYS} days.
1. What and why: the alarms of functions and rules that went off with this one say where to look; the message \
itself holds the event and the error.
2. Fix that, then: ${replay(stage)} (each message is deleted only once it has been handled)
This alarm mails no more until the queue is empty.`;

/** When the alarm goes off that a notice is overdue which may be late by `ms`, in minutes. */
const afterMinutes = (ms = 0) => (PERIODS * PERIOD) / 60 + ms / MINUTE_MS;

const overdue = (stage: string) => `\
ALARM: a mail on deleted secrets (digest, last call, end) is over ${afterMinutes(LATE_MS)} minutes late, or a secret has been read for \
${afterMinutes(NAMED_WITHIN_MS.secret)} minutes without one that names it. INSUFFICIENT_DATA: for ${afterMinutes()} minutes no run of \
\${${SUMMARIZE.function}}, which sends them, has come to its end. First attempts \
are still alerted, nothing is lost: its next complete run sends what is due.
1. An alarm on its errors, throttles or failed invocations has gone off too? Do what that says.
2. INSUFFICIENT_DATA alone: nothing starts it. aws events describe-rule --name \${${SUMMARIZE.rule}} must say ENABLED; \
if not: aws events enable-rule --name \${${SUMMARIZE.rule}}
3. ALARM alone: more attempts than a run can count, or mails than an hour may have. ${command('status', stage)} \
shows who makes so many: restore that secret, or stop that caller.`;

/** What waits while the function does not run. */
type AtStake = string;

const FUNCTIONS: [FunctionNames, AtStake][] = [
  [NOTIFY, 'alerts are late: an attempt on a deleted secret may not be reported'],
  [TRACK_DELETION, 'alerts may not know when a secret goes, and who scheduled that'],
  [
    SUMMARIZE,
    'digests, last calls and what became of secrets are not sent; a later run sends them',
  ],
];

const errors = (names: FunctionNames, atStake: AtStake, stage: string) => `\
\${${names.function}} failed. Until it succeeds ${atStake}.
Lambda tries each event again after one minute and after two more, then it goes to the dead-letter queue, \
which has an alarm of its own. No such alarm within 15 minutes: a retry has succeeded, nothing is to be done.
Otherwise see why, in CloudWatch Logs Insights, on /aws/lambda/\${${names.function}}: fields @timestamp, \
message, error.name, error.message | filter level = "ERROR" or record.status = "timeout" | sort @timestamp desc
AccessDenied: a policy (of the topic, its key, the organization) was changed. Faulty environment: deploy again. \
Then: ${replay(stage)}`;

const throttles = (names: FunctionNames, atStake: AtStake, stage: string) => `\
Lambda could not run \${${names.function}} for want of concurrency. Meanwhile ${atStake}.
Lambda keeps each event and tries again for 6 hours, then it goes to the dead-letter queue, which has an alarm \
of its own.
1. Which function uses up the account's concurrency in \${AWS::Region}? CloudWatch, Lambda, \
ConcurrentExecutions by function name.
2. Give that one a limit: aws lambda put-function-concurrency. Or ask for more: Service Quotas, AWS Lambda, \
Concurrent executions.
3. After more than 6 hours: ${replay(stage)}`;

const failedInvocations = (names: FunctionNames, atStake: AtStake, stage: string) => `\
EventBridge gave up handing an event to \${${names.function}}. Meanwhile ${atStake}.
The event is in the dead-letter queue, which has an alarm of its own. The usual cause is a change by hand: of the \
function, or of what allows the rule to invoke it.
1. aws lambda get-policy --function-name \${${names.function}} must allow events.amazonaws.com for the rule \
\${${names.rule}}; aws events list-targets-by-rule --rule \${${names.rule}} must name the function.
2. If not: ${command('doctor', stage)} names the call that puts it back, a deployment does not. 3. ${replay(stage)}`;

const onFunction = (names: FunctionNames) => [{ Name: 'FunctionName', Value: ref(names.function) }];
const onRule = (names: FunctionNames) => [{ Name: 'RuleName', Value: ref(names.rule) }];

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html#eb-metrics
 */
const METRICS = [
  { Namespace: 'AWS/Lambda', MetricName: 'Errors', on: onFunction, text: errors },
  { Namespace: 'AWS/Lambda', MetricName: 'Throttles', on: onFunction, text: throttles },
  { Namespace: 'AWS/Events', MetricName: 'FailedInvocations', on: onRule, text: failedInvocations },
];

/** Alarms on the notifier itself. The text of each says what it means and what to do, at three in the morning. */
export const watch = (settings: Settings, stage: string): Resources => ({
  DeadLettersAlarm: alarmAtOne(settings, {
    AlarmName: sub('${AWS::StackName}-DeadLetters'),
    AlarmDescription: sub(deadLetters(stage)),
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Statistic: 'Maximum',
    Dimensions: [{ Name: 'QueueName', Value: attribute(DEAD_LETTER_QUEUE, 'QueueName') }],
  }),
  NoticeOverdueAlarm: noticeOverdue(settings, stage),
  ...Object.fromEntries(FUNCTIONS.flatMap((watched) => alarms(settings, stage, ...watched))),
});

/** One for each metric, not one for all: its name and text then say what is wrong, at the same price. */
const alarms = (
  settings: Settings,
  stage: string,
  names: FunctionNames,
  atStake: AtStake,
): [logicalId: string, Resource][] =>
  METRICS.map(({ Namespace, MetricName, on, text }) => [
    `${names.prefix}${MetricName}Alarm`,
    alarmAtOne(settings, {
      AlarmName: sub(`\${${names.function}}-${MetricName}`),
      AlarmDescription: sub(text(names, atStake, stage)),
      Namespace,
      MetricName,
      Statistic: 'Sum',
      Dimensions: on(names),
    }),
  ]);

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

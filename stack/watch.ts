import { alarmAtOne } from './alarm.ts';
import { attribute, type Resource, type Resources, ref, sub } from './cloudformation.ts';
import { DEAD_LETTER_DAYS, DEAD_LETTER_QUEUE } from './dead-letter-queue.ts';
import { type FunctionNames, NOTIFY, SERVICE, SUMMARIZE, TRACK_DELETION } from './names.ts';
import type { Settings } from './settings.ts';
import { topicArn } from './topic.ts';

/** The dimension of the metrics that the functions write by Powertools: their service is the stack's name (serverless.yml). */
export const OWN_DIMENSION = { Name: 'service', Value: '${AWS::StackName}' } as const;

/** In seconds, written by each completed run of `summarize`: 0 if it left nothing to the next. */
export const OLDEST_UNTOLD_AGE = 'OldestUntoldAge';

const command = (name: 'doctor' | 'replay', stage: string) =>
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

const UNTOLD = `\
ALARM: \${${SUMMARIZE.function}} cannot keep up, and the oldest attempt that no message has reported has waited for \
three summaries. There are more attempts than a run can sum up: look at the last summary for who makes so many. Restore that secret, \
stop that caller, or add it to ignoredCallers and deploy again. Each run reports what is new first; nothing is lost.
INSUFFICIENT_DATA: for three intervals no run of it has come to its end, and attempts that had no alert of their own \
are not reported. Where an alarm on its errors, throttles or failed invocations has gone off too, do what that says. If not, \
nothing starts it: aws events describe-rule --name \${${SUMMARIZE.rule}} must say ENABLED; if not, aws events \
enable-rule --name \${${SUMMARIZE.rule}}. The next run reports all that has waited.`;

/** What waits while the function does not run. */
type AtStake = string;

const FUNCTIONS: [FunctionNames, AtStake][] = [
  [NOTIFY, 'alerts are late: an attempt on a deleted secret may not be reported'],
  [TRACK_DELETION, 'alerts may not know when a secret goes, and who scheduled that'],
  [SUMMARIZE, 'attempts that had no alert of their own are not reported; a later run reports them'],
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
  OldestUntoldAlarm: oldestUntold(settings),
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
 * An alarm on the attempts that wait to be reported. No data means no completed run, and mails too; but not when the stack
 * is created, because an alarm begins in that state, and only a change of state mails.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
function oldestUntold(settings: Settings): Resource {
  const interval = settings.summaryEveryMinutes * 60; // seconds
  const actions = [topicArn(settings)];
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: sub(`\${AWS::StackName}-${OLDEST_UNTOLD_AGE}`),
      AlarmDescription: sub(UNTOLD),
      Namespace: SERVICE,
      MetricName: OLDEST_UNTOLD_AGE,
      Dimensions: [{ Name: OWN_DIMENSION.Name, Value: sub(OWN_DIMENSION.Value) }],
      Statistic: 'Maximum',
      Period: interval,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 1,
      Threshold: 3 * interval,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'missing',
      AlarmActions: actions,
      InsufficientDataActions: actions,
    },
  };
}

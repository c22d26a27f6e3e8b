import type { CloudWatch, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { formatUtc, HOUR_MS } from '../../lib/time.ts';
import { ALARM, AT_ONE } from '../../stack/alarm.ts';
import { NOTICE_OVERDUE } from '../../stack/watch.ts';
import { ask } from './ask.ts';
import type { Context } from './context.ts';
import { aws, consolePage, npm, redeploy } from './remedy.ts';
import { physicalId, type Stack, topicArn } from './stack.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

export const alarmChecks = ({ stack, now, deployed }: Context): Checks => ({
  alarm: async () => {
    const alarm = await deployed.findAlarm();
    const unit = alarm?.Unit && (await deployed.writtenUnit());
    return judgeAlarm(stack, alarm, unit, now);
  },
  'alarm: actions': async () => judgeActions(stack, await deployed.alarm()),
});

/** On the alarms by which the service watches itself. */
export const ownAlarmChecks = ({ stack, now, deployed }: Context): Checks => ({
  'own alarms': async () =>
    judgeOwnAlarms(stack, deployed.ownAlarmNames, await deployed.ownAlarms(), now),
});

/** The alarms of these names, at most 100, that exist. */
export async function readAlarms(client: CloudWatch, AlarmNames: string[]): Promise<MetricAlarm[]> {
  const { MetricAlarms = [] } = await ask(
    'cloudwatch:DescribeAlarms',
    client.describeAlarms({ AlarmNames, MaxRecords: 100 }),
  );
  return MetricAlarms;
}

const EXPECTED = { ...AT_ONE, Statistic: 'Sum' } as const;

/** How long an alarm may keep its state without a warning: after one attempt it goes back within minutes. */
const LONG_MS = HOUR_MS;

/**
 * Whether the alarm of AWS's guide goes off at one attempt.
 * @param written the unit of what the metric filter writes, if it writes one
 */
function judgeAlarm(
  stack: Stack,
  alarm: MetricAlarm | undefined,
  written: string | undefined,
  now: Date,
): Finding {
  if (!alarm) {
    const create = consolePage(stack, 'cloudwatch', 'alarmsV2:create') ?? redeploy(stack);
    return fail(`There is no alarm ${physicalId(stack, ALARM)}.`, create);
  }
  const changed = Object.entries(EXPECTED)
    .filter(([key, value]) => alarm[key as keyof MetricAlarm] !== value)
    .map(([key, value]) => `${key} is ${alarm[key as keyof MetricAlarm]}, not ${value}`);
  if (alarm.Dimensions?.length) changed.push('it watches a metric with dimensions');
  // It would wait for a unit that never comes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  if (alarm.Unit && alarm.Unit !== (written ?? 'None')) {
    changed.push(`Unit is ${alarm.Unit}, but the filter writes ${written ?? 'none'}`);
  }
  if (changed.length > 0) {
    return fail(`It was changed: ${changed.join('; ')}.`, put(stack, alarm));
  }
  return judgeState(stack, alarm, now) ?? ok(`${alarm.StateValue}, goes off at one attempt`);
}

/** An alarm acts, and so mails, only when it goes to ALARM from another state. */
function judgeState(stack: Stack, alarm: MetricAlarm, now: Date): Finding | undefined {
  const since = sinceOf(alarm);
  if (!since || now.getTime() - since.getTime() < LONG_MS) return undefined;
  if (alarm.StateValue === 'ALARM') {
    return warn(
      `In ALARM since ${formatUtc(since)}: it mails no more until it has gone back to OK, so something keeps trying.`,
      npm('status', stack),
    );
  }
  if (alarm.StateValue !== 'INSUFFICIENT_DATA') return undefined;
  return warn(
    `INSUFFICIENT_DATA since ${formatUtc(since)}, where no attempt is OK: prove that it goes off.`,
    npm('drill', stack, '--path', 'alarm'),
  );
}

const sinceOf = (alarm: MetricAlarm) =>
  alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;

/** Creates the alarm again as it was deployed; the call resets every parameter that it does not name. */
function put(stack: Stack, alarm: MetricAlarm): string {
  const {
    AlarmActions = [],
    AlarmDescription,
    InsufficientDataActions = [],
    OKActions = [],
  } = alarm;
  if (!alarm.Namespace || !alarm.MetricName) return redeploy(stack); // it watches an expression
  const list = (name: string, values: readonly string[]) =>
    values.length > 0 ? [name, ...values] : [];
  return aws(stack)`cloudwatch put-metric-alarm --alarm-name ${alarm.AlarmName}
    ${list('--alarm-description', AlarmDescription ? [AlarmDescription] : [])}
    --namespace ${alarm.Namespace} --metric-name ${alarm.MetricName}
    --statistic ${EXPECTED.Statistic} --period ${EXPECTED.Period}
    --evaluation-periods ${EXPECTED.EvaluationPeriods} --threshold ${EXPECTED.Threshold}
    --comparison-operator ${EXPECTED.ComparisonOperator} --treat-missing-data ${EXPECTED.TreatMissingData}
    --alarm-actions ${[...new Set([...AlarmActions, topicArn(stack)])]}
    ${list('--ok-actions', OKActions)}
    ${list('--insufficient-data-actions', InsufficientDataActions)}`;
}

/** Whether the alarm publishes to the topic. */
function judgeActions(stack: Stack, alarm: MetricAlarm): Finding {
  const topic = topicArn(stack);
  if (alarm.ActionsEnabled === false) {
    return fail('Its actions are off: it notifies nobody.', enable(stack, [alarm.AlarmName ?? '']));
  }
  if (!alarm.AlarmActions?.includes(topic)) {
    return fail(`It does not publish to the topic ${topic}.`, put(stack, alarm));
  }
  return ok('on, and publish to the topic');
}

/** Whether the alarms by which the service watches itself would publish. @param names those of the stack */
function judgeOwnAlarms(
  stack: Stack,
  names: readonly string[],
  alarms: readonly MetricAlarm[],
  now: Date,
): Finding {
  const all =
    consolePage(stack, 'cloudwatch', `alarmsV2:?search=${stack.name}`) ??
    aws(stack)`cloudwatch describe-alarms --alarm-name-prefix ${stack.name}`;
  const missing = names.filter((name) => !alarms.some(({ AlarmName }) => AlarmName === name));
  if (missing.length > 0) return warn(`There is no ${missing.join(', ')}.`, all);
  const off = namesOf(alarms.filter(({ ActionsEnabled }) => ActionsEnabled === false));
  if (off.length > 0) return warn(`The actions of ${off.join(', ')} are off.`, enable(stack, off));
  const topic = topicArn(stack);
  const mute = namesOf(alarms.filter(({ AlarmActions }) => !AlarmActions?.includes(topic)));
  if (mute.length > 0) return warn(`These do not publish to the topic: ${mute.join(', ')}.`, all);
  const ringing = namesOf(alarms.filter(({ StateValue }) => StateValue === 'ALARM'));
  if (ringing.length > 0) return warn(`In ALARM: ${ringing.join(', ')}.`, all);
  for (const alarm of alarms) {
    const since = blindSince(alarm, now);
    if (!since) continue;
    const why =
      alarm.MetricName === NOTICE_OVERDUE ? ': no run of summarize has come to its end' : '';
    return warn(`${alarm.AlarmName} has had no data since ${formatUtc(since)}${why}.`, MEANINGS);
  }
  return ok(`${names.length} alarms, quiet`);
}

const MEANINGS = 'docs/operations.md#the-services-own-alarms';

/** Since when an alarm has had no data, if that is longer than it looks back: it begins without any. */
function blindSince(alarm: MetricAlarm, now: Date): Date | undefined {
  const { EvaluationPeriods = 1, Period = 0, StateValue } = alarm;
  const since = sinceOf(alarm);
  if (StateValue !== 'INSUFFICIENT_DATA' || !since) return undefined;
  const lookBack = Math.max(LONG_MS, EvaluationPeriods * Period * 1000);
  return now.getTime() - since.getTime() < lookBack ? undefined : since;
}

const namesOf = (alarms: readonly MetricAlarm[]) => alarms.map(({ AlarmName = '' }) => AlarmName);

const enable = (stack: Stack, names: readonly string[]) =>
  aws(stack)`cloudwatch enable-alarm-actions --alarm-names ${names}`;

import type { CloudWatch, CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { formatUtc, HOUR_MS } from '../../lib/time.ts';
import {
  ALARM,
  AT_ONE,
  FOR_AN_HOUR,
  OWN_DIMENSION,
  RECORDED,
  RECORDED_METRIC,
  ruleOn,
  SUPPRESSION,
  UNEXPLAINED,
} from '../../stack/alarm.ts';
import { NOTICE_OVERDUE } from '../../stack/watch.ts';
import { ask } from './ask.ts';
import type { Context } from './context.ts';
import { aws, consolePage, npm, redeploy } from './remedy.ts';
import { arnIn, physicalId, type Stack, topicArn } from './stack.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

export const alarmChecks = ({ stack, now, deployed }: Context): Checks => ({
  alarm: async () => {
    const alarm = await deployed.findAlarm();
    const unit = alarm?.Unit && (await deployed.writtenUnit());
    const composite = await deployed.findComposite();
    return judgeAlarm(stack, { alarm, composite, unit, now });
  },
  'alarm: actions': async () => {
    if (!mailsByAnother(stack)) return judgeActions(stack, await deployed.alarm());
    return judgeComposite(stack, await deployed.alarm(), await deployed.findComposite());
  },
  ...(mailsByAnother(stack) && {
    'alarm: suppressor': async () => judgeSuppressor(stack, await deployed.findSuppressor()),
  }),
});

/** Whether a composite alarm mails for the classic one: by default, but not with `alarmMails=always`, nor before this version. */
const mailsByAnother = ({ resources }: Stack) => resources.has(UNEXPLAINED);

/** The name of the alarm whose action is the mail on attempts. */
export const mailingAlarm = (stack: Stack) =>
  physicalId(stack, mailsByAnother(stack) ? UNEXPLAINED : ALARM);

/** On the alarms by which the service watches itself. */
export const ownAlarmChecks = ({ stack, now, deployed }: Context): Checks => ({
  'own alarms': async () =>
    judgeOwnAlarms(stack, deployed.ownAlarmNames, await deployed.ownAlarms(), now),
});

/** The alarms of these names, at most 100, that exist. */
export async function readAlarms(
  client: CloudWatch,
  AlarmNames: string[],
): Promise<{ metric: MetricAlarm[]; composite: CompositeAlarm[] }> {
  const { MetricAlarms: metric = [], CompositeAlarms: composite = [] } = await ask(
    'cloudwatch:DescribeAlarms',
    client.describeAlarms({
      AlarmNames,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], // without, only the former are returned
      MaxRecords: 100,
    }),
  );
  return { metric, composite };
}

const EXPECTED = { ...AT_ONE, Statistic: 'Sum' } as const;

/** How long an alarm may keep its state without a warning: after one attempt it goes back within minutes. */
const LONG_MS = HOUR_MS;

/** The alarm of AWS's guide, the one that mails for it, and the unit of what the metric filter writes, as far as there are any. */
interface Classic {
  readonly alarm: MetricAlarm | undefined;
  readonly composite: CompositeAlarm | undefined;
  readonly unit: string | undefined;
  readonly now: Date;
}

/** Whether the alarm of AWS's guide goes off at one attempt. */
function judgeAlarm(stack: Stack, { alarm, composite, unit: written, now }: Classic): Finding {
  if (!alarm) {
    const create = consolePage(stack, 'cloudwatch', 'alarmsV2:create') ?? redeploy(stack);
    return fail(`There is no alarm ${physicalId(stack, ALARM)}.`, create);
  }
  const changed = differences(alarm, EXPECTED);
  if (alarm.Dimensions?.length) changed.push('it watches a metric with dimensions');
  // It would wait for a unit that never comes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  if (alarm.Unit && alarm.Unit !== (written ?? 'None')) {
    changed.push(`Unit is ${alarm.Unit}, but the filter writes ${written ?? 'none'}`);
  }
  if (changed.length > 0) {
    return fail(`It was changed: ${changed.join('; ')}.`, putClassic(stack, alarm));
  }
  // Of attempts that the functions hear of it may well stay in ALARM: what mails for it waits until they do not.
  const isExplained = composite?.ActionsSuppressedBy === 'Alarm';
  const finding = isExplained ? undefined : judgeState(stack, alarm, now);
  return finding ?? ok(`${alarm.StateValue}, goes off at one attempt`);
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

const differences = <Alarm extends object>(alarm: Alarm, expected: Partial<Alarm>): string[] =>
  Object.entries(expected)
    .filter(([key, value]) => alarm[key as keyof Alarm] !== value)
    .map(([key, value]) => `${key} is ${alarm[key as keyof Alarm] ?? 'missing'}, not ${value}`);

/** Creates the classic alarm again as it was deployed: it publishes, unless another alarm mails for it. */
const putClassic = (stack: Stack, alarm: MetricAlarm) => {
  const others = alarm.AlarmActions?.filter((action) => action !== topicArn(stack)) ?? [];
  const undimensioned = { ...alarm, Dimensions: [] };
  return put(
    stack,
    undimensioned,
    EXPECTED,
    mailsByAnother(stack) ? others : [...others, topicArn(stack)],
  );
};

/** Creates an alarm by which the service watches itself as it is deployed. */
export const putOwnAlarm = (stack: Stack, alarm: MetricAlarm) =>
  put(stack, alarm, EXPECTED, [...new Set([...(alarm.AlarmActions ?? []), topicArn(stack)])]);

/** Creates an alarm again; the call resets every parameter that it does not name. */
function put(
  stack: Stack,
  alarm: MetricAlarm,
  when: typeof EXPECTED | typeof FOR_AN_HOUR,
  actions: readonly string[],
): string {
  const { AlarmDescription, Dimensions = [], InsufficientDataActions = [], OKActions = [] } = alarm;
  if (!alarm.Namespace || !alarm.MetricName) return redeploy(stack); // it watches an expression
  const list = (name: string, values: readonly (string | number)[]) =>
    values.length > 0 ? [name, ...values.map(String)] : [];
  const datapoints = 'DatapointsToAlarm' in when ? [when.DatapointsToAlarm] : [];
  return aws(stack)`cloudwatch put-metric-alarm --alarm-name ${alarm.AlarmName}
    ${list('--alarm-description', AlarmDescription ? [AlarmDescription] : [])}
    --namespace ${alarm.Namespace} --metric-name ${alarm.MetricName}
    ${Dimensions.length > 0 ? ['--dimensions', JSON.stringify(Dimensions)] : []}
    --statistic ${EXPECTED.Statistic} --period ${when.Period}
    --evaluation-periods ${when.EvaluationPeriods} ${list('--datapoints-to-alarm', datapoints)}
    --threshold ${when.Threshold}
    --comparison-operator ${when.ComparisonOperator} --treat-missing-data ${when.TreatMissingData}
    ${list('--alarm-actions', actions)}
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
    return fail(`It does not publish to the topic ${topic}.`, putClassic(stack, alarm));
  }
  return ok('on, and publish to the topic');
}

/** Whether the composite alarm mails what the classic one sees, unless its suppressor is in ALARM. */
function judgeComposite(
  stack: Stack,
  classic: MetricAlarm,
  composite: CompositeAlarm | undefined,
): Finding {
  const name = physicalId(stack, UNEXPLAINED);
  const topic = topicArn(stack);
  const fix = putComposite(stack, composite);
  if (!composite) return fail(`There is no alarm ${name}, which mails for it.`, fix);
  if (composite.ActionsEnabled === false) {
    return fail(`The actions of ${name} are off: it notifies nobody.`, enable(stack, [name]));
  }
  if (!composite.AlarmActions?.includes(topic)) {
    return fail(`${name} does not publish to the topic ${topic}.`, fix);
  }
  const changed = differences(composite, SUPPRESSION);
  // By name or by ARN, as an alarm can be named.
  if (!isNamed(stack, ALARM, /^ALARM\(["']?(.+?)["']?\)$/.exec(composite.AlarmRule ?? '')?.[1])) {
    changed.unshift(`AlarmRule is ${composite.AlarmRule}`);
  }
  if (!isNamed(stack, RECORDED, composite.ActionsSuppressor)) {
    changed.unshift(`ActionsSuppressor is ${composite.ActionsSuppressor ?? 'missing'}`);
  }
  if (changed.length > 0) return fail(`${name} was changed: ${changed.join('; ')}.`, fix);
  if (classic.AlarmActions?.includes(topic)) {
    return warn(`It mails itself too, and so what ${name} would not.`, putClassic(stack, classic));
  }
  return ok(`on, by ${name}, which mails what the trail path has not brought`);
}

const alarmArn = (stack: Stack, logicalId: string) =>
  arnIn(stack, 'cloudwatch', `alarm:${physicalId(stack, logicalId)}`);

const isNamed = (stack: Stack, logicalId: string, name: string | undefined) =>
  name === physicalId(stack, logicalId) || name === alarmArn(stack, logicalId);

/** Creates the composite alarm as it is deployed; of one that exists, with its text and its other actions. */
function putComposite(stack: Stack, composite: CompositeAlarm | undefined): string {
  const { AlarmActions = [], AlarmDescription } = composite ?? {};
  return aws(stack)`cloudwatch put-composite-alarm --alarm-name ${physicalId(stack, UNEXPLAINED)}
    ${AlarmDescription ? ['--alarm-description', AlarmDescription] : []}
    --alarm-rule ${ruleOn(alarmArn(stack, ALARM))}
    --actions-suppressor ${alarmArn(stack, RECORDED)}
    --actions-suppressor-wait-period ${SUPPRESSION.ActionsSuppressorWaitPeriod}
    --actions-suppressor-extension-period ${SUPPRESSION.ActionsSuppressorExtensionPeriod}
    --alarm-actions ${[...new Set([...AlarmActions, topicArn(stack)])]}`;
}

/** Whether the suppressor is in ALARM if the trail path has brought an attempt, and only then. Without data it suppresses nothing. */
function judgeSuppressor(stack: Stack, suppressor: MetricAlarm | undefined): Finding {
  const AlarmName = physicalId(stack, RECORDED);
  const expected = { ...RECORDED_METRIC, ...FOR_AN_HOUR };
  const dimension = { Name: OWN_DIMENSION.Name, Value: stack.name };
  const fixed = { ...suppressor, AlarmName, ...RECORDED_METRIC, Dimensions: [dimension] };
  const fix = put(stack, fixed, FOR_AN_HOUR, suppressor?.AlarmActions ?? []);
  if (!suppressor) {
    return warn(`There is no alarm ${AlarmName}: each attempt is mailed, reported or not.`, fix);
  }
  const changed = differences(suppressor, expected);
  const [{ Name = '', Value = '' } = {}, ...more] = suppressor.Dimensions ?? [];
  if (Name !== dimension.Name || Value !== dimension.Value || more.length > 0) {
    changed.push(`it watches a metric other than that of ${stack.name}`);
  }
  if (changed.length > 0) return fail(`${AlarmName} was changed: ${changed.join('; ')}.`, fix);
  return ok(`${suppressor.StateValue}, in ALARM for an hour from each attempt of the trail path`);
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

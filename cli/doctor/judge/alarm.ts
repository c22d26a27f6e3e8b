import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { AT_ONE } from '../../../infrastructure/cloudwatch.ts';
import { aws, consolePage } from '../remedy.ts';
import type { Stack } from '../stack.ts';
import { type Finding, fail, ok, warn } from '../verdict.ts';

const EXPECTED = { ...AT_ONE, Statistic: 'Sum' } as const;

/** Whether the alarm of AWS's guide goes off at one attempt. @param name its name in the stack */
export function judgeAlarm(stack: Stack, name: string, alarm: MetricAlarm | undefined): Finding {
  if (!alarm) {
    return fail(`There is no alarm ${name}.`, consolePage(stack, 'cloudwatch', 'alarmsV2:create'));
  }
  const changed = Object.entries(EXPECTED)
    .filter(([key, value]) => alarm[key as keyof MetricAlarm] !== value)
    .map(([key, value]) => `${key} is ${alarm[key as keyof MetricAlarm]}, not ${value}`);
  if (alarm.Dimensions?.length) changed.push('it watches a metric with dimensions');
  if (changed.length === 0) return ok(`${alarm.StateValue}, goes off at one attempt`);
  return fail(`It was changed: ${changed.join('; ')}.`, page(stack, name));
}

/** Whether the alarm tells the topic. */
export function judgeActions(stack: Stack, topic: string, alarm: MetricAlarm): Finding {
  const name = alarm.AlarmName ?? '';
  if (alarm.ActionsEnabled === false) {
    return fail('Its actions are off: it tells nobody.', enable(stack, [name]));
  }
  if (!alarm.AlarmActions?.includes(topic)) {
    return fail(`It does not tell the topic ${topic}.`, page(stack, name));
  }
  return ok('on, and tell the topic');
}

/** Whether the alarms by which the service watches itself would tell. @param names those of the stack */
export function judgeOwnAlarms(
  stack: Stack,
  topic: string,
  names: readonly string[],
  alarms: readonly MetricAlarm[],
): Finding {
  const all = consolePage(stack, 'cloudwatch', `alarmsV2:?search=${stack.name}`);
  const missing = names.filter((name) => !alarms.some(({ AlarmName }) => AlarmName === name));
  if (missing.length > 0) return warn(`There is no ${missing.join(', ')}.`, all);
  const off = namesOf(alarms.filter(({ ActionsEnabled }) => ActionsEnabled === false));
  if (off.length > 0) return warn(`The actions are off of ${off.join(', ')}.`, enable(stack, off));
  const mute = namesOf(alarms.filter(({ AlarmActions }) => !AlarmActions?.includes(topic)));
  if (mute.length > 0) return warn(`The topic is not told by ${mute.join(', ')}.`, all);
  const ringing = namesOf(alarms.filter(({ StateValue }) => StateValue === 'ALARM'));
  if (ringing.length > 0) return warn(`In ALARM: ${ringing.join(', ')}.`, all);
  return ok(`${names.length} alarms, quiet`);
}

const namesOf = (alarms: readonly MetricAlarm[]) => alarms.map(({ AlarmName = '' }) => AlarmName);

const enable = (stack: Stack, names: readonly string[]) =>
  aws(stack, 'cloudwatch', 'enable-alarm-actions', '--alarm-names', ...names);

const page = (stack: Stack, name: string) =>
  consolePage(stack, 'cloudwatch', `alarmsV2:alarm/${encodeURIComponent(name)}`);

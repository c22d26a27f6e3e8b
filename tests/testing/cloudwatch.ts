import type { Resources } from '../../stack/cloudformation.ts';

/** A value that a metric gets: when it is stamped, and from when on an alarm sees it, in seconds. */
export interface Datum {
  readonly at: number;
  readonly seenAt: number;
}

/**
 * What AWS leaves open, and what the alarms must not depend on.
 *
 * - `lookBack`: how many more periods than `EvaluationPeriods` an alarm retrieves;
 * - `phases`: at which second of each minute an alarm is evaluated, by its logical id.
 */
export interface Unknowns {
  readonly lookBack: number;
  readonly phases: Readonly<Record<string, number>>;
}

const MINUTE = 60;

/**
 * When the alarms of a template publish, in seconds: each metric alarm is evaluated once a minute, each composite alarm
 * whenever one of its own changes, and its actions are suppressed, as CloudWatch documents it.
 * Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html
 *
 * @param data what the metrics get, by their names
 * @param until when to stop, in seconds
 */
export function publications(
  alarms: Resources,
  data: Readonly<Record<string, readonly Datum[]>>,
  until: number,
  { lookBack, phases }: Unknowns,
): number[] {
  const metricAlarms = ofType(alarms, 'AWS::CloudWatch::Alarm');
  const composites = ofType(alarms, 'AWS::CloudWatch::CompositeAlarm').map(([, properties]) =>
    compositeAlarm(properties),
  );
  const states: Record<string, State> = {};
  const published: number[] = [];
  for (let now = 0; now <= until; now++) {
    for (const [id, alarm] of metricAlarms) {
      if (now % MINUTE !== (phases[id] ?? 0)) continue;
      const state = evaluate(alarm, data[alarm.MetricName] ?? [], now, lookBack);
      const isNew = state === 'ALARM' && states[id] !== 'ALARM';
      if (isNew && alarm.AlarmActions?.length) published.push(now);
      states[id] = state;
    }
    for (const publishes of composites) if (publishes(now, states)) published.push(now);
  }
  return published;
}

type State = 'OK' | 'ALARM';
// biome-ignore lint/suspicious/noExplicitAny: each type of resource has properties of its own.
type Properties = any;

const ofType = (resources: Resources, type: string): [id: string, Properties][] =>
  Object.entries(resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties }]) => [id, Properties]);

/** The state of an alarm at 1 or more, whose missing data are good: those are used only where real ones are too few. */
function evaluate(alarm: Properties, data: readonly Datum[], now: number, lookBack: number): State {
  const { Period, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Threshold } = alarm;
  if (alarm.TreatMissingData !== 'notBreaching' || alarm.Statistic !== 'Sum') {
    throw new Error('Expected an alarm on a sum, whose missing data are good');
  }
  const periods = Array.from({ length: EvaluationPeriods + lookBack }, (_, index) => {
    const end = now - index * Period;
    return data.filter(({ at, seenAt }) => at >= end - Period && at < end && seenAt <= now).length;
  });
  const latest = periods.filter((sum) => sum > 0).slice(0, EvaluationPeriods);
  const breaching = latest.filter((sum) => sum >= Threshold).length;
  return breaching >= DatapointsToAlarm ? 'ALARM' : 'OK';
}

/** A composite alarm on one other alarm, whose states are its own: whether it publishes at a time. */
function compositeAlarm(properties: Properties) {
  const child = /^ALARM\("\$\{(\w+)\.Arn\}"\)$/.exec(properties.AlarmRule['Fn::Sub'])?.[1] ?? '';
  const [suppressor] = properties.ActionsSuppressor['Fn::GetAtt'];
  let state: State = 'OK';
  let isSuppressed = false;
  /** When the period is over after which it acts. */
  let dueAt: number | undefined;
  return (now: number, states: Readonly<Record<string, State>>): boolean => {
    const before = { state, isSuppressed };
    state = states[child] ?? 'OK';
    isSuppressed = states[suppressor] === 'ALARM';
    // A change begins a wait, and ends any period before it.
    if (state !== before.state) dueAt = now + properties.ActionsSuppressorWaitPeriod;
    else if (before.isSuppressed && !isSuppressed) {
      dueAt = now + properties.ActionsSuppressorExtensionPeriod;
    }
    if (isSuppressed) dueAt = undefined;
    if (dueAt === undefined || now < dueAt) return false;
    dueAt = undefined;
    return state === 'ALARM' && properties.AlarmActions.length > 0;
  };
}

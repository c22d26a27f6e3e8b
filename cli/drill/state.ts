import {
  type CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmsCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  DescribeRuleCommand,
  type EventBridgeClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import { attemptIdOf, attemptPartition } from '../../lib/attempt/item.ts';
import type { Place } from '../../lib/aws/spokes.ts';
import { getItems, type Item, type Table } from '../../lib/aws/table.ts';
import type { SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { createClashStore } from '../../lib/deletion/clashes.ts';
import { NotifierError } from '../../lib/errors.ts';
import { clashId } from '../../lib/incident/clashes.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { pairPartition } from '../../lib/incident/pairs.ts';
import { type Channel, sentPartition } from '../../lib/notice/channel.ts';
import { drillAlertId, incidentId } from '../../lib/notice/hand-on.ts';
import { spokeNames } from '../../stack/names.ts';
import { npm, type Target } from '../doctor/remedy.ts';
import type { AlarmState, Traces } from './paths.ts';

/** The names of the classic alarm, and of the composite alarm that mails for it, if there is one. */
export interface AlarmNames {
  readonly classic: string;
  readonly mailing: string | undefined;
}

/**
 * The state of the classic alarm. Every function here may be ended by a signal, and throws whatever the SDK throws.
 * @param target the stage that is drilled, for the command that shows how to create the alarm again
 * @throws NotifierError `NO_STACK` without one of the alarms.
 */
export async function alarmState(
  client: CloudWatchClient,
  { classic, mailing }: AlarmNames,
  target: Target,
  abortSignal?: AbortSignal,
): Promise<AlarmState> {
  const { MetricAlarms: [alarm] = [], CompositeAlarms: [composite] = [] } = await client.send(
    new DescribeAlarmsCommand({
      AlarmNames: mailing ? [classic, mailing] : [classic],
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    }),
    { abortSignal },
  );
  if (!alarm?.StateValue) throw noAlarm(classic, target);
  if (mailing && !composite) throw noAlarm(mailing, target);
  const { StateValue, StateTransitionedTimestamp, StateUpdatedTimestamp } = alarm;
  return {
    value: StateValue,
    since: StateTransitionedTimestamp ?? StateUpdatedTimestamp,
    ...(composite && { mail: mailOf(composite) }),
  };
}

function noAlarm(name: string, target: Target): NotifierError {
  const next = `a deployment does not create it again, but this shows how: ${npm('doctor', target)}`;
  return new NotifierError('NO_STACK', `Expected the alarm ${name}, got none; ${next}`);
}

/** Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_CompositeAlarm.html */
function mailOf({ StateValue, ActionsSuppressedBy }: CompositeAlarm): AlarmState['mail'] {
  if (StateValue !== 'ALARM') return 'waiting'; // it follows the classic one within seconds
  if (!ActionsSuppressedBy) return 'sent';
  return ActionsSuppressedBy === 'Alarm' ? 'suppressed' : 'waiting';
}

/** The rule's state, such as `ENABLED`. */
export async function ruleState(
  client: EventBridgeClient,
  Name: string,
  abortSignal?: AbortSignal,
): Promise<string> {
  const rule = await client.send(new DescribeRuleCommand({ Name }), { abortSignal });
  return rule.State ?? 'unknown';
}

/**
 * The state of the rule of a spoke that sends attempts to the hub.
 * @throws NotifierError `NO_STACK` if there is no spoke.
 */
export async function spokeRuleState(
  client: EventBridgeClient,
  spoke: Target & Place,
  abortSignal?: AbortSignal,
): Promise<string> {
  const name = spokeNames(spoke.stage).attemptRule;
  try {
    return await ruleState(client, name, abortSignal);
  } catch (cause) {
    if (!(cause instanceof ResourceNotFoundException)) throw cause;
    const what = `Expected the rule ${name} in account ${spoke.accountId}, ${spoke.region}, got none: no spoke is deployed there`;
    const next = `what is missing shows ${npm('doctor', spoke, '--spoke')}; without a spoke, drill with --path trail`;
    throw new NotifierError('NO_STACK', `${what}; ${next}`, { cause });
  }
}

/**
 * The items of the attempt on a drill's secret, which nobody else reads, or of the clash with its name, and of the notice of it in
 * each of the channels.
 */
export async function tracesOf(
  table: Table,
  secret: SecretId,
  channels: readonly Channel[],
  of: 'attempt' | 'clash',
  abortSignal?: AbortSignal,
): Promise<Traces> {
  const firstOf = async (partition: string) => {
    const [item] = await getItems(table, partition, abortSignal);
    return item as Item | undefined;
  };
  const [attempt, pair, [clash]] =
    of === 'attempt'
      ? await Promise.all([firstOf(attemptPartition(secret)), firstOf(pairPartition(secret)), []])
      : [undefined, undefined, await createClashStore(table).of(secret, abortSignal)];
  const notice = attempt
    ? drillAlertId(attemptIdOf(attempt))
    : clash && clashId(incidentId({ key: incidentKey(secret) }), { caller: clash.caller });
  if (!notice) return { pair };
  const sent = await Promise.all(
    channels.map(
      async (channel) => [channel, await firstOf(sentPartition(channel, notice))] as const,
    ),
  );
  return { attempt, pair, clash, notice, sent: Object.fromEntries(sent) };
}

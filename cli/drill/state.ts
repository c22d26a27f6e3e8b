import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeRuleCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { attemptPartition } from '../../lib/attempt/item.ts';
import { getItems, type Table } from '../../lib/aws/table.ts';
import type { SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { NotifierError } from '../../lib/errors.ts';
import { pairPartition } from '../../lib/incident/pairs.ts';
import { npm, type Target } from '../doctor/remedy.ts';
import type { AlarmState, Traces } from './paths.ts';

/**
 * @param target the stage that is drilled, for the command that shows how to create the alarm again
 * @throws NotifierError `NO_STACK` without that alarm; whatever the SDK throws, as every function here.
 */
export async function alarmState(
  client: CloudWatchClient,
  name: string,
  target: Target,
): Promise<AlarmState> {
  const { MetricAlarms: [alarm] = [] } = await client.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm'] }),
  );
  if (!alarm?.StateValue) {
    const next = `a deployment does not create it again, but this shows how: ${npm('doctor', target)}`;
    throw new NotifierError('NO_STACK', `Expected the alarm ${name}, got none; ${next}`);
  }
  const { StateValue, StateTransitionedTimestamp, StateUpdatedTimestamp } = alarm;
  return { value: StateValue, since: StateTransitionedTimestamp ?? StateUpdatedTimestamp };
}

/** The rule's state, such as `ENABLED`. */
export async function ruleState(client: EventBridgeClient, Name: string): Promise<string> {
  return (await client.send(new DescribeRuleCommand({ Name }))).State ?? 'unknown';
}

/** The items of the attempt on a drill's secret, which nobody else reads. */
export async function tracesOf(table: Table, secret: SecretId): Promise<Traces> {
  const [[attempt], [pair]] = await Promise.all([
    getItems(table, attemptPartition(secret)),
    getItems(table, pairPartition(secret)),
  ]);
  return { attempt: attempt as Traces['attempt'], pair: pair as Traces['pair'] };
}

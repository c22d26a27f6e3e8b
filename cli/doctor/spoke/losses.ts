import type { CloudWatch, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { SNS } from '@aws-sdk/client-sns';
import type { SQS } from '@aws-sdk/client-sqs';
import { plural } from '../../../lib/time.ts';
import { AT_ONE } from '../../../stack/alarm.ts';
import { spokeNames } from '../../../stack/names.ts';
import { spokeTemplate } from '../../../stack/spoke.ts';
import { AT_ONCE } from '../../spoke/instructions.ts';
import { ask, find } from '../ask.ts';
import { judgeSenders, readQueuePolicy } from '../queue.ts';
import { aws } from '../remedy.ts';
import { countAll } from '../storage.ts';
import { readTopic } from '../topic.ts';
import { type Finding, fail, ok, warn } from '../verdict.ts';
import { arnAt, deploySpoke, rulesOf, type SpokePlace } from './place.ts';

/** The queue of what could not be forwarded. */
interface Queue {
  readonly url: string;
  /** JSON. */
  readonly policy: string | undefined;
  readonly messages: number;
}

/** `undefined` if there is no such queue. */
export async function readQueue(client: SQS, { stage }: SpokePlace): Promise<Queue | undefined> {
  const QueueName = spokeNames(stage).deadLetterQueue;
  const found = await find('sqs:GetQueueUrl', client.getQueueUrl({ QueueName }));
  if (!found?.QueueUrl) return undefined;
  const url = found.QueueUrl;
  const policy = await readQueuePolicy(client, url);
  return { url, policy, messages: (await countAll(client, url)) ?? 0 };
}

const noQueue = (place: SpokePlace, hubRegion?: string) =>
  fail(
    `There is no queue ${spokeNames(place.stage).deadLetterQueue}: what cannot be forwarded is lost.`,
    deploySpoke(place, hubRegion),
  );

/** Whether the rules may send to the queue. */
export function judgeQueuePolicy(
  place: SpokePlace,
  queue: Queue | undefined,
  hubRegion?: string,
): Finding {
  if (!queue) return noQueue(place, hubRegion);
  return judgeSenders(
    place,
    {
      ...queue,
      arn: arnAt(place, 'sqs', spokeNames(place.stage).deadLetterQueue),
      statementId: 'AllowRulesOfTheSpoke',
      otherwise: 'what cannot be forwarded is lost',
      fine: 'lets the rules send what they cannot forward',
    },
    rulesOf(place),
  );
}

/** Each message is a read or a change of a secret that the hub's bus has not taken. Nothing forwards it again. */
export function judgeMessages(
  place: SpokePlace,
  queue: Queue | undefined,
  hubRegion?: string,
): Finding {
  if (!queue) return noQueue(place, hubRegion);
  if (queue.messages === 0) return ok('empty');
  return fail(
    `It holds ${plural(queue.messages, 'event')} that the hub has not got: who read a secret that is scheduled for deletion, or a deletion or its end. ERROR_CODE and ERROR_MESSAGE of each say why, its body which secret. Fix that first. What a trail with a log group at the hub has logged is reported all the same; nothing else forwards these again: look at each secret, restore it if it is needed, and then purge the queue.`,
    aws(place)`sqs receive-message --queue-url ${queue.url} --message-attribute-names All
      --max-number-of-messages 10 --visibility-timeout 0`,
  );
}

/** The alarm on the queue, and of its topics those that do not exist. */
interface DescribedAlarm {
  readonly alarm: MetricAlarm;
  readonly missing: readonly string[];
}

/** `undefined` if there is no such alarm. */
export async function readAlarm(
  { cloudWatch, sns }: { readonly cloudWatch: CloudWatch; readonly sns: SNS },
  { stage }: SpokePlace,
): Promise<DescribedAlarm | undefined> {
  const { MetricAlarms: [alarm] = [] } = await ask(
    'cloudwatch:DescribeAlarms',
    cloudWatch.describeAlarms({ AlarmNames: [spokeNames(stage).deadLettersAlarm] }),
  );
  if (!alarm) return undefined;
  const topics = alarm.AlarmActions?.filter((action) => /:sns:/.test(action)) ?? [];
  const found = await Promise.all(topics.map((topic) => readTopic(sns, topic)));
  return { alarm, missing: topics.filter((_, i) => !found[i]) };
}

/** Whether the alarm on the queue would go off, and reach somebody. */
export function judgeAlarm(
  place: SpokePlace,
  described: DescribedAlarm | undefined,
  hubRegion?: string,
): Finding {
  const { deadLettersAlarm, deadLetterQueue } = spokeNames(place.stage);
  const watched = {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Statistic: 'Maximum',
    ...AT_ONE,
  } as const;
  const { alarm, missing = [] } = described ?? {};
  const actions = alarm?.AlarmActions?.filter((action) => !missing.includes(action)) ?? [];
  const put = aws(place)`cloudwatch put-metric-alarm --alarm-name ${deadLettersAlarm}
    ${alarm?.AlarmDescription ? ['--alarm-description', alarm.AlarmDescription] : []}
    --namespace ${watched.Namespace} --metric-name ${watched.MetricName}
    --dimensions ${JSON.stringify([{ Name: 'QueueName', Value: deadLetterQueue }])}
    --statistic ${watched.Statistic} --period ${watched.Period}
    --evaluation-periods ${watched.EvaluationPeriods} --threshold ${watched.Threshold}
    --comparison-operator ${watched.ComparisonOperator} --treat-missing-data ${watched.TreatMissingData}
    ${actions.length > 0 ? ['--alarm-actions', ...actions] : []}`;
  if (!alarm) return warn(`There is no alarm ${deadLettersAlarm}.`, put);
  const changed = Object.entries(watched)
    .filter(([key, value]) => alarm[key as keyof MetricAlarm] !== value)
    .map(([key, value]) => `${key} is not ${value}`);
  const [dimension, ...more] = alarm.Dimensions ?? [];
  if (dimension?.Value !== deadLetterQueue || more.length > 0) {
    changed.push(`it does not watch ${deadLetterQueue}`);
  }
  if (changed.length > 0) return warn(`It was changed: ${changed.join('; ')}.`, put);
  if (missing.length > 0) {
    return warn(`There is no topic ${missing.join(', ')}, which it tells.`, put);
  }
  if (alarm.ActionsEnabled === false) {
    const enable = aws(place)`cloudwatch enable-alarm-actions --alarm-names ${deadLettersAlarm}`;
    return warn('Its actions are off.', enable);
  }
  if (alarm.StateValue === 'ALARM') {
    const show = aws(place)`cloudwatch describe-alarms --alarm-names ${deadLettersAlarm}`;
    return warn('In ALARM: something could not be forwarded.', show);
  }
  if (actions.length === 0) {
    return warn(
      'It tells nobody: AlarmTopicName is empty. What cannot be forwarded only this check would show.',
      nameTopic(place, hubRegion),
    );
  }
  return ok(`${alarm.StateValue}, tells ${actions.join(', ')}`);
}

/**
 * Gives all spokes the name of a topic, which the reader has to put in, and leaves the other parameters as they are.
 * @param hubRegion where the stack set is
 */
function nameTopic({ stage }: SpokePlace, hubRegion = 'REGION'): string {
  const { stackSet } = spokeNames(stage);
  const parameters = Object.keys(spokeTemplate().Parameters).map((name) =>
    name === 'AlarmTopicName'
      ? `ParameterKey=${name},ParameterValue=<TOPIC>`
      : `ParameterKey=${name},UsePreviousValue=true`,
  );
  const update = aws({ region: hubRegion, profile: undefined })`cloudformation update-stack-set
    --stack-set-name ${stackSet} --use-previous-template --capabilities CAPABILITY_NAMED_IAM
    --parameters ${parameters} ${AT_ONCE}`;
  return `${update} # in the account of the stack set; if there is none: update-stack here, with --stack-name ${stackSet}`;
}

import { MINUTE_MS } from '../../lib/time.ts';
import type { Traffic } from '../../simulation/traffic.ts';
import type { Publication } from './mailbox.ts';

/**
 * A rule whose target is the topic, with an input transformer that makes a readable mail: one message for each event
 * that matches, and one more for each that is delivered again, because delivery is at least once. EventBridge adds no
 * time that AWS documents, so it gets none.
 * Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html (one event, several deliveries)
 */
export function ruleToTopic({ deliveries }: Traffic): Publication[] {
  return deliveries.map(({ attempt, time }) => ({ time, attempts: [attempt] }));
}

/**
 * A function that publishes each event it gets. Lambda runs it at least once for each, so a repeated delivery is a
 * repeated mail; as many copies run at a time as there are events.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 * @param takes from the event to the message, in ms
 */
export function functionToTopic({ deliveries }: Traffic, takes: number): Publication[] {
  return deliveries.map(({ attempt, time }) => ({ time: time + takes, attempts: [attempt] }));
}

/**
 * CloudTrail delivers a record to CloudWatch Logs about five minutes after the call on average.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
 */
const TO_LOGS_MS = 5 * MINUTE_MS;

/**
 * The period of the alarm in AWS's recipe and in this stack, in ms.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring_cloudwatch_deleted-secrets.html
 */
const PERIOD_MS = 5 * MINUTE_MS;

/**
 * The classic metric filter and alarm: once a minute the alarm sums up its period, and it publishes only when its state
 * becomes ALARM, not while it stays so. Its mail names no secret and no caller, so it tells of no attempt.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
export function classicAlarm({ times }: Traffic): Publication[] {
  const logged = times.map((time) => time + TO_LOGS_MS);
  const publications: Publication[] = [];
  const end = (logged.at(-1) ?? 0) + PERIOD_MS;
  let isInAlarm = false;
  let seen = 0;
  for (let now = 0; now <= end; now += MINUTE_MS) {
    while ((logged[seen] ?? Number.POSITIVE_INFINITY) <= now) seen++;
    const isBreaching = (logged[seen - 1] ?? Number.NEGATIVE_INFINITY) > now - PERIOD_MS;
    if (isBreaching && !isInAlarm) publications.push({ time: now, attempts: [] });
    isInAlarm = isBreaching;
  }
  return publications;
}

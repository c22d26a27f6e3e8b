import type { GetTrailStatusCommandOutput } from '@aws-sdk/client-cloudtrail';
import { formatUtc } from '../../../lib/time.ts';
import type { TrailFacts } from '../read/trails.ts';
import { aws, CREATE_TRAIL, deploy, param } from '../remedy.ts';
import { whyNoReads } from '../selectors.ts';
import { arnIn, type Stack } from '../stack.ts';
import { notRead, UnreadableError } from '../unreadable.ts';
import { type Finding, fail, ok, warn } from '../verdict.ts';

/** Whether a trail, any trail, logs the reads of secrets in this Region: without one EventBridge sees none. */
export function judgeReads(stack: Stack, trails: readonly TrailFacts[]): Finding {
  if (trails.length === 0) {
    return fail(`No trail logs anything in ${stack.region}.`, deploy(stack, CREATE_TRAIL));
  }
  const reader = trails.find(logsReads);
  if (reader) return ok(`${nameOf(reader)} logs read management events`);
  const unreadable = trails.map(({ selectors }) => selectors).find(isUnreadable);
  if (unreadable) return notRead(unreadable, 'What a trail logs cannot be seen: ');
  const reasons = trails.map((facts) => `${nameOf(facts)} ${reasonOf(facts)}`).join('; ');
  return fail(`No trail logs the reads of secrets: ${reasons}.`, logReads(stack, trails));
}

/** Whether a trail that logs the reads is at work. */
export function judgeLogging(stack: Stack, trails: readonly TrailFacts[]): Finding {
  const readers = trails.filter(logsReads);
  const candidates = readers.length > 0 ? readers : trails;
  const [first] = candidates;
  if (!first) return fail('There is no trail.', deploy(stack, CREATE_TRAIL));
  const running = candidates.find(isLogging);
  if (running) return judgeFiles(stack, running);
  const unreadable = candidates.map(({ status }) => status).find(isUnreadable);
  if (unreadable) return notRead(unreadable, 'Whether a trail is logging cannot be seen: ');
  return fail(stopped(first), startLogging(stack, first));
}

function judgeFiles(stack: Stack, facts: TrailFacts): Finding {
  const { LatestDeliveryError: error, LatestDeliveryTime: time } = statusOf(facts);
  if (!error) return ok(`${nameOf(facts)} is logging`);
  const last = time ? `, the last file came ${formatUtc(time)}` : '';
  return warn(
    `${nameOf(facts)} cannot write its files: ${error}${last}.`,
    aws(stack, 's3api', 'get-bucket-policy', '--bucket', facts.trail.S3BucketName ?? ''),
  );
}

/** Whether a trail that logs the reads delivers them to the log group of the metric filter. @param logGroupArn without `:*` */
export function judgeDelivery(
  stack: Stack,
  logGroupArn: string,
  trails: readonly TrailFacts[],
): Finding {
  const deliverers = trails.filter((facts) => groupOf(facts) === logGroupArn);
  const best = deliverers.find((one) => logsReads(one) && isLogging(one)) ?? deliverers[0];
  if (!best) return judgeNoDelivery(stack, trails);
  if (isUnreadable(best.selectors)) return notRead(best.selectors);
  if (isUnreadable(best.status)) return notRead(best.status);
  if (!logsReads(best)) {
    return fail(
      `${nameOf(best)}, which delivers to it, ${reasonOf(best)}.`,
      logReads(stack, [best]),
    );
  }
  if (!isLogging(best)) return fail(stopped(best), startLogging(stack, best));
  const { LatestCloudWatchLogsDeliveryError: error } = best.status;
  if (!error) return ok(`${nameOf(best)} delivers to it`);
  return fail(
    `${nameOf(best)} cannot deliver to it: ${error}.`,
    'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html',
  );
}

/** A filter can only be on a log group of the stack's own account and Region. */
function judgeNoDelivery(stack: Stack, trails: readonly TrailFacts[]): Finding {
  const here = arnIn(stack, 'logs', 'log-group:');
  const name = trails
    .map(groupOf)
    .find((arn) => arn?.startsWith(here))
    ?.slice(here.length);
  return name
    ? fail(
        `No trail delivers to it, but one to ${name}.`,
        deploy(stack, param('cloudTrailLogGroup', name)),
      )
    : fail('No trail delivers to a log group here.', deploy(stack, CREATE_TRAIL));
}

const nameOf = ({ trail }: TrailFacts) => trail.Name ?? '';
const groupOf = ({ trail }: TrailFacts) => trail.CloudWatchLogsLogGroupArn?.replace(/:\*$/, '');
const isUnreadable = (fact: unknown): fact is UnreadableError => fact instanceof UnreadableError;
const statusOf = ({ status }: TrailFacts): Partial<GetTrailStatusCommandOutput> =>
  isUnreadable(status) ? {} : status;
const isLogging = (facts: TrailFacts) => statusOf(facts).IsLogging === true;
const reasonOf = ({ selectors }: TrailFacts) =>
  isUnreadable(selectors) ? selectors.message : whyNoReads(selectors);
const logsReads = (facts: TrailFacts) => reasonOf(facts) === undefined;

function stopped(facts: TrailFacts): string {
  const { StopLoggingTime: time } = statusOf(facts);
  return `${nameOf(facts)} is stopped${time ? `, since ${formatUtc(time)}` : ''}.`;
}

/** A trail can be changed in its home Region only. */
const atHome = (stack: Stack, { trail }: TrailFacts) => ({
  region: trail.HomeRegion ?? stack.region,
});

const startLogging = (stack: Stack, facts: TrailFacts) =>
  aws(atHome(stack, facts), 'cloudtrail', 'start-logging', '--name', facts.trail.TrailARN ?? '');

/** Adds a selector to those that are there: the call replaces them all, and one trail may log data events too. */
function logReads(stack: Stack, trails: readonly TrailFacts[]): string {
  const own =
    trails.find(({ trail }) => trail.TrailARN?.split(':')[4] === stack.account) ?? trails[0];
  if (!own || isUnreadable(own.selectors)) return deploy(stack, CREATE_TRAIL);
  const { EventSelectors = [], AdvancedEventSelectors = [] } = own.selectors;
  const selectors =
    AdvancedEventSelectors.length > 0
      ? ['--advanced-event-selectors', JSON.stringify([...AdvancedEventSelectors, READS_ADVANCED])]
      : ['--event-selectors', JSON.stringify([...EventSelectors, READS])];
  const trail = ['--trail-name', own.trail.TrailARN ?? ''];
  return aws(atHome(stack, own), 'cloudtrail', 'put-event-selectors', ...trail, ...selectors);
}

const READS = { ReadWriteType: 'ReadOnly', IncludeManagementEvents: true };
const READS_ADVANCED = {
  Name: 'Read management events',
  FieldSelectors: [
    { Field: 'eventCategory', Equals: ['Management'] },
    { Field: 'readOnly', Equals: ['true'] },
  ],
};

import {
  CloudWatchLogs,
  type CloudWatchLogsClientConfig,
  ResourceNotFoundException,
  type SubscriptionFilter,
} from '@aws-sdk/client-cloudwatch-logs';
import { oneLine } from '../lib/text.ts';
import { METRIC_FILTER } from './alarm.ts';
import { LOG_GROUP_CHOICES } from './check-settings.ts';
import type { Resources } from './cloudformation.ts';
import { SUBSCRIPTION_FILTER } from './names.ts';

/**
 * How many subscription filters a log group takes. AWS's quotas lately say `most`, the reference of its API still `surely`:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
 */
export const SLOTS = { surely: 2, most: 5 } as const;

/** Both, in words. */
export const SLOTS_TEXT = `AWS's quotas allow ${SLOTS.most}, the reference of its API ${SLOTS.surely}`;

/** The page on who has them, and how to free one. */
export const NO_SLOT_PAGE = 'docs/operations.md#no-subscription-filter-is-free';

/** What keeps a filter of the stack from being made on the trail's log group, or may: what is found, and what to do. */
export type Obstacle = { code: string; isCertain: boolean; text: string };

/** The log group that a template's filters are to be on. */
interface Watched {
  readonly name: string;
  /** Whether one of them is a subscription filter. */
  readonly isSubscribed: boolean;
}

/** That of the filters in a template; `undefined` if there are none, or the stack makes the log group. */
export function watchedLogGroup(template: Resources): Watched | undefined {
  const nameOf = (filter: string) => template[filter]?.Properties.LogGroupName;
  const subscribed = nameOf(SUBSCRIPTION_FILTER);
  const name = subscribed ?? nameOf(METRIC_FILTER);
  return typeof name === 'string' ? { name, isSubscribed: subscribed !== undefined } : undefined;
}

/**
 * The obstacle on the log group, if any is known. One that the deployer may not read may be fine.
 * @param functionName of the function that the subscription filter sends to: an earlier deployment's filter has its place
 * @param config of a client, with the deployer's credentials
 */
export async function findObstacle(
  { name: logGroupName, isSubscribed }: Watched,
  functionName: string,
  config: CloudWatchLogsClientConfig,
): Promise<Obstacle | undefined> {
  try {
    const logs = new CloudWatchLogs(config);
    const { subscriptionFilters = [] } = await logs.describeSubscriptionFilters({ logGroupName });
    return isSubscribed ? shortageOf(logGroupName, subscriptionFilters, functionName) : undefined;
  } catch (error) {
    return error instanceof ResourceNotFoundException ? missing(logGroupName) : undefined;
  }
}

const missing = (logGroup: string): Obstacle => ({
  code: 'NO_LOG_GROUP',
  isCertain: true,
  text: `Expected \`cloudTrailLogGroup\` to name a log group of the account and Region of the deployment, got ${logGroup}, which is not there. ${LOG_GROUP_CHOICES}`,
});

/** @param filters those of the log group */
function shortageOf(
  logGroup: string,
  filters: readonly SubscriptionFilter[],
  functionName: string,
): Obstacle | undefined {
  const isOwn = ({ destinationArn }: SubscriptionFilter) =>
    destinationArn?.endsWith(`:function:${functionName}`);
  if (filters.length < SLOTS.surely || filters.some(isOwn)) return undefined;
  const list = filters
    .map(({ filterName = '', destinationArn = '' }) =>
      oneLine(`${filterName} (to ${destinationArn})`, 400),
    )
    .join(', ');
  const isCertain = filters.length >= SLOTS.most;
  const why = isCertain
    ? `Expected a free place for a subscription filter on the log group ${logGroup}, which takes ${SLOTS.most}; others have them: ${list}. To go on,`
    : `The log group ${logGroup} has ${filters.length} subscription filters of others: ${list}. ${SLOTS_TEXT}. If the deployment fails with LimitExceeded,`;
  return { code: 'NO_SUBSCRIPTION_SLOT', isCertain, text: `${why} ${WAYS_ON}` };
}

const WAYS_ON = `\
deploy with --param="trailPath=off", and the functions hear this Region of this account only; or free a place: ${NO_SLOT_PAGE}`;

import type { CloudWatchLogs, SubscriptionFilter } from '@aws-sdk/client-cloudwatch-logs';
import { NO_SLOT_PAGE, SLOTS, SLOTS_TEXT } from '../../stack/log-group.ts';
import { READ_TRAIL, SUBSCRIPTION_FILTER } from '../../stack/names.ts';
import { TRAIL_LOG_GROUP } from '../../stack/trail.ts';
import { find, UnreadableError } from './ask.ts';
import type { Context } from './context.ts';
import { functionChecks } from './function.ts';
import { isSamePattern } from './logs.ts';
import { aws } from './remedy.ts';
import { judgeInvoker, readPolicy } from './rule.ts';
import { arnIn, hasTrailPath, isHub, physicalId, type Stack, type Template } from './stack.ts';
import { otherLogGroup } from './trail.ts';
import { type Checks, type Finding, fail, ok } from './verdict.ts';

/** Checks of the way of a record from the log group to the function that hands it on. */
export function trailPathChecks(context: Context): Checks {
  const { clients, stack, deployed } = context;
  if (!hasTrailPath(stack)) {
    const rest = isHub(stack) ? ', and what spokes forward' : ' alone';
    const off = `not deployed (trailPath=off): the functions hear ${stack.region} of this account${rest}`;
    return { 'trail path': async () => ok(off) };
  }
  return {
    // First, because AWS refuses a filter whose function it may not invoke.
    'readTrail: permission': async () => {
      const { logGroupName } = await deployed.subscription();
      const functionName = physicalId(stack, READ_TRAIL.function);
      return judgeInvoker(stack, functionName, await readPolicy(clients.lambda, functionName), {
        name: 'CloudWatch Logs',
        principal: 'logs.amazonaws.com',
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
        sourceArn: arnIn(stack, 'logs', `log-group:${logGroupName}:*`),
        sourceAccount: stack.account,
        statementId: `${READ_TRAIL.permission}ByHand`,
      });
    },
    'readTrail: filter': async () => {
      const subscription = await deployed.subscription();
      const filters = await readSubscriptionFilters(clients.logs, subscription.logGroupName);
      if (filters) return judgeSubscriptionFilter(stack, subscription, filters);
      return fail(
        `There is no log group ${subscription.logGroupName}.`,
        otherLogGroup(stack, await deployed.trails()),
      );
    },
    ...functionChecks(context, READ_TRAIL),
  };
}

/** The subscription filter as it was deployed. */
interface Subscription {
  readonly logGroupName: string;
  readonly filterPattern: string;
}

/** @throws UnreadableError if the template has no subscription filter. */
export function subscriptionOf(stack: Stack, template: Template): Subscription {
  const { LogGroupName, FilterPattern } = template[SUBSCRIPTION_FILTER]?.Properties ?? {};
  if (!LogGroupName || typeof FilterPattern !== 'string') {
    throw new UnreadableError(`the stack's template has no ${SUBSCRIPTION_FILTER}`);
  }
  return {
    // That of the stack's own trail is a reference.
    logGroupName:
      typeof LogGroupName === 'string' ? LogGroupName : physicalId(stack, TRAIL_LOG_GROUP),
    filterPattern: FilterPattern,
  };
}

/** All of a log group, on one page; `undefined` if there is no such group. */
async function readSubscriptionFilters(
  client: CloudWatchLogs,
  logGroupName: string,
): Promise<SubscriptionFilter[] | undefined> {
  const answer = await find(
    'logs:DescribeSubscriptionFilters',
    client.describeSubscriptionFilters({ logGroupName }),
  );
  return answer && (answer.subscriptionFilters ?? []);
}

/** Whether the log group sends what it must to the function. @param filters all of the group */
function judgeSubscriptionFilter(
  stack: Stack,
  { logGroupName, filterPattern }: Subscription,
  filters: readonly SubscriptionFilter[],
): Finding {
  const name = physicalId(stack, SUBSCRIPTION_FILTER);
  const functionArn = arnIn(stack, 'lambda', `function:${physicalId(stack, READ_TRAIL.function)}`);
  const own =
    filters.find(({ filterName }) => filterName === name) ??
    filters.find(({ destinationArn }) => destinationArn === functionArn);
  const put = aws(stack)`logs put-subscription-filter --log-group-name ${logGroupName}
    --filter-name ${own?.filterName ?? name} --filter-pattern ${filterPattern}
    --destination-arn ${functionArn}`;
  if (!own) {
    const missing = `There is no subscription filter ${name} on ${logGroupName}`;
    const others = filters.map((one) => `${one.filterName} to ${one.destinationArn}`).join(', ');
    if (filters.length >= SLOTS.most) {
      return fail(
        `${missing}, which takes ${SLOTS.most}; others have them: ${others}.`,
        NO_SLOT_PAGE,
      );
    }
    const taken = `, but others: ${others}. ${SLOTS_TEXT}; if it refuses: ${NO_SLOT_PAGE}`;
    return fail(`${missing}${filters.length < SLOTS.surely ? '' : taken}.`, put);
  }
  if (own.destinationArn !== functionArn) {
    return fail(`It sends to ${own.destinationArn}, not to ${READ_TRAIL.key}.`, put);
  }
  if (!isSamePattern(own.filterPattern, filterPattern)) {
    return fail(`Its pattern is not the one that was deployed: ${own.filterPattern}`, put);
  }
  if (own.fieldSelectionCriteria) {
    return fail(`It leaves out all records but those with ${own.fieldSelectionCriteria}.`, put);
  }
  if (own.applyOnTransformedLogs) {
    return fail("It looks at what a transformer makes of CloudTrail's records.", put);
  }
  return ok(`on ${logGroupName}, with the pattern as deployed`);
}

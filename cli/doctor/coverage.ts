import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { accountOfStream } from '../../lib/cloudtrail/batch.ts';
import { DAY_MS, plural } from '../../lib/time.ts';
import { ask } from './ask.ts';
import type { Context } from './context.ts';
import { RECENT_DAYS } from './metrics.ts';
import { createTrail } from './remedy.ts';
import { arnIn, hasTrailPath, isHub } from './stack.ts';
import { accountOf, type DescribedTrail, groupOf, nameOf } from './trail.ts';
import { type Checks, fail, ok } from './verdict.ts';

/** Not whether all is well, but how far it reaches. */
export const coverageChecks = ({ clients, stack, now, deployed }: Context): Checks => ({
  'trail: coverage': async () => {
    const trails = await deployed.trails();
    if (trails.length === 0) return fail('There is no trail.', createTrail(stack));
    const group = hasTrailPath(stack) ? (await deployed.subscription()).logGroupName : undefined;
    const lines = trails.map(async (trail) => {
      const what = `${nameOf(trail)} covers ${reachOf(trail)}`;
      if (!group || groupOf(trail) !== arnIn(stack, 'logs', `log-group:${group}`)) {
        return `${what}, of which the functions hear ${stack.region} of this account${isHub(stack) ? ', and what spokes forward' : ''}`;
      }
      const count = trail.trail.IsOrganizationTrail
        ? await countAccounts(clients.logs, group, now)
        : 0;
      const seen = count > 0 ? `: ${plural(count, 'account')} in the last ${RECENT_DAYS} days` : '';
      return `${what}, and the functions hear all of it${seen}`;
    });
    return ok((await Promise.all(lines)).join('; '));
  },
});

/**
 * The Regions and accounts of a trail, as far as it says so: of how many accounts an organization is, and which Regions each has
 * enabled, only the organization and each of them know.
 */
function reachOf({ trail }: DescribedTrail): string {
  const regions = trail.IsMultiRegionTrail ? 'every enabled Region' : trail.HomeRegion;
  const account = accountOf(trail);
  return trail.IsOrganizationTrail
    ? `${regions} of every account of the organization of ${account}`
    : `${regions} of the account ${account}`;
}

/**
 * Of how many accounts a log group has had records in the last {@link RECENT_DAYS}, by the names of its log streams; 0 if
 * these tell none.
 */
async function countAccounts(
  client: CloudWatchLogs,
  logGroupName: string,
  now: Date,
): Promise<number> {
  const since = now.getTime() - RECENT_DAYS * DAY_MS;
  const names = await ask('logs:DescribeLogStreams', readStreams(client, logGroupName, since));
  return new Set(names.flatMap((name) => accountOfStream(name) ?? [])).size;
}

/** The names of the log streams with events since then, in ms since 1970. */
async function readStreams(
  client: CloudWatchLogs,
  logGroupName: string,
  since: number,
): Promise<string[]> {
  const names: string[] = [];
  const input = { logGroupName, orderBy: 'LastEventTime', descending: true } as const;
  for await (const { logStreams = [] } of client.paginateDescribeLogStreams(input)) {
    const recent = logStreams.filter(({ lastEventTimestamp = 0 }) => lastEventTimestamp >= since);
    names.push(...recent.map(({ logStreamName = '' }) => logStreamName));
    if (recent.length < logStreams.length) break;
  }
  return names;
}

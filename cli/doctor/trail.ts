import type {
  CloudTrail,
  GetEventSelectorsCommandOutput,
  GetTrailStatusCommandOutput,
  Trail,
} from '@aws-sdk/client-cloudtrail';
import { formatUtc, plural } from '../../lib/time.ts';
import { NOTIFY } from '../../stack/names.ts';
import { ask, notRead, UnreadableError } from './ask.ts';
import type { Context } from './context.ts';
import { countMatches, RECENT_DAYS } from './metrics.ts';
import { aws, createTrail, npm, type Target, useLogGroup } from './remedy.ts';
import { whyNoReads, withReads } from './selectors.ts';
import { arnIn, hasClassicAlarm, physicalId, type Stack } from './stack.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

export const trailChecks = ({ clients, stack, now, deployed }: Context): Checks =>
  checksOfTrails(fromStack(stack), deployed.trails, () =>
    countMatches(clients.cloudWatch, physicalId(stack, NOTIFY.rule), now),
  );

/** From where the trails are looked at, and what fixes them there. */
export interface From extends Target {
  readonly account: string;
  /** Makes a trail where there is none. */
  readonly createTrail: string;
  /** Proves that reads arrive, with further options. */
  readonly drill: (...options: readonly string[]) => string;
}

const fromStack = (stack: Stack): From => ({
  ...stack,
  createTrail: createTrail(stack),
  drill: (...options) => npm('drill', stack, ...options),
});

/** @param matches how many events the rule on attempts has matched recently: each was a read that some trail has logged */
export const checksOfTrails = (
  from: From,
  trails: () => Promise<readonly DescribedTrail[]>,
  matches: () => Promise<number>,
): Checks => ({
  'trail: reads': async () => judgeReads(from, await trails(), matches),
  'trail: logging': async () => judgeLogging(from, await trails(), matches),
});

/** A trail that covers this Region, whatever its home Region. */
export interface DescribedTrail {
  readonly trail: Trail;
  readonly status: GetTrailStatusCommandOutput | UnreadableError;
  readonly selectors: GetEventSelectorsCommandOutput | UnreadableError;
}

/**
 * All trails that cover this Region, also those of other Regions and of the organization, which have to be named by ARN:
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html. A member of an organization may
 * lack access to the selectors of its trail, so an unreadable trail does not hide the others.
 */
export async function readTrails(client: CloudTrail): Promise<DescribedTrail[]> {
  const { trailList = [] } = await ask(
    'cloudtrail:DescribeTrails',
    client.describeTrails({ includeShadowTrails: true }),
  );
  return Promise.all(
    trailList.map(async (trail) => {
      const arn = trail.TrailARN;
      const [status, selectors] = await Promise.all([
        readable(ask('cloudtrail:GetTrailStatus', client.getTrailStatus({ Name: arn }))),
        readable(ask('cloudtrail:GetEventSelectors', client.getEventSelectors({ TrailName: arn }))),
      ]);
      return { trail, status, selectors };
    }),
  );
}

const readable = <Answer>(answer: Promise<Answer>): Promise<Answer | UnreadableError> =>
  answer.catch((error: unknown) => {
    if (error instanceof UnreadableError) return error;
    throw error;
  });

/**
 * Whether a trail, any trail, logs the reads of secrets in this Region: without one EventBridge sees none.
 * @param matches as of {@link checksOfTrails}
 */
function judgeReads(
  from: From,
  trails: readonly DescribedTrail[],
  matches: () => Promise<number>,
): Promise<Finding> | Finding {
  if (trails.length === 0) {
    return fail(`No trail logs anything in ${from.region}.`, from.createTrail);
  }
  const reader = trails.find(logsReads);
  if (reader) return ok(`${nameOf(reader)} logs read management events`);
  const foreign = trails.find((trail) => isHidden(from, trail));
  if (foreign) return judgeHidden(from, foreign, matches);
  const unreadable = trails.map(({ selectors }) => selectors).find(isUnreadable);
  if (unreadable) return notRead(unreadable, 'What a trail logs cannot be read: ');
  const reasons = trails.map((trail) => `${nameOf(trail)} ${reasonOf(trail)}`).join('; ');
  return fail(`No trail logs the reads of secrets: ${reasons}.`, logReads(from, trails));
}

/** Whether only another account may see what a trail logs, as with that of an organization. */
const isHidden = (from: Pick<From, 'account'>, { trail, selectors }: DescribedTrail) =>
  isUnreadable(selectors) && accountOf(trail) !== from.account;

/**
 * Another account's trail is no fault, and no permission would show its selectors or state; a read that has arrived proves both.
 * @param drill the options of the drill that has one arrive
 */
async function judgeHidden(
  from: From,
  { trail }: DescribedTrail,
  reads: () => Promise<number>,
  drill: readonly string[] = ['--path', 'event'],
): Promise<Finding> {
  const what = `Whether ${trail.Name} of the account ${accountOf(trail)} logs reads only that account can see`;
  const count = await reads();
  return count > 0
    ? ok(`${what}; ${plural(count, 'read')} arrived in the last ${RECENT_DAYS} days`)
    : warn(
        `${what}, and no read arrived in the last ${RECENT_DAYS} days: prove that reads arrive.`,
        from.drill(...drill),
      );
}

/**
 * Whether a trail that logs the reads is logging now.
 * @param matches as of {@link checksOfTrails}
 */
function judgeLogging(
  from: From,
  trails: readonly DescribedTrail[],
  matches: () => Promise<number>,
): Promise<Finding> | Finding {
  const readers = trails.filter(logsReads);
  const candidates = readers.length > 0 ? readers : trails;
  const first = ownOf(from, candidates) ?? candidates[0];
  if (!first) return fail('There is no trail.', from.createTrail);
  const running = candidates.find(isLogging);
  if (running) return judgeFiles(running);
  // Beside those that are stopped, one may log the reads of which that cannot be seen.
  const others = trails.filter((one) => !candidates.includes(one) && mayLogReads(one));
  const foreign = others.find((trail) => isHidden(from, trail));
  if (foreign) return judgeHidden(from, foreign, matches);
  const unseen = others.map(({ selectors }) => selectors).find(isUnreadable);
  if (unseen) return notRead(unseen, 'What a trail logs cannot be read: ');
  const hidden = candidates.find(
    ({ trail, status }) => isUnreadable(status) && accountOf(trail) !== from.account,
  );
  if (hidden) return judgeHidden(from, hidden, matches);
  const unreadable = candidates.map(({ status }) => status).find(isUnreadable);
  if (unreadable) return notRead(unreadable, 'Whether a trail is logging cannot be read: ');
  return fail(stopped(first), startLogging(from, first));
}

function judgeFiles(described: DescribedTrail): Finding {
  const { LatestDeliveryError: error, LatestDeliveryTime: time } = statusOf(described);
  if (!error) return ok(`${nameOf(described)} is logging`);
  const last = time ? `, the last file came ${formatUtc(time)}` : '';
  return warn(
    `${nameOf(described)} cannot write its files: ${error}${last}.`,
    'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html',
  );
}

/**
 * Whether a trail that logs the reads delivers them to the log group of the filters.
 * @param logGroupArn without `:*`
 * @param reads how many reads a filter of the group has let through recently
 */
export function judgeDelivery(
  stack: Stack,
  logGroupArn: string,
  trails: readonly DescribedTrail[],
  reads: () => Promise<number>,
): Promise<Finding> | Finding {
  const deliverers = trails.filter((trail) => groupOf(trail) === logGroupArn);
  const best = deliverers.find((one) => logsReads(one) && isLogging(one)) ?? deliverers[0];
  if (!best) return judgeNoDelivery(stack, trails);
  if (isHidden(stack, best)) {
    const path = hasClassicAlarm(stack) ? 'alarm' : 'trail';
    return judgeHidden(fromStack(stack), best, reads, ['--path', path]);
  }
  if (isUnreadable(best.selectors)) return notRead(best.selectors);
  if (isUnreadable(best.status)) return notRead(best.status);
  if (!logsReads(best)) {
    return fail(
      `${nameOf(best)}, which delivers to it, ${reasonOf(best)}.`,
      logReads(fromStack(stack), [best]),
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

function judgeNoDelivery(stack: Stack, trails: readonly DescribedTrail[]): Finding {
  const name = logGroupOf(stack, trails);
  if (name) return fail(`No trail delivers to it, but one to ${name}.`, useLogGroup(stack, name));
  const foreign = trails.find(({ trail }) => accountOf(trail) !== stack.account);
  if (!foreign) return fail('No trail delivers to a log group here.', otherLogGroup(stack, trails));
  const whose = `${nameOf(foreign)} is of the account ${accountOf(foreign.trail)}`;
  return fail(`No trail delivers to a log group here: ${whose}.`, otherLogGroup(stack, trails));
}

/** What to do where no trail can deliver to the log group: beside a trail of the organization a second one is billed. */
export const otherLogGroup = (stack: Stack, trails: readonly DescribedTrail[]): string =>
  trails.some(({ trail }) => accountOf(trail) !== stack.account)
    ? ORGANIZATION_PAGE
    : createTrail(stack);

/**
 * The name of a log group that trails deliver to, best one that logs the reads; `undefined` if there is none. A filter can
 * only be on a log group of the stack's own account and Region.
 */
export function logGroupOf(stack: Stack, trails: readonly DescribedTrail[]): string | undefined {
  const here = arnIn(stack, 'logs', 'log-group:');
  return trails
    .toSorted((one, other) => Number(logsReads(other)) - Number(logsReads(one)))
    .map(groupOf)
    .find((arn) => arn?.startsWith(here))
    ?.slice(here.length);
}

export const accountOf = ({ TrailARN = '' }: Trail) => TrailARN.split(':')[4] ?? '';
const ownOf = ({ account }: Pick<From, 'account'>, trails: readonly DescribedTrail[]) =>
  trails.find(({ trail }) => accountOf(trail) === account);
export const nameOf = ({ trail }: DescribedTrail) => trail.Name ?? '';
export const groupOf = ({ trail }: DescribedTrail) =>
  trail.CloudWatchLogsLogGroupArn?.replace(/:\*$/, '');
const isUnreadable = (answer: unknown): answer is UnreadableError =>
  answer instanceof UnreadableError;
const statusOf = ({ status }: DescribedTrail): Partial<GetTrailStatusCommandOutput> =>
  isUnreadable(status) ? {} : status;
const isLogging = (described: DescribedTrail) => statusOf(described).IsLogging === true;
const reasonOf = ({ selectors }: DescribedTrail) =>
  isUnreadable(selectors) ? selectors.message : whyNoReads(selectors);
/** Whether it cannot be told that it does not. */
const mayLogReads = ({ selectors, status }: DescribedTrail) =>
  isUnreadable(selectors) && (isUnreadable(status) || status.IsLogging === true);
const logsReads = (described: DescribedTrail) => reasonOf(described) === undefined;

function stopped(described: DescribedTrail): string {
  const { StopLoggingTime: time } = statusOf(described);
  return `${nameOf(described)} is stopped${time ? `, since ${formatUtc(time)}` : ''}.`;
}

/** A trail can be changed in its home Region only. */
const atHome = ({ region, profile }: Target, { trail }: DescribedTrail) => ({
  region: trail.HomeRegion ?? region,
  profile,
});

/** The page on a trail that can be changed from another account only. */
export const ORGANIZATION_PAGE = 'docs/operations.md#the-organizations-trail';

/** A trail of another account can be changed from there only; one of the stack's own would be a second one, which AWS bills. */
const startLogging = (from: Target & Pick<From, 'account'>, described: DescribedTrail) =>
  accountOf(described.trail) === from.account
    ? aws(atHome(from, described))`cloudtrail start-logging --name ${described.trail.TrailARN}`
    : ORGANIZATION_PAGE;

/** Adds a selector to the present ones: the call replaces them all, and one trail may log data events too. */
function logReads(from: From, trails: readonly DescribedTrail[]): string {
  const own = ownOf(from, trails);
  if (!own) return ORGANIZATION_PAGE;
  if (isUnreadable(own.selectors)) return from.createTrail;
  return aws(atHome(from, own))`cloudtrail put-event-selectors --trail-name ${own.trail.TrailARN}
    ${withReads(own.selectors)}`;
}

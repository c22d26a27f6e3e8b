import { plural } from '../../../lib/time.ts';
import { ATTEMPT_RULE, CHANGE_RULE, CLASH_RULE, READ_RULE } from '../../../stack/functions.ts';
import { spokeNames } from '../../../stack/names.ts';
import type { RecordRule } from '../../../stack/rule.ts';
import { NOT_FORWARDED } from '../../../stack/spoke.ts';
import { UnreadableError } from '../ask.ts';
import { type Clients, once } from '../context.ts';
import { type Diagnosis, type Progress, runAll } from '../diagnose.ts';
import { countForwarded, countMatches, RECENT_DAYS } from '../metrics.ts';
import { npm } from '../remedy.ts';
import { judgeRecordRule, readRule, readTargets } from '../rule.ts';
import { checksOfTrails, readTrails } from '../trail.ts';
import { type Checks, type Finding, fail, ok, warn } from '../verdict.ts';
import { judgeAlarm, judgeMessages, judgeQueuePolicy, readAlarm, readQueue } from './losses.ts';
import { findPlace, isHubsOwn, type SpokePlace } from './place.ts';
import { judgeReads, judgeRestore, judgeTemplate } from './powers.ts';
import { judgeTrust, readLookupRole } from './role.ts';
import { forwardingOf, judgeForwarding, judgeForwardingRole } from './target.ts';

/**
 * Checks from within one account and Region whether what happens there would reach the hub of a stage, and whether that may
 * look there.
 * @param clients with the credentials there
 * @throws whatever the SDK throws if AWS does not answer, or the credentials are invalid.
 */
export async function diagnoseSpoke(
  clients: Clients,
  stage: string,
  now: Date,
  progress: Progress,
  profile?: string,
): Promise<Diagnosis> {
  const region = await clients.eventBridge.config.region();
  const place = await findPlace(clients, { stage, region, profile });
  const isHome = once(() => isHubsOwn(clients, place));
  const own = { spoke: async () => judgeHome(place, await isHome()) };
  const [first] = await runAll(own, progress);
  const others =
    first?.verdict === 'ok' && (await isHome())
      ? []
      : await runAll(checksOf(clients, place, now), progress);
  return {
    stack: spokeNames(stage).stackSet,
    region,
    account: place.account,
    results: [...(first ? [first] : []), ...others],
  };
}

const judgeHome = ({ stage }: SpokePlace, isHome: boolean): Finding =>
  isHome
    ? ok(
        `this is the hub's own account and Region, which needs no spoke: npm run doctor -- --stage ${stage} checks it`,
      )
    : ok('not the account and Region of the hub');

/** Every check, in the order of an event's route. */
function checksOf(clients: Clients, place: SpokePlace, now: Date): Checks {
  const { eventBridge, iam, cloudWatch, sqs } = clients;
  const names = spokeNames(place.stage);
  const { attemptRule, changeRule } = names;
  const targets = Object.fromEntries(
    [attemptRule, names.readRule, changeRule, names.clashRule].map((name) => [
      name,
      once(() => readTargets(eventBridge, { name })),
    ]),
  );
  const forwarding = async (rule: string) => forwardingOf(place, (await targets[rule]?.()) ?? []);
  const any = async () => (await forwarding(attemptRule)) ?? (await forwarding(changeRule));
  /** As far as it is known: what cannot be read is a finding of the target alone. */
  const bus = async () => (await any().catch(ignoreUnreadable))?.bus;
  const role = once(() => readLookupRole(iam, place));
  const queue = once(() => readQueue(sqs, place));
  const ofRole = (judge: typeof judgeReads | typeof judgeTemplate) => async () => {
    const found = await role();
    if (!found) throw new UnreadableError('there is no lookup role');
    return judge({ client: iam, place, role: found }, (await bus())?.region);
  };
  const ruleChecks = (
    label: string,
    name: string,
    other: string,
    expected: RecordRule,
  ): Checks => ({
    [`${label}: rule`]: async () => {
      const rule = await readRule(eventBridge, { name });
      if (rule?.State === 'DISABLED' && rule.Description === NOT_FORWARDED)
        return ok(NOT_FORWARDED);
      return judgeRecordRule(place, { name }, rule, expected);
    },
    [`${label}: target`]: async () =>
      judgeForwarding(place, name, (await targets[name]?.()) ?? [], await forwarding(other)),
    [`${label}: delivery`]: async () =>
      judgeDelivery(place, await countForwarded(cloudWatch, name, now), (await bus())?.region),
  });
  return {
    ...trailChecks(clients, place, now),
    ...ruleChecks('attempts', attemptRule, changeRule, ATTEMPT_RULE),
    ...ruleChecks('reads', names.readRule, attemptRule, READ_RULE),
    ...ruleChecks('changes', changeRule, attemptRule, CHANGE_RULE),
    ...ruleChecks('clashes', names.clashRule, attemptRule, CLASH_RULE),
    'forwarding role': async () => judgeForwardingRole(place, iam, await any()),
    'dead-letter queue': async () => judgeMessages(place, await queue(), (await bus())?.region),
    'dead-letter queue: policy': async () =>
      judgeQueuePolicy(place, await queue(), (await bus())?.region),
    alarm: async () => judgeAlarm(place, await readAlarm(clients, place), (await bus())?.region),
    'lookup role': async () => judgeTrust(place, await role(), await bus()),
    'lookup role: reads': ofRole(judgeReads),
    'lookup role: restore': ofRole(judgeRestore),
    'lookup role: template': ofRole(judgeTemplate),
  };
}

/**
 * Checks of what records the reads there. In each account DescribeTrails shows the organization's trail too, whatever else of it
 * a member may not see: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
 */
function trailChecks({ cloudTrail, cloudWatch }: Clients, place: SpokePlace, now: Date): Checks {
  const trails = once(() => readTrails(cloudTrail));
  const matches = once(() => countMatches(cloudWatch, spokeNames(place.stage).attemptRule, now));
  const checks = Object.entries(checksOfTrails(place, trails, matches));
  return Object.fromEntries(
    checks.map(([name, check]) => [
      name,
      async () => {
        const noTrail = (await trails()).length === 0 && judgeNoTrail(place, await matches());
        return orDeaf(noTrail || (await check()));
      },
    ]),
  );
}

/** Says of a fault of the trails what it means here. */
const orDeaf = (finding: Finding): Finding =>
  finding.verdict === 'fail'
    ? {
        ...finding,
        message: `${finding.message} Without a trail that logs the reads here the spoke hears none.`,
      }
    : finding;

function judgeNoTrail(place: SpokePlace, reads: number): Finding {
  const what = `No trail logs the reads in ${place.region} of ${place.account}, of the account or of the organization`;
  if (reads === 0) return fail(`${what}.`, place.createTrail);
  return warn(
    `${what}, though ${plural(reads, 'read')} arrived in the last ${RECENT_DAYS} days: prove that reads still arrive.`,
    place.drill('--path', 'event'),
  );
}

const ignoreUnreadable = (error: unknown) => {
  if (error instanceof UnreadableError) return undefined;
  throw error;
};

/** Whether the hub's bus has taken what a rule sent lately; what is past is no reason to doubt the next. @param hubRegion where it is, if known */
function judgeDelivery(
  place: SpokePlace,
  { invocations, failed, toQueue, lost }: Awaited<ReturnType<typeof countForwarded>>,
  hubRegion: string | undefined,
): Finding {
  const days = `in the last ${RECENT_DAYS} days`;
  const atHub = npm('doctor', {
    stage: place.stage,
    region: hubRegion ?? place.region,
    profile: undefined,
  });
  if (lost > 0) {
    return warn(
      `${plural(lost, 'event')} could neither be forwarded nor put in the dead-letter queue ${days}: lost, unless a trail at the hub has them.`,
      atHub,
    );
  }
  const refused = Math.max(failed, toQueue);
  if (refused > 0) {
    return warn(
      `The hub's bus did not take ${refused} of ${plural(invocations, 'event')} ${days}.`,
      atHub,
    );
  }
  return ok(
    invocations > 0
      ? `${plural(invocations, 'event')} forwarded ${days}`
      : `nothing to forward ${days}`,
  );
}

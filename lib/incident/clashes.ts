import { attemptPartition } from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import { callerIdentity } from '../cloudtrail/caller.ts';
import { mistakenFor } from '../cloudtrail/secret-id.ts';
import { toolOf } from '../cloudtrail/tool.ts';
import type { ClashStore, RecordedClash } from '../deletion/clashes.ts';
import { elsewhereOf, lookUp, type Secret } from '../deletion/describe.ts';
import { secretState } from '../deletion/secret-state.ts';
import { isDrill } from '../drill.ts';
import { inBatches } from '../in-batches.ts';
import { type ClashNotice, clashNotice, type IncidentClash } from '../notice/clash.ts';
import { digestNotice, type KnownAttempts, type SecretAttempts } from '../notice/digest.ts';
import { type IncidentMarks, ofDigest } from '../notice/hand-on.ts';
import { hash } from '../notice/incident-notice.ts';
import type { NoticeTopic } from '../notice/notice-topic.ts';
import { type TagKeys, taggedBy } from '../notice/tags.ts';
import { type BudgetPolicy, type BudgetPorts, shareOf } from './budget.ts';
import { type Incident, muteOf } from './incident.ts';
import { incidentKey } from './incidents.ts';
import { sumUp } from './news.ts';
import { clashesDue } from './plan.ts';
import { type StandingPorts, TIME_TO_SEND_MS } from './standing.ts';
import { mail, type TellRun } from './tell.ts';

/** Dependencies of {@link tellClashes}; all but `describeSecret` may throw. */
export interface ClashPorts extends BudgetPorts, StandingPorts {
  readonly clashes: Pick<ClashStore, 'settle' | 'noteUnmailed'>;
  readonly attempts: Pick<AttemptStore, 'madeSince'>;
  /** Publishes one mail; awaits `beforeAgain` before each further try. @returns what found no room in it. */
  readonly publishClashes: (
    notice: ClashNotice,
    beforeAgain: () => Promise<void>,
  ) => Promise<ClashNotice | undefined>;
  /** The channels beside the mail; absent where there are none. */
  readonly noticeTopic?: NoticeTopic;
}

export interface ClashPolicy extends BudgetPolicy {
  /** Which tags are named. */
  readonly tagKeys: TagKeys;
}

/** The run that tells, and by what it goes. */
interface ClashRun extends Omit<TellRun, 'ports' | 'pace'> {
  readonly policy: ClashPolicy;
  readonly ports: ClashPorts;
}

/** A clash, as far as a notice reports it. */
export type NewClash = Omit<RecordedClash, 'key' | 'toldUntil'>;

/**
 * Mails who could not create a secret because its name is of one that is scheduled for deletion: all that are due in one mail, those
 * of drills in another, and what found no room in the next. What is not pending any more, or is muted, needs no notice.
 * @param clashes all that are known
 * @param incidents those that are open, or have been
 * @returns what was mailed.
 * @throws what the ports throw, but for a mail that fails, which is kept in the run's `failures`.
 */
export async function tellClashes(
  clashes: readonly RecordedClash[],
  incidents: readonly Incident[],
  run: ClashRun,
): Promise<ClashNotice[]> {
  const { ports, now } = run;
  const due = clashesDue(clashes, now);
  const byKey = new Map(incidents.map((incident) => [incident.key, incident]));
  const news = new Map<IncidentClash, RecordedClash>();
  const read = async (clash: RecordedClash) => {
    const incident = byKey.get(incidentKey(clash.secret));
    const isMuted = incident && muteOf(incident, clash.caller, now);
    const one = isMuted ? undefined : await newsOf(clash, incident, run);
    if (one) news.set(one, clash);
    else await ports.clashes.settle(clash);
  };
  await inBatches(due, read, () => ports.timeLeft() < TIME_TO_SEND_MS);
  const told: ClashNotice[] = [];
  for (const isOfDrill of [false, true]) {
    const some = [...news.keys()].filter(({ secret }) => isDrill(secret.name) === isOfDrill);
    if (some.length === 0) continue;
    const mailed = await tell(clashNotice(some, now), news, run);
    if (mailed) told.push(mailed);
  }
  return told;
}

/** What there is to report of a clash; `undefined` if the deleted secret stands in the way no longer. */
async function newsOf(
  clash: RecordedClash,
  incident: Incident | undefined,
  { policy, ports, now }: ClashRun,
): Promise<IncidentClash | undefined> {
  const lookup = await lookUp(clash.secret, ports);
  const { change, isHeard, state, arn } = await secretState(
    { secret: clash.secret, time: callsOf(clash).last },
    lookup,
    ports,
  );
  if (state.state !== 'pending') return undefined;
  const { attempts, isLeast } = await attemptsSince(change?.requestedAt, clash, incident, ports);
  const elsewhere = lookup.place ?? elsewhereOf(clash.secret, ports.home);
  const open = incident?.openedAt && !incident.ended ? incident : undefined;
  const marks = open ?? { key: incidentKey(clash.secret) };
  const isWatched = isHeard === true && state.deletion !== undefined;
  const found = lookup.kind === 'found' ? lookup.secret : undefined;
  return incidentClash(
    clash,
    { attempts, isLeast, isWatched, state, elsewhere, arn, found },
    marks,
    policy.tagKeys,
    now,
  );
}

/** What is known of the secret that has the name; `attempts`: who has read it since its deletion. */
interface Blocking extends Pick<KnownAttempts, 'state' | 'elsewhere' | 'arn'> {
  readonly attempts: readonly SecretAttempts[];
  /** Whether there was no time to read all of those. */
  readonly isLeast?: boolean;
  readonly isWatched: boolean;
  /** As DescribeSecret tells it. */
  readonly found?: Secret;
}

/** The notice of a clash whose secret is known. */
export function incidentClash(
  clash: NewClash,
  { attempts, isLeast = false, isWatched, state, elsewhere, arn, found }: Blocking,
  marks: IncidentMarks,
  tagKeys: TagKeys,
  now: Date,
): IncidentClash | undefined {
  // All are on the one that has the name, though some may have named it otherwise.
  const read = arn ?? attempts.find(({ secret }) => secret.arn)?.secret.arn;
  const known = (attempts.length > 0 ? attempts : [nobody(clash, isLeast)]).map(
    (one): KnownAttempts => ({ ...one, state, elsewhere, arn: read }),
  );
  const { secrets, mutedSecrets } = digestNotice('digest', known, now);
  const tagged = found && taggedBy(found.tags, tagKeys);
  const [reported] = ofDigest(
    {
      kind: 'digest',
      severity: 'warning',
      secrets: [...secrets, ...mutedSecrets].map((one) => ({ ...one, tagged })),
      mutedSecrets: [],
      now,
    },
    () => marks,
  );
  if (!reported) return undefined;
  const { caller, sourceAddress, userAgent } = clash;
  const tool = toolOf(userAgent, sourceAddress);
  const { owningService, replicas, replicaOf } = found ?? {};
  return {
    ...reported,
    id: clashId(reported.incident, clash),
    kind: 'clash',
    severity: 'warning',
    secret: { ...reported.secret, owningService, replicas, replicaOf },
    clash: { caller, tool, sourceAddress, userAgent, ...callsOf(clash), isWatched },
  };
}

/** The id of the notice of a clash: the same until a mail has reported it, however many calls there are by then. */
export const clashId = (
  incident: string,
  { caller, toldUntil, toldAt }: Pick<RecordedClash, 'caller' | 'toldUntil' | 'toldAt'>,
): string => `clash/${incident}/${hash([callerIdentity(caller.key), toldUntil, toldAt])}`;

function callsOf({ calls, lastAt, isLeast }: NewClash) {
  const times = calls.map(({ time }) => time);
  const [first = new Date(0)] = times;
  return { first, last: lastAt ?? times.at(-1) ?? first, count: calls.length, isLeast };
}

const nobody = ({ secret }: NewClash, isLeast: boolean): SecretAttempts => ({
  secret,
  isNew: false,
  callers: new Map(),
  muted: [],
  ignored: 0,
  isLeast,
});

/**
 * All attempts on the secret that has the name since its deletion, as far as there is time to read them: also those that no incident
 * knows, such as of ignored callers alone. Without a known change of the secret, whatever is known of it is of that deletion.
 */
async function attemptsSince(
  changedAt: Date | undefined,
  { secret }: RecordedClash,
  { mutes = [] }: Partial<Incident> = {},
  { attempts, timeLeft }: ClashPorts,
) {
  const sum = sumUp({ mutes, isNamed: () => true });
  const partial = mistakenFor(secret);
  let isLate = false;
  for (const form of [secret, ...(partial ? [partial] : [])]) {
    const pages = attempts.madeSince(attemptPartition(form), changedAt ?? new Date(0));
    for await (const page of pages) {
      if (isLate) {
        sum.stop();
        return { attempts: sum.attempts(), isLeast: true };
      }
      const own = form === secret ? page : page.filter((one) => one.secret.sent === form.sent);
      for (const attempt of own) {
        sum.add({ ...attempt, ...(form === partial && { secret }), alert: 'none' });
      }
      isLate = timeLeft() < TIME_TO_SEND_MS;
    }
  }
  return { attempts: sum.attempts(), isLeast: false };
}

/** @returns what was mailed; `undefined` if nothing was: the hour has no mail left, or the mail has failed. */
async function tell(
  notice: ClashNotice,
  recorded: ReadonlyMap<IncidentClash, RecordedClash>,
  run: ClashRun,
): Promise<ClashNotice | undefined> {
  const { ports, policy, now } = run;
  const noteAll = (
    clashes: readonly IncidentClash[],
    note: (clash: RecordedClash) => Promise<void>,
  ) =>
    inBatches(
      clashes.flatMap((one) => recorded.get(one) ?? []),
      note,
    );

  async function tellUnmailed(): Promise<undefined> {
    const isToHear = (one: IncidentClash) => !recorded.get(one)?.unmailedAt;
    const clashes = notice.clashes.filter(isToHear);
    if (!ports.noticeTopic || clashes.length === 0) return;
    await ports.noticeTopic.handOn(clashes, true);
    await noteAll(clashes, (clash) => ports.clashes.noteUnmailed(clash, now));
  }

  const most = shareOf('digest', policy);
  const publish = (beforeAgain: () => Promise<void>) => ports.publishClashes(notice, beforeAgain);
  const mailed = await mail(most, publish, run);
  if (!mailed) return tellUnmailed();
  const clashes = notice.clashes.filter((one) => !mailed.rest?.clashes.includes(one));
  await ports.noticeTopic?.handOn(clashes, true);
  await noteAll(clashes, (clash) => ports.clashes.settle(clash, now));
  return { ...notice, clashes };
}

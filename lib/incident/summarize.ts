import { attemptPartition } from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import { isDrill } from '../drill.ts';
import { inBatches } from '../in-batches.ts';
import {
  type DigestNotice,
  digestNotice,
  isAllMuted,
  isFirstNaming,
  type KnownAttempts,
  mutedOf,
  newsOf,
  type SecretAttempts,
} from '../notice/digest.ts';
import type { TagKeys } from '../notice/tags.ts';
import {
  awaitAnotherTurn,
  awaitTurn,
  type BudgetPolicy,
  type BudgetPorts,
  type Share,
  shareOf,
} from './budget.ts';
import { ending, lookAtEnds, reportable } from './ends.ts';
import { type Ending, type Incident, OVER } from './incident.ts';
import { type Change, type IncidentStore, isArnOf } from './incidents.ts';
import { sumUp } from './news.ts';
import { type PairStore, pairKeyOf, pairPartition } from './pairs.ts';
import {
  type DigestPolicy,
  digestAfter,
  digestDue,
  goesAlong,
  isCall,
  isCalm,
  isEndDue,
  isLookDue,
  isMutedNearEnd,
  laterCall,
  mayReportEnds,
  nextEnd,
  nextPause,
  overdue,
  type Pace,
  paceAfter,
  paceAfterEnds,
  pauseAfterLastCall,
  settledUntil,
} from './plan.ts';
import type { Begun, DigestRun, RunStore } from './runs.ts';
import { isNear, type StandingPorts, withState, withTags } from './standing.ts';
import { takeOver } from './takeover.ts';

/** Dependencies of {@link summarize}; all but `describeSecret` may throw. */
export interface SummarizePorts extends BudgetPorts, StandingPorts, DigestRun {
  readonly runs: RunStore;
  readonly incidents: Pick<
    IncidentStore,
    'all' | 'mark' | 'openSince' | 'note' | 'noteNamed' | 'end' | 'endMutes'
  >;
  readonly attempts: Pick<
    AttemptStore,
    'read' | 'adopt' | 'leftBehind' | 'takeOver' | 'ofVersionBefore'
  >;
  readonly pairs: Pick<PairStore, 'list' | 'name'>;
  /** Publishes one message; awaits `beforeAgain` before each further try. @returns what found no room in it. */
  readonly publish: (
    notice: DigestNotice,
    beforeAgain: () => Promise<void>,
  ) => Promise<DigestNotice | undefined>;
}

export interface SummarizePolicy extends BudgetPolicy, DigestPolicy {
  /** Which tags are named. */
  readonly tagKeys: TagKeys;
}

/** What a run has done; `overdue`: by how much the notice that is most overdue has missed its time, in ms. */
export type Summarized =
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'done'; readonly sent: readonly DigestNotice[]; readonly overdue: number };

/** How much of the run's time is kept, in ms, when it reads no more attempts. */
const TIME_TO_LOOK_UP_MS = 90_000;
/** For how long an incident that is begun late is read all the same, in ms, so that only a large one is cut short. */
const READ_AT_LEAST_MS = 15_000;
/**
 * For how long a run looks at ends at most, in ms: at some 350 where AWS hangs, and at thousands where it answers. The rest is left
 * to the next runs, so that what hangs leaves this one the time to name and to send.
 */
const TIME_FOR_ENDS_MS = 60_000;

/**
 * Sends what is due: a digest of what no notice has reported, last calls, and how incidents ended. One run at a time. What a
 * run that dies has not noted is sent again.
 * @throws what the ports throw; nothing is lost.
 */
export async function summarize(
  policy: SummarizePolicy,
  ports: SummarizePorts,
): Promise<Summarized> {
  const begun = await ports.runs.begin(ports, ports.now());
  if (!begun) return { outcome: 'busy' };
  try {
    const { sent, incidents } = await review(begun, policy, ports);
    // What was overdue may have been sent; nothing else can be by now.
    const left = overdue(incidents, ports.now()) > 0 ? await ports.incidents.all() : [];
    return { outcome: 'done', sent, overdue: overdue(left, ports.now()) };
  } finally {
    await ports.runs.end(ports);
  }
}

async function review({ pace, left }: Begun, policy: SummarizePolicy, ports: SummarizePorts) {
  await takeOver(left, ports);
  const now = ports.now();
  const incidents = (await ports.incidents.all()).filter(({ secret }) => !isDrill(secret.name));
  const run = { policy, ports, now, sent: [] as DigestNotice[] };
  const isTimeForEnds = mayReportEnds(pace, now);
  const stopsAt = Math.max(TIME_TO_LOOK_UP_MS, ports.timeLeft() - TIME_FOR_ENDS_MS);
  const looked = await lookAtEnds(
    incidents.filter((one) => isTimeForEnds && isLookDue(one, now)),
    () => ports.timeLeft() < stopsAt,
    ports,
  );
  const over = [...incidents.filter((one) => isEndDue(one, now)), ...looked.ended];
  const others = new Set([...looked.calls, ...over].map(({ key }) => key));
  await sendDigest(
    incidents.filter(({ key }) => !others.has(key)),
    pace,
    run,
  );
  if (isTimeForEnds) {
    const muted = incidents.filter((one) => !others.has(one.key) && isMutedNearEnd(one, now));
    await sendEnds(looked.calls, await reportable(over, ports), muted, pace, run);
  }
  return { sent: run.sent, incidents };
}

/** A run: what it goes by, and what it has sent. */
interface Review {
  readonly policy: SummarizePolicy;
  readonly ports: SummarizePorts;
  readonly now: Date;
  readonly sent: DigestNotice[];
}

async function sendDigest(incidents: readonly Incident[], pace: Pace, run: Review): Promise<void> {
  const due = digestDue(incidents, pace, run.now);
  if (!due) return;
  const share = due.kind === 'catch-up' ? 'catch-up' : 'digest';
  if (!(await send('digest', share, due.incidents, run))) return;
  await run.ports.runs.notePace(run.ports, paceAfter(pace, due.kind, run.now));
}

/** Sends the last calls and ends that are due, grouped; @param muted what a last call names besides */
async function sendEnds(
  calls: readonly Incident[],
  ended: readonly Incident[],
  muted: readonly Incident[],
  pace: Pace,
  run: Review,
): Promise<void> {
  const isOver = ({ lastCall }: Incident) => lastCall === OVER;
  const how = (ending: Ending) => ended.filter((one) => one.ended === ending);
  // One that comes alone is not to wait for another hour.
  const share = isCalm(pace, run.now) ? 'digest' : 'end';
  const isSent = [
    await send(
      'last-call',
      share,
      calls.filter((one) => !isOver(one)),
      run,
      muted,
    ),
    await send('over', share, calls.filter(isOver), run),
    await send('resolved', share, how('restored'), run),
    await send('gone', share, how('gone'), run),
  ];
  if (isSent.includes(true)) await run.ports.runs.notePace(run.ports, paceAfterEnds(pace, run.now));
}

/** An incident with its attempts, and how its secret stands. */
interface Reading {
  readonly incident: Incident;
  readonly known: readonly KnownAttempts[];
  /** Of one that goes along because it is muted: whether that is all that there is to report of it. */
  readonly along?: 'all' | 'part';
}

/** In how many mails a run sends a notice: more are left to later runs, lest one takes all mails of the hour. */
const MAX_MAILS = 5;

/**
 * Sends a notice of incidents, in as many messages as it takes and may, each noted as soon as it has been sent. What is muted
 * goes along, and causes none.
 * @param muted what a last call names besides
 * @returns whether anything was sent.
 */
async function send(
  kind: DigestNotice['kind'],
  share: Share,
  incidents: readonly Incident[],
  run: Review,
  muted: readonly Incident[] = [],
): Promise<boolean> {
  if (incidents.length === 0) return false;
  const { policy, ports, now } = run;
  const due = await readAll(kind, incidents, run);
  if (due.every(({ along }) => along)) {
    await inBatches(due, ({ incident, known }) => noteSilence(kind, incident, known, run));
    return false;
  }
  const readings = [...due, ...(await readMuted(muted, run))];
  const byForm = new Map<SecretAttempts, Reading>();
  for (const reading of readings) for (const form of reading.known) byForm.set(form, reading);
  const toTell = [...byForm.keys()] as KnownAttempts[];
  let left: DigestNotice | undefined = await withTags(
    digestNotice(kind, toTell, now),
    policy.tagKeys,
    ports,
  );
  const most = shareOf(share, policy);
  let isSent = false;
  for (let mails = 0; left && mails < MAX_MAILS; mails++) {
    if (!(await awaitTurn(most, ports))) return isSent;
    const rest: DigestNotice | undefined = await ports.publish(left, () =>
      awaitAnotherTurn(most, ports),
    );
    const waiting = new Set(
      rest?.secrets.flatMap(({ forms }) => forms).map((form) => byForm.get(form)),
    );
    const told = [...left.secrets, ...left.mutedSecrets]
      .flatMap(({ forms }) => forms)
      .map((form) => byForm.get(form));
    const done = [...new Set(told)].filter((one) => one !== undefined && !waiting.has(one));
    await inBatches(done as Reading[], (reading) =>
      reading.along ? noteAlong(kind, reading, run) : noteSent(kind, reading, run),
    );
    run.sent.push({ ...left, secrets: left.secrets.filter((one) => !rest?.secrets.includes(one)) });
    left = rest;
    isSent = true;
  }
  return isSent;
}

/** Reads the attempts of incidents, as many as there is time for, and finds out how their secrets stand. */
async function readAll(
  kind: DigestNotice['kind'],
  incidents: readonly Incident[],
  run: Review,
): Promise<Reading[]> {
  const { ports } = run;
  const readings: Reading[] = [];
  const read = async (incident: Incident) => {
    const attempts = await readOne(kind, incident, run);
    if (attempts.length === 0) return;
    const known = await Promise.all(attempts.map((one) => withState(incident, one, run.ports)));
    const along = known.every(({ callers }) => callers.size === 0) ? 'all' : undefined;
    readings.push({ incident, known, along });
  };
  await inBatches(incidents, read, () => ports.timeLeft() < TIME_TO_LOOK_UP_MS);
  return readings;
}

/**
 * The attempts on an incident that a notice has to report, by secret: none if there is nothing to say, which is noted; those that
 * are muted alone, which go along in a digest or a last call of others.
 */
async function readOne(
  kind: DigestNotice['kind'],
  incident: Incident,
  run: Review,
): Promise<readonly SecretAttempts[]> {
  const { ports, now } = run;
  const { attempts, isStopped } = await attemptsOn(kind, incident, run);
  if (attempts.some(({ callers }) => callers.size > 0)) {
    if (kind !== 'digest' || goesAlong(incident, now) || attempts.some(isFirstNaming))
      return attempts;
    // All callers have been named: what they did since is not due yet.
    await ports.incidents.noteNamed(incident.key, settledUntil(now));
    return [];
  }
  if (isStopped) {
    // What was not read may be news, but must not take the time of others in each run.
    const pause = nextPause(incident.pauseHours, run.policy);
    if (kind === 'digest') await ports.incidents.note(incident.key, digestAfter(pause, now));
    return [];
  }
  const goAlong = kind === 'digest' || kind === 'last-call';
  if (goAlong && attempts.some(isAllMuted)) return attempts;
  await noteSilence(kind, incident, attempts, run);
  return [];
}

/**
 * The attempts on an incident that are the matter of a notice, by secret: in a digest those that no other notice has reported, in
 * the other kinds all since it was opened. `isStopped`: there was no time to read all.
 */
async function attemptsOn(
  kind: DigestNotice['kind'],
  incident: Incident,
  { ports, now }: Review,
): Promise<{ readonly attempts: SecretAttempts[]; readonly isStopped: boolean }> {
  const { openedAt, reportedUntil = new Date(0) } = incident;
  const until = settledUntil(now);
  const partition = pairPartition(incident.secret);
  const pairs = await ports.pairs.list(partition, now);
  const named = new Set(pairs.filter(({ isUnnamed }) => !isUnnamed).map(({ key }) => key.sk));
  const isNamed = (identity: string) => named.has(pairKeyOf(partition, identity).sk);
  const sum = sumUp({ ...incident, isNamed });
  // What nothing has reported of a deletion before this one is reported too.
  const since = openedAt && openedAt < reportedUntil ? openedAt : reportedUntil;
  const span = kind === 'digest' ? { unreportedAfter: reportedUntil } : { since };
  const pages = ports.attempts.read(attemptPartition(incident.secret), { ...span, until });
  const stopsAt = Math.min(TIME_TO_LOOK_UP_MS, ports.timeLeft() - READ_AT_LEAST_MS);
  let isLate = false;
  for await (const page of pages) {
    if (isLate) {
      sum.stop();
      return { attempts: sum.attempts(), isStopped: true };
    }
    const begun = page.filter(({ alert }) => alert === 'begun');
    // Their alerts have failed. One that is retried this very moment reports itself.
    const retried = new Set<unknown>();
    await inBatches(begun, async ({ key: attempt }) => {
      if (!(await ports.attempts.adopt(attempt, now.getTime()))) retried.add(attempt);
    });
    for (const attempt of page) if (!retried.has(attempt.key)) sum.add(attempt);
    isLate = ports.timeLeft() < stopsAt;
  }
  return { attempts: sum.attempts(), isStopped: false };
}

/**
 * Reads the muted attempts on incidents, all whose callers are muted, for a last call that goes out anyway: of those whose
 * ends are near.
 */
async function readMuted(incidents: readonly Incident[], run: Review): Promise<Reading[]> {
  const readings: Reading[] = [];
  const read = async (incident: Incident) => {
    const { attempts } = await attemptsOn('last-call', incident, run);
    // What was not muted has been reported, or is left to a digest.
    const isAll = attempts.every((one) => newsOf(one) === 0);
    const muted = attempts.map((one) => ({ ...one, callers: new Map() })).filter(isAllMuted);
    const known = await Promise.all(muted.map((one) => withState(incident, one, run.ports)));
    const near = known.filter(({ state }) => isNear(state, run.now));
    if (near.length > 0) readings.push({ incident, known: near, along: isAll ? 'all' : 'part' });
  };
  await inBatches(incidents, read, () => run.ports.timeLeft() < TIME_TO_LOOK_UP_MS);
  return readings;
}

/** Notes that there is nothing to report of an incident, but perhaps what is muted or ignored, which waits for a notice. */
async function noteSilence(
  kind: DigestNotice['kind'],
  incident: Incident,
  attempts: readonly SecretAttempts[],
  run: Review,
): Promise<void> {
  const { key, unnamedSince } = incident;
  const { incidents } = run.ports;
  if (unnamedSince) await incidents.noteNamed(key, settledUntil(run.now));
  await incidents.note(key, silence(kind, incident, attempts, run));
}

function silence(
  kind: DigestNotice['kind'],
  incident: Incident,
  attempts: readonly SecretAttempts[],
  { policy, now }: Review,
): Change {
  const { openedAt, namedAt, pauseHours, unnamedAt } = incident;
  // A mute of callers may be over before the end.
  const isMuted = attempts.some((one) => mutedOf(one) > 0);
  if (isCall(kind)) return isMuted ? laterCall(incident, now) : nextEnd(incident, now);
  if (kind !== 'digest') return { isEndReported: true };
  if (attempts.length > 0) return digestAfter(nextPause(pauseHours, policy), now);
  // A caller whose alert was sent, but not noted, is named all the same.
  const until = settledUntil(now);
  const isNamed = unnamedAt !== undefined && unnamedAt <= until;
  const heals = isNamed && openedAt && !namedAt ? { namedAt: now, lookAt: now } : {};
  return { reportedUntil: until, ...heals };
}

/** Notes that what is muted of an incident went along in a notice, which named none of its callers. */
async function noteAlong(
  kind: DigestNotice['kind'],
  { incident, known, along }: Reading,
  { policy, ports: { incidents }, now }: Review,
): Promise<void> {
  const { key, unnamedSince, pauseHours } = incident;
  const until = settledUntil(now);
  const [first] = known;
  const end = kind === 'digest' && first ? ending(kind, first.state, incident, now) : {};
  await incidents.note(key, {
    ...(along === 'all' && { reportedUntil: until }),
    ...digestAfter(nextPause(pauseHours, policy), now),
    isNotice: true,
    ...end,
  });
  if (unnamedSince) await incidents.noteNamed(key, until);
}

/** Notes that a notice has named an incident, its callers, and how it stands. */
async function noteSent(
  kind: DigestNotice['kind'],
  { incident, known }: Reading,
  { policy, ports, now }: Review,
): Promise<void> {
  // One that began anew was opened by what was recorded since the deletion, which its last call tells too.
  const { key, unnamedSince = now, openedAt = unnamedSince, namedAt } = incident;
  const until = settledUntil(now);
  // What can be told of a secret whose id merely looks like this one's is not this one's end.
  const first = known.find(({ arn, secret }) => !arn || isArnOf(key, arn, secret));
  const pause = isCall(kind) ? pauseAfterLastCall(policy) : nextPause(incident.pauseHours, policy);
  const end = first ? ending(kind, first.state, incident, now) : {};
  const change = {
    reportedUntil: until,
    openedAt,
    namedAt: namedAt ?? now,
    ...digestAfter(pause, now),
    isNotice: true,
    ...end,
  };
  if (!(await ports.incidents.note(key, change, incident.openedAt))) {
    // It has begun anew meanwhile: of that nothing has been reported but the attempts.
    await ports.incidents.note(key, { reportedUntil: until });
    return;
  }
  await ports.incidents.noteNamed(key, until);
  const identities = known.flatMap(({ callers }) =>
    [...callers].filter(([, caller]) => caller.isNew).map(([identity]) => identity),
  );
  const partition = pairPartition(incident.secret);
  await inBatches(identities, (identity) => ports.pairs.name(pairKeyOf(partition, identity), now));
}

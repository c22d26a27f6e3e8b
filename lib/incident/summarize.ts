import { attemptPartition } from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import type { ClashStore, RecordedClash } from '../deletion/clashes.ts';
import { isDrill } from '../drill.ts';
import { inBatches } from '../in-batches.ts';
import type { ClashNotice } from '../notice/clash.ts';
import {
  type DigestNotice,
  digestNotice,
  isAllMuted,
  isFirstNaming,
  type KnownAttempts,
  newsOf,
  type SecretAttempts,
  type SecretNews,
} from '../notice/digest.ts';
import { type Share, shareOf } from './budget.ts';
import { type ClashPolicy, type ClashPorts, tellClashes } from './clashes.ts';
import { lookAtEnds, reportable } from './ends.ts';
import { type Ending, type Incident, OVER } from './incident.ts';
import type { IncidentStore } from './incidents.ts';
import { sumUp } from './news.ts';
import { type NotingRun, noteAlong, noteSent, noteSilence, type Reading } from './noting.ts';
import { type PairStore, pairKeyOf, pairPartition } from './pairs.ts';
import {
  type DigestPolicy,
  digestAfter,
  digestDue,
  goesAlong,
  isCalm,
  isEndDue,
  isLookDue,
  isMutedNearEnd,
  mayReportEnds,
  nextPause,
  overdue,
  paceAfter,
  paceAfterEnds,
  settledUntil,
} from './plan.ts';
import type { Begun, RunStore } from './runs.ts';
import { isNear, type StandingPorts, withState, withTags } from './standing.ts';
import { takeOver } from './takeover.ts';
import { type TellPorts, type TellRun, tell } from './tell.ts';

/** Dependencies of {@link summarize}; all but `describeSecret` may throw. */
export interface SummarizePorts extends TellPorts, StandingPorts, ClashPorts {
  readonly runs: RunStore;
  readonly clashes: ClashPorts['clashes'] & Pick<ClashStore, 'list'>;
  readonly incidents: Pick<
    IncidentStore,
    'all' | 'mark' | 'openSince' | 'note' | 'noteNamed' | 'end' | 'endMutes'
  >;
  readonly attempts: Pick<
    AttemptStore,
    'read' | 'madeSince' | 'adopt' | 'leftBehind' | 'takeOver' | 'ofVersionBefore'
  >;
  readonly pairs: Pick<PairStore, 'list' | 'name'>;
}

export interface SummarizePolicy extends DigestPolicy, ClashPolicy {}

/** What a run has done; `overdue`: by how much the notice that is most overdue has missed its time, in ms. */
export type Summarized =
  | { readonly outcome: 'busy' }
  | {
      readonly outcome: 'done';
      readonly sent: readonly DigestNotice[];
      readonly clashes: readonly ClashNotice[];
      readonly overdue: number;
    };

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
 * Sends what is due: a digest of what no notice has reported, last calls, how incidents ended, and who found the name of a secret
 * taken. One run at a time. What a run that dies has not noted is sent again. What fails keeps no other notice from being sent.
 * @throws what the ports throw, of several failures the first one, at the end; nothing is lost.
 */
export async function summarize(
  policy: SummarizePolicy,
  ports: SummarizePorts,
): Promise<Summarized> {
  const begun = await ports.runs.begin(ports, ports.now());
  if (!begun) return { outcome: 'busy' };
  try {
    const { sent, clashes, recorded, incidents } = await review(begun, policy, ports);
    // What was overdue may have been sent; nothing else can be by now.
    const mayBeOverdue = overdue(incidents, recorded, ports.now()) > 0;
    const left = mayBeOverdue
      ? overdue(await ports.incidents.all(), await ports.clashes.list(), ports.now())
      : 0;
    return { outcome: 'done', sent, clashes, overdue: left };
  } finally {
    await ports.runs.end(ports);
  }
}

async function review({ pace, left }: Begun, policy: SummarizePolicy, ports: SummarizePorts) {
  await ports.noticeTopic?.handOnLeft();
  await takeOver(left, ports);
  const now = ports.now();
  const incidents = (await ports.incidents.all()).filter(({ secret }) => !isDrill(secret.name));
  const run: Review = { policy, ports, pace, now, sent: [], failures: [], isMailDown: false };
  const isTimeForEnds = mayReportEnds(pace, now);
  const stopsAt = Math.max(TIME_TO_LOOK_UP_MS, ports.timeLeft() - TIME_FOR_ENDS_MS);
  const looked = await lookAtEnds(
    incidents.filter((one) => isTimeForEnds && isLookDue(one, now)),
    () => ports.timeLeft() < stopsAt,
    ports,
  );
  const over = [...incidents.filter((one) => isEndDue(one, now)), ...looked.ended];
  const others = new Set([...looked.calls, ...over].map(({ key }) => key));
  const open = incidents.filter(({ key }) => !others.has(key));
  await collect(run, () => sendDigest(open, run));
  if (isTimeForEnds) {
    const muted = open.filter((one) => isMutedNearEnd(one, now));
    await collect(run, async () =>
      sendEnds(looked.calls, await reportable(over, ports), muted, run),
    );
  }
  const clashes: ClashNotice[] = [];
  let recorded: readonly RecordedClash[] = [];
  await collect(run, async () => {
    recorded = await ports.clashes.list();
    clashes.push(...(await tellClashes(recorded, incidents, run)));
  });
  if (run.failures.length > 0) throw run.failures[0];
  return { sent: run.sent, clashes, recorded, incidents };
}

/** A run: what it goes by, what it has sent, and what has failed. */
interface Review extends NotingRun, TellRun {
  readonly policy: SummarizePolicy;
  readonly ports: SummarizePorts;
  readonly sent: DigestNotice[];
}

/** Keeps what is thrown for the end of the run. */
const collect = ({ failures }: Review, work: () => Promise<unknown>) =>
  work().catch((error) => failures.push(error));

async function sendDigest(incidents: readonly Incident[], run: Review): Promise<void> {
  const { pace } = run;
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
  run: Review,
): Promise<void> {
  const { pace, now, ports } = run;
  const isOver = ({ lastCall }: Incident) => lastCall === OVER;
  const how = (ending: Ending) => ended.filter((one) => one.ended === ending);
  // One that comes alone is not to wait for another hour.
  const share = isCalm(pace, now) ? 'digest' : 'end';
  let isSent = false;
  const sendSome: typeof send = async (...args) => (isSent = (await send(...args)) || isSent);
  const open = calls.filter((one) => !isOver(one));
  await collect(run, () => sendSome('last-call', share, open, run, muted));
  await collect(run, () => sendSome('over', share, calls.filter(isOver), run));
  await collect(run, () => sendSome('resolved', share, how('restored'), run));
  await collect(run, () => sendSome('gone', share, how('gone'), run));
  if (isSent) await ports.runs.notePace(ports, paceAfterEnds(pace, now));
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
  const readingsOf = ({ forms }: SecretNews) => forms.flatMap((form) => byForm.get(form) ?? []);
  let isSent = false;
  for (let mails = 0; left && mails < MAX_MAILS; mails++) {
    const most = shareOf(share, policy);
    const mailed = await tell(
      left,
      most,
      (news) => readingsOf(news).map(({ incident }) => incident),
      run,
    );
    if (!mailed) return isSent;
    const { told, rest } = mailed;
    const waiting = new Set(rest?.secrets.flatMap(readingsOf));
    const named = new Set([...told.secrets, ...told.mutedSecrets].flatMap(readingsOf));
    const done = [...named].filter((one) => !waiting.has(one));
    await inBatches(done, (reading) =>
      reading.along ? noteAlong(kind, reading, run) : noteSent(kind, reading, run),
    );
    run.sent.push(told);
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

import { attemptPartition } from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import { type Lookup, lookUp } from '../deletion/describe.ts';
import { type SecretState, type StateDependencies, secretState } from '../deletion/secret-state.ts';
import { isDrill } from '../drill.ts';
import { inBatches } from '../in-batches.ts';
import {
  type DigestNotice,
  digestNotice,
  isFirstNaming,
  type KnownAttempts,
  lastAttemptOn,
  type SecretAttempts,
} from '../notice/digest.ts';
import {
  awaitAnotherTurn,
  awaitTurn,
  type BudgetPolicy,
  type BudgetPorts,
  type Share,
  shareOf,
} from './budget.ts';
import { lookAtEnds, reportable } from './ends.ts';
import type { Incident } from './incident.ts';
import { type Change, type IncidentStore, isArnOf } from './incidents.ts';
import { sumUp } from './news.ts';
import { type Pair, type PairStore, pairKeyOf, pairPartition, pairsOf } from './pairs.ts';
import {
  type DigestPolicy,
  digestAfter,
  digestDue,
  endOf,
  goesAlong,
  isEndDue,
  isLookDue,
  lastCallOf,
  nextEnd,
  nextPause,
  overdue,
  type Pace,
  paceAfter,
  pauseAfterLastCall,
  settledUntil,
} from './plan.ts';
import type { Begun, DigestRun, RunStore } from './runs.ts';
import { takeOver } from './takeover.ts';

/** Dependencies of {@link summarize}; all but `describeSecret` may throw. */
export interface SummarizePorts extends BudgetPorts, StateDependencies, DigestRun {
  /** Looks a secret up by name or ARN. */
  readonly describeSecret: (secretId: string) => Promise<Lookup>;
  readonly runs: RunStore;
  readonly incidents: Pick<IncidentStore, 'all' | 'mark' | 'note' | 'noteNamed' | 'end'>;
  readonly attempts: Pick<AttemptStore, 'read' | 'adopt' | 'leftBehind' | 'takeOver'>;
  readonly pairs: Pick<PairStore, 'list' | 'name'>;
  /** Publishes one message; awaits `beforeAgain` before each further try. @returns what found no room in it. */
  readonly publish: (
    notice: DigestNotice,
    beforeAgain: () => Promise<void>,
  ) => Promise<DigestNotice | undefined>;
  /** How much of the run's time is left, in ms. */
  readonly timeLeft: () => number;
}

export interface SummarizePolicy extends BudgetPolicy, DigestPolicy {}

/** What a run has done; `overdue`: by how much the notice that is most overdue has missed its time, in ms. */
export type Summarized =
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'done'; readonly sent: readonly DigestNotice[]; readonly overdue: number };

/** How much of the run's time is kept, in ms, when it reads no more attempts, and when it looks nothing up any more. */
const TIME_TO_LOOK_UP_MS = 90_000;
const TIME_TO_SEND_MS = 60_000;

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
    const sent = await review(begun, policy, ports);
    const left = await ports.incidents.all();
    return { outcome: 'done', sent, overdue: overdue(left, ports.now()) };
  } finally {
    await ports.runs.end(ports);
  }
}

async function review(
  { pace, unsentSummary }: Begun,
  policy: SummarizePolicy,
  ports: SummarizePorts,
) {
  const isTakenOver = await takeOver(unsentSummary, ports);
  if (isTakenOver && unsentSummary) await ports.runs.noteTakenOver();
  const now = ports.now();
  const incidents = (await ports.incidents.all()).filter(({ secret }) => !isDrill(secret.name));
  const run = { policy, ports, now, sent: [] as DigestNotice[] };
  const looked = await lookAtEnds(
    incidents.filter((one) => isLookDue(one, now)),
    () => ports.timeLeft() < TIME_TO_LOOK_UP_MS,
    ports,
  );
  const over = [...incidents.filter((one) => isEndDue(one, now)), ...looked.ended];
  const ended = await reportable(over, ports);
  const others = new Set([...looked.calls, ...over].map(({ key }) => key));
  await sendDigest(
    incidents.filter(({ key }) => !others.has(key)),
    pace,
    run,
  );
  await send('last-call', 'digest', looked.calls, run);
  await send(
    'resolved',
    'digest',
    ended.filter(({ ended: how }) => how === 'restored'),
    run,
  );
  await send(
    'gone',
    'digest',
    ended.filter(({ ended: how }) => how === 'gone'),
    run,
  );
  return run.sent;
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

/** An incident with its callers and attempts, and how its secret stands. */
interface Reading {
  readonly incident: Incident;
  readonly pairs: readonly Pair[];
  readonly known: readonly KnownAttempts[];
}

/**
 * Sends a notice of incidents, in as many messages as it takes, each noted as soon as it has been sent.
 * @returns whether anything was sent.
 */
async function send(
  kind: DigestNotice['kind'],
  share: Share,
  incidents: readonly Incident[],
  run: Review,
): Promise<boolean> {
  if (incidents.length === 0) return false;
  const { policy, ports, now } = run;
  const readings = await readAll(kind, incidents, run);
  const byForm = new Map<SecretAttempts, Reading>();
  for (const reading of readings) for (const form of reading.known) byForm.set(form, reading);
  const toTell = [...byForm.keys()] as KnownAttempts[];
  let left: DigestNotice | undefined =
    toTell.length > 0 ? digestNotice(kind, toTell, now) : undefined;
  const most = shareOf(share, policy);
  let isSent = false;
  while (left) {
    if (!(await awaitTurn(most, ports))) return isSent;
    const rest: DigestNotice | undefined = await ports.publish(left, () =>
      awaitAnotherTurn(most, ports),
    );
    const waiting = new Set(
      rest?.secrets.flatMap(({ forms }) => forms).map((form) => byForm.get(form)),
    );
    const told = left.secrets.flatMap(({ forms }) => forms).map((form) => byForm.get(form));
    const done = [...new Set(told)].filter((one) => one !== undefined && !waiting.has(one));
    await inBatches(done as Reading[], (reading) => noteSent(kind, reading, run));
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
    const pairs = await ports.pairs.list(pairPartition(incident.secret), run.now);
    const attempts = await readOne(kind, incident, pairs, run);
    if (attempts.length === 0) return;
    const known = await Promise.all(attempts.map((one) => withState(incident, one, run)));
    readings.push({ incident, pairs, known });
  };
  await inBatches(incidents, read, () => ports.timeLeft() < TIME_TO_LOOK_UP_MS);
  return readings;
}

async function withState(
  { ended }: Incident,
  attempts: SecretAttempts,
  { ports }: Review,
): Promise<KnownAttempts> {
  if (ports.timeLeft() < TIME_TO_SEND_MS) return { ...attempts, state: { state: 'not-looked-up' } };
  const { secret } = attempts;
  const last = lastAttemptOn(attempts);
  const time = last.getTime() > 0 ? last : ports.now();
  const describe = () => lookUp(secret, ports.describeSecret);
  const { state, arn } = await secretState({ secret, time }, describe, ports);
  return { ...attempts, state: asEnded(ended, state), arn };
}

/** What is known to have ended is reported so, whatever can be found out of it now. */
function asEnded(ended: Incident['ended'], state: SecretState): SecretState {
  if (ended === 'restored' && state.state !== 'restored') return { state: 'restored' };
  if (ended !== 'gone' || state.state !== 'pending') return state;
  return { state: 'gone', deletion: state.deletion };
}

/**
 * The attempts on an incident that a notice has to report, by secret: none if there is nothing to say. In a digest those that no
 * other notice has reported, in the other kinds all since it was opened.
 */
async function readOne(
  kind: DigestNotice['kind'],
  incident: Incident,
  pairs: readonly Pair[],
  run: Review,
): Promise<SecretAttempts[]> {
  const { ports, now } = run;
  const { openedAt, reportedUntil = new Date(0) } = incident;
  const until = settledUntil(now);
  const isNamed = (identity: string) => {
    const own = pairsOf(identity, pairs);
    return own.length > 0 && own.every(({ isUnnamed }) => !isUnnamed);
  };
  const sum = sumUp({ ...incident, isNamed });
  // What nothing has reported of a deletion before this one is reported too.
  const since = openedAt && openedAt < reportedUntil ? openedAt : reportedUntil;
  const span = kind === 'digest' ? { unreportedAfter: reportedUntil } : { since };
  const pages = ports.attempts.read(attemptPartition(incident.secret), { ...span, until });
  let isStopped = false;
  for await (const page of pages) {
    const begun = page.filter(({ alert }) => alert === 'begun');
    // Their alerts have failed. One that is retried this very moment reports itself.
    const retried = new Set<unknown>();
    await inBatches(begun, async ({ key: attempt }) => {
      if (!(await ports.attempts.adopt(attempt, now.getTime()))) retried.add(attempt);
    });
    for (const attempt of page) if (!retried.has(attempt.key)) sum.add(attempt);
    if (ports.timeLeft() >= TIME_TO_LOOK_UP_MS) continue;
    sum.stop();
    isStopped = true;
    break;
  }
  const attempts = sum.attempts();
  if (attempts.some(({ callers }) => callers.size > 0)) {
    if (kind !== 'digest' || goesAlong(incident, now) || attempts.some(isFirstNaming))
      return attempts;
    // All callers have been named: what they did since is not due yet.
    await ports.incidents.noteNamed(incident.key, until);
    return [];
  }
  // What was not read may be news.
  if (!isStopped) await noteSilence(kind, incident, attempts, run);
  return [];
}

/** Notes that there is nothing to report of an incident, but perhaps what is muted or ignored, which waits for a notice. */
async function noteSilence(
  kind: DigestNotice['kind'],
  incident: Incident,
  attempts: readonly SecretAttempts[],
  { policy, ports: { incidents }, now }: Review,
): Promise<void> {
  const until = settledUntil(now);
  const { key, openedAt, namedAt, pauseHours, unnamedSince, unnamedAt } = incident;
  if (unnamedSince) await incidents.noteNamed(key, until);
  if (kind === 'last-call') return incidents.note(key, nextEnd(incident, now));
  if (kind !== 'digest') return incidents.note(key, { isEndReported: true });
  if (attempts.length === 0) {
    // A caller whose alert was sent, but not noted, is named all the same.
    const isNamed = unnamedAt !== undefined && unnamedAt <= until;
    const heals = isNamed && openedAt && !namedAt ? { namedAt: now, lookAt: now } : {};
    return incidents.note(key, { reportedUntil: until, ...heals });
  }
  return incidents.note(key, digestAfter(nextPause(pauseHours, policy), now));
}

/** Notes that a notice has named an incident, its callers, and how it stands. */
async function noteSent(
  kind: DigestNotice['kind'],
  { incident, pairs, known }: Reading,
  { policy, ports, now }: Review,
): Promise<void> {
  // One that began anew was opened by what was recorded since the deletion, which its last call tells too.
  const { key, unnamedSince = now, openedAt = unnamedSince, namedAt } = incident;
  const until = settledUntil(now);
  // What can be told of a secret whose id merely looks like this one's is not this one's end.
  const first = known.find(({ arn, secret }) => !arn || isArnOf(key, arn, secret));
  const pause =
    kind === 'last-call' ? pauseAfterLastCall(policy) : nextPause(incident.pauseHours, policy);
  const end = first ? ending(kind, first.state, incident, now) : {};
  await ports.incidents.note(key, {
    reportedUntil: until,
    openedAt,
    namedAt: namedAt ?? now,
    ...digestAfter(pause, now),
    isNotice: true,
    ...end,
  });
  await ports.incidents.noteNamed(key, until);
  const identities = known.flatMap(({ callers }) =>
    [...callers].filter(([, caller]) => caller.isNew).map(([identity]) => identity),
  );
  const partition = pairPartition(incident.secret);
  const keys = identities.flatMap((identity) => {
    const own = pairsOf(identity, pairs);
    return own.length > 0 ? own.map((pair) => pair.key) : [pairKeyOf(partition, identity)];
  });
  await inBatches(keys, (pair) => ports.pairs.name(pair, now));
}

/** What a notice finds out of an incident's end. */
function ending(
  kind: DigestNotice['kind'],
  state: KnownAttempts['state'],
  incident: Incident,
  now: Date,
): Change {
  const { namedAt, lastCall, lookAt = now, endedAt = now } = incident;
  if (state.state === 'not-looked-up') {
    if (kind === 'digest') return { lookAt };
    return kind === 'last-call' ? nextEnd(incident, now) : { isEndReported: true };
  }
  if (state.state !== 'pending') {
    const ended = state.state === 'restored' ? 'restored' : 'gone';
    return { ended, endedAt, isEndReported: true };
  }
  // Where nothing is found out, what was known before holds.
  if (state.schedule.kind === 'unknown' && incident.endsAt) return nextEnd(incident, now);
  if (kind === 'last-call') return endOf(state, now, lastCall);
  return namedAt ? endOf(state, now, lastCall) : lastCallOf(state, now);
}

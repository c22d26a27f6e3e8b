import { inBatches } from '../in-batches.ts';
import {
  type DigestNotice,
  type KnownAttempts,
  mutedOf,
  type SecretAttempts,
} from '../notice/digest.ts';
import { ending } from './ends.ts';
import type { Incident } from './incident.ts';
import { type Change, type IncidentStore, isArnOf } from './incidents.ts';
import { type PairStore, pairKeyOf, pairPartition } from './pairs.ts';
import {
  type DigestPolicy,
  digestAfter,
  isCall,
  laterCall,
  nextEnd,
  nextPause,
  pauseAfterLastCall,
  settledUntil,
} from './plan.ts';

/** What it takes to note what a run has reported. */
export interface NotingRun {
  readonly policy: DigestPolicy;
  readonly ports: {
    readonly incidents: Pick<IncidentStore, 'note' | 'noteNamed'>;
    readonly pairs: Pick<PairStore, 'name'>;
  };
  /** When the run began. */
  readonly now: Date;
}

/** An incident with its attempts, and how its secret stands. */
export interface Reading {
  readonly incident: Incident;
  readonly known: readonly KnownAttempts[];
  /** Of one that goes along because it is muted: whether that is all that there is to report of it. */
  readonly along?: 'all' | 'part';
}

/** Notes that there is nothing to report of an incident, but perhaps what is muted or ignored, which waits for a notice. */
export async function noteSilence(
  kind: DigestNotice['kind'],
  incident: Incident,
  attempts: readonly SecretAttempts[],
  run: NotingRun,
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
  { policy, now }: NotingRun,
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
export async function noteAlong(
  kind: DigestNotice['kind'],
  { incident, known, along }: Reading,
  { policy, ports: { incidents }, now }: NotingRun,
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
export async function noteSent(
  kind: DigestNotice['kind'],
  { incident, known }: Reading,
  { policy, ports, now }: NotingRun,
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

import type { Attempt } from '../attempt/attempt.ts';
import { attemptItem, attemptKey } from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import type { Key } from '../aws/table.ts';
import { readAsPartial } from '../cloudtrail/secret-id.ts';
import type { AutoCancelMode } from '../deletion/auto-cancel.ts';
import { nearEnd } from '../deletion/schedule.ts';
import type { SecretState } from '../deletion/secret-state.ts';
import { isDrill } from '../drill.ts';
import { MINUTE_MS } from '../time.ts';
import {
  awaitAnotherTurn,
  awaitTurn,
  type BudgetPolicy,
  type BudgetPorts,
  type BudgetStore,
  type Share,
  shareOf,
} from './budget.ts';
import { isIgnored } from './ignored.ts';
import { type Incident, MARK_CACHED_MS, muteOf } from './incident.ts';
import { type IncidentStore, isArnOf } from './incidents.ts';
import { type Claim, type PairStore, pairKey, pairPartition } from './pairs.ts';
import { digestAfter, FIRST_PAUSE, lastCallOf } from './plan.ts';
import type { ProcessMemory } from './process-memory.ts';

/** What keeps attempts from flooding their reader. */
export interface GatePolicy extends BudgetPolicy {
  /** Patterns of callers' ARNs. */
  readonly ignoredCallers: readonly string[];
  readonly autoCancel: AutoCancelMode;
  /** Whether there are channels beside the mail, which have no part in its budget. */
  readonly hasChannels: boolean;
}

/** The state behind the gate, and this run of the function. All but `memory` may throw. */
export interface GatePorts extends BudgetPorts {
  /** Of this run alone. */
  readonly token: string;
  readonly memory: ProcessMemory;
  readonly pairs: Pick<PairStore, 'claim' | 'confirm' | 'leave' | 'release' | 'renew'>;
  readonly incidents: Pick<
    IncidentStore,
    | 'mark'
    | 'markUnnamed'
    | 'reopen'
    | 'endMutes'
    | 'note'
    | 'noteAlert'
    | 'noteUnmailedAlert'
    | 'lookAgain'
  >;
  readonly attempts: Pick<
    AttemptStore,
    'isSettled' | 'recordAlerting' | 'record' | 'noteAlerted' | 'noteFailed' | 'leave'
  >;
}

/**
 * Why an attempt is not alerted: `known-caller`: a notice names its caller already, or is about to; `many-callers`: as many
 * of the incident's callers as may be alerted have been; `repeated`: it was recorded before, and is or will be reported;
 * `unknown-secret`: none that was deleted, for all that is known, so that it is no attempt.
 */
export type Deferral =
  | 'known-caller'
  | 'many-callers'
  | 'muted'
  | 'budget'
  | 'ignored'
  | 'repeated'
  | 'unknown-secret';

/** An attempt that is alerted; `incident`: none of a drill; `share`: of the mail's budget. */
export interface Admitted {
  readonly claim: Claim;
  readonly incident?: Incident;
  readonly share: Share;
}

/** Whether an attempt is alerted now, and if not, why. */
export type Admission =
  | (Admitted & { readonly deferred?: undefined })
  | { readonly claim?: undefined; readonly deferred: Deferral };

/** How many callers of an incident are alerted at once; a digest names further ones within minutes. */
export const MAX_ALERTS = 4;

/**
 * How long what is known of a pair is cached, in ms: it may be claimed anew early, because the secret was restored and
 * deleted again.
 */
const MAX_CACHED_MS = MARK_CACHED_MS;

/**
 * What is delivered this long after it was made, in ms, may have come by another path before: that is read, so that a repeat
 * claims nothing, and neither opens an incident nor calls for a digest.
 */
const LATE_MS = 2 * MINUTE_MS;

/**
 * Decides whether an attempt is alerted now, and records it. An attempt of a caller that this process knows costs one
 * write, and one read if it comes late. All that may have to be reported is noted before the attempt is recorded, so that a
 * run that dies hides nothing.
 * @throws what the ports throw; the attempt then is as before, and a retry starts anew.
 */
export async function admit(
  attempt: Attempt,
  policy: GatePolicy,
  ports: GatePorts,
): Promise<Admission> {
  const time = ports.now();
  const now = time.getTime();
  const isLate = now - attempt.time.getTime() > LATE_MS;
  if (isLate && (await ports.attempts.isSettled(attemptKey(attempt), time))) {
    return { deferred: 'repeated' };
  }
  const item = attemptItem(attempt, time);
  const record = async (deferred: Deferral): Promise<Admission> => {
    const isRecorded = ports.attempts.record(
      deferred === 'ignored' ? { ...item, ignored: true } : item,
    );
    return { deferred: (await isRecorded) ? deferred : 'repeated' };
  };
  if (isIgnoredBy(policy, attempt)) return record('ignored');

  const key = pairKey(attempt);
  if (ports.memory.knownOf(rememberedAs(attempt), now)) return record('known-caller');
  const { token, leaseUntil } = ports;
  const claim = await ports.pairs.claim(key, { token, now, leaseUntil });
  const isToBeNamed = 'token' in claim && !claim.isRetry;
  const incident = await enter(attempt, isToBeNamed, time, ports);
  if (incident === 'reopened') return admit(attempt, policy, ports);
  // AWS may have purged the secret since it was last looked at.
  if (incident && attempt.isNotFound) await ports.incidents.lookAgain(incident.key, time);
  const mute = incident && muteOf(incident, attempt.caller, time);
  if (!('token' in claim)) {
    if (incident && claim.isUnnamed && !mute) {
      await ports.incidents.markUnnamed(incident.key, time);
    }
    const until = Math.min(claim.until ?? 0, now + MAX_CACHED_MS);
    ports.memory.rememberKnown(rememberedAs(attempt), { ...claim, until });
    return record('known-caller');
  }
  try {
    const isMuted = mute && !claim.isRetry;
    const share = shareFor(attempt, incident);
    const admitted = { claim, incident, share };
    const reason = isMuted ? 'muted' : reasonToDefer(admitted, now, policy, ports);
    if (reason) {
      const deferred = await record(reason);
      await ports.pairs.leave(claim);
      return deferred;
    }
    if (await ports.attempts.recordAlerting(item, { token, now, leaseUntil })) {
      return admitted;
    }
    await ports.pairs.release(claim);
    return { deferred: 'repeated' };
  } catch (error) {
    await ports.pairs.release(claim).catch(() => undefined);
    throw error;
  }
}

/**
 * As what a process remembers of an attempt's pair whether it is known: of a secret that is gone apart from when it was pending, so
 * that the first such read has the secret looked at.
 */
function rememberedAs(attempt: Attempt): Key {
  const { pk, sk } = pairKey(attempt);
  return { pk, sk: attempt.isNotFound ? `gone ${sk}` : sk };
}

/** A restore and a read that failed within this many ms say nothing of which came first. */
const SAME_TIME_MS = 60_000;

/**
 * Notes the attempt on its incident. One that was made after the incident had ended shows that the secret has been deleted
 * anew, although no record of that has come; but not one on a secret that is gone, of the incident of which nobody knows more.
 * @returns the incident; `reopened` if it begins anew, so that all of its callers are news; none of a drill
 */
async function enter(
  { secret, time, isNotFound }: Attempt,
  isToBeNamed: boolean,
  now: Date,
  { incidents, pairs }: GatePorts,
): Promise<Incident | 'reopened' | undefined> {
  if (isDrill(secret.name)) return undefined;
  const incident = await incidents.mark(secret, now, isToBeNamed, time);
  const endedAt = incident?.endedAt;
  if (!incident || !endedAt || time.getTime() <= endedAt.getTime() + SAME_TIME_MS) return incident;
  if (isNotFound && incident.ended !== 'restored') return incident;
  if (!(await incidents.reopen(secret, endedAt))) return incident;
  await incidents.endMutes(incident.key, endedAt);
  await pairs.renew(pairPartition(secret), endedAt);
  return 'reopened';
}

function reasonToDefer(
  { claim, incident, share }: Admitted,
  now: number,
  policy: GatePolicy,
  { memory }: GatePorts,
): 'many-callers' | 'budget' | undefined {
  // A look is not in vain where it may save the secret.
  if (claim.isRetry || !incident || policy.autoCancel !== 'off') return undefined;
  if (isCrowded(incident)) return 'many-callers';
  // Nor is it for a channel that has room.
  if (policy.hasChannels) return undefined;
  return memory.isUsedUp(share, now) ? 'budget' : undefined;
}

/** Whether as many callers of an incident as may be alerted have been. */
export function isCrowded(incident: Incident | undefined): boolean {
  return incident !== undefined && incident.alerts >= MAX_ALERTS;
}

/**
 * Whether an alert is the first that anybody is told of a secret, or of a further caller. @param id of its notice: the first one
 * stays that when it is tried again
 */
export function kindFor(incident: Incident | undefined, id: string): 'opened' | 'caller' {
  if (!incident || incident.toldAs === id) return 'opened';
  return incident.toldAs || incident.namedAt || incident.alerts > 0 ? 'caller' : 'opened';
}

/**
 * Notes that the first alert of an incident was handed on, whatever becomes of its mail. Does not throw: that only makes the
 * next caller the first again, if the mail fails.
 */
export async function noteTold(
  incident: Incident | undefined,
  id: string,
  { incidents }: GatePorts,
): Promise<void> {
  if (!incident || incident.toldAs || kindFor(incident, id) !== 'opened') return;
  await incidents.note(incident.key, { toldAs: id }, incident.openedAt).catch(() => undefined);
}

/**
 * Whose share of the mail's budget an alert has: of a secret that no mail has named yet, or of a further caller; and so of one that
 * is gone, which no haste can save.
 */
function shareFor({ isNotFound }: Attempt, incident: Incident | undefined): 'opened' | 'caller' {
  return incident?.namedAt || isNotFound ? 'caller' : 'opened';
}

/** A drill shows whether alerts arrive, whoever runs it. */
export function isIgnoredBy(
  { ignoredCallers }: Pick<GatePolicy, 'ignoredCallers'>,
  { secret, caller }: Pick<Attempt, 'secret' | 'caller'>,
): boolean {
  return !isDrill(secret.name) && isIgnored(caller, ignoredCallers);
}

/**
 * Takes a message for the alert of an admitted attempt from the budget, right before it is sent: what goes out
 * in a second is what has been counted in it.
 * @returns whether there was one; else the attempt is to be left to a digest. @throws what the ports throw.
 */
export function takeTurn(
  { share }: Admitted,
  policy: GatePolicy,
  ports: GatePorts,
): Promise<boolean> {
  return awaitTurn(shareOf(share, policy), remembering(share, ports));
}

/**
 * Leaves an admitted attempt, and the naming of its caller, to a digest; of a drill, which is in none, to the caller's next.
 * @param retryAt when to try again to cancel the deletion all the same, in ms since 1970
 * @throws what the ports throw.
 */
export async function leaveToDigest(
  attempt: Attempt,
  { claim, incident }: Admitted,
  ports: GatePorts,
  retryAt?: number,
): Promise<void> {
  await ports.attempts.leave(attemptKey(attempt), claim.token);
  if (!incident) await ports.pairs.release(claim);
  else if (!claim.isRetry) await ports.pairs.leave(claim, retryAt);
}

/**
 * As {@link leaveToDigest}, of an attempt without a turn of which the channels beside the mail, if there are any, were told at
 * once: it counts as alerted, lest they hear so of any number of callers. A retry after a death in between counts it again.
 */
export async function leaveUnmailed(
  attempt: Attempt,
  admitted: Admitted,
  { hasChannels }: Pick<GatePolicy, 'hasChannels'>,
  ports: GatePorts,
  retryAt?: number,
): Promise<void> {
  const { incident } = admitted;
  if (hasChannels && incident) await ports.incidents.noteUnmailedAlert(incident.key);
  await leaveToDigest(attempt, admitted, ports, retryAt);
}

/**
 * Takes a message for what the service has done, which is reported whatever the hour's budget: there is one restore for
 * a deletion. Only the second's limit holds, beyond which SNS suspends a subscription.
 * @throws NotifierError `NO_BUDGET` if no second has room, and what the ports throw.
 */
export function takeUrgentTurn(ports: GatePorts): Promise<void> {
  return awaitAnotherTurn('whatever', ports);
}

/** As `takeTurn`, for another try of an alert. @throws NotifierError `NO_BUDGET`, and what the ports throw. */
export function takeAnotherTurn(
  { share }: Admitted,
  policy: GatePolicy,
  ports: GatePorts,
): Promise<void> {
  return awaitAnotherTurn(shareOf(share, policy), remembering(share, ports));
}

/** Remembers each hour in which a share is found used up; one with only a full second has room for others. */
function remembering(share: Share, ports: GatePorts): BudgetPorts {
  const takeTurn: BudgetStore['takeTurn'] = async (time, maxPerHour) => {
    const turn = await ports.budget.takeTurn(time, maxPerHour);
    if (turn === 'hour') ports.memory.rememberUsedUp(share, time.getTime());
    return turn;
  };
  return { ...ports, budget: { takeTurn } };
}

/** What an alert has reported, for the incident. */
export interface Reported {
  readonly state: SecretState;
  /** The secret's complete ARN, if anything named it. */
  readonly arn?: string;
  /** Whether the deletion was cancelled by this notifier. */
  readonly isRestored: boolean;
  /** When to try again to cancel the deletion, in ms since 1970. */
  readonly retryAt?: number;
}

/**
 * Notes that the alert of an admitted attempt has gone out, and what it found out.
 * @throws what the ports throw.
 */
export async function noteSent(
  attempt: Attempt,
  { claim, incident }: Admitted,
  { state, isRestored, retryAt, arn }: Reported,
  ports: GatePorts,
): Promise<void> {
  const now = ports.now();
  await ports.attempts.noteAlerted(attemptKey(attempt), now);
  // Last, and no failure: a claim that is not confirmed lapses, so that another attempt of the pair is alerted, or a digest
  // finds that all have been named.
  if (incident) {
    const named = { ...digestAfter(FIRST_PAUSE, now), namedAt: now };
    const isIts = isOfIncident(attempt, incident, arn);
    const known = isIts ? { arn, ...foundOut(incident, state, isRestored, now) } : { lookAt: now };
    const change = { ...named, ...known };
    await ports.incidents.noteAlert(incident.key, change).catch(() => undefined);
    if (isIts && isSooner(state, incident)) {
      await ports.incidents.lookAgain(incident.key, now).catch(() => undefined);
    }
  }
  await ports.pairs.confirm(claim, retryAt).catch(() => undefined);
  const until = Math.min(retryAt ?? Number.POSITIVE_INFINITY, now.getTime() + MAX_CACHED_MS);
  ports.memory.rememberKnown(rememberedAs(attempt), { until });
}

/** Whether an alert is surely of its incident's secret: where nobody knows its ARN, its id may be the partial one of another. */
function isOfIncident({ secret }: Attempt, incident: Incident, arn: string | undefined): boolean {
  const { key, openedAt, newsAt, namedAt } = incident;
  if (arn) return isArnOf(key, arn, secret);
  const isAlone = !namedAt && openedAt?.getTime() === newsAt?.getTime();
  return isAlone || !readAsPartial(secret);
}

/** Whether a secret is found to end before all that was known of its incident. */
const isSooner = (state: SecretState, { endsAt }: Incident): boolean =>
  state.state === 'pending' && endsAt !== undefined && nearEnd(state.schedule) < endsAt;

/** What an alert found out of the end of its incident. */
function foundOut({ namedAt }: Incident, state: SecretState, isRestored: boolean, now: Date) {
  const isOver = isRestored || state.state !== 'pending';
  const ended = isRestored || state.state === 'restored' ? 'restored' : 'gone';
  return {
    // A further caller's alert is no last call.
    ...(namedAt ? {} : lastCallOf(state, now)),
    ...(isOver && ({ ended, endedAt: now, isEndReported: true } as const)),
  };
}

/**
 * Takes back the admission of an attempt whose alert has failed, so that its retry, or else another attempt of
 * the pair, is alerted at once. What cannot be taken back runs out by itself.
 */
export async function noteFailed(
  attempt: Attempt,
  { claim }: Admitted,
  ports: GatePorts,
): Promise<void> {
  const key = attemptKey(attempt);
  await ports.attempts.noteFailed(key, claim.token).catch(() => undefined);
  await ports.pairs.release(claim).catch(() => undefined);
}

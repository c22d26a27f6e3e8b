import type { Attempt } from '../attempt/attempt.ts';
import { attemptItem, attemptKey, type Deferral } from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import type { Key } from '../aws/table.ts';
import { identifySecret, isSameSecret } from '../cloudtrail/secret-id.ts';
import type { AutoCancelMode } from '../deletion/auto-cancel.ts';
import { isDrill } from '../drill.ts';
import { MINUTE_MS } from '../time.ts';
import {
  alertsOf,
  awaitAnotherTurn,
  awaitTurn,
  type BudgetPorts,
  type BudgetStore,
} from './budget.ts';
import { isIgnored } from './ignored.ts';
import {
  type Claim,
  type ClaimTerms,
  type Confirmation,
  type PairStore,
  pairKey,
  pairKeyAsSent,
  type Quiet,
} from './pairs.ts';
import type { ProcessMemory } from './process-memory.ts';

/** What keeps attempts from flooding their reader. */
export interface GatePolicy {
  readonly quietWindowMinutes: number;
  /** Of all messages, summaries included. */
  readonly maxAlertsPerMinute: number;
  /** Patterns of callers' ARNs. */
  readonly ignoredCallers: readonly string[];
  readonly autoCancel: AutoCancelMode;
}

/** The state behind the gate, and this run of the function. All but `memory` may throw. */
export interface GatePorts extends BudgetPorts {
  /** Of this run alone. */
  readonly token: string;
  readonly memory: ProcessMemory;
  readonly pairs: Pick<PairStore, 'claim' | 'confirm' | 'release'>;
  readonly attempts: Pick<
    AttemptStore,
    'recordAlerting' | 'recordDeferred' | 'noteAlerted' | 'noteUnsent'
  >;
}

/** Whether an attempt is alerted now, and if not, why. `known`: it was recorded before, and is or will be reported. */
export type Admission =
  | { readonly claim: Claim; readonly deferred?: undefined }
  | { readonly claim?: undefined; readonly deferred: Deferral | 'known' };

/**
 * Decides whether an attempt is alerted now, and records it. A repeat in a quiet window costs two writes, or one if
 * this process remembers the window.
 * @throws what the ports throw; the attempt then is as before, and a retry starts anew.
 */
export async function admit(
  attempt: Attempt,
  policy: GatePolicy,
  ports: GatePorts,
): Promise<Admission> {
  const item = attemptItem(attempt);
  const hold = async (deferred: Deferral): Promise<Admission> => {
    const isNew = await ports.attempts.recordDeferred(item, deferred);
    return { deferred: isNew ? deferred : 'known' };
  };
  if (isIgnoredBy(policy, attempt)) return hold('ignored');

  const now = ports.now().getTime();
  const shared = pairKey(attempt);
  const keys = [shared, pairKeyAsSent(shared, attempt.secret)] as const;
  if (isKnownQuiet(attempt, keys, now, ports)) return hold('quiet-window');
  // Without budget a look is in vain, unless it may save the secret.
  if (policy.autoCancel === 'off' && ports.memory.isUsedUp(now)) return hold('budget');
  const { token, leaseUntil } = ports;
  const quietWindow = policy.quietWindowMinutes * MINUTE_MS;
  const { sent } = attempt.secret;
  const terms = { token, now, leaseUntil, quietWindow, sent };
  const { key, claim } = await claimFor(attempt, keys, terms, ports);
  if (!('token' in claim)) {
    const until = Math.min(claim.until ?? 0, now + MAX_CACHED_MS);
    ports.memory.rememberQuiet(key, { ...claim, until });
    return hold('quiet-window');
  }
  try {
    if (await ports.attempts.recordAlerting(item, { token, now, leaseUntil })) return { claim };
    await ports.pairs.release(claim);
    return { deferred: 'known' };
  } catch (error) {
    await ports.pairs.release(claim).catch(() => undefined);
    throw error;
  }
}

/** The key that all forms of a secret's id share, and the one for the form as sent. */
type PairKeys = readonly [shared: Key, own: Key];

/**
 * Claims the pair of an attempt. What keeps it quiet may be the alert of another secret, read by the same caller under
 * an id that looks like one of this secret: then the attempt has a pair of its own.
 */
async function claimFor(
  attempt: Attempt,
  [shared, own]: PairKeys,
  terms: ClaimTerms,
  { pairs }: GatePorts,
): Promise<{ readonly key: Key; readonly claim: Claim | Quiet }> {
  const claim = await pairs.claim(shared, terms);
  if ('token' in claim || isOfSame(claim, attempt)) return { key: shared, claim };
  return { key: own, claim: await pairs.claim(own, terms) };
}

/** Whether this process remembers that the pair is quiet. */
function isKnownQuiet(
  attempt: Attempt,
  keys: PairKeys,
  now: number,
  { memory }: GatePorts,
): boolean {
  return keys.some((key) => {
    const quiet = memory.quietOf(key, now);
    return quiet !== undefined && isOfSame(quiet, attempt);
  });
}

/** Ids that look like a complete ARN may be of several secrets, unless an alert found out of which. */
export function isOfSame({ sent, arn }: Quiet, { secret }: Attempt): boolean {
  if (sent === undefined || sent === secret.sent) return true;
  if (arn !== undefined) return isSameSecret(secret, identifySecret(arn, secret));
  return !secret.arn && !identifySecret(sent, secret).arn;
}

/** A drill shows whether alerts arrive, whoever runs it. */
export function isIgnoredBy(
  { ignoredCallers }: Pick<GatePolicy, 'ignoredCallers'>,
  { secret, caller }: Attempt,
): boolean {
  return !isDrill(secret.name) && isIgnored(caller, ignoredCallers);
}

/**
 * How long a quiet window is cached without asking again, in ms: its claim may be given back, or end early because the
 * secret was restored and deleted anew.
 */
const MAX_CACHED_MS = MINUTE_MS;

/**
 * Takes a message for the alert of an admitted attempt from the budget, right before it is sent: what goes out
 * in a second is what has been counted in it. Without budget the attempt is left to the summary.
 * @throws what the ports throw.
 */
export async function takeTurn(
  attempt: Attempt,
  claim: Claim,
  policy: GatePolicy,
  ports: GatePorts,
): Promise<boolean> {
  if (await awaitTurn(alertsOf(policy), remembering(ports))) return true;
  await ports.attempts.noteUnsent(attemptKey(attempt), claim.token, 'budget');
  await ports.pairs.release(claim);
  return false;
}

/**
 * Takes a message for what the service has done, which is reported whatever the minute's budget: there is one restore for
 * a deletion. Only the second's limit holds, beyond which SNS suspends a subscription.
 * @throws NotifierError `NO_BUDGET` if no second has room, and what the ports throw.
 */
export function takeUrgentTurn(ports: GatePorts): Promise<void> {
  return awaitAnotherTurn(Number.MAX_SAFE_INTEGER, ports);
}

/** As `takeTurn`, for another try of an alert. @throws NotifierError `NO_BUDGET`, and what the ports throw. */
export function takeAnotherTurn(policy: GatePolicy, ports: GatePorts): Promise<void> {
  return awaitAnotherTurn(alertsOf(policy), remembering(ports));
}

/** Remembers each minute whose budget is found used up; one with only a full second has room for others. */
function remembering(ports: GatePorts): BudgetPorts {
  const takeTurn: BudgetStore['takeTurn'] = async (time, maxPerMinute) => {
    const turn = await ports.budget.takeTurn(time, maxPerMinute);
    if (turn === 'minute') ports.memory.rememberUsedUp(time.getTime());
    return turn;
  };
  return { ...ports, budget: { takeTurn } };
}

/**
 * Notes that the alert of an admitted attempt has gone out, and what it found out.
 * @throws what the ports throw.
 */
export async function noteSent(
  attempt: Attempt,
  claim: Claim,
  { renewAt = Number.POSITIVE_INFINITY, arn }: Confirmation,
  policy: GatePolicy,
  ports: GatePorts,
): Promise<void> {
  const quietUntil = claim.claimedAt + policy.quietWindowMinutes * MINUTE_MS;
  await ports.attempts.noteAlerted(attemptKey(attempt), ports.now());
  // Last, and no failure: a claim that is not confirmed lapses, so that another attempt of the pair is alerted early.
  const renewal = renewAt < quietUntil ? { renewAt } : {};
  await ports.pairs.confirm(claim, { ...renewal, arn }).catch(() => undefined);
  const cachedUntil = ports.now().getTime() + MAX_CACHED_MS;
  const until = Math.min(renewAt, quietUntil, cachedUntil);
  const { sent } = attempt.secret;
  ports.memory.rememberQuiet(claim.key, { until, sent, arn });
}

/**
 * Takes back the admission of an attempt whose alert has failed, so that its retry, or else another attempt of
 * the pair, is alerted at once. What cannot be taken back runs out by itself.
 */
export async function noteFailed(attempt: Attempt, claim: Claim, ports: GatePorts): Promise<void> {
  const key = attemptKey(attempt);
  await ports.attempts.noteUnsent(key, claim.token, 'failed').catch(() => undefined);
  await ports.pairs.release(claim).catch(() => undefined);
}

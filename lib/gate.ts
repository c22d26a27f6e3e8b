import type { Attempt } from './attempt.ts';
import { attemptItem, attemptKey, type HeldBack, pairKey } from './attempt-item.ts';
import { type BudgetPorts, takeBudget } from './budget.ts';
import type { Claim, ClaimTerms, Lease, Quiet } from './claim.ts';
import { isIgnored } from './ignored.ts';
import type { Item, Key } from './ledger.ts';
import type { QuietPairs } from './quiet-pairs.ts';
import { type DeletionSchedule, nextSeverityAt } from './schedule.ts';
import { MINUTE_MS } from './time.ts';

/** What keeps attempts from flooding their reader. */
export interface GatePolicy {
  readonly quietWindowMinutes: number;
  /** Of all messages, summaries included. */
  readonly maxAlertsPerMinute: number;
  /** Patterns of callers' ARNs. */
  readonly ignoredCallers: readonly string[];
}

/** The state behind the gate, and this run of the function. All but `quietPairs` may throw. */
export interface GatePorts extends BudgetPorts {
  /** Of this run alone. */
  readonly token: string;
  /** When this run will have ended, in ms since 1970. */
  readonly leaseUntil: number;
  readonly quietPairs: QuietPairs;
  readonly claimPair: (key: Key, terms: ClaimTerms) => Promise<Claim | Quiet>;
  readonly releasePair: (claim: Claim) => Promise<void>;
  readonly escalateAt: (claim: Claim, at: number) => Promise<void>;
  readonly recordAlerting: (item: Item, lease: Lease) => Promise<boolean>;
  readonly recordHeldBack: (item: Item, heldBack: HeldBack) => Promise<boolean>;
  readonly noteAlerted: (key: Key, now: Date) => Promise<void>;
  readonly noteFailed: (key: Key, token: string) => Promise<void>;
}

/** Whether an attempt is alerted now, and if not, why. `known`: it was recorded before, and is or will be told. */
export type Admission =
  | { readonly claim: Claim; readonly heldBack?: undefined }
  | { readonly claim?: undefined; readonly heldBack: HeldBack | 'known' };

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
  const hold = async (heldBack: HeldBack): Promise<Admission> => {
    const isNew = await ports.recordHeldBack(item, heldBack);
    return { heldBack: isNew ? heldBack : 'known' };
  };
  if (isIgnored(attempt.caller.key, policy.ignoredCallers)) return hold('ignored');

  const key = pairKey(attempt);
  const now = ports.now().getTime();
  if (ports.quietPairs.isQuiet(key, now)) return hold('quiet-window');
  const { token, leaseUntil } = ports;
  const quietWindow = policy.quietWindowMinutes * MINUTE_MS;
  const terms = { attemptId: attempt.id, token, now, leaseUntil, quietWindow };
  const claim = await ports.claimPair(key, terms);
  if (!('token' in claim)) {
    if (claim.until) ports.quietPairs.remember(key, claim.until);
    return hold('quiet-window');
  }
  return releasing(claim, ports, async () => {
    // One message of each minute is the summary's.
    if (!(await takeBudget(policy.maxAlertsPerMinute - 1, ports))) return hold('budget');
    const isOurs = await ports.recordAlerting(item, { token, now, leaseUntil });
    return isOurs ? { claim } : { heldBack: 'known' };
  });
}

/** Gives the claim back unless the admission keeps it. */
async function releasing(
  claim: Claim,
  ports: GatePorts,
  decide: () => Promise<Admission>,
): Promise<Admission> {
  try {
    const admission = await decide();
    if (!admission.claim) await ports.releasePair(claim);
    return admission;
  } catch (error) {
    await ports.releasePair(claim).catch(() => undefined);
    throw error;
  }
}

/** Notes that the alert of an admitted attempt has gone out. @throws what the ports throw. */
export async function noteSent(
  attempt: Attempt,
  claim: Claim,
  schedule: DeletionSchedule | undefined,
  policy: GatePolicy,
  ports: GatePorts,
): Promise<void> {
  const now = ports.now();
  await ports.noteAlerted(attemptKey(attempt), now);
  const quietUntil = claim.claimedAt + policy.quietWindowMinutes * MINUTE_MS;
  const escalation = schedule && nextSeverityAt(schedule, now)?.getTime();
  const comesFirst = escalation !== undefined && escalation < quietUntil;
  if (comesFirst) await ports.escalateAt(claim, escalation);
  ports.quietPairs.remember(claim.key, comesFirst ? escalation : quietUntil);
}

/**
 * Takes back the admission of an attempt whose alert has failed, so that its retry, or else another attempt of
 * the pair, is alerted at once. What cannot be taken back runs out by itself.
 */
export async function noteFailed(attempt: Attempt, claim: Claim, ports: GatePorts): Promise<void> {
  await ports.noteFailed(attemptKey(attempt), claim.token).catch(() => undefined);
  await ports.releasePair(claim).catch(() => undefined);
}

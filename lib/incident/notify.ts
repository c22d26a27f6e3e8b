import type { Attempt } from '../attempt/attempt.ts';
import type { Deferral } from '../attempt/item.ts';
import { identifySecret, type SecretId } from '../cloudtrail/secret-id.ts';
import { type Action, type AutoCancelMode, decide } from '../deletion/auto-cancel.ts';
import { type Lookup, lookUp } from '../deletion/describe.ts';
import { nextSeverityAt } from '../deletion/schedule.ts';
import { type SecretState, type StateDependencies, secretState } from '../deletion/secret-state.ts';
import { errorName } from '../errors.ts';
import { type AlertNotice, alertNotice, type TagKeys } from '../notice/notice.ts';
import { MINUTE_MS } from '../time.ts';
import {
  admit,
  type GatePolicy,
  type GatePorts,
  noteFailed,
  noteSent,
  takeAnotherTurn,
  takeTurn,
  takeUrgentTurn,
} from './gate.ts';
import type { Claim } from './pairs.ts';

/** Dependencies of {@link notify}. */
export interface Ports extends StateDependencies {
  readonly gate: GatePorts;
  /** Looks a secret up by name or ARN; does not throw. */
  readonly describeSecret: (secretId: string) => Promise<Lookup>;
  /** Cancels the deletion of the secret with this ARN; throws if AWS refuses. */
  readonly restoreSecret: (arn: string) => Promise<void>;
  /** Notes that a deletion is about to be cancelled for this attempt, so that a retry knows; may throw. */
  readonly noteRestoring: (secret: SecretId, attemptId: string) => Promise<void>;
  /** Logs and counts what was done about a deletion, at once: whatever comes of the alert. */
  readonly acted: (action: Action) => void;
  /** Awaits `beforeAgain` before each further try. */
  readonly publish: (alert: AlertNotice, beforeAgain: () => Promise<void>) => Promise<unknown>;
}

export interface Policy extends GatePolicy {
  readonly tagKeys: TagKeys;
}

/** What came of an alerted attempt, for logs and metrics. */
export interface Notification {
  readonly alert: AlertNotice;
  readonly lookup: Lookup;
  readonly action: Action;
  /** Why it is not known which call scheduled the deletion, as a sentence. */
  readonly missing?: string;
}

/** `deferred`: why the attempt was not alerted. */
export type Outcome = { readonly deferred: Deferral | 'known' } | Notification;

/**
 * Reports an attempt: at once, unless it repeats what has just been reported or there is no budget for it, which
 * leaves it to the next summary.
 * @throws what the state behind the gate or `publish` throw, so that the attempt is tried again.
 */
export async function notify(attempt: Attempt, policy: Policy, ports: Ports): Promise<Outcome> {
  const { claim, deferred } = await admit(attempt, policy, ports.gate);
  if (!claim) return { deferred };
  const sent = await alert(attempt, claim, policy, ports).catch(async (error: unknown) => {
    await noteFailed(attempt, claim, ports.gate);
    throw error;
  });
  if (!sent) return { deferred: 'budget' };
  const { confirmation, ...notification } = sent;
  await noteSent(attempt, claim, confirmation, policy, ports.gate);
  return notification;
}

/**
 * Finds out what there is to know of an attempt's secret, cancels its deletion where the policy says so, and
 * publishes the alert if its turn comes, which it does whatever the budget where the deletion was cancelled, by this run or
 * perhaps by one that failed. All but the publishing is best effort: the alert says what could not be found out.
 */
async function alert(attempt: Attempt, claim: Claim, policy: Policy, ports: Ports) {
  const found = await lookUp(attempt.secret, ports.describeSecret);
  const { lookup, action } = await autoCancel(attempt, found, policy.autoCancel, ports);
  if (action.kind !== 'none') ports.acted(action);
  const { state, arn, missing, restoringFor } = await secretState(attempt, lookup, ports);
  const isRestored = lookup.kind === 'found' && !lookup.secret.deletedDate;
  const perhapsByUs = isRestored && restoringFor === attempt.id;
  const isUrgent = action.kind === 'restored' || perhapsByUs;
  if (isUrgent) await takeUrgentTurn(ports.gate);
  else if (!(await takeTurn(attempt, claim, policy, ports.gate))) return undefined;
  const now = ports.now();
  const notice = alertNotice({ attempt, state, action, perhapsByUs, now }, lookup, policy.tagKeys);
  await ports.publish(notice, () =>
    isUrgent ? takeUrgentTurn(ports.gate) : takeAnotherTurn(policy, ports.gate),
  );
  const confirmation = { renewAt: renewalOf(state, action, now)?.getTime(), arn };
  return { alert: notice, lookup, action, missing, confirmation };
}

/** How soon an attempt on a secret that has been restored, or was to be, is news again, in ms. */
const RESTORED_QUIET_MS = 5 * MINUTE_MS;

/**
 * When another attempt of the pair is alerted even in the quiet window: as the deletion nears; and soon, if the
 * deletion was cancelled, because then it has been scheduled anew, or was not, to try again.
 */
export function renewalOf(state: SecretState, action: Action, now: Date): Date | undefined {
  if (state.state === 'restored' || action.kind !== 'none' || action.reason) {
    return new Date(now.getTime() + RESTORED_QUIET_MS);
  }
  return state.state === 'pending' ? nextSeverityAt(state.schedule, now) : undefined;
}

/**
 * Cancels the deletion if the policy allows it, and the attempt failed on it. Looks again right before, because what
 * RestoreSecret does to a secret that is not pending is not documented, and because it may have been deleted anew since;
 * by ARN, because a new secret may have taken the name.
 */
async function autoCancel(
  attempt: Attempt,
  lookup: Lookup,
  mode: AutoCancelMode,
  ports: Ports,
): Promise<{ lookup: Lookup; action: Action }> {
  const decideOn = (found: Lookup) => decide(mode, found, attempt.time, ports.now());
  const { restore: arn, reason } = decideOn(lookup);
  if (!arn) return { lookup, action: { kind: 'none', reason } };
  const again = await ports.describeSecret(arn);
  if (again.kind === 'unavailable') {
    return { lookup, action: { kind: 'restore-failed', reason: again.reason } };
  }
  const atLast = decideOn(again);
  if (!atLast.restore) return { lookup: again, action: { kind: 'none', reason: atLast.reason } };
  await ports.noteRestoring(identifySecret(arn, attempt.secret), attempt.id);
  return { lookup: again, action: await restore(arn, ports) };
}

/** A restore that seems to have failed may have worked all the same, such as one whose answer was lost. */
async function restore(arn: string, ports: Ports): Promise<Action> {
  try {
    await ports.restoreSecret(arn);
    return { kind: 'restored' };
  } catch (error) {
    const now = await ports.describeSecret(arn);
    if (now.kind === 'found' && !now.secret.deletedDate) return { kind: 'restored' };
    const message = error instanceof Error ? error.message : String(error);
    const reason = `RestoreSecret was refused (${errorName(error)}: ${message})`;
    return { kind: 'restore-failed', reason };
  }
}

import type { Attempt } from '../attempt/attempt.ts';
import type { Place } from '../aws/spokes.ts';
import {
  completedBy,
  identifySecret,
  isAmbiguous,
  type SecretId,
} from '../cloudtrail/secret-id.ts';
import { type Action, type AutoCancelMode, decide } from '../deletion/auto-cancel.ts';
import {
  describeBy,
  type LookUpPorts,
  type Lookup,
  lookUp,
  placeOf,
} from '../deletion/describe.ts';
import { goneSecret } from '../deletion/ledger.ts';
import { findArn, type StateDependencies, secretState } from '../deletion/secret-state.ts';
import { errorName } from '../errors.ts';
import { alertId, ofAlert } from '../notice/hand-on.ts';
import { type AlertNotice, alertNotice } from '../notice/notice.ts';
import type { HandOn } from '../notice/notice-topic.ts';
import type { TagKeys } from '../notice/tags.ts';
import { HOUR_MS, MINUTE_MS } from '../time.ts';
import { renewTurn, shareOf } from './budget.ts';
import {
  type Admitted,
  admit,
  type Deferral,
  type GatePolicy,
  type GatePorts,
  isCrowded,
  kindFor,
  leaveToDigest,
  leaveUnmailed,
  noteFailed,
  noteSent,
  noteTold,
  takeAnotherTurn,
  takeTurn,
  takeUrgentTurn,
} from './gate.ts';

/** Dependencies of {@link notify}. */
export interface Ports extends StateDependencies, LookUpPorts {
  readonly gate: GatePorts;
  /** Cancels the deletion of the secret with this ARN, at home or in another place; throws if AWS refuses. */
  readonly restoreSecret: (arn: string, place?: Place) => Promise<void>;
  /** Notes that a deletion is about to be cancelled for this attempt, so that a retry knows; may throw. */
  readonly noteRestoring: (secret: SecretId, attemptId: string) => Promise<void>;
  /** Notes that it could not be cancelled; may throw. */
  readonly noteRefused: (secret: SecretId, attemptId: string) => Promise<void>;
  /** Logs and counts what was done about a deletion, at once: whatever comes of the alert. */
  readonly acted: (action: Action) => void;
  /** Awaits `beforeAgain` before each further try. */
  readonly publish: (alert: AlertNotice, beforeAgain: () => Promise<void>) => Promise<unknown>;
  /** To the channels beside the mail; absent where there are none. */
  readonly handOn?: HandOn;
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
export type Outcome = { readonly deferred: Deferral } | Notification;

/**
 * Reports an attempt, which of a secret that AWS does not find is one only where it was deleted: at once, unless a notice names its caller already or there is no budget for it, which leaves it to a
 * digest.
 * @throws what the state behind the gate or `publish` throw, so that the attempt is tried again.
 */
export async function notify(read: Attempt, given: Policy, ports: Ports): Promise<Outcome> {
  const { isNotFound } = read;
  // Of what is not found the ledger tells which secret was meant, so that AWS is not asked by any number of names.
  const meant = isNotFound ? await goneSecret(read, ports.getItems) : undefined;
  if (isNotFound && !meant) return { deferred: 'unknown-secret' };
  const { secret, lookup } = meant ? { secret: meant } : await settle(read.secret, ports);
  const attempt = { ...read, secret };
  // What is gone cannot be saved, whatever has taken its name since.
  const policy = isNotFound ? { ...given, autoCancel: 'off' as const } : given;
  const { deferred, ...admitted } = await admit(attempt, policy, ports.gate);
  if (!admitted.claim) return { deferred: deferred ?? 'repeated' };
  const sent = await alert(attempt, lookup, admitted, policy, ports).catch(
    async (error: unknown) => {
      await noteFailed(attempt, admitted, ports.gate);
      throw error;
    },
  );
  if ('deferred' in sent) return sent;
  const { reported, ...notification } = sent;
  await noteSent(attempt, admitted, reported, ports.gate);
  return notification;
}

/** How soon it is asked again which secret is meant by an id of which nobody knew, in ms. */
const ASK_AGAIN_MS = 5 * MINUTE_MS;

/**
 * Finds out which secret is meant by an id that ends like a complete ARN, but may well be the partial one of another name.
 * All that is recorded goes by the secret's name, so this comes before. It takes one look in each process, which is the
 * alert's own if there is one. Where neither AWS nor the ledger knows, the id is read as a complete ARN. Does not throw.
 */
async function settle(
  secret: SecretId,
  ports: Ports,
): Promise<{ readonly secret: SecretId; readonly lookup?: Lookup }> {
  if (!isAmbiguous(secret)) return { secret };
  const { memory } = ports.gate;
  const now = ports.now().getTime();
  const meant = memory.meantBy(secret, now);
  if (meant) return { secret: completedBy(secret, meant.arn) };
  const lookup = await lookUp(secret, ports);
  const arn = await findArn(secret, lookup, ports);
  memory.rememberMeant(secret, { arn, until: arn ? Number.POSITIVE_INFINITY : now + ASK_AGAIN_MS });
  return { secret: completedBy(secret, arn), lookup };
}

/**
 * Finds out what there is to know of an attempt's secret, cancels its deletion where the policy says so, and
 * publishes the alert if its turn comes, which it does whatever the budget where the deletion was cancelled, by this run or
 * perhaps by one that failed. The channels beside the mail have it first, and even without a turn. All but the publishing is
 * best effort: the alert says what could not be found out.
 */
async function alert(
  attempt: Attempt,
  known: Lookup | undefined,
  admitted: Admitted,
  policy: Policy,
  ports: Ports,
) {
  const found = known ?? (await lookUp(attempt.secret, ports));
  const { lookup, action } = await autoCancel(attempt, found, policy.autoCancel, ports);
  if (action.kind !== 'none') ports.acted(action);
  const standing = await secretState(attempt, lookup, ports);
  const { state, arn, missing, restoringFor } = standing;
  const isRestored = lookup.kind === 'found' && !lookup.secret.deletedDate;
  const perhapsByUs = isRestored && restoringFor === attempt.id;
  const isUrgent = action.kind === 'restored' || perhapsByUs;
  const retryAt = retryOf(attempt, action, lookup, policy.autoCancel, ports);
  const { claim, incident, share } = admitted;
  if (claim.isRetry && !isUrgent) {
    await leaveToDigest(attempt, admitted, ports.gate);
    await ports.gate.pairs.confirm(claim, retryAt);
    return { deferred: 'known-caller' } as const;
  }
  if (isCrowded(incident) && !isUrgent) {
    await leaveToDigest(attempt, admitted, ports.gate, retryAt);
    return { deferred: 'many-callers' } as const;
  }
  if (isUrgent) await takeUrgentTurn(ports.gate);
  const isMailed = isUrgent || (await takeTurn(admitted, policy, ports.gate));
  const notice = alertNotice(
    { attempt, state, action, perhapsByUs, now: ports.now() },
    // Not what has taken the name since.
    standing.lookup ?? lookup,
    policy.tagKeys,
  );
  const takenAt = ports.now();
  // Before anything is noted or sent: if this run dies, its retry hands it on again, and each channel knows what it has sent.
  if (ports.handOn) {
    const id = alertId(notice, incident);
    const told = ofAlert(notice, incident, kindFor(incident, id), !claim.isRetry);
    await ports.handOn([told], isMailed);
    await noteTold(incident, id, ports.gate);
  }
  if (!isMailed) {
    await leaveUnmailed(attempt, admitted, policy, ports.gate, retryAt);
    return { deferred: 'budget' } as const;
  }
  const limit = isUrgent ? 'whatever' : shareOf(share, policy);
  await renewTurn(takenAt, limit, ports.gate);
  await ports.publish(notice, () =>
    isUrgent ? takeUrgentTurn(ports.gate) : takeAnotherTurn(admitted, policy, ports.gate),
  );
  const reported = { state, isRestored: action.kind === 'restored', retryAt, arn };
  return { alert: notice, lookup, action, missing, reported };
}

/** How soon it is tried again to cancel a deletion that was to be cancelled, in ms. */
const RETRY_MS = 5 * MINUTE_MS;
/** The same, where a spoke's role refused, which a process remembers for that long. */
const RETRY_REFUSED_MS = HOUR_MS;
/** The same, where the role lets this stack look but not restore: it does so for good, and each call is in the trail there. */
const RETRY_DENIED_MS = 6 * HOUR_MS;

/**
 * When another attempt of the pair tries again to cancel the deletion, in ms since 1970: also where nobody could tell whether
 * it is to be cancelled, but a spoke may tell later.
 */
function retryOf(
  { secret }: Attempt,
  action: Action,
  lookup: Lookup,
  mode: AutoCancelMode,
  { hasSpokes, now }: Ports,
): number | undefined {
  const isLeft = action.kind === 'none' && action.reason !== undefined;
  const isUncertain = action.kind === 'none' && mode !== 'off';
  const after = (ms: number) => now().getTime() + ms;
  if (action.kind === 'restore-failed') return after(action.isDenied ? RETRY_DENIED_MS : RETRY_MS);
  if (isLeft) return after(RETRY_MS);
  if (isUncertain && lookup.kind === 'unavailable') return after(RETRY_MS);
  const isRefused = lookup.kind === 'elsewhere' && hasSpokes && placeOf(secret) !== undefined;
  return isUncertain && isRefused ? after(RETRY_REFUSED_MS) : undefined;
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
  const again = await describeBy(arn, attempt.secret, ports);
  const unknown = whyUnknown(again);
  if (unknown !== undefined) {
    return { lookup, action: { kind: 'restore-failed', reason: unknown } };
  }
  const atLast = decideOn(again);
  if (!atLast.restore) return { lookup: again, action: { kind: 'none', reason: atLast.reason } };
  const secret = identifySecret(arn, attempt.secret);
  await ports.noteRestoring(secret, attempt.id);
  const action = await restore(arn, secret, again, ports);
  // Best effort: else a restore within minutes passes for this one, and is not reported.
  if (action.kind === 'restore-failed') {
    await ports.noteRefused(secret, attempt.id).catch(() => undefined);
  }
  return { lookup: again, action };
}

/** Why a look-up has found out nothing, as a sentence; `undefined` if it has. */
function whyUnknown(lookup: Lookup): string | undefined {
  if (lookup.kind === 'elsewhere') return lookup.place.notLookedUp ?? '';
  return lookup.kind === 'unavailable' ? lookup.reason : undefined;
}

/** A restore that seems to have failed may have worked all the same, such as one whose answer was lost. */
async function restore(
  arn: string,
  secret: SecretId,
  { place }: Lookup,
  ports: Ports,
): Promise<Action> {
  try {
    await ports.restoreSecret(arn, place && placeOf(secret));
    return { kind: 'restored' };
  } catch (error) {
    const now = await describeBy(arn, secret, ports);
    if (now.kind === 'found' && !now.secret.deletedDate) return { kind: 'restored' };
    const name = errorName(error);
    const message = error instanceof Error ? error.message : String(error);
    const isDenied = place !== undefined && /^AccessDenied/.test(name);
    // First, because the message may be long.
    const hint = isDenied ? ", as it is if the spoke's RestoreMode does not allow it" : '';
    const reason = `RestoreSecret was refused${hint} (${name}: ${message})`;
    return { kind: 'restore-failed', reason, isDenied };
  }
}

import { nearEnd } from '../../lib/deletion/schedule.ts';
import type { SecretState } from '../../lib/deletion/secret-state.ts';
import type { LastCall } from '../../lib/incident/incident.ts';
import { END_SETTLED_MS, nextEnd, OVER_AFTER_MS } from '../../lib/incident/plan.ts';
import {
  type DigestNotice,
  type KnownAttempts,
  lastAttemptOn,
  type SecretAttempts,
} from '../../lib/notice/digest.ts';
import { addDays, HOUR_MS } from '../../lib/time.ts';

/** How many days before the end a last call is shown. */
export const SHOWN_LAST_CALL: LastCall = 2;

/** Attempts, the state of their secret in the notice, and how it stood at the last of them. */
export interface Standing extends KnownAttempts {
  readonly stands: { readonly state: SecretState };
  /** When it was last read while AWS still found it. */
  readonly lastFound?: Date;
  /** When an alert said that it is gone, in the place of the notice of that kind. */
  readonly saidAt?: Date;
}

/**
 * When the service would send a notice of a kind on secrets, by the records alone: a digest an hour after the last attempt, a
 * last call near the first end, and what reports ends once it can report all.
 */
export function dueAt(kind: DigestNotice['kind'], secrets: readonly Standing[]): Date {
  const times = secrets.flatMap((one) => {
    const time = timeOf(kind, one);
    return time ? { one, time } : [];
  });
  if (times.length === 0) return dueAt('digest', secrets);
  // Whoever reads a secret only then has no last call for it.
  const inTime = times.filter(({ one, time }) => firstAttemptOn(one) <= time);
  const all = (inTime.length > 0 ? inTime : times).map(({ time }) => time.getTime());
  return new Date(kind === 'last-call' ? Math.min(...all) : Math.max(...all));
}

/** When the service would send a notice of a kind on a secret; absent for one on the end of a secret that has none. */
export function timeOf(kind: DigestNotice['kind'], one: Standing): Date | undefined {
  const { state, lastFound } = one;
  const last = lastAttemptOn(one);
  if (kind === 'digest') return after(last, HOUR_MS);
  if (kind === 'resolved') {
    // A restore that is not among the records is taken to have followed at once.
    const restoredAt = state.state === 'restored' ? state.cancellation?.requestedAt : undefined;
    return after(restoredAt ?? last, END_SETTLED_MS);
  }
  if (kind === 'gone' && one.saidAt) return one.saidAt;
  const end = endOf(one);
  if (!end) return undefined;
  if (kind === 'last-call') return addDays(end, -SHOWN_LAST_CALL);
  // What is read after its nearest possible end was not gone by then.
  const from = lastFound && lastFound > end ? lastFound : end;
  if (kind === 'over') return after(from, OVER_AFTER_MS.elsewhere);
  return nextEnd({ endsAt: end }, from).lookAt;
}

function endOf({ state, stands }: Standing): Date | undefined {
  if (stands.state.state === 'pending') return nearEnd(stands.state.schedule);
  return state.state === 'gone' ? state.deletion?.date : undefined;
}

export const firstAttemptOn = ({ callers }: SecretAttempts): Date =>
  new Date(Math.min(...[...callers.values()].map(({ first }) => first.getTime())));

const after = (time: Date, ms: number) => new Date(time.getTime() + ms);

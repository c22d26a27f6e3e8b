import type { Change, Deletion } from '../deletion/change.ts';
import type { Elsewhere, Secret } from '../deletion/describe.ts';
import { type DeletionSchedule, farEnd } from '../deletion/schedule.ts';
import type { SecretState } from '../deletion/secret-state.ts';
import { identifier, oneLine, shorten } from '../text.ts';
import {
  DAY_MS,
  formatShortSpan,
  formatSpan,
  formatUtc,
  HOUR_MS,
  MINUTE_MS,
  plural,
  toNearest,
} from '../time.ts';
import { REGION } from './commands.ts';
import type { NoticeSecret } from './notice.ts';

/**
 * `6 days 21 hours left`, `7 to 29 days left`, `date unknown`, `time is up`: the same in a subject and in a text, and to the
 * nearest hour, so that "2 days left" is said two days before the end.
 */
export function timeLeft(schedule: DeletionSchedule, now: Date): string {
  if (isOver(schedule, now)) return 'time is up';
  switch (schedule.kind) {
    case 'exact':
      return `${formatSpan(schedule.date.getTime() - now.getTime())} left`;
    case 'estimated':
      return rangeLeft(schedule.earliest, schedule.latest, now);
    case 'unknown':
      return 'date unknown';
  }
}

/**
 * `2026-11-29 14:03 UTC, 6 days 21 hours left (exact)`: the date, what is left until then at `now`, if given, and how sure
 * that is.
 */
export function scheduleLine(schedule: DeletionSchedule, now?: Date): string {
  const isUp = now !== undefined && isOver(schedule, now);
  // AWS purges a secret at some time after the date, and tells none.
  const left = isUp ? ', AWS may purge it any time' : now ? `, ${timeLeft(schedule, now)}` : '';
  // Of a time that is up, AWS tells nothing exactly.
  const sure = (how: string) => (isUp ? left : `${left} (${how})`);
  switch (schedule.kind) {
    case 'exact':
      return `${formatUtc(schedule.date)}${sure('exact')}`;
    case 'estimated':
      return `between ${formatUtc(schedule.earliest)} and ${formatUtc(schedule.latest)}${sure('a range')}`;
    case 'unknown':
      return `date unknown, at the latest ${formatUtc(schedule.latest)}${isUp ? left : ''}`;
  }
}

/** How a deletion stands that has not been cancelled: its schedule, or that it is done. */
export function deletionLine(
  state: Exclude<SecretState, { state: 'restored' }>,
  now: Date,
): string {
  if (state.state === 'gone') {
    const { deletion } = state;
    // A window that has not ended was cut short by a call that is not known.
    const hasEnded = deletion && !deletion.forced && deletion.date <= now;
    const done = hasEnded
      ? `done, its window ended on ${formatUtc(deletion.date)}`
      : doneText(deletion);
    return state.anew ? `${done}; made anew on ${formatUtc(state.anew)}` : done;
  }
  return scheduleLine(state.schedule, now);
}

function isOver(schedule: DeletionSchedule, now: Date): boolean {
  return farEnd(schedule) <= now;
}

/** From how much time left on the near end of a range is told in days, in ms: a day is much of less. */
const IN_DAYS_MS = 3 * DAY_MS;

/** `7 to 29 days left`, `47 hours to 24 days left`; where the near end may have passed, the far one alone. */
function rangeLeft(earliest: Date, latest: Date, now: Date): string {
  const [least, most] = [earliest, latest].map((end) =>
    toNearest(end.getTime() - now.getTime(), HOUR_MS),
  ) as [number, number];
  const days = (ms: number) => Math.floor(ms / DAY_MS);
  if (least >= IN_DAYS_MS) return `${days(least)} to ${plural(days(most), 'day')} left`;
  if (least > 0) return `${plural(least / HOUR_MS, 'hour')} to ${plural(days(most), 'day')} left`;
  const left = latest.getTime() - now.getTime();
  return left < MINUTE_MS ? `${formatSpan(left)} left` : `at most ${formatShortSpan(left)} left`;
}

/** Of a secret that is gone: its deletion is known to have had no window, or that may have ended. */
export function doneText(deletion: Deletion | undefined): string {
  if (removedReplicaOf(deletion)) return 'done, as the removal of a replica';
  return deletion?.forced ? 'done, without a recovery window' : 'done, as far as AWS tells';
}

/** Of a replica that was removed, the Region of its primary secret. */
export function removedReplicaOf(change: Change | undefined): string | undefined {
  return change?.kind === 'deletion' && change.forced ? change.replicaOf : undefined;
}

/** As long as the name of a Region is; one that no Region has gets into no subject. */
export const regionText = (region = ''): string =>
  region.length <= 16 && REGION.test(region) ? region : 'its Region';

/** The row that says who made a change, and when; `isGone`: the secret is, whatever window its deletion had. */
export function changeRow(
  change: Change | undefined,
  isGone = false,
): readonly [label: string, value: string | undefined] {
  return [changeLabel(change, isGone), changeLine(change)];
}

function changeLabel(change: Change | undefined, isGone: boolean): string {
  if (change?.kind === 'cancellation') return 'Restored';
  if (removedReplicaOf(change)) return 'Removed';
  return isGone || change?.forced ? 'Deleted' : 'Scheduled';
}

/** `by user alice, account 1111…, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days`. */
export function changeLine(change: Change | undefined): string | undefined {
  if (!change) return undefined;
  const { requestedBy, sourceAddress, requestedAt } = change;
  const parts = [
    `by ${requestedBy.description}`,
    sourceAddress && `from ${sourceAddress}`,
    `on ${formatUtc(requestedAt)}`,
    change.kind === 'deletion' && windowPart(change),
  ];
  return parts.filter(Boolean).join(', ');
}

function windowPart(deletion: Deletion): string | undefined {
  const { forced, windowDays } = deletion;
  if (removedReplicaOf(deletion)) return undefined; // which never has one
  return forced ? 'without a recovery window' : `with a window of ${plural(windowDays, 'day')}`;
}

/** `no. It is in account 444455556666, us-east-1, which was not looked into.`; `undefined` for what could be looked up. */
export function notLookedUp(elsewhere: Elsewhere | undefined): string | undefined {
  const reason = elsewhere?.notLookedUp;
  return reason && `no. ${oneLine(reason, 500)}`;
}

/** `Replicas: in eu-central-1, us-east-1`, or of a replica, be it removed or not, `Replica of: the secret in eu-west-1`. */
export function replicaRow({
  replicas = [],
  replicaOf,
}: Pick<NoticeSecret, 'replicas' | 'replicaOf'>): readonly [
  label: string,
  value: string | undefined,
] {
  if (replicaOf) return ['Replica of', `the secret in ${identifier(replicaOf, 64)}`];
  const regions = replicas.map((region) => identifier(region, 64)).join(', ');
  return ['Replicas', regions && `in ${regions}`];
}

/** For the subject: `in 444455556666 us-east-1`, or where that has no room, `in 444455556666`. */
export function placesShort({ accountId, region }: Elsewhere): string[] {
  const place = [accountId, region].filter((part) => part !== undefined);
  const parts = place.map((part) => shorten(identifier(part), 20));
  return [parts, parts.slice(0, 1)].map((some) => `in ${some.join(' ')}`);
}

/** `2026-11-20`. AWS keeps the day only: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export function lastUsedDay({ lastAccessedDate }: Secret): string | undefined {
  return lastAccessedDate?.toISOString().slice(0, 10);
}

/** `on 2026-11-20 (UTC)`. */
export function lastUsedLine(secret: Secret): string {
  const day = lastUsedDay(secret);
  return day ? `on ${day} (UTC)` : 'never, as far as AWS tells';
}

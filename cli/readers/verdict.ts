import { callerIdentity } from '../../lib/cloudtrail/caller.ts';
import { MAX_WINDOW_DAYS, MIN_WINDOW_DAYS } from '../../lib/deletion/schedule.ts';
import { defang, oneLine } from '../../lib/text.ts';
import { addDays, DAY_MS, formatShortSpan, formatUtc, plural } from '../../lib/time.ts';
import { callerText } from '../status/wording.ts';
import { failingIn, QUIET_DAYS, type Regular, regularsIn } from './habit.ts';
import { HISTORY_DAYS } from './history.ts';
import { lastReadOf, type Readers, type Window } from './readers.ts';
import type { Asked } from './secrets.ts';
import { byProfile, pendingSteps, type Step, stepsOf } from './steps.ts';

/** When a value was last read. */
export interface LastRead {
  readonly at: Date;
  /** `aws`: only DescribeSecret tells, and only the day, in UTC, of which `at` is the end. */
  readonly by: 'history' | 'aws';
}

/** Whether a secret can be deleted, as far as its reads show, and how. */
export interface Verdict {
  readonly kind: 'in-use' | 'failing' | 'quiet' | 'not-read' | 'too-soon' | 'pending' | 'managed';
  /** A sentence without its full stop. */
  readonly text: string;
  readonly lastRead?: LastRead;
  /** The recovery window to delete it with, in days; absent where its deletion is not for the reader to schedule, or not yet. */
  readonly windowDays?: number;
  readonly steps: readonly Step[];
}

type Judged = Pick<Verdict, 'kind' | 'text'>;

/**
 * Judges a secret by who has read it in a window of time that ends now, and by the day of the last read that AWS tells, which
 * includes reads that no event history shows.
 * @param profile the AWS profile with which was asked, for the commands
 */
export function verdictOn(
  asked: Asked,
  readers: Readers,
  window: Window,
  profile?: string,
): Verdict {
  const lastRead = findLastRead(asked, readers, window.to);
  const { steps, ...judged } = conclude(asked, readers, window, lastRead);
  const inAccount = steps.map(({ what, command }) => ({
    what,
    command: command + byProfile(profile),
  }));
  return { ...judged, lastRead, steps: inAccount };
}

type Conclusion = Omit<Verdict, 'lastRead'>;

function conclude(
  asked: Asked,
  readers: Readers,
  window: Window,
  lastRead: LastRead | undefined,
): Conclusion {
  const { deletedDate, owningService } = asked.secret;
  if (deletedDate) return pending(asked, deletedDate);
  const use = useOf(asked, readers, lastRead, window);
  if (owningService) return managed(owningService, use);
  const days = daysKnown(asked, window);
  const windowDays = windowFor(readers, lastRead, days);
  const judged: Judged = use
    ? { kind: 'in-use', text: use }
    : judge(asked, readers, lastRead, days, windowDays, window.to);
  if (judged.kind === 'too-soon') return { ...judged, steps: [] };
  return { ...judged, windowDays, steps: stepsOf(asked, judged.kind, windowDays) };
}

/** The later one of what the history and AWS tell. */
function findLastRead({ secret }: Asked, readers: Readers, now: Date): LastRead | undefined {
  const at = lastReadOf(readers);
  const day = secret.lastAccessedDate;
  if (!day || (at && at >= day)) return at && { at, by: 'history' };
  return { at: new Date(Math.min(now.getTime(), addDays(day, 1).getTime() - 1)), by: 'aws' };
}

/** For how many whole days it is known who read it: at most since it was made. */
function daysKnown({ secret }: Asked, { from, to }: Window): number {
  const since = Math.max(from.getTime(), secret.createdDate?.getTime() ?? 0);
  return Math.floor((to.getTime() - since) / DAY_MS);
}

/**
 * The longest, which costs nothing, for the next run of a rare job comes then within it; the shortest only for what nobody has
 * ever read or tried to, in all the time that can be known.
 */
function windowFor({ tallies }: Readers, lastRead: LastRead | undefined, days: number): number {
  const isUnknown = !lastRead && tallies.failed.size === 0 && days >= HISTORY_DAYS;
  return isUnknown ? MIN_WINDOW_DAYS : MAX_WINDOW_DAYS;
}

/** How it is used; `undefined` if it is not: not read for days, nor by anyone whose next read is to be expected. */
function useOf(
  asked: Asked,
  readers: Readers,
  last: LastRead | undefined,
  window: Window,
): string | undefined {
  const now = window.to;
  if (last && now.getTime() - last.at.getTime() < QUIET_DAYS * DAY_MS) {
    return inUseText(last, readers, now);
  }
  return regularText(asked, regularsIn(readers, window), now);
}

/** What is said of one that is not in use. */
function judge(
  asked: Asked,
  readers: Readers,
  last: LastRead | undefined,
  days: number,
  windowDays: number,
  now: Date,
): Judged {
  const sinceLast = last ? (now.getTime() - last.at.getTime()) / DAY_MS : Number.POSITIVE_INFINITY;
  const failing = failingText(asked, readers, now);
  if (days < 1) {
    const age = formatShortSpan(now.getTime() - (asked.secret.createdDate ?? now).getTime());
    const text = `made ${age} ago and not read yet${failing && `, but ${failing}`}: too soon to tell, ask again in a day`;
    return { kind: 'too-soon', text };
  }
  const isQuiet = sinceLast < days;
  const known = isQuiet
    ? `not read for ${Math.floor(sinceLast)} of ${plural(days, 'day')}`
    : `not read in ${plural(days, 'day')}`;
  if (failing) {
    return { kind: 'failing', text: `${known}, but ${failing}: look why before you delete it` };
  }
  const advice = `${firstOf(asked.secret)}schedule it with ${plural(windowDays, 'day')} and let this service watch`;
  if (isQuiet) return { kind: 'quiet', text: `${known}: ${advice}` };
  const before = last ? `but before, on ${dayOf(last.at)}` : 'nor before, as far as AWS tells';
  return { kind: 'not-read', text: `${known}, ${before}: ${advice}` };
}

/** What has to be done before a deletion can be scheduled. */
function firstOf({ replicas = [], replicaOf }: Asked['secret']): string {
  if (replicaOf) return 'make this replica a secret of its own, then ';
  return replicas.length > 0 ? `remove its ${plural(replicas.length, 'replica')}, then ` : '';
}

const dayOf = (time: Date) => time.toISOString().slice(0, 10);

/** `read by 2 roles in the last day: deleting it breaks them`. */
function inUseText({ at, by }: LastRead, { tallies }: Readers, now: Date): string {
  if (by === 'aws') {
    return `read on ${dayOf(at)}, by whom the event history does not show: deleting it may break a reader`;
  }
  const days = now.getTime() - at.getTime() < DAY_MS ? 1 : QUIET_DAYS;
  const since = addDays(now, -days);
  const callers = [...tallies.read, ...tallies.batch].filter(([, { last }]) => last >= since);
  const identities = [...new Set(callers.map(([identity]) => identity))];
  const whom = identities.length === 1 ? 'it' : 'them';
  const span = days === 1 ? 'the last day' : `the last ${days} days`;
  return `read by ${numberOf(identities)} in ${span}: deleting it breaks ${whom}`;
}

/** `read regularly by role batch, at least every 7 days, last 3 days ago: deleting it breaks it`; `undefined` if by nobody. */
function regularText({ id }: Asked, regulars: readonly Regular[], now: Date): string | undefined {
  const [latest] = regulars;
  if (!latest) return undefined;
  const { caller, last, gap } = latest;
  const name = callerText(caller, { id });
  const isOne = regulars.length === 1;
  const whom = isOne ? name : `${plural(regulars.length, 'caller')}, as by ${name}`;
  const how = `at least every ${plural(Math.ceil(gap / DAY_MS), 'day')}`;
  const ago = formatShortSpan(now.getTime() - last.getTime());
  return `read regularly by ${whom}, ${how}, last ${ago} ago: deleting it breaks ${isOne ? 'it' : 'them'}`;
}

const MAX_NAMES = 3;

/** `1 role fails to read it (role etl, last 1 hour ago)`; empty if none does. */
function failingText({ id }: Asked, readers: Readers, now: Date): string {
  const failing = failingIn(readers);
  const [latest] = failing;
  if (!latest) return '';
  const names = failing.slice(0, MAX_NAMES).map((caller) => callerText(caller, { id }));
  const others = failing.length - names.length;
  const whom = [...names, ...(others > 0 ? [`${others} more`] : [])].join(', ');
  const ago = formatShortSpan(now.getTime() - latest.last.getTime());
  const fail = failing.length === 1 ? 'fails' : 'fail';
  const number = numberOf(failing.map(({ callerKey }) => callerKey));
  return `${number} ${fail} to read it (${whom}, last ${ago} ago)`;
}

/** `2 roles`; `2 callers` if not all are roles. */
const numberOf = (identities: readonly string[]) =>
  plural(identities.length, identities.every(isRole) ? 'role' : 'caller');

const isRole = (identity: string) => /^arn:[^:]*:iam::\d*:role\//.test(callerIdentity(identity));

function pending(asked: Asked, deletedDate: Date): Conclusion {
  return {
    kind: 'pending',
    text: `already scheduled for deletion, as AWS tells since ${formatUtc(deletedDate)}: who reads it fails`,
    steps: pendingSteps(asked),
  };
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html */
function managed(owningService: string, use: string | undefined): Conclusion {
  const service = defang(oneLine(owningService, 100));
  const text = `managed by ${service}, which may refuse its deletion: delete there what it belongs to`;
  return {
    kind: 'managed',
    text: use ? `in use, ${use}; ${text}` : text,
    steps: [],
  };
}

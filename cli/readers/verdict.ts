import { callerIdentity } from '../../lib/cloudtrail/caller.ts';
import { MAX_WINDOW_DAYS, MIN_WINDOW_DAYS } from '../../lib/deletion/schedule.ts';
import {
  deleteCommand,
  promoteCommand,
  readersCommand,
  removeReplicasCommand,
  restoreCommand,
  statusCommand,
  type Target,
} from '../../lib/notice/commands.ts';
import { defang, identifier, oneLine } from '../../lib/text.ts';
import { addDays, DAY_MS, formatShortSpan, formatUtc, plural } from '../../lib/time.ts';
import { HISTORY_DAYS } from './history.ts';
import { lastReadOf, type Readers, type Window } from './readers.ts';
import type { Asked } from './secrets.ts';

/** When a value was last read. */
export interface LastRead {
  readonly at: Date;
  /** `aws`: only DescribeSecret tells, and only the day, in UTC, of which `at` is the end. */
  readonly by: 'history' | 'aws';
}

/** What to do, as half a sentence, and the command. */
interface Step {
  readonly what: string;
  readonly command: string;
}

/** Whether a secret can be deleted, as far as its reads show, and how. */
export interface Verdict {
  readonly kind: 'in-use' | 'quiet' | 'never' | 'too-soon' | 'pending' | 'managed';
  /** A sentence without its full stop. */
  readonly text: string;
  readonly lastRead?: LastRead;
  /** The recovery window to delete it with, in days; absent where its deletion is not for the reader to schedule. */
  readonly windowDays?: number;
  readonly steps: readonly Step[];
}

type Judged = Pick<Verdict, 'kind' | 'text'>;

/** As of `status`: more than a day, so that a daily job that is a little late is not quiet. */
const QUIET_DAYS = 2;

/**
 * Judges a secret by who has read it in a window of time that ends now, and by the day of the last read that AWS tells, which
 * includes reads that no event history shows.
 */
export function verdictOn(asked: Asked, readers: Readers, window: Window): Verdict {
  const { secret } = asked;
  const now = window.to;
  const lastRead = findLastRead(asked, readers, now);
  if (secret.deletedDate) return { ...pending(asked, secret.deletedDate), lastRead };
  if (secret.owningService) return { ...managed(secret.owningService), lastRead };
  const days = daysKnown(asked, window);
  const windowDays = windowFor(lastRead, days);
  const judged = judge(asked, readers, lastRead, days, windowDays, now);
  return { ...judged, lastRead, windowDays, steps: stepsOf(asked, judged.kind, windowDays) };
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
 * ever read, in all the time that can be known.
 */
function windowFor(lastRead: LastRead | undefined, days: number): number {
  return !lastRead && days >= HISTORY_DAYS ? MIN_WINDOW_DAYS : MAX_WINDOW_DAYS;
}

function judge(
  { secret }: Asked,
  readers: Readers,
  last: LastRead | undefined,
  days: number,
  windowDays: number,
  now: Date,
): Judged {
  const sinceLast = last ? (now.getTime() - last.at.getTime()) / DAY_MS : Number.POSITIVE_INFINITY;
  if (last && sinceLast < QUIET_DAYS)
    return { kind: 'in-use', text: inUseText(last, readers, now) };
  if (days < 1) {
    const age = formatShortSpan(now.getTime() - (secret.createdDate ?? now).getTime());
    return { kind: 'too-soon', text: `made ${age} ago and not read yet: too soon to tell` };
  }
  const advice = `${firstOf(secret)}schedule it with ${plural(windowDays, 'day')} and let this service watch`;
  if (sinceLast < days) {
    const text = `not read for ${Math.floor(sinceLast)} of ${plural(days, 'day')}: ${advice}`;
    return { kind: 'quiet', text };
  }
  const before = last ? `but before, on ${dayOf(last.at)}` : 'nor before, as far as AWS tells';
  return { kind: 'never', text: `not read in ${plural(days, 'day')}, ${before}: ${advice}` };
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
  const kind = identities.every(isRole) ? 'role' : 'caller';
  const whom = identities.length === 1 ? 'it' : 'them';
  const span = days === 1 ? 'the last day' : `the last ${days} days`;
  return `read by ${plural(identities.length, kind)} in ${span}: deleting it breaks ${whom}`;
}

const isRole = (identity: string) => /^arn:[^:]*:iam::\d*:role\//.test(callerIdentity(identity));

function pending(asked: Asked, deletedDate: Date): Omit<Verdict, 'lastRead'> {
  const { region } = asked.id;
  return {
    kind: 'pending',
    text: `already scheduled for deletion, as AWS tells since ${formatUtc(deletedDate)}: who reads it fails`,
    steps: [
      {
        what: 'Who still tries to read it, and until when it can be saved, shows the stack',
        command: statusCommand({ region }),
      },
      { what: 'Still needed? Restore it', command: restoreCommand(targetOf(asked)) },
    ],
  };
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html */
function managed(owningService: string): Omit<Verdict, 'lastRead'> {
  const service = defang(oneLine(owningService, 100));
  return {
    kind: 'managed',
    text: `managed by ${service}, which may refuse its deletion: delete there what it belongs to`,
    steps: [],
  };
}

/** The exact commands, in their order. */
function stepsOf(asked: Asked, kind: Verdict['kind'], windowDays: number): Step[] {
  const target = targetOf(asked);
  const withDays = ` its deletion with ${plural(windowDays, 'day')}`;
  const schedule = {
    what:
      kind === 'in-use'
        ? `Once nothing reads it any more, schedule${withDays}`
        : `Schedule${withDays}`,
    command: deleteCommand(target, windowDays),
  };
  const { replicas = [], replicaOf } = asked.secret;
  if (replicaOf) return replicaSteps(asked, replicaOf, schedule);
  return replicas.length > 0 ? [...primarySteps(asked, replicas), schedule] : [schedule];
}

/** A primary cannot be deleted before its replicas are: https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html */
function primarySteps(asked: Asked, replicas: readonly string[]): Step[] {
  const { name } = asked.secret;
  return [
    ...replicas.map((region) => ({
      what: `First see who reads its replica in ${identifier(region, 64)}`,
      command: readersCommand({ name, region }),
    })),
    {
      what: 'Then remove the replicas, which go at once and for good',
      command: removeReplicasCommand(targetOf(asked), replicas),
    },
  ];
}

/**
 * DeleteSecret refuses a replica, in whatever Region: https://github.com/gruntwork-io/cloud-nuke/issues/435. What it can be made
 * into it does not: https://docs.aws.amazon.com/secretsmanager/latest/userguide/standalone-secret.html
 */
function replicaSteps(asked: Asked, replicaOf: string, schedule: Step): Step[] {
  const target = targetOf(asked);
  const { region = '' } = asked.id;
  return [
    {
      what: 'Make it a secret of its own, so that its deletion can be undone',
      command: promoteCommand(target),
    },
    schedule,
    {
      what: `Or remove it, at once and for good, at its primary in ${identifier(replicaOf, 64)}`,
      command: removeReplicasCommand(
        { ...target, id: target.id?.replace(`:${region}:`, `:${replicaOf}:`), region: replicaOf },
        [region],
      ),
    },
  ];
}

const targetOf = ({ secret: { arn, name }, id: { region, partition } }: Asked): Target => ({
  id: arn,
  name,
  region,
  partition,
});

import { inBatches } from '../in-batches.ts';
import type { DigestNotice, SecretNews } from '../notice/digest.ts';
import { type IncidentMarks, ofDigest } from '../notice/hand-on.ts';
import type { NoticeTopic } from '../notice/notice-topic.ts';
import { awaitAnotherTurn, awaitTurn, type BudgetPorts } from './budget.ts';
import type { Incident } from './incident.ts';
import { type IncidentStore, incidentKey } from './incidents.ts';
import { isToTellUnmailed, mayTellUnmailed, type Pace } from './plan.ts';
import type { DigestRun, RunStore } from './runs.ts';

/** Dependencies of {@link tell}; all may throw. */
export interface TellPorts extends BudgetPorts, DigestRun {
  readonly runs: Pick<RunStore, 'notePace'>;
  readonly incidents: Pick<IncidentStore, 'note'>;
  /** Publishes one mail; awaits `beforeAgain` before each further try. @returns what found no room in it. */
  readonly publish: (
    notice: DigestNotice,
    beforeAgain: () => Promise<void>,
  ) => Promise<DigestNotice | undefined>;
  /** The channels beside the mail; absent where there are none. */
  readonly noticeTopic?: NoticeTopic;
}

/** The run that tells. */
export interface TellRun {
  readonly ports: TellPorts;
  readonly pace: Pace;
  /** When it began. */
  readonly now: Date;
  /** What it is to throw at its end. */
  readonly failures: unknown[];
  /** Whether a mail has failed: no other is tried, which would take its time and the hour's budget. */
  isMailDown: boolean;
}

/**
 * Mails one notice, if the hour has a mail left and no mail of this run has failed.
 * @param most how many mails of the hour may have gone out before
 * @param publish awaits `beforeAgain` before each further try; returns what found no room
 * @returns what found no room; `undefined` if nothing was mailed. A mail that fails is kept in the run's `failures`.
 * @throws what the budget throws.
 */
export async function mail<Notice>(
  most: number,
  publish: (beforeAgain: () => Promise<void>) => Promise<Notice | undefined>,
  run: Omit<TellRun, 'ports' | 'pace'> & { readonly ports: BudgetPorts },
): Promise<{ readonly rest?: Notice } | undefined> {
  const { ports } = run;
  if (run.isMailDown || !(await awaitTurn(most, ports))) return undefined;
  try {
    return { rest: await publish(() => awaitAnotherTurn(most, ports)) };
  } catch (error) {
    run.failures.push(error);
    run.isMailDown = true;
    return undefined;
  }
}

/** The incidents of what is reported of a secret: of one that was read under several forms of its id, several. */
type IncidentsOf = (news: SecretNews) => readonly Incident[];

/**
 * Mails a notice, as far as one message has room, and hands on to the channels beside the mail what that reports. Whoever dies
 * before it is noted does both again. What cannot be mailed is handed on all the same, by {@link tellUnmailed}.
 * @param most how many mails of the hour may have gone out before
 * @returns what was mailed, and what found no room; `undefined` if nothing was: the hour has no mail left, or the mail has
 * failed, which is kept in the run's `failures`
 * @throws what the budget, the stores and the table of the notices that the topic does not take throw.
 */
export async function tell(
  notice: DigestNotice,
  most: number,
  incidentsOf: IncidentsOf,
  run: TellRun,
): Promise<{ readonly told: DigestNotice; readonly rest?: DigestNotice } | undefined> {
  const { ports } = run;
  const mailed = await mail(most, (beforeAgain) => ports.publish(notice, beforeAgain), run);
  if (!mailed) return tellUnmailed(notice, incidentsOf, run);
  const { rest } = mailed;
  const told = { ...notice, secrets: notice.secrets.filter((one) => !rest?.secrets.includes(one)) };
  await handOn(told, incidentsOf, ports);
  return { told, rest };
}

/**
 * Hands on what cannot be mailed, so that no other channel waits for the mail. Each run tries the mail again, and has counted
 * more by then: the channels hear of an incident once an hour, and again of all when it is mailed.
 */
async function tellUnmailed(
  notice: DigestNotice,
  incidentsOf: IncidentsOf,
  { ports, pace, now }: TellRun,
): Promise<undefined> {
  if (!ports.noticeTopic || !mayTellUnmailed(pace, now)) return;
  const as = ({ lastCall }: Incident) =>
    notice.kind === 'last-call' ? `last-call ${lastCall}` : notice.kind;
  const secrets = notice.secrets.filter((news) =>
    incidentsOf(news).some((one) => isToTellUnmailed(one, as(one), now)),
  );
  if (secrets.length === 0) return;
  await handOn({ ...notice, secrets }, incidentsOf, ports);
  await inBatches(secrets.flatMap(incidentsOf), (one) => {
    // What was handed on is of an incident that began then, whenever the next attempt comes.
    const openedAt = one.openedAt ?? one.unnamedSince;
    const told = { unmailedAs: as(one), unmailedAt: now, openedAt };
    return ports.incidents.note(one.key, told, one.openedAt);
  });
  await ports.runs.notePace(ports, { unmailedAt: now });
}

/** Hands on what a mail reports, or is to report once it works. */
async function handOn(notice: DigestNotice, incidentsOf: IncidentsOf, ports: TellPorts) {
  const notices = ofDigest(notice, (news) => marksOf(news, incidentsOf(news)));
  await ports.noticeTopic?.handOn(notices, true, notice.isContinued);
}

/** Of a secret with several incidents, the one that was opened first. */
function marksOf({ secret }: SecretNews, incidents: readonly Incident[]): IncidentMarks {
  const opened = ({ openedAt }: Incident) => openedAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const [first] = incidents.toSorted((one, other) => (opened(one) < opened(other) ? -1 : 1));
  return first ?? { key: incidentKey(secret) };
}

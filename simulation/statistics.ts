import type { Report as RunReport } from '../emulators/lambda.ts';
import { watchAlerts } from './alerts.ts';
import { readMessage } from './cast.ts';
import type { Cloud } from './cloud.ts';
import type { Message } from './tally.ts';
import type { Task } from './task.ts';

/** A message that has been received; the outcome of its run is known once that has ended. */
type Received = Omit<Message, 'isSure' | 'isCalm'> & {
  readonly run: number;
  readonly isLost: boolean;
};

/** The services without which no attempt can be reported; all else is best effort. */
const NEEDED = ['DynamoDB', 'SNS'];

/** What is recorded of a storm while it lasts. */
export function openStatistics(pairs: Uint32Array, { takeMails, publications }: Cloud) {
  const received: Received[] = [];
  const troubled = new Set<number>();
  const faulty = new Set<number>();
  const troubledAttempts = new Set<number>();
  /** By the time a summary was due, whether none of its runs failed or was killed. */
  const summaries = new Map<number, boolean>();
  const calls: Record<string, number> = {};
  const { note, judge } = watchAlerts();
  const counts = {
    delivered: 0,
    runs: 0,
    failed: 0,
    failedNeedlessly: 0,
    killed: 0,
    deadLettered: 0,
    replayed: 0,
  };

  /** Records a run of a function. */
  function noteRun(run: number, task: Task, report: RunReport): void {
    const isTroubled = report.outcome !== 'done';
    const isFaulty = Object.keys(report.faults).length > 0;
    counts.runs++;
    if (task.attempt !== undefined && task.tries === 0) counts.delivered++;
    if (report.outcome !== 'done') {
      counts[report.outcome]++;
      troubled.add(run);
    }
    if (isFaulty) faulty.add(run);
    if (report.outcome === 'failed' && !NEEDED.some((service) => report.faults[service])) {
      counts.failedNeedlessly++;
    }
    for (const [service, count] of Object.entries(report.calls)) {
      calls[service] = (calls[service] ?? 0) + count;
    }
    if (task.due !== undefined) {
      summaries.set(task.due, (summaries.get(task.due) ?? true) && !isTroubled);
    }
    if (task.attempt === undefined) return;
    if (isTroubled) troubledAttempts.add(task.attempt);
    const pair = pairs[task.attempt] ?? 0;
    const isRepeat = task.tries > 0 || task.isRepeat === true;
    note({ pair, time: task.time, isTroubled, isRepeat, isFaulty });
  }

  /** Takes the new messages out of the mailbox. */
  async function readMails(): Promise<void> {
    for (let mails = await takeMails(); mails.length > 0; mails = await takeMails()) {
      for (const mail of mails) {
        const publication = publications.get(mail.id);
        if (!publication) throw new Error(`A message that nobody published: ${mail.subject}`);
        received.push({ reading: readMessage(mail), ...publication });
      }
    }
  }

  return {
    counts,
    calls,
    noteRun,
    readMails,
    judgeAlerts: judge,
    isTroubled: (attempt: number) => troubledAttempts.has(attempt),
    /** When summaries were due, without those with a run that failed or was killed. */
    summariesDue: () => [...summaries].filter(([, isGood]) => isGood).map(([time]) => time),
    messages: (): Message[] =>
      received.map(({ reading, time, run, isLost }) => ({
        reading,
        time,
        isSure: !isLost && !troubled.has(run),
        isCalm: !troubled.has(run) && !faulty.has(run),
      })),
  };
}

export type Statistics = ReturnType<typeof openStatistics>;

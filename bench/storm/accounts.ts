import type { Report as RunReport } from '../environment.ts';
import type { Cloud } from './cloud.ts';
import { watchFirstAlerts } from './first-alerts.ts';
import { readMessage } from './reading.ts';
import type { Told } from './tally.ts';
import type { Task } from './task.ts';

/** A message that has been received; whether it is sure shows when its run has ended. */
type Received = Omit<Told, 'isSure'> & { readonly run: number; readonly isLost: boolean };

/** What is kept of a storm while it lasts. */
export function openAccounts(pairs: Uint32Array, { takeMails, publications }: Cloud) {
  const received: Received[] = [];
  const troubled = new Set<number>();
  const calls: Record<string, number> = {};
  const firstAlerts = watchFirstAlerts();
  const counts = { delivered: 0, runs: 0, failed: 0, killed: 0, deadLettered: 0, replayed: 0 };

  /** Notes a run of a function. */
  function noteRun(run: number, task: Task, report: RunReport): void {
    const isTroubled = report.outcome !== 'done';
    counts.runs++;
    if (task.attempt !== undefined && task.tries === 0) counts.delivered++;
    if (report.outcome !== 'done') {
      counts[report.outcome]++;
      troubled.add(run);
    }
    for (const [service, count] of Object.entries(report.calls)) {
      calls[service] = (calls[service] ?? 0) + count;
    }
    if (task.attempt === undefined) return;
    const pair = pairs[task.attempt] ?? 0;
    const mayWaste = report.faults > 0 || task.tries > 0 || task.isRepeat === true;
    firstAlerts.note({ pair, time: task.time, isTroubled, mayWaste });
  }

  /** Takes what has come into the mailbox since. */
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
    countDelayed: firstAlerts.countDelayed,
    told: (): Told[] =>
      received.map(({ reading, time, run, isLost }) => ({
        reading,
        time,
        isSure: !isLost && !troubled.has(run),
      })),
  };
}

export type Accounts = ReturnType<typeof openAccounts>;

import type { Report as RunReport } from '../emulators/lambda.ts';
import { readMessage } from './cast.ts';
import type { Cloud } from './cloud.ts';
import type { Places } from './places.ts';
import type { Message } from './tally.ts';
import type { Task } from './task.ts';

/** A message that has been received; the outcome of its run is known once that has ended. */
type Received = Omit<Message, 'isSure'> & {
  readonly run: number;
  readonly isLost: boolean;
};

/** The services without which no attempt can be reported, or handed on; all else is best effort. */
const NEEDED = ['DynamoDB', 'SNS', 'SQS', 'Lambda'];

interface Circumstances {
  /** Whether the function is that of a channel beside the mail. */
  readonly isOfChannel: boolean;
  /** Whether no mail goes out at that time. */
  readonly isDown: boolean;
}

/** What is recorded of a storm while it lasts. */
export function openStatistics({ takeMails, publications }: Cloud, places: Places) {
  const received: Received[] = [];
  const troubled = new Set<number>();
  const troubledAttempts = new Set<number>();
  const handedOn = new Set<number>();
  /** Attempts of which a run may have counted nothing, or two may have counted one. */
  const uncertain = new Set<number>();
  /** How often each attempt was counted as missed by the rule. */
  const missed = new Map<number, number>();
  /** When runs may have used budget for a message that they never published. */
  const wasted: number[] = [];
  const calls: Record<string, number> = {};
  const counts = {
    handedOn: 0,
    missedByRule: 0,
    runs: 0,
    failed: 0,
    failedNeedlessly: 0,
    killed: 0,
    deadLettered: 0,
    replayed: 0,
  };

  const timesMissed = (attempt: number) => missed.get(attempt) ?? 0;

  /** Records a run of a function. */
  function noteRun(run: number, task: Task, report: RunReport, circumstances: Circumstances): void {
    const { isOfChannel, isDown } = circumstances;
    const isTroubled = report.outcome !== 'done';
    counts.runs++;
    if (report.outcome !== 'done') {
      counts[report.outcome]++;
      troubled.add(run);
    }
    // A channel's run fails, too, while another sends the same.
    const isNeedless = !isDown && !NEEDED.some((service) => report.faults[service]);
    if (report.outcome === 'failed' && isNeedless && !isOfChannel) counts.failedNeedlessly++;
    for (const [service, count] of Object.entries(report.calls)) {
      calls[service] = (calls[service] ?? 0) + count;
    }
    const mayHavePublished = report.calls.SNS !== undefined;
    const isFaulty = Object.keys(report.faults).length > 0;
    // Each try that SNS refuses takes a message of the budget; so may a run that died before any.
    const mayBeWasted = isTroubled || (mayHavePublished && isFaulty) ? 1 : 0;
    const turns = isOfChannel ? 0 : Math.max(mayBeWasted, report.faults.SNS ?? 0);
    wasted.push(...Array.from({ length: turns }, () => task.time));
    const { MissedByRule = 0 } = report.metrics;
    counts.missedByRule += MissedByRule;
    for (const attempt of task.attempts) {
      if (isTroubled) troubledAttempts.add(attempt);
      // The SDK repeats a write whose answer got lost, and finds what it has written: that looks like a repeated attempt.
      if (isTroubled || report.faults.DynamoDB) uncertain.add(attempt);
      if (MissedByRule > 0) missed.set(attempt, timesMissed(attempt) + MissedByRule);
    }
  }

  /** Records that a run has left attempts to another, though it ended well. */
  function noteTrouble(attempts: readonly number[]): void {
    for (const attempt of attempts) {
      troubledAttempts.add(attempt);
      uncertain.add(attempt);
    }
  }

  /** Records that the trail path has handed on an attempt, perhaps again, or a deletion. */
  function noteHandOn({ attempts }: Task): void {
    counts.handedOn++;
    for (const attempt of attempts) {
      if (handedOn.has(attempt)) uncertain.add(attempt);
      handedOn.add(attempt);
    }
  }

  /** Takes the new messages out of the mailbox. */
  async function readMails(): Promise<void> {
    for (let mails = await takeMails(); mails.length > 0; mails = await takeMails()) {
      for (const mail of mails) {
        const publication = publications.get(mail.id);
        if (!publication) throw new Error(`A message that nobody published: ${mail.subject}`);
        const { time, run = 0, isLost } = publication;
        received.push({ reading: readMessage(mail, places), time, run, isLost });
      }
    }
  }

  return {
    counts,
    calls,
    noteRun,
    noteTrouble,
    noteHandOn,
    readMails,
    wasted,
    /** The number of messages that were taken out of the mailbox. */
    received: () => received.length,
    isTroubled: (attempt: number) => troubledAttempts.has(attempt),
    isUncertain: (attempt: number) => uncertain.has(attempt),
    timesMissed,
    messages: (): Message[] =>
      received.map(({ reading, time, run, isLost }) => ({
        reading,
        time,
        isSure: !isLost && !troubled.has(run),
      })),
  };
}

export type Statistics = ReturnType<typeof openStatistics>;

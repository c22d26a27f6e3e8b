import { ALERTING, type RecordedAttempt, readAttemptItem, UNTOLD } from '../attempt-item.ts';
import type { Begun } from '../aws/summaries.ts';
import { type BudgetPorts, takeBudget, takeBudgetAgain } from '../budget.ts';
import { NotifierError } from '../errors.ts';
import type { Key } from '../ledger.ts';
import type { Message } from '../message/message.ts';
import { addAttempt, type Digest, emptyDigest } from './digest.ts';
import type { SummarizedSecret } from './fate.ts';
import { type FatePorts, fateOf } from './fate-of.ts';
import { inBatches } from './in-batches.ts';
import { composeSummary } from './message.ts';

/** What summing up needs of the world; all may throw. */
export interface SummaryPorts extends BudgetPorts, FatePorts {
  /** Begins a summary, or goes on with one that has not been sent; `undefined` if another run is at work. */
  readonly begin: (now: Date) => Promise<Begun | undefined>;
  readonly end: (outcome: 'sent' | 'nothing' | 'failed', now: Date) => Promise<void>;
  readonly attemptsToTell: (tell: string) => AsyncIterable<Record<string, unknown>[]>;
  readonly takeUp: (key: Key, summary: string, now: number) => Promise<boolean>;
  readonly countIgnored: (since: Date) => Promise<number>;
  /** Awaits `beforeAgain` before each further try. */
  readonly publish: (message: Message, beforeAgain: () => Promise<void>) => Promise<unknown>;
  /** Whether the run must come to its end. */
  readonly isLate: () => boolean;
}

export interface SummaryPolicy {
  readonly maxAlertsPerMinute: number;
}

/** `busy`: another run is at work. `isComplete`: nothing was left for want of time. */
export type SummaryOutcome =
  | { readonly outcome: 'busy' | 'nothing' }
  | { readonly outcome: 'sent'; readonly digest: Digest; readonly isComplete: boolean };

/**
 * Tells all attempts that nothing has told yet, in one message. Takes each up by a conditional write before, so
 * that no alert tells it too; a run that dies leaves what it took up to the next, which goes on with it.
 * @throws what the ports throw; nothing is lost.
 */
export async function summarize(
  policy: SummaryPolicy,
  ports: SummaryPorts,
): Promise<SummaryOutcome> {
  const begun = await ports.begin(ports.now());
  if (!begun) return { outcome: 'busy' };
  const outcome = await tell(begun, policy, ports).catch(async (error: unknown) => {
    await ports.end('failed', ports.now()).catch(() => undefined);
    throw error;
  });
  await ports.end(outcome.outcome, ports.now());
  return outcome;
}

async function tell({ name, since }: Begun, policy: SummaryPolicy, ports: SummaryPorts) {
  const digest = emptyDigest();
  const isComplete = await collect(name, digest, ports);
  if (digest.attempts === 0) return { outcome: 'nothing' } as const;
  digest.ignored = await ports.countIgnored(since);
  const secrets: SummarizedSecret[] = [];
  await inBatches([...digest.secrets.values()], async (secret) => {
    secrets.push({ ...secret, fate: await fateOf(secret, ports) });
  });
  // Alerts leave one message of each minute to the summary, so only another summary can have taken it.
  if (!(await takeBudget(policy.maxAlertsPerMinute, ports))) {
    const message = 'No message is left in the budget of this minute. The retry sends the summary.';
    throw new NotifierError('NO_BUDGET', message);
  }
  const message = composeSummary(digest, secrets, ports.now());
  await ports.publish(message, () => takeBudgetAgain(policy.maxAlertsPerMinute, ports));
  return { outcome: 'sent', digest, isComplete } as const;
}

/**
 * Adds what an earlier run took up and did not send, and takes up all that is to be told now.
 * @returns whether that was all.
 */
async function collect(summary: string, digest: Digest, ports: SummaryPorts): Promise<boolean> {
  const counted = new Set<string>();
  for await (const page of ports.attemptsToTell(summary)) {
    for (const attempt of readAll(page)) {
      counted.add(id(attempt.key));
      addAttempt(digest, attempt);
    }
  }
  for (const tell of [UNTOLD, ALERTING]) {
    for await (const page of ports.attemptsToTell(tell)) {
      if (ports.isLate()) return false;
      await inBatches(readAll(page), async (attempt) => {
        const isOurs = await ports.takeUp(attempt.key, summary, ports.now().getTime());
        // The index may still show under its old name what has been counted already.
        if (isOurs && !counted.has(id(attempt.key))) addAttempt(digest, attempt);
      });
    }
  }
  return true;
}

const id = ({ pk, sk }: Key) => `${pk}\n${sk}`;

/** What is no attempt, such as an item changed by hand, is passed over: it must not stop all summaries. */
function readAll(page: readonly unknown[]): RecordedAttempt[] {
  return page.map(readAttemptItem).filter((attempt) => attempt !== undefined);
}

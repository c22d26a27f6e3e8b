import {
  ALERTING,
  IGNORED,
  type RecordedAttempt,
  readAttemptItem,
  UNTOLD,
} from '../attempt-item.ts';
import { type BudgetPorts, takeBudget } from '../budget.ts';
import { NotifierError } from '../errors.ts';
import { type Key, partitionKey, readPage } from '../ledger.ts';
import type { Message } from '../message/message.ts';
import { scheduleFromAttempt } from '../schedule.ts';
import { addAttempt, type Digest, emptyDigest, type SecretDigest } from './digest.ts';
import type { Fate, SummarizedSecret } from './fate.ts';
import { composeSummary } from './message.ts';

/** What summing up needs of the world; all may throw. */
export interface SummaryPorts extends BudgetPorts {
  /**
   * Begins a summary, or goes on with one that has not been sent.
   * @returns its name, such as `summary#2026-11-22T18:00:00.000Z`; `undefined` if another run is at work.
   */
  readonly begin: (now: Date) => Promise<string | undefined>;
  /** Ends the run; `isSent`: the summary has been sent, or there was nothing to send. */
  readonly end: (isSent: boolean) => Promise<void>;
  readonly attemptsToTell: (tell: string) => AsyncIterable<Record<string, unknown>[]>;
  readonly takeUp: (key: Key, summary: string, now: number) => Promise<boolean>;
  readonly getItems: (pk: string) => Promise<unknown[]>;
  readonly publish: (message: Message) => Promise<unknown>;
  /** Whether the run must come to its end. */
  readonly isLate: () => boolean;
}

export interface SummaryPolicy {
  readonly maxAlertsPerMinute: number;
}

/** `busy`: another run is at work. */
export type SummaryOutcome =
  | { readonly outcome: 'busy' | 'nothing' }
  | { readonly outcome: 'sent'; readonly digest: Digest };

/** How many attempts are taken up, or secrets looked up, at a time. */
const CONCURRENCY = 25;

/**
 * Tells all attempts that nothing has told yet, in one message. Takes each up by a conditional write before,
 * so that no alert tells it too; a run that dies leaves what it took up to the next, which goes on with it.
 * @throws what the ports throw; nothing is lost.
 */
export async function summarize(
  policy: SummaryPolicy,
  ports: SummaryPorts,
): Promise<SummaryOutcome> {
  const summary = await ports.begin(ports.now());
  if (!summary) return { outcome: 'busy' };
  let isSent = false;
  try {
    const digest = await collect(summary, ports);
    if (digest.attempts > 0) {
      const secrets = await withFates(digest, ports);
      await waitForBudget(policy, ports);
      await ports.publish(composeSummary(digest, secrets, ports.now()));
    }
    isSent = true;
    return digest.attempts > 0 ? { outcome: 'sent', digest } : { outcome: 'nothing' };
  } finally {
    await ports.end(isSent);
  }
}

/** Alerts leave one message of each minute to the summary, so only another summary can have taken it. */
async function waitForBudget(
  { maxAlertsPerMinute }: SummaryPolicy,
  ports: SummaryPorts,
): Promise<void> {
  if (await takeBudget(maxAlertsPerMinute, ports)) return;
  throw new NotifierError(
    'NO_BUDGET',
    'No message is left in the budget of this minute. The retry sends the summary.',
  );
}

/** What an earlier run took up and did not send, then all that is to be told now. */
async function collect(summary: string, ports: SummaryPorts): Promise<Digest> {
  const digest = emptyDigest();
  for await (const page of ports.attemptsToTell(summary)) {
    for (const attempt of readAll(page)) addAttempt(digest, attempt);
  }
  await takeUpAll(UNTOLD, summary, digest, ports);
  await takeUpAll(ALERTING, summary, digest, ports);
  // Ignored attempts alone are not worth a mail: they wait for one.
  if (digest.attempts > 0) await takeUpAll(IGNORED, summary, digest, ports);
  return digest;
}

async function takeUpAll(
  tell: string,
  summary: string,
  digest: Digest,
  ports: SummaryPorts,
): Promise<void> {
  for await (const page of ports.attemptsToTell(tell)) {
    if (ports.isLate()) return;
    await inBatches(readAll(page), async (attempt) => {
      const isOurs = await ports.takeUp(attempt.key, summary, ports.now().getTime());
      if (isOurs) addAttempt(digest, attempt);
    });
  }
}

/** What is no attempt, such as an item changed by hand, is passed over: it must not stop all summaries. */
function readAll(page: readonly unknown[]): RecordedAttempt[] {
  return page.map(readAttemptItem).filter((attempt) => attempt !== undefined);
}

async function withFates(digest: Digest, ports: SummaryPorts): Promise<SummarizedSecret[]> {
  const secrets: SummarizedSecret[] = [];
  await inBatches([...digest.secrets.values()], async (secret) => {
    secrets.push({ ...secret, fate: await fateOf(secret, ports) });
  });
  return secrets;
}

/** What the ledger knows, or else what the attempts alone tell. */
async function fateOf({ secret, callers }: SecretDigest, ports: SummaryPorts): Promise<Fate> {
  const last = new Date(Math.max(...[...callers.values()].map((caller) => caller.last.getTime())));
  const unknown = scheduleFromAttempt(last, 'The ledger does not know it.');
  const pk = partitionKey(secret);
  const { change } = pk ? readPage(await ports.getItems(pk), secret) : {};
  if (!change || (change.secret.arn && secret.arn && change.secret.arn !== secret.arn))
    return unknown;
  if (change.kind === 'cancellation')
    return change.requestedAt >= last ? { kind: 'restored' } : unknown;
  return change.forced ? { kind: 'gone' } : { kind: 'exact', date: change.date };
}

async function inBatches<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += CONCURRENCY) {
    await Promise.all(items.slice(start, start + CONCURRENCY).map(run));
  }
}

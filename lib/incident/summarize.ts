import {
  ALERTING,
  type RecordedAttempt,
  readAttemptItem,
  UNNAMED,
  UNTOLD,
} from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import type { Key } from '../aws/table.ts';
import { type Lookup, lookUp } from '../deletion/describe.ts';
import { type KnownState, type StateDependencies, secretState } from '../deletion/secret-state.ts';
import { NotifierError } from '../errors.ts';
import { inBatches } from '../in-batches.ts';
import {
  byNews,
  lastAttemptOn,
  type SecretDigest,
  type SummaryNotice,
  summaryNotice,
} from '../notice/summary.ts';
import { awaitAnotherTurn, awaitTurn, type BudgetPorts } from './budget.ts';
import { addAttempt, type Digest, emptyDigest } from './digest.ts';
import type { Begun, SummaryRun, SummaryStore } from './summaries.ts';

/** Dependencies of {@link summarize}; all but `describeSecret` may throw. */
export interface SummaryPorts extends BudgetPorts, StateDependencies, SummaryRun {
  /** Looks a secret up by name or ARN. */
  readonly describeSecret: (secretId: string) => Promise<Lookup>;
  readonly summaries: SummaryStore;
  readonly attempts: Pick<AttemptStore, 'toTell' | 'takeUp' | 'countIgnored'>;
  /** Awaits `beforeAgain` before each further try. */
  readonly publish: (notice: SummaryNotice, beforeAgain: () => Promise<void>) => Promise<unknown>;
  /** How much of the run's time is left, in ms. */
  readonly timeLeft: () => number;
}

export interface SummaryPolicy {
  readonly maxAlertsPerMinute: number;
}

/** `busy`: another run is at work. `oldestLeft`: the time of the oldest attempt that was left to the next run. */
export type SummaryOutcome =
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'nothing'; readonly oldestLeft?: Date }
  | { readonly outcome: 'sent'; readonly digest: Digest; readonly oldestLeft?: Date };

/**
 * How much of the run's time is kept, in ms, when it takes up no more attempts: for finding out how their secrets stand;
 * and when it looks nothing up any more: for writing, waiting for its turn and sending.
 */
const TIME_TO_LOOK_UP_MS = 75_000;
const TIME_TO_WRITE_MS = 45_000;

/** How many attempts are taken up at most: what a run could not send, all of it, the next one must be able to read. */
const MAX_ATTEMPTS = 200_000;

/**
 * Reports all attempts that nothing has reported yet, in one message. Takes each up by a conditional write before, so
 * that no alert reports it too; a run that dies leaves what it took up to the next, which goes on with it.
 * @throws what the ports throw; nothing is lost.
 */
export async function summarize(
  policy: SummaryPolicy,
  ports: SummaryPorts,
): Promise<SummaryOutcome> {
  const begun = await ports.summaries.begin(ports, ports.now());
  if (!begun) return { outcome: 'busy' };
  const outcome = await sendSummary(begun, policy, ports).catch(async (error: unknown) => {
    await ports.summaries.end(ports, 'failed', ports.now()).catch(() => undefined);
    throw error;
  });
  await ports.summaries.end(ports, outcome.outcome, ports.now());
  return outcome;
}

async function sendSummary({ name, since }: Begun, policy: SummaryPolicy, ports: SummaryPorts) {
  const digest = emptyDigest();
  const oldestLeft = await collect(name, digest, ports);
  if (digest.attempts === 0) return { outcome: 'nothing', oldestLeft } as const;
  const isLate = () => ports.timeLeft() < TIME_TO_WRITE_MS;
  const secrets = await lookUpAll(digest, isLate, ports);
  digest.ignored = await countIgnored(since, isLate, ports);
  // Alerts leave one message of each minute to the summary: only another summary, or the report of a restore, took it.
  if (!(await awaitTurn(policy.maxAlertsPerMinute, ports))) {
    const message = 'No message is left in the budget of this minute. The retry sends the summary.';
    throw new NotifierError('NO_BUDGET', message);
  }
  const notice = summaryNotice(digest, secrets, ports.now());
  await ports.publish(notice, () => awaitAnotherTurn(policy.maxAlertsPerMinute, ports));
  return { outcome: 'sent', digest, oldestLeft } as const;
}

/**
 * Adds what an earlier run took up and did not send, and takes up what is to be reported now: first what nothing has named,
 * and the oldest first, until there is no more time.
 * @returns the time of the oldest attempt that is left.
 */
async function collect(
  summary: string,
  digest: Digest,
  ports: SummaryPorts,
): Promise<Date | undefined> {
  const counted = new Set<string>();
  for await (const page of ports.attempts.toTell(summary)) {
    for (const attempt of readAll(page)) {
      counted.add(id(attempt.key));
      addAttempt(digest, attempt);
    }
  }
  const mustStop = () => counted.size >= MAX_ATTEMPTS || ports.timeLeft() < TIME_TO_LOOK_UP_MS;
  const takeUp = async (attempt: RecordedAttempt) => {
    const isOurs = await ports.attempts.takeUp(attempt.key, summary, ports.now().getTime());
    // The index may still show under an old name what has been counted already, by this run too.
    if (!isOurs || counted.has(id(attempt.key))) return;
    counted.add(id(attempt.key));
    addAttempt(digest, attempt);
  };
  let oldestLeft: Date | undefined;
  for (const tell of [ALERTING, UNNAMED, UNTOLD]) {
    for await (const page of ports.attempts.toTell(tell)) {
      const [next] = await inBatches(readAll(page), takeUp, mustStop);
      if (!next) continue;
      if (!oldestLeft || next.time < oldestLeft) oldestLeft = next.time;
      break;
    }
  }
  return oldestLeft;
}

/** Finds out how the secrets stand, first those that nothing has named, until there is no more time. */
async function lookUpAll(digest: Digest, isLate: () => boolean, ports: SummaryPorts) {
  const secrets = [...digest.secrets.values()].sort(byNews);
  const known = new Map<SecretDigest, KnownState>();
  const find = async (one: SecretDigest) => {
    const asked = { secret: one.secret, time: lastAttemptOn(one) };
    const describe = () => lookUp(one.secret, ports.describeSecret);
    known.set(one, await secretState(asked, describe, ports));
  };
  await inBatches(secrets, find, isLate);
  return secrets.map((one) => {
    const { state = NOT_LOOKED_UP, arn } = known.get(one) ?? {};
    return { ...one, state, arn };
  });
}

const NOT_LOOKED_UP = { state: 'not-looked-up' } as const;

async function countIgnored(
  since: Date,
  isLate: () => boolean,
  ports: SummaryPorts,
): Promise<Digest['ignored']> {
  let count = 0;
  for await (const more of ports.attempts.countIgnored(since)) {
    count += more;
    if (isLate()) return { count, isLeast: true };
  }
  return { count, isLeast: false };
}

const id = ({ pk, sk }: Key) => `${pk}\n${sk}`;

/** What is no attempt, such as an item changed by hand, is passed over: it must not stop all summaries. */
function readAll(page: readonly unknown[]): RecordedAttempt[] {
  return page.map(readAttemptItem).filter((attempt) => attempt !== undefined);
}

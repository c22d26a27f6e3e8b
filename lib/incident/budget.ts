import {
  allOf,
  anyOf,
  type Expression,
  expression,
  oneMore,
  type Table,
  updateItem,
} from '../aws/table.ts';
import { NotifierError } from '../errors.ts';
import { epochSeconds, HOUR_MS } from '../time.ts';

/** `second`: there is budget left, but not in this second. `hour`: there is none left in this hour. */
export type Turn = 'taken' | 'second' | 'hour';

/**
 * SNS sends an e-mail subscription at most 10 messages a second, and suspends one that gets more.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
const MAILS = { sk: 'budget', maxPerSecond: 8 };
/** Slack takes one message a second in a channel: https://docs.slack.dev/apis/web-api/rate-limits */
const CHAT = { sk: 'chat', maxPerSecond: 1 };

/** How many messages of an hour may have gone out before; `whatever`: any number. */
export type Limit = number | 'whatever';

/** How many messages have gone out, in each hour and each of its seconds. */
export type BudgetStore = ReturnType<typeof createBudgetStore>;

/** The budget of mails. */
export const createBudgetStore = (table: Table) => budgetStore(table, MAILS);

/** The budget of the chat, which takes nothing from that of mails. */
export const createChatBudgetStore = (table: Table): BudgetStore => budgetStore(table, CHAT);

function budgetStore(table: Table, { sk, maxPerSecond }: typeof MAILS) {
  return {
    /**
     * Takes one message from the budget of the hour and of the second of `now`, by one conditional write.
     * @throws whatever the SDK throws.
     */
    async takeTurn(now: Date, maxPerHour: Limit): Promise<Turn> {
      const iso = now.toISOString();
      const second = `s${iso.slice(14, 16)}${iso.slice(17, 19)}`;
      const hasSecond = isBelow(second, maxPerSecond);
      const isUrgent = maxPerHour === 'whatever';
      // What is sent whatever the budget takes nothing from it: whoever causes that must not silence others.
      const counter = isUrgent ? 'urgent' : 'taken';
      const key = { pk: `hour#${iso.slice(0, 13)}`, sk };
      const { passed, item } = await updateItem(table, key, {
        condition: isUrgent ? hasSecond : allOf(isBelow('taken', maxPerHour), hasSecond),
        set: {
          [counter]: oneMore(counter),
          [second]: oneMore(second),
          expiresAt: epochSeconds(new Date(now.getTime() + 2 * HOUR_MS)),
        },
      });
      if (passed) return 'taken';
      return isUrgent || Number(item?.taken ?? 0) < maxPerHour ? 'second' : 'hour';
    },
  };
}

function isBelow(count: string, max: number): Expression {
  const name = () => count;
  return anyOf(expression`attribute_not_exists(${name})`, expression`${name} < ${max}`);
}

export interface BudgetPorts {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** When this run will have ended, in ms since 1970. */
  readonly leaseUntil: number;
  readonly budget: BudgetStore;
  /** For how many seconds a run waits that has found so many seconds taken: until the next one where this is absent. */
  readonly pause?: (found: number) => number;
}

/** What the budget is shared by: each may take up to its share of what goes out in an hour, whoever took it. */
export type Share = 'catch-up' | 'digest' | 'end' | 'opened' | 'caller';

/**
 * Catch-up digests, which name a secret within minutes whatever comes, may take all: there are some eight an hour at most.
 * Other digests leave four to them, what is reported at once eleven, last calls and ends nine; and a further caller of a known incident, whom a catch-up
 * names some minutes later, finds room only while less than half of the rest has gone out.
 */
export function shareOf(share: Share, { maxMailsPerHour }: BudgetPolicy): number {
  switch (share) {
    case 'catch-up':
      return maxMailsPerHour;
    case 'digest':
      return maxMailsPerHour - KEPT_FROM_DIGESTS;
    case 'end':
      return shareOf('opened', { maxMailsPerHour }) + MORE_FOR_ENDS;
    case 'opened':
      return Math.max(1, maxMailsPerHour - KEPT_FROM_ALERTS);
    case 'caller':
      return Math.ceil(shareOf('opened', { maxMailsPerHour }) / 2);
  }
}

/** How many mails of an hour are kept from others for catch-up digests, or for all digests. */
const KEPT_FROM_DIGESTS = 4;
const KEPT_FROM_ALERTS = 11;
/** By how many more mails last calls and ends find room than what is reported at once. */
const MORE_FOR_ENDS = 2;

export interface BudgetPolicy {
  /** At least 10. */
  readonly maxMailsPerHour: number;
}

/** How much of a run's time is kept for three tries of SNS and for noting that it was sent, in ms; the rest may be waited. */
const TIME_TO_SEND_MS = 20_000;

/** What is taken as late in an hour as this, in ms before its end, might go out in the next: it waits for that. */
const TOO_LATE_MS = 500;

/**
 * Takes a turn in the hour's budget; waits for a second in which there is room, as long as the run's time allows.
 * @returns whether the message may go out now. @throws what the budget throws.
 */
export async function awaitTurn(
  maxPerHour: Limit,
  ports: BudgetPorts,
  found = 1,
): Promise<boolean> {
  const left = HOUR_MS - (ports.now().getTime() % HOUR_MS);
  if (left < TOO_LATE_MS) await ports.sleep(left);
  const time = ports.now();
  const turn = await ports.budget.takeTurn(time, maxPerHour);
  const nextSecond = (Math.floor(time.getTime() / 1000) + 1) * 1000;
  const last = Math.floor((ports.leaseUntil - TIME_TO_SEND_MS) / 1000) * 1000;
  if (turn !== 'second' || nextSecond > last) return turn === 'taken';
  const pause = ports.pause?.(found) ?? 1;
  const wake = Math.min(nextSecond + (pause - 1) * 1000, last);
  await ports.sleep(Math.max(0, wake - ports.now().getTime()));
  return awaitTurn(maxPerHour, ports, found + 1);
}

/**
 * Takes a turn anew whose message has been kept waiting since: it would go out in a second, or in an hour, in which it is not
 * counted. In its own hour that takes nothing more from the budget.
 * @throws as {@link awaitAnotherTurn}.
 */
export async function renewTurn(takenAt: Date, limit: Limit, ports: BudgetPorts): Promise<void> {
  const now = ports.now();
  if (now.getTime() - takenAt.getTime() < TOO_LATE_MS) return;
  const hours = [takenAt, now].map((time) => Math.floor(time.getTime() / HOUR_MS));
  await awaitAnotherTurn(hours[0] === hours[1] ? 'whatever' : limit, ports);
}

/**
 * Takes another turn, for a try that follows one that failed.
 * @throws NotifierError `NO_BUDGET` if there is none left, and what the budget throws.
 */
export async function awaitAnotherTurn(maxPerHour: Limit, ports: BudgetPorts): Promise<void> {
  if (await awaitTurn(maxPerHour, ports)) return;
  const message = 'No message is left in the budget of this hour for another try.';
  throw new NotifierError('NO_BUDGET', `${message} Lambda tries again in a minute.`);
}

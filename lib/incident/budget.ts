import { allOf, anyOf, type Expression, expression, type Table, updateItem } from '../aws/table.ts';
import { NotifierError } from '../errors.ts';
import { epochSeconds, HOUR_MS, MINUTE_MS } from '../time.ts';

/** `second`: there is budget left, but not in this second. `minute`: there is none left in this minute. */
export type Turn = 'taken' | 'second' | 'minute';

/**
 * SNS sends an e-mail subscription at most 10 messages a second, and suspends one that gets more.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
const MAX_PER_SECOND = 8;

/** How many messages have gone out, in each minute and each of its seconds. */
export type BudgetStore = ReturnType<typeof createBudgetStore>;

export function createBudgetStore(table: Table) {
  return {
    /**
     * Takes one message from the budget of the minute and of the second of `now`, by one conditional write.
     * @throws whatever the SDK throws.
     */
    async takeTurn(now: Date, maxPerMinute: number): Promise<Turn> {
      const iso = now.toISOString();
      const [minute, second] = [iso.slice(0, 16), `s${iso.slice(17, 19)}`];
      const { passed, item } = await updateItem(
        table,
        { pk: `minute#${minute}`, sk: 'budget' },
        {
          condition: allOf(isBelow('taken', maxPerMinute), isBelow(second, MAX_PER_SECOND)),
          set: {
            taken: oneMore('taken'),
            [second]: oneMore(second),
            expiresAt: epochSeconds(new Date(now.getTime() + HOUR_MS)),
          },
        },
      );
      if (passed) return 'taken';
      return Number(item?.taken) < maxPerMinute ? 'second' : 'minute';
    },
  };
}

function isBelow(count: string, max: number): Expression {
  const name = () => count;
  return anyOf(expression`attribute_not_exists(${name})`, expression`${name} < ${max}`);
}

const oneMore = (count: string) => expression`if_not_exists(${() => count}, ${0}) + ${1}`;

export interface BudgetPorts {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** When this run will have ended, in ms since 1970. */
  readonly leaseUntil: number;
  readonly budget: BudgetStore;
}

/** How many messages a minute may be alerts and announcements: one is kept for the summary. */
export const alertsOf = ({ maxAlertsPerMinute }: { readonly maxAlertsPerMinute: number }) =>
  maxAlertsPerMinute - 1;

/** How much of a run's time is kept for three tries of SNS and for noting that it was sent, in ms; the rest may be waited. */
const TIME_TO_SEND_MS = 20_000;

/** What is taken as late in a minute as this, in ms before its end, might go out in the next: it waits for that. */
const TOO_LATE_MS = 500;

/**
 * Takes a turn in the minute's budget; waits for a second in which there is room, as long as the run's time allows.
 * @returns whether the message may go out now. @throws what the budget throws.
 */
export async function awaitTurn(maxPerMinute: number, ports: BudgetPorts): Promise<boolean> {
  const left = MINUTE_MS - (ports.now().getTime() % MINUTE_MS);
  if (left < TOO_LATE_MS) await ports.sleep(left);
  const time = ports.now();
  const turn = await ports.budget.takeTurn(time, maxPerMinute);
  const nextSecond = (Math.floor(time.getTime() / 1000) + 1) * 1000;
  const isLate = nextSecond > ports.leaseUntil - TIME_TO_SEND_MS;
  if (turn !== 'second' || isLate) return turn === 'taken';
  await ports.sleep(Math.max(0, nextSecond - ports.now().getTime()));
  return awaitTurn(maxPerMinute, ports);
}

/**
 * Takes another turn, for a try that follows one that failed.
 * @throws NotifierError `NO_BUDGET` if there is none left, and what the budget throws.
 */
export async function awaitAnotherTurn(maxPerMinute: number, ports: BudgetPorts): Promise<void> {
  if (await awaitTurn(maxPerMinute, ports)) return;
  const message = 'No message is left in the budget of this minute for another try.';
  throw new NotifierError('NO_BUDGET', `${message} Lambda tries again in another minute.`);
}

import { NotifierError } from './errors.ts';
import { MINUTE_MS } from './time.ts';

/** `second`: there is budget left, but not in this second. `minute`: there is none left in this minute. */
export type Budget = 'taken' | 'second' | 'minute';

export interface BudgetPorts {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Takes one message from the budget of a time. */
  readonly takeMessage: (time: Date, maxPerMinute: number) => Promise<Budget>;
}

/** How many messages a minute may be alerts and announcements: one is kept for the summary. */
export const alertsOf = ({ maxAlertsPerMinute }: { readonly maxAlertsPerMinute: number }) =>
  maxAlertsPerMinute - 1;

/** For how many seconds an alert waits for its turn before it is held back. */
const ALERT_WAITS = 4;

/** What is taken as late in a minute as this, in ms before its end, might go out in the next: it waits for that. */
const TOO_LATE_MS = 500;

/**
 * Takes one message from the minute's budget; waits up to `waits` times for a second in which there is room.
 * @returns whether the message may go out now. @throws what `takeMessage` throws.
 */
export async function takeBudget(
  maxPerMinute: number,
  ports: BudgetPorts,
  waits = ALERT_WAITS,
): Promise<boolean> {
  const left = MINUTE_MS - (ports.now().getTime() % MINUTE_MS);
  if (left < TOO_LATE_MS) await ports.sleep(left);
  const time = ports.now();
  const budget = await ports.takeMessage(time, maxPerMinute);
  if (budget !== 'second' || waits === 0) return budget === 'taken';
  await ports.sleep(1000 - (time.getTime() % 1000));
  return takeBudget(maxPerMinute, ports, waits - 1);
}

/**
 * Takes another message from the minute's budget, for a try that follows one that failed.
 * @throws NotifierError `NO_BUDGET` if there is none left, and what `takeMessage` throws.
 */
export async function takeBudgetAgain(maxPerMinute: number, ports: BudgetPorts): Promise<void> {
  if (await takeBudget(maxPerMinute, ports)) return;
  const message = 'No message is left in the budget of this minute for another try.';
  throw new NotifierError('NO_BUDGET', `${message} Lambda tries again in another minute.`);
}

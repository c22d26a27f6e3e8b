import { NotifierError } from '../errors.ts';
import { MINUTE_MS } from '../time.ts';

/** `second`: there is budget left, but not in this second. `minute`: there is none left in this minute. */
export type Budget = 'taken' | 'second' | 'minute';

export interface BudgetPorts {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Until when a message may wait for a second in which there is room, in ms since 1970. */
  readonly mayWaitUntil: number;
  /** Takes one message from the budget of a time. */
  readonly takeMessage: (time: Date, maxPerMinute: number) => Promise<Budget>;
}

/** How many messages a minute may be alerts and announcements: one is kept for the summary. */
export const alertsOf = ({ maxAlertsPerMinute }: { readonly maxAlertsPerMinute: number }) =>
  maxAlertsPerMinute - 1;

/** How much of a run's time is kept for three tries of SNS and for noting that it was sent, in ms; the rest may be waited. */
export const TIME_TO_SEND_MS = 20_000;

/** What is taken as late in a minute as this, in ms before its end, might go out in the next: it waits for that. */
const TOO_LATE_MS = 500;

/**
 * Takes one message from the minute's budget; waits for a second in which there is room, as long as the run's time
 * allows.
 * @returns whether the message may go out now. @throws what `takeMessage` throws.
 */
export async function takeBudget(maxPerMinute: number, ports: BudgetPorts): Promise<boolean> {
  const left = MINUTE_MS - (ports.now().getTime() % MINUTE_MS);
  if (left < TOO_LATE_MS) await ports.sleep(left);
  const time = ports.now();
  const budget = await ports.takeMessage(time, maxPerMinute);
  const nextSecond = (Math.floor(time.getTime() / 1000) + 1) * 1000;
  if (budget !== 'second' || nextSecond > ports.mayWaitUntil) return budget === 'taken';
  await ports.sleep(Math.max(0, nextSecond - ports.now().getTime()));
  return takeBudget(maxPerMinute, ports);
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

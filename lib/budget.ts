/** `second`: there is budget left, but not in this second. `minute`: there is none left in this minute. */
export type Budget = 'taken' | 'second' | 'minute';

export interface BudgetPorts {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Takes one message from the budget of a time. */
  readonly takeMessage: (time: Date, maxPerMinute: number) => Promise<Budget>;
}

/** For how many seconds an alert waits for its turn before it is held back. */
const ALERT_WAITS = 4;

/**
 * Takes one message from the minute's budget; waits up to `waits` times for a second in which there is room.
 * @returns whether the message may go out now. @throws what `takeMessage` throws.
 */
export async function takeBudget(
  maxPerMinute: number,
  ports: BudgetPorts,
  waits = ALERT_WAITS,
): Promise<boolean> {
  const time = ports.now();
  const budget = await ports.takeMessage(time, maxPerMinute);
  if (budget !== 'second' || waits === 0) return budget === 'taken';
  await ports.sleep(1000 - (time.getTime() % 1000));
  return takeBudget(maxPerMinute, ports, waits - 1);
}

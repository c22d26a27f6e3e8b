import { MAX_PER_SECOND } from '../../simulation/tally.ts';

/** A message that is published, and the attempts that it names. */
export interface Publication {
  /** In ms since the storm began. */
  readonly time: number;
  readonly attempts: readonly number[];
}

/** What came into the mailbox. */
export interface Delivered {
  readonly mails: readonly Publication[];
  /** When SNS suspended the subscription, in ms since the storm began. */
  readonly suspendedAt?: number;
}

/**
 * Delivers messages, given in the order of time, to an e-mail subscription. One that gets too many in a second is
 * suspended at once, and gets nothing until its owner confirms it again, which nobody does while the storm lasts.
 */
export function deliver(publications: readonly Publication[]): Delivered {
  let second = Number.NEGATIVE_INFINITY;
  let inSecond = 0;
  for (const [i, { time }] of publications.entries()) {
    const now = Math.floor(time / 1000);
    inSecond = now === second ? inSecond + 1 : 1;
    second = now;
    if (inSecond > MAX_PER_SECOND) return { mails: publications.slice(0, i), suspendedAt: time };
  }
  return { mails: publications };
}

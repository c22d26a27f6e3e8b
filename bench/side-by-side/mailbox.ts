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
 * An e-mail subscription that gets more than 10 messages in a second is suspended at once, and gets nothing until its
 * owner confirms it again, which nobody does while the storm lasts.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
const MAX_PER_SECOND = 10;

/** Delivers messages, given in the order of time, to an e-mail subscription. */
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

/** The most that were delivered in any minute. */
export function mostPerMinute(mails: readonly Publication[]): number {
  const minutes = new Map<number, number>();
  for (const { time } of mails) {
    const minute = Math.floor(time / 60_000);
    minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
  }
  return Math.max(0, ...minutes.values());
}

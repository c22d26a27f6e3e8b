import type { Reading } from './cast.ts';

/** A message and how it was published. */
export interface Message {
  readonly reading: Reading;
  /** When it was published, in simulated ms since 1970. */
  readonly time: number;
  /** Whether the run that published it was completed, and knew that it had published. Otherwise a repeat is no fault. */
  readonly isSure: boolean;
}

/** Who reads what in a storm. */
export interface Pairs {
  /** The pair of each attempt: `caller * secrets + secret`. */
  readonly pairs: Uint32Array;
  readonly secrets: number;
  /** In how many accounts and Regions the secrets are; those of one name come one after the other. */
  readonly places: number;
}

/** What a message says of a secret. */
export interface Mention {
  readonly kind: Reading['kind'];
  readonly secret: number;
  /** The attempts that it reports and that no other message has reported. */
  readonly attempts: number;
  /** The pairs of the secret and each caller that is named. */
  readonly pairs: readonly number[];
  readonly moreCallers: number;
  readonly time: number;
  readonly isSure: boolean;
}

/** What messages say, in the order of time. */
export function mentionsIn(messages: readonly Message[], { pairs, secrets }: Pairs): Mention[] {
  const inOrder = messages.toSorted((a, b) => a.time - b.time);
  return inOrder.flatMap(({ reading, time, isSure }): Mention[] => {
    if (reading.kind === 'clash') return [];
    const how = { kind: reading.kind, time, isSure };
    if (reading.kind === 'alert') {
      const pair = pairs[reading.attempt] ?? 0;
      return [{ ...how, secret: pair % secrets, attempts: 1, pairs: [pair], moreCallers: 0 }];
    }
    return reading.secrets.map(({ callers, ...of }) => {
      return { ...how, ...of, pairs: callers.map((caller) => caller * secrets + of.secret) };
    });
  });
}

export interface Tally {
  /** Attempts that no message reports. */
  readonly lost: number;
  /** How often an attempt was reported again after a message that was sure. */
  readonly toldTwice: number;
  /** How often an attempt was reported again after a message that was not sure. */
  readonly toldTwiceAfterCrash: number;
  /** Pairs of secret and caller that no message names, nor counts among the new callers that it had no room for. */
  readonly unnamedCallers: number;
  /**
   * Attempts on a secret of one place that messages report on that of another: those that they name, and those that they count
   * too many on one while they are missing on another of the same name.
   */
  readonly mixedUp: number;
}

/** The reported attempts on a secret. */
interface Count {
  /** Attempts that were made. */
  made: number;
  /** Attempts in an alert, and those in one that is sure. */
  alerted: number;
  alertedForSure: number;
  /** Attempts in digests and what else names several, and those in sure ones. */
  summed: number;
  summedForSure: number;
}

/**
 * Counts the attempts that messages report, by the messages alone: an alert reports the attempt that it names, all others as
 * many on a secret as they say. Not by caller, because known callers may be counted together.
 */
export function tally(storm: Pairs, messages: readonly Message[]): Tally {
  const { pairs, secrets, places } = storm;
  const counts = new Map<number, Count>();
  const result = { lost: 0, toldTwice: 0, toldTwiceAfterCrash: 0 };
  const balances = new Map<number, Balance>();
  const alerts = alertsByAttempt(messages);
  for (const [attempt, pair] of pairs.entries()) {
    const count = countOf(counts, pair % secrets);
    const { all, sure } = alerts.get(attempt) ?? { all: 0, sure: 0 };
    count.made++;
    if (all > 0) count.alerted++;
    if (sure > 0) count.alertedForSure++;
    const twice = Math.max(0, sure - 1);
    result.toldTwice += twice;
    result.toldTwiceAfterCrash += Math.max(0, all - 1) - twice;
  }
  const mentions = mentionsIn(messages, storm);
  for (const { kind, secret, attempts, isSure } of mentions) {
    if (kind !== 'alert') add(countOf(counts, secret), attempts, isSure);
  }
  for (const [secret, count] of counts) {
    const { made, alerted, alertedForSure, summed, summedForSure } = count;
    const twice = Math.max(0, summedForSure - (made - alertedForSure));
    const missing = Math.max(0, made - alerted - summed);
    const extra = Math.max(0, summed - (made - alerted));
    result.lost += missing;
    result.toldTwice += twice;
    result.toldTwiceAfterCrash += Math.max(0, extra - twice);
    const name = Math.floor(secret / places);
    const balance = balances.get(name) ?? { missing: 0, extra: 0 };
    balances.set(name, { missing: balance.missing + missing, extra: balance.extra + extra });
  }
  const swapped = [...balances.values()].map(({ missing, extra }) => Math.min(missing, extra));
  const mixedUp = swapped.reduce((sum, count) => sum + count, countMisnamed(storm, messages));
  return { ...result, unnamedCallers: countUnnamed(storm, mentions), mixedUp };
}

/** The attempts on the secrets of one name that messages miss on some, and those that they count too many on others. */
interface Balance {
  readonly missing: number;
  readonly extra: number;
}

/** The attempts that messages name on another secret than they were made on. */
function countMisnamed({ pairs, secrets }: Pairs, messages: readonly Message[]): number {
  const isOn = (secret: number) => (attempt: number) => (pairs[attempt] ?? 0) % secrets === secret;
  return messages.flatMap(({ reading }) => {
    if (reading.kind === 'clash') return [];
    const said =
      reading.kind === 'alert' ? [{ ...reading, named: [reading.attempt] }] : reading.secrets;
    return said.flatMap(({ secret, named }) => named.filter((one) => !isOn(secret)(one)));
  }).length;
}

function alertsByAttempt(messages: readonly Message[]) {
  const alerts = new Map<number, { all: number; sure: number }>();
  for (const { reading, isSure } of messages) {
    if (reading.kind !== 'alert') continue;
    const { all, sure } = alerts.get(reading.attempt) ?? { all: 0, sure: 0 };
    alerts.set(reading.attempt, { all: all + 1, sure: sure + (isSure ? 1 : 0) });
  }
  return alerts;
}

function add(count: Count, attempts: number, isSure: boolean): void {
  count.summed += attempts;
  if (isSure) count.summedForSure += attempts;
}

function countOf(counts: Map<number, Count>, secret: number): Count {
  const count = counts.get(secret) ?? {
    made: 0,
    alerted: 0,
    alertedForSure: 0,
    summed: 0,
    summedForSure: 0,
  };
  counts.set(secret, count);
  return count;
}

function countUnnamed({ pairs, secrets }: Pairs, mentions: readonly Mention[]): number {
  const named = new Set(mentions.flatMap((mention) => mention.pairs));
  const unnamed = Map.groupBy(
    [...new Set(pairs)].filter((pair) => !named.has(pair)),
    (pair) => pair % secrets,
  );
  const counted = new Map<number, number>();
  for (const { secret, moreCallers } of mentions) {
    counted.set(secret, (counted.get(secret) ?? 0) + moreCallers);
  }
  let count = 0;
  for (const [secret, ofSecret] of unnamed) {
    count += Math.max(0, ofSecret.length - (counted.get(secret) ?? 0));
  }
  return count;
}

/**
 * SNS suspends an e-mail subscription that gets more messages in a second.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
export const MAX_PER_SECOND = 10;

/** The most messages in any second, hour or other span of the clock; all in ms. */
export function maxPer(span: number, messages: readonly { readonly time: number }[]): number {
  const spans = new Map<number, number>();
  for (const { time } of messages) {
    const index = Math.floor(time / span);
    spans.set(index, (spans.get(index) ?? 0) + 1);
  }
  return Math.max(0, ...spans.values());
}

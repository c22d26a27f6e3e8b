import { formatUtc } from '../../lib/time.ts';

/** What is seen of a path. */
export interface Sight {
  readonly isAnswered: boolean;
  /** Whether the attempt has come as far as to the function. */
  readonly hasArrived?: boolean;
  /** Whether waiting longer is in vain. */
  readonly isFinal?: boolean;
  /** In a few words. */
  readonly text: string;
}

/** What was seen of a path last. */
export interface Answer extends Sight {
  readonly path: 'event' | 'alarm';
  /** From the request for the value until it was seen. */
  readonly seconds: number;
}

/** A path, and how to look at it. */
export interface Path {
  readonly path: Answer['path'];
  /** How long to wait between two looks, in ms. */
  readonly interval: number;
  readonly look: () => Promise<Sight>;
}

export interface Clock {
  readonly now: () => Date;
  /** Rejects when the drill is interrupted. */
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * Looks at a path until it has answered, or waiting is in vain, or the time is up.
 * @param show shows what is seen.
 * @throws what looking and sleeping throw.
 */
export async function waitFor(
  { path, interval, look }: Path,
  askedAt: Date,
  timeout: number,
  { now, sleep }: Clock,
  show: (text: string) => void,
): Promise<Answer> {
  for (;;) {
    const sight = await look();
    const { isAnswered, isFinal, text } = sight;
    const passed = now().getTime() - askedAt.getTime();
    show(`${text} (${Math.round(passed / 1000)} s)`);
    if (isAnswered || isFinal || passed >= timeout) {
      return { ...sight, path, seconds: Math.round(passed / 100) / 10 };
    }
    await sleep(Math.min(interval, timeout - passed));
  }
}

/** The alarm's state, and since when it has been in it. */
export interface AlarmState {
  readonly value: string;
  readonly since?: Date;
}

/** What the table holds of the drill's secret. */
export interface Traces {
  readonly attempt?: Readonly<Record<string, unknown>>;
  readonly pair?: Readonly<Record<string, unknown>>;
}

/** What the items of the attempt and of its pair tell of the event path. */
export function eventSight({ attempt, pair }: Traces): Sight {
  const hasArrived = Boolean(attempt ?? pair);
  if (attempt?.alertedAt && pair) return { isAnswered: true, hasArrived, text: 'alerted' };
  if (attempt?.heldBack === 'budget') {
    const text = 'not alerted, because other alerts have used up the budget of this minute';
    return { isAnswered: false, hasArrived, isFinal: true, text };
  }
  return { isAnswered: false, hasArrived, text: stageOf({ attempt, pair }) };
}

function stageOf({ attempt, pair }: Traces): string {
  if (attempt?.heldBack === 'failed') return 'the alert failed; Lambda tries again';
  if (attempt) return 'recorded; the alert is under way';
  return pair ? 'the function is at work' : 'no attempt recorded';
}

/**
 * What the alarm tells, against its state from before the request: one that was in ALARM already acts on nothing, so
 * that nothing can be seen.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
export function alarmSight(before: AlarmState, now: AlarmState): Sight {
  if (before.value === 'ALARM') {
    const since = before.since ? ` since ${formatUtc(before.since)}` : '';
    const text = `was in ALARM already${since}, and cannot go there again: wait until it is OK`;
    return { isAnswered: false, isFinal: true, text };
  }
  if (now.value === 'ALARM') return { isAnswered: true, text: 'in ALARM' };
  return { isAnswered: false, text: `still ${now.value}` };
}

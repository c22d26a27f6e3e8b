import type { RecordedClash } from '../../lib/deletion/clashes.ts';
import type { Channel } from '../../lib/notice/channel.ts';
import { formatUtc } from '../../lib/time.ts';

/** How far a path has come. */
export interface Observation {
  readonly isAnswered: boolean;
  /** Whether the attempt has reached the function by this path. */
  readonly hasArrived?: boolean;
  /** What became of the alarm's mail, if another alarm decides on it. */
  readonly mail?: 'suppressed' | 'sent';
  /** The notice that a channel has sent, and when. */
  readonly notice?: string;
  readonly sentAt?: string;
  /** Whether waiting longer is pointless. */
  readonly isFinal?: boolean;
  /** In a few words. */
  readonly text: string;
}

/** What brings an attempt to the functions, or to the alarm; `name`: what brings a creation whose name is taken. */
export type PathName = 'event' | 'trail' | 'alarm' | 'name';

/** The last observation of a path, or of a channel. */
export interface Answer<Name extends string = PathName> extends Observation {
  readonly path: Name;
  /** From the attempt until it was observed. */
  readonly seconds: number;
}

/** A path or a channel, and how to observe it. */
export interface Path<Name extends string> {
  readonly path: Name;
  /** The time between two observations, in ms. */
  readonly interval: number;
  /** It is given up at the signal. */
  readonly observe: (late: AbortSignal) => Promise<Observation>;
}

export interface Clock {
  readonly now: () => Date;
  /** Rejects when the drill is interrupted. */
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** How long an observation may take at least, in ms: the last one begins when the time is up. */
const LEAST_MS = 5000;

/** Ends what has not answered in that time, in ms. */
export const lateAfter = (ms: number): AbortSignal => AbortSignal.timeout(Math.max(ms, LEAST_MS));

/**
 * Observes a path until it has answered, waiting longer is pointless, or the time is up.
 * @param attemptedAt the time of the attempt
 * @param timeout in ms
 * @param show is called with each observation.
 * @throws what observing and sleeping throw.
 */
export async function waitFor<Name extends string>(
  { path, interval, observe }: Path<Name>,
  attemptedAt: Date,
  timeout: number,
  { now, sleep }: Clock,
  show: (text: string) => void,
): Promise<Answer<Name>> {
  let observation: Observation = { isAnswered: false, text: '' };
  for (;;) {
    const left = timeout - (now().getTime() - attemptedAt.getTime());
    const late = lateAfter(left);
    observation = await observe(late).catch((error: unknown) => {
      if (!late.aborted) throw error;
      return { ...observation, isFinal: true, text: 'AWS did not answer in time' };
    });
    const { isAnswered, isFinal, text } = observation;
    const passed = now().getTime() - attemptedAt.getTime();
    show(`${text} (${Math.round(passed / 1000)} s)`);
    if (isAnswered || isFinal || passed >= timeout) {
      return { ...observation, path, seconds: Math.round(passed / 100) / 10 };
    }
    await sleep(Math.min(interval, timeout - passed));
  }
}

/** The alarm's state, and since when it has been in it. */
export interface AlarmState {
  readonly value: string;
  readonly since?: Date;
  /** What the composite alarm that mails for it does: `waiting` until that is decided; absent if the alarm mails itself. */
  readonly mail?: 'waiting' | 'suppressed' | 'sent';
}

/** The items of the drill's secret in the table, and what its alert has become in each channel. */
export interface Traces {
  readonly attempt?: Readonly<Record<string, unknown>>;
  readonly pair?: Readonly<Record<string, unknown>>;
  readonly clash?: Pick<RecordedClash, 'toldAt' | 'calls'>;
  /** The id of the notice; absent without an attempt or a clash. */
  readonly notice?: string;
  readonly sent?: Partial<Record<Channel, Readonly<Record<string, unknown>>>>;
}

/**
 * How far the event path has come, by the items of the attempt and of its pair. The trail path writes them too, minutes
 * later, if the rule has not brought the attempt.
 */
export function observeEvent({ attempt, pair }: Traces): Observation {
  if (attempt?.path === 'trail' && !attempt.byRuleAt) {
    const text = 'not by the rule: the trail path has brought the attempt';
    return { isAnswered: false, hasArrived: false, text };
  }
  const hasArrived = Boolean(attempt ?? pair);
  if (attempt?.alertedAt && pair) return { isAnswered: true, hasArrived, text: 'alerted' };
  if (attempt?.heldBack === 'budget') {
    const text = 'not alerted, because other alerts have used up the budget of this minute';
    return { isAnswered: false, hasArrived, isFinal: true, text };
  }
  return { isAnswered: false, hasArrived, text: stageOf({ attempt, pair }) };
}

/** Whether the trail path has brought the attempt, first or after the rule: the function notes that of drills. */
export function observeTrail({ attempt }: Traces): Observation {
  if (attempt?.byTrailAt) return { isAnswered: true, hasArrived: true, text: 'brought' };
  const hasArrived = attempt?.path === 'trail';
  return { isAnswered: false, hasArrived, text: hasArrived ? stageOf({ attempt }) : 'not brought' };
}

/** Whether a mail has reported that the name is taken, which `summarize` sends every two minutes. */
export function observeName({ clash }: Traces): Observation {
  if (clash?.toldAt) return { isAnswered: true, hasArrived: true, text: 'mailed' };
  if (clash?.calls.length === 0) {
    const text =
      'recorded, but dropped: the secret was restored or removed by then, as by another drill, or the caller is muted';
    return { isAnswered: false, hasArrived: true, isFinal: true, text };
  }
  const text = clash ? 'recorded; the mail is due within minutes' : 'no clash recorded';
  return { isAnswered: false, hasArrived: clash !== undefined, text };
}

/** Whether a channel has sent the notice of the attempt, or of the clash. */
export function observeChannel(
  channel: Channel,
  { attempt, pair, clash, notice, sent }: Traces,
): Observation {
  const item = sent?.[channel];
  if (typeof item?.sentAt === 'string') {
    const { sentAt } = item;
    return { isAnswered: true, notice, sentAt, text: 'sent' };
  }
  if (item) return { isAnswered: false, text: 'is at work, or has failed and is tried again' };
  const isKnown = attempt !== undefined || clash !== undefined;
  return { isAnswered: false, text: isKnown ? 'not sent' : stageOf({ pair }) };
}

function stageOf({ attempt, pair }: Traces): string {
  if (attempt?.heldBack === 'failed') return 'the alert failed; Lambda tries again';
  if (attempt) return 'recorded; the alert is under way';
  return pair ? 'the function is at work' : 'no attempt recorded';
}

/**
 * How far the alarm has come since before the attempt. One that was in ALARM already takes no action, so there is nothing
 * to observe.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 */
export function observeAlarm(before: AlarmState, now: AlarmState): Observation {
  if (before.value === 'ALARM') {
    const since = before.since ? ` since ${formatUtc(before.since)}` : '';
    const text = `was in ALARM already${since}, and cannot go there again: wait until it is OK`;
    return { isAnswered: false, isFinal: true, text };
  }
  if (now.value !== 'ALARM') return { isAnswered: false, text: `still ${now.value}` };
  if (now.mail === 'waiting') {
    return { isAnswered: false, text: 'in ALARM, its mail waits for the trail path' };
  }
  return { isAnswered: true, text: 'in ALARM', ...(now.mail && { mail: now.mail }) };
}

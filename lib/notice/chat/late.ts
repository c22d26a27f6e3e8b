import { formatUtc, MINUTE_MS } from '../../time.ts';

/** How old what a message says may be when it is sent, in ms: as long as a few tries of Lambda's take. */
const MAX_AGE_MS = 10 * MINUTE_MS;

/**
 * What a message says of its age. What is kept until a channel takes it again, or is replayed from the dead-letter queue, is
 * sent up to weeks later: no time left in it is true then, and no step perhaps of use.
 * @param time as of which all is that the message says
 * @param now when it is sent
 * @returns the end of its title and the first lines of its description; of what is not late both are empty
 */
export function lateness(
  time: Date,
  now: Date,
): { readonly tail: string; readonly lines: string[] } {
  if (now.getTime() - time.getTime() <= MAX_AGE_MS) return { tail: '', lines: [] };
  return { tail: `, as of ${formatUtc(time)}`, lines: [lateLine(time)] };
}

const lateLine = (time: Date) =>
  `Sent late: all that follows is as of ${formatUtc(time)}, and may have changed since.`;

/** How long the line is with its end, in characters: always the same. */
export const LATE_LINE = lateLine(new Date(0)).length + 1;

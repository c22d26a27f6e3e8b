import { defang, oneLine } from '../../text.ts';
import { DAY_MS, formatUtc, HOUR_MS, plural } from '../../time.ts';
import { isPartlyUnknown, type SecretStatus, type Status } from '../status.ts';
import { type CallerTally, callersOf } from '../tally.ts';
import { type Html, html } from './html.ts';

/** How many callers of a secret get a lane of their own, and how many bars a lane has at most. */
const MAX_LANES = 8;
const MAX_BARS = 120;

interface Axis {
  readonly start: number;
  readonly end: number;
  /** The span that one bar stands for, whole hours; all in ms. */
  readonly step: number;
}

/** The attempts on a secret from the scheduling of its deletion until now, a lane for each caller. */
export function timeline(secret: SecretStatus, status: Status): Html | undefined {
  const callers = callersOf(secret.attempts);
  const isUnknown = isPartlyUnknown(secret, status);
  if (callers.length === 0 && !isUnknown) return undefined;
  const axis = axisOf(secret.since, status.time);
  const unknown = isUnknown ? unknownPart(status.knownSince, axis) : undefined;
  return html`<div class="timeline">
${callers.slice(0, MAX_LANES).map((caller) => lane(caller, axis, unknown))}
${callers.length === 0 ? emptyLane(axis, unknown) : undefined}
${others(callers.slice(MAX_LANES))}
<p class="axis fine"><span>${startText(secret)}</span><span>now</span></p>
</div>`;
}

function axisOf(since: Date, time: Date): Axis {
  const start = Math.floor(since.getTime() / HOUR_MS) * HOUR_MS;
  const span = Math.max(time.getTime() - start, 1);
  const step = Math.ceil(span / HOUR_MS / MAX_BARS) * HOUR_MS;
  // Whole bars: what was a minute ago would have no room at the end.
  return { start, end: start + Math.ceil(span / step) * step, step };
}

function startText({ deletion, since }: SecretStatus): string {
  return deletion ? `scheduled ${formatUtc(since)}` : `scheduled after ${formatUtc(since)}`;
}

function lane(caller: CallerTally, axis: Axis, unknown: Html | undefined): Html {
  const { callerName, count, first, last } = caller;
  const counts = barsOf(caller, axis);
  const most = Math.max(...counts.values());
  const bars = [...counts].map(([index, attempts]) =>
    bar(axis.start + index * axis.step, attempts, most, axis),
  );
  const label = `${plural(count, 'attempt')} from ${formatUtc(first)} to ${formatUtc(last)}`;
  return html`<p class="caller">${defang(oneLine(callerName, 160))} <span class="fine">${plural(count, 'attempt')}</span></p>
<div class="lane" role="img" aria-label="${label}" style="${days(axis)}">${unknown}${bars}</div>`;
}

/** By the logarithm of the count, so that one attempt shows beside a thousand. */
function bar(from: number, attempts: number, most: number, axis: Axis): Html {
  const height = 35 + (65 * Math.log1p(attempts)) / Math.log1p(most);
  const title = `${formatUtc(new Date(from))}: ${plural(attempts, 'attempt')}`;
  return html`<span class="tick" style="left:${position(from, axis)};width:${width(axis.step, axis)};height:${height.toFixed(0)}%" title="${title}"></span>`;
}

function emptyLane(axis: Axis, unknown: Html | undefined): Html {
  return html`<p class="caller fine">no attempts known</p>
<div class="lane" role="img" aria-label="no attempts known" style="${days(axis)}">${unknown}</div>`;
}

function others(callers: readonly CallerTally[]): Html | undefined {
  if (callers.length === 0) return undefined;
  const count = callers.reduce((sum, caller) => sum + caller.count, 0);
  return html`<p class="others fine">and ${plural(callers.length, 'more caller')}, ${plural(count, 'attempt')}</p>`;
}

/** A line at each day, by the size of the lane's background. */
const days = (axis: Axis) => `background-size:${width(DAY_MS, axis)} 100%`;

/** The time of which nothing is known, hatched. */
function unknownPart(until: Date, axis: Axis): Html {
  const title = `Nothing is known of before ${formatUtc(until)}`;
  return html`<span class="unknown" style="width:${position(until.getTime(), axis)}" title="${title}"></span>`;
}

function barsOf({ hours }: CallerTally, { start, step }: Axis): Map<number, number> {
  const bars = new Map<number, number>();
  for (const [hour, count] of hours) {
    const index = Math.floor((hour * HOUR_MS - start) / step);
    bars.set(index, (bars.get(index) ?? 0) + count);
  }
  return bars;
}

const position = (time: number, { start, end }: Axis) =>
  `${Math.min(100, Math.max(0, ((time - start) * 100) / (end - start))).toFixed(2)}%`;

const width = (span: number, { start, end }: Axis) =>
  `${((span * 100) / (end - start)).toFixed(2)}%`;

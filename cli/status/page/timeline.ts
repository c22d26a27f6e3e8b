import { DAY_MS, formatSpan, formatUtc, MINUTE_MS, plural } from '../../../lib/time.ts';
import { isPartlyUnknown, type SecretStatus, type Status } from '../status.ts';
import { type CallerTally, callersOf } from '../tally.ts';
import { callerText, othersText } from '../wording.ts';
import { type Html, html } from './html.ts';

/** How many callers of a secret get a lane of their own. */
const MAX_LANES = 8;

/** A mark of full height stands for at least so many attempts, so that one attempt is a small mark. */
const MIN_TOP = 10;

/** All in ms. `step` is the span of one mark. */
interface Axis {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The attempts on a secret from the scheduling of its deletion until now, a lane for each caller, on one scale. */
export function timeline(secret: SecretStatus, status: Status): Html | undefined {
  const callers = callersOf(secret.attempts);
  const isUnknown = isPartlyUnknown(secret);
  if (callers.length === 0 && !isUnknown) return undefined;
  const axis = axisOf(secret, status.time);
  const unknown = isUnknown ? unknownPart(secret.knownSince, axis) : undefined;
  const lanes = callers.slice(0, MAX_LANES);
  const top = Math.max(MIN_TOP, ...lanes.flatMap(({ bins }) => [...bins.values()]));
  const others = othersText(callers.slice(MAX_LANES));
  return html`<div class="timeline">
${lanes.map((caller) => lane(caller, callerText(caller, secret), top, axis, unknown))}
${callers.length === 0 ? emptyLane(axis, unknown) : undefined}
${others ? html`<p class="others fine">and ${others}</p>` : undefined}
<p class="axis fine"><span>${startText(secret)}</span><span>now</span></p>
${callers.length > 0 ? html`<p class="heights fine">Full height: ${plural(top, 'attempt')} in ${spanText(axis.step)}, on a logarithmic scale.</p>` : undefined}
</div>`;
}

function axisOf({ since, step }: SecretStatus, time: Date): Axis {
  // Whole marks, so that the last attempts have room at the end.
  const start = Math.floor(since.getTime() / step) * step;
  return { start, end: (Math.floor(time.getTime() / step) + 1) * step, step };
}

function startText({ deletion, since }: SecretStatus): string {
  return deletion ? `scheduled ${formatUtc(since)}` : `scheduled after ${formatUtc(since)}`;
}

const spanText = (ms: number) => (ms < MINUTE_MS ? plural(ms / 1000, 'second') : formatSpan(ms));

function lane(
  caller: CallerTally,
  name: string,
  top: number,
  axis: Axis,
  unknown: Html | undefined,
): Html {
  const { bins, count, first, last } = caller;
  const bars = [...bins].map(([bin, attempts]) => bar(bin * axis.step, attempts, top, axis));
  const label = `${plural(count, 'attempt')} from ${formatUtc(first)} to ${formatUtc(last)}`;
  return html`<p class="caller">${name} <span class="fine">${plural(count, 'attempt')}</span></p>
<div class="lane" role="img" aria-label="${label}" style="${days(axis)}">${unknown}${bars}</div>`;
}

/** By the logarithm of the count, so that one attempt shows beside a thousand. */
function bar(from: number, attempts: number, top: number, axis: Axis): Html {
  const height = (100 * Math.log1p(attempts)) / Math.log1p(top);
  const title = `${formatUtc(new Date(from))}: ${plural(attempts, 'attempt')}`;
  return html`<span class="tick" style="left:${position(from, axis)};width:${width(axis.step, axis)};height:${height.toFixed(0)}%" title="${title}"></span>`;
}

function emptyLane(axis: Axis, unknown: Html | undefined): Html {
  return html`<p class="caller fine">no attempts known</p>
<div class="lane" role="img" aria-label="no attempts known" style="${days(axis)}">${unknown}</div>`;
}

/** A line at each day, by the size of the lane's background. */
const days = (axis: Axis) => `background-size:${width(DAY_MS, axis)} 100%`;

/** The time of which nothing is known, hatched. */
function unknownPart(until: Date, axis: Axis): Html {
  const title = `Before ${formatUtc(until)}: unknown`;
  return html`<span class="unknown" style="width:${position(until.getTime(), axis)}" title="${title}"></span>`;
}

const position = (time: number, { start, end }: Axis) =>
  `${Math.min(100, Math.max(0, ((time - start) * 100) / (end - start))).toFixed(2)}%`;

const width = (span: number, { start, end }: Axis) =>
  `${((span * 100) / (end - start)).toFixed(2)}%`;

import { DAY_MS, formatSpan, formatUtc, MINUTE_MS, plural } from '../../../lib/time.ts';
import { isPartlyUnknown, type SecretStatus, type Status } from '../status.ts';
import { type CallerTally, callersOf } from '../tally.ts';
import { callerText, othersText } from '../wording.ts';
import { type Html, html } from './html.ts';

/** How many callers of a secret get a lane of their own. */
const MAX_LANES = 8;

/** A mark of full height stands for at least so many calls, so that one is a small mark. */
const MIN_TOP = 10;

/** All in ms. `step` is the span of one mark. */
interface Axis {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What the lanes of a timeline show. */
interface Lanes<Caller extends CallerTally> {
  readonly callers: readonly Caller[];
  readonly nameOf: (caller: Caller) => string;
  /** What each of the calls is, such as `attempt`. */
  readonly unit: string;
  readonly from: Date;
  readonly until: Date;
  /** The length of a bin, in ms. */
  readonly step: number;
  /** What stands below the beginning. */
  readonly startText: string;
  /** Nothing is known before, if anything is unknown. */
  readonly knownSince?: Date;
}

/** The attempts on a secret from the scheduling of its deletion until now, a lane for each caller, on one scale. */
export function timeline(secret: SecretStatus, status: Status): Html | undefined {
  return lanesOf({
    callers: callersOf(secret.attempts),
    nameOf: (caller) => callerText(caller, secret),
    unit: 'attempt',
    from: secret.since,
    until: status.time,
    step: secret.step,
    startText: startText(secret),
    knownSince: isPartlyUnknown(secret) ? secret.knownSince : undefined,
  });
}

/** A lane for each caller, the most frequent first, on one scale; `undefined` if there is nothing to show. */
export function lanesOf<Caller extends CallerTally>(lanes: Lanes<Caller>): Html | undefined {
  const { callers, nameOf, unit, step, startText, knownSince } = lanes;
  if (callers.length === 0 && !knownSince) return undefined;
  const axis = axisOf(lanes);
  const unknown = knownSince && unknownPart(knownSince, axis);
  const shown = callers.slice(0, MAX_LANES);
  const top = Math.max(MIN_TOP, ...shown.flatMap(({ bins }) => [...bins.values()]));
  const others = othersText(callers.slice(MAX_LANES), unit);
  return html`<div class="timeline">
${shown.map((caller) => lane(caller, nameOf(caller), { unit, top, axis, unknown }))}
${callers.length === 0 ? emptyLane(axis, unknown) : undefined}
${others ? html`<p class="others fine">and ${others}</p>` : undefined}
<p class="axis fine"><span>${startText}</span><span>now</span></p>
${callers.length > 0 ? html`<p class="heights fine">Full height: ${plural(top, unit)} in ${spanText(step)}, on a logarithmic scale.</p>` : undefined}
</div>`;
}

function axisOf({ from, until, step }: Pick<Lanes<CallerTally>, 'from' | 'until' | 'step'>): Axis {
  // Whole marks, so that the last calls have room at the end.
  const start = Math.floor(from.getTime() / step) * step;
  return { start, end: (Math.floor(until.getTime() / step) + 1) * step, step };
}

function startText({ deletion, since }: SecretStatus): string {
  return deletion ? `scheduled ${formatUtc(since)}` : `scheduled after ${formatUtc(since)}`;
}

const spanText = (ms: number) => (ms < MINUTE_MS ? plural(ms / 1000, 'second') : formatSpan(ms));

/** What all lanes share; `top`: how many calls a mark of full height stands for. */
interface Scale {
  readonly unit: string;
  readonly top: number;
  readonly axis: Axis;
  readonly unknown: Html | undefined;
}

function lane(caller: CallerTally, name: string, scale: Scale): Html {
  const { bins, count, first, last } = caller;
  const { unit, axis, unknown } = scale;
  const bars = [...bins].map(([bin, calls]) => bar(bin * axis.step, calls, scale));
  const label = `${plural(count, unit)} from ${formatUtc(first)} to ${formatUtc(last)}`;
  return html`<p class="caller">${name} <span class="fine">${plural(count, unit)}</span></p>
<div class="lane" role="img" aria-label="${label}" style="${days(axis)}">${unknown}${bars}</div>`;
}

/** By the logarithm of the count, so that one call shows beside a thousand. */
function bar(from: number, calls: number, { unit, top, axis }: Scale): Html {
  const height = (100 * Math.log1p(calls)) / Math.log1p(top);
  const title = `${formatUtc(new Date(from))}: ${plural(calls, unit)}`;
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

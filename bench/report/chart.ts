import { type Outcome, type SideBySide, WAYS, type Way } from '../side-by-side.ts';
import { percent, whole } from './section.ts';

/** Dark enough on white, light enough on black. */
const COLOURS: Readonly<Record<Way, string>> = {
  'this service': '#1a7f5a',
  'rule to topic': '#b35900',
  'function to topic': '#a3691f',
  'classic alarm': '#6e7781',
};

/** In pixels. */
const NAMES_WIDTH = 130;
const GAP = 40;
const PADDING = 12;
const ROW_HEIGHT = 22;
const TITLE_HEIGHT = 26;
const STORM_HEIGHT = TITLE_HEIGHT + WAYS.length * ROW_HEIGHT + 18;
const AXIS_HEIGHT = 40;

/** The beginning of the axis of mails: a logarithmic one has no zero. */
const LEAST_MAILS = 0.5;

/** A column of the chart, with one number of each outcome. */
interface Panel {
  readonly title: (storm: SideBySide) => string;
  readonly axis: string;
  readonly left: number;
  readonly width: number;
  readonly value: (outcome: Outcome) => number;
  readonly label: (outcome: Outcome) => string;
  /** The position of a value on the axis, in pixels. */
  readonly place: (value: number) => number;
  readonly ticks: readonly (readonly [value: number, text: string])[];
}

/**
 * Draws the mails that each way has sent of each storm beside the share of attempts that they name.
 * @returns an SVG with a transparent background, whose text is dark or light as its reader's system is.
 */
export function renderChart(storms: readonly SideBySide[]): string {
  const panels = panelsOf(storms);
  const [, last] = panels;
  const width = last.left + last.width + PADDING;
  const height = 2 * PADDING + storms.length * STORM_HEIGHT + AXIS_HEIGHT;
  const drawn = storms.flatMap((storm, i) => {
    const top = PADDING + i * STORM_HEIGHT;
    const isLast = i === storms.length - 1;
    return [namesOf(top), ...panels.map((panel) => drawPanel(storm, panel, top, isLast))];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Mails sent and share of attempts reported, by storm and way">
<style>svg{color:#1f2328;font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}text{fill:currentColor}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>
${drawn.flat().join('\n')}
</svg>
`;
}

function panelsOf(storms: readonly SideBySide[]): readonly [Panel, Panel] {
  const outcomes = storms.flatMap(({ ways }) => Object.values(ways));
  const most = Math.max(1, ...outcomes.map(({ mails }) => mails));
  const powers = Array.from({ length: 7 }, (_, i) => 10 ** i).filter((power) => power <= most);
  const decades = Math.log10((most * 300) / LEAST_MAILS); // leaves room for the longest label
  const left = PADDING + NAMES_WIDTH;
  const mails: Panel = {
    title: ({ name, attempts }) => `${name}, ${whole(attempts)} attempts: mails sent`,
    axis: 'mails, logarithmic',
    left,
    width: 360,
    value: (outcome) => Math.max(outcome.mails, LEAST_MAILS),
    label: ({ mails, suspendedAfter }) =>
      whole(mails) + (suspendedAfter === undefined ? '' : ', then suspended'),
    place: (value) => (Math.log10(value / LEAST_MAILS) / decades) * 360,
    ticks: powers.map((power) => [power, whole(power)] as const),
  };
  const reported: Panel = {
    title: () => 'attempts reported',
    axis: 'share of attempts',
    left: left + mails.width + GAP,
    width: 190,
    value: (outcome) => outcome.told,
    label: (outcome) => percent(outcome.told),
    place: (value) => (value / 1.3) * 190,
    ticks: [0, 0.5, 1].map((share) => [share, `${share * 100} %`] as const),
  };
  return [mails, reported];
}

const namesOf = (top: number) =>
  WAYS.map((way, i) => text(PADDING + NAMES_WIDTH - 8, baseline(top, i), way, 'end'));

/** The bars of one storm. Only the last has numbers at its axis. */
function drawPanel(storm: SideBySide, panel: Panel, top: number, isLast: boolean) {
  const { left, place } = panel;
  const { ways } = storm;
  const bottom = top + TITLE_HEIGHT + WAYS.length * ROW_HEIGHT;
  const title = panel.title(storm);
  const ticks = panel.ticks.flatMap(([value, label]) => {
    const x = round(left + place(value));
    const line = `<path d="M${x},${top + TITLE_HEIGHT}V${bottom}" stroke="currentColor" stroke-opacity=".15"/>`;
    return isLast ? [line, text(x, bottom + 18, label, 'middle')] : [line];
  });
  const bars = WAYS.flatMap((way, i) => {
    const length = round(place(panel.value(ways[way])));
    const y = baseline(top, i) - 11;
    return [
      `<rect x="${left}" y="${y}" width="${length}" height="14" rx="2" fill="${COLOURS[way]}"/>`,
      text(left + length + 5, baseline(top, i), panel.label(ways[way])),
    ];
  });
  const axis = isLast ? [text(left, bottom + 36, panel.axis)] : [];
  return [text(left, top + 15, title, 'start', ' font-weight="bold"'), ...ticks, ...bars, ...axis];
}

const baseline = (top: number, row: number) => top + TITLE_HEIGHT + row * ROW_HEIGHT + 15;

const round = (number: number) => Math.round(number * 10) / 10;

function text(x: number, y: number, content: string, anchor = 'start', more = ''): string {
  const escaped = content.replaceAll('<', '&lt;').replaceAll('>', '&gt;'); // of `< 0.1 %`
  return `<text x="${round(x)}" y="${y}" text-anchor="${anchor}"${more}>${escaped}</text>`;
}

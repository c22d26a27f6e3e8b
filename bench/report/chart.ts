import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { type Outcome, type SideBySide, WAYS, type Way } from '../side-by-side.ts';
import { percent, whole } from './numbers.ts';

/** Where the axis of mails begins: below one, and not at nothing, which a logarithmic axis does not have. */
const LEAST = 0.5;

/** Dark enough on white, light enough on black. */
const COLOURS: Readonly<Record<Way, string>> = {
  'this service': '#1a7f5a',
  'rule to topic': '#b35900',
  'function to topic': '#a3691f',
  'classic alarm': '#6e7781',
};

/**
 * Draws the mails that each way has sent of each storm beside the share of attempts that they tell.
 * @returns an SVG with a transparent background, whose text is dark or light as its reader's system is.
 */
export async function renderChart(storms: readonly SideBySide[]): Promise<string> {
  const outcomes = storms.flatMap(({ ways }) => Object.values(ways));
  const most = Math.max(1, ...outcomes.map(({ mails }) => mails));
  const powers = Array.from({ length: 7 }, (_, i) => 10 ** i);
  const mails: Measure = {
    title: 'mails sent',
    width: 360,
    value: (outcome) => Math.max(outcome.mails, LEAST),
    label: ({ mails, suspendedAfter }) =>
      whole(mails) + (suspendedAfter === undefined ? '' : ', then suspended'),
    scale: { type: 'log', domain: [LEAST, most * 300] }, // leaves room for the longest label
    ticks: powers.filter((power) => power <= most),
    format: ',',
  };
  const told: Measure = {
    title: 'attempts told',
    width: 190,
    value: (outcome) => outcome.told,
    label: (outcome) => percent(outcome.told),
    scale: { type: 'linear', domain: [0, 1.3] },
    ticks: [0, 0.5, 1],
    format: '.0%',
  };
  const specification: TopLevelSpec = {
    spacing: 18,
    vconcat: storms.map((storm, i) => {
      const isLast = i === storms.length - 1;
      const panels = [panel(storm, mails, isLast, true), panel(storm, told, isLast, false)];
      return { spacing: 40, bounds: 'flush', hconcat: panels };
    }),
    config: CONFIG,
  };
  const svg = await new View(parse(compile(specification).spec), { renderer: 'none' }).toSVG();
  return `${svg.replace(/<svg [^>]*>/, (start) => start + STYLE)}\n`;
}

interface Measure {
  readonly title: string;
  readonly width: number;
  readonly value: (outcome: Outcome) => number;
  readonly label: (outcome: Outcome) => string;
  readonly scale: { readonly type: 'log' | 'linear'; readonly domain: [number, number] };
  readonly ticks: number[];
  readonly format: string;
}

type Panel = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number];

/** The bars of one storm. Only the last has numbers at its axis, and only the left one names the ways. */
function panel(
  { attempts, ways }: SideBySide,
  { title, width, value, label, scale, ticks, format }: Measure,
  hasNumbers: boolean,
  hasNames: boolean,
): Panel {
  const y = {
    field: 'way',
    type: 'nominal' as const,
    sort: [...WAYS],
    title: null,
    axis: hasNames ? { domain: false, ticks: false, labelPadding: 8 } : null,
  };
  const axis = { values: ticks, format, domain: false, ticks: false, labels: hasNumbers };
  const x = { field: 'value', type: 'quantitative' as const, scale, title: null, axis };
  const colours = { domain: [...WAYS], range: WAYS.map((way) => COLOURS[way]) };
  return {
    title: hasNames ? `${whole(attempts)} attempts: ${title}` : title,
    data: {
      values: WAYS.map((way) => ({ way, value: value(ways[way]), label: label(ways[way]) })),
    },
    width,
    height: { step: 22 },
    layer: [
      {
        mark: { type: 'bar', cornerRadiusEnd: 2, height: 14 },
        encoding: {
          x,
          x2: { datum: scale.domain[0] },
          y,
          color: { field: 'way', legend: null, scale: colours },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 5 },
        encoding: { x, y, text: { field: 'label' } },
      },
    ],
  };
}

const TEXT = { labelColor: 'currentColor', labelFontSize: 12 };

const CONFIG: TopLevelSpec['config'] = {
  background: 'transparent',
  font: 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif',
  padding: 12,
  view: { stroke: null },
  text: { color: 'currentColor', fontSize: 12 },
  title: { color: 'currentColor', fontSize: 13, anchor: 'start', frame: 'group', offset: 6 },
  axis: { ...TEXT, labelLimit: 200, labelPadding: 6, gridColor: 'currentColor', gridOpacity: 0.15 },
};

const STYLE =
  '<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>';

import {
  type Bundle,
  buildDefault,
  buildPlain,
  FUNCTIONS,
  type FunctionName,
  type Packaged,
  unpackedBundle,
  variablesOf,
  writeEmpty,
} from './measure/bundles.ts';
import { alertEvents } from './measure/cases.ts';
import type { Endpoints } from './measure/endpoints.ts';
import { interleave, type Measuring, median } from './measure/measuring.ts';
import { type Probe, runProbe } from './measure/process.ts';
import { decimals, ratio, type Section, whole } from './report/section.ts';

/** How soon a function is ready, in ms since Node.js started: medians of fresh processes. */
interface ColdLoad {
  readonly zipBytes: number;
  readonly readyMs: number;
  /** When the request to publish an alert arrived; only of `notify`. */
  readonly publishMs?: number;
}

/** A function as deployed, and the same source as serverless-esbuild bundles it by default. */
interface ColdLoadOfFunction {
  readonly ours: ColdLoad;
  readonly byDefault: ColdLoad;
  /** The ratio of ours to the default. */
  readonly ready: number;
  readonly publish?: number;
}

export interface ColdLoads {
  /** A handler that does nothing. */
  readonly floorMs: number;
  /** A function that publishes each event as it is, bundled by default. */
  readonly plain: ColdLoad;
  readonly functions: Readonly<Record<FunctionName, ColdLoadOfFunction>>;
}

interface Times {
  readonly readyMs: number;
  readonly publishMs?: number;
}

/** Measures the cold load of each packaged function; only `notify` then handles an attempt, which it alerts. */
export async function measureColdLoads(
  packaged: Packaged,
  endpoints: Endpoints,
  { runs, signal, onProgress }: Measuring,
): Promise<ColdLoads> {
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  const bundles: Record<string, Bundle> = {};
  const subjects: Record<string, () => Promise<Times>> = {};
  function add(subject: string, bundle: Bundle, of: FunctionName, coldEvent?: unknown): void {
    const variables = variablesOf(packaged, of, endpoints.variables);
    const probe = { file: bundle.file, variables, coldEvent };
    bundles[subject] = bundle;
    subjects[subject] = () => measure(probe, endpoints, signal);
  }

  add('floor', await writeEmpty(packaged), 'notify');
  add('plain', await buildPlain(packaged), 'notify', alertEvents(1)[0]);
  for (const name of names) {
    const coldEvent = name === 'notify' ? alertEvents(1)[0] : undefined;
    add(`${name} ours`, await unpackedBundle(packaged, name), name, coldEvent);
    add(`${name} default`, await buildDefault(packaged, name), name, coldEvent);
  }
  const times = await interleave<string, Times>(subjects, runs, onProgress);

  function coldLoad(subject: string): ColdLoad {
    const all = times[subject] ?? [];
    const published = all.flatMap(({ publishMs }) => publishMs ?? []);
    return {
      zipBytes: bundles[subject]?.zipBytes ?? 0,
      readyMs: median(all.map(({ readyMs }) => readyMs)),
      ...(published.length > 0 && { publishMs: median(published) }),
    };
  }

  function compare(name: FunctionName): ColdLoadOfFunction {
    const ours = coldLoad(`${name} ours`);
    const byDefault = coldLoad(`${name} default`);
    const ready = ours.readyMs / byDefault.readyMs;
    if (!ours.publishMs || !byDefault.publishMs) return { ours, byDefault, ready };
    return { ours, byDefault, ready, publish: ours.publishMs / byDefault.publishMs };
  }

  return {
    floorMs: coldLoad('floor').readyMs,
    plain: coldLoad('plain'),
    functions: Object.fromEntries(names.map((name) => [name, compare(name)])) as Record<
      FunctionName,
      ColdLoadOfFunction
    >,
  };
}

async function measure(probe: Probe, endpoints: Endpoints, signal: AbortSignal): Promise<Times> {
  endpoints.takeCalls();
  const { startedAt, readyAfter } = await runProbe(probe, signal);
  const publish = endpoints.takeCalls().find(({ operation }) => operation === 'Publish');
  if (probe.coldEvent && !publish) throw new Error('The function published nothing');
  return { readyMs: readyAfter, publishMs: publish && publish.time - startedAt };
}

export function coldLoadTable({ functions, floorMs, plain }: ColdLoads, runs: number): Section {
  const ms = (number?: number) => (number === undefined ? '' : decimals(number));
  const row = (name: string, { readyMs, publishMs, zipBytes }: ColdLoad, ...ratios: string[]) => {
    return [name, ...ratios, ms(readyMs), ms(publishMs), whole(zipBytes)];
  };
  const rows = Object.entries(functions).flatMap(([name, { ours, byDefault, ready, publish }]) => [
    row(`\`${name}\``, ours, ratio(ready), publish ? ratio(publish) : ''),
    row(`\`${name}\`, bundled by default`, byDefault, '1', publish ? '1' : ''),
  ]);
  return {
    title: 'Cold load',
    text: `From the start of Node.js to the handler ready, and of \`notify\` to the arrival of its request to publish an
alert, which five calls come before. Beside each function the same source as serverless-esbuild bundles it by default:
CommonJS, not minified. Medians of ${runs} fresh processes each, by turns; the endpoints speak TLS and answer at once.`,
    head: ['function', 'ready', 'publish', 'ready, ms', 'publish, ms', 'zip, bytes'],
    rows: [
      ...rows,
      row('plain: publishes each event, bundled by default', plain, '', ''),
      ['empty: the floor', '', '', ms(floorMs), '', ''],
    ],
  };
}

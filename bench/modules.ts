import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeBundle, type Packaged, variablesOf } from './measure/bundles.ts';
import type { Endpoints } from './measure/endpoints.ts';
import {
  alertEvents,
  newRepeatEvents,
  repeatEvents,
  unknownDeletionEvents,
} from './measure/events.ts';
import type { Measuring } from './measure/measuring.ts';
import { runProbe } from './measure/process.ts';
import { type CoveredFunction, splitModules, tallyCalls } from './modules/coverage.ts';

/** A module of a bundle. */
interface Module {
  /** Such as `@aws-sdk/client-sns/dist-es/models/errors.js`. */
  readonly name: string;
  /** In the bundle as it is deployed. */
  readonly bytes: number;
  /** Its functions, and how many of them run. */
  readonly functions: number;
  readonly called: number;
}

export interface Modules {
  readonly bundleBytes: number;
  readonly count: number;
  /** The ten that take most of the bundle. */
  readonly largest: readonly Module[];
  /** Those that have functions of which none runs, the largest first. */
  readonly idle: readonly Module[];
}

/**
 * Lists the modules of `notify`, and which of them run while it loads, alerts, searches CloudTrail's event history, once
 * refused, and counts repeats.
 */
export async function listModules(
  packaged: Packaged,
  endpoints: Endpoints,
  { signal }: Measuring,
): Promise<Modules> {
  const { metafile } = await describeBundle(packaged, 'notify', true);
  const { file } = await describeBundle(packaged, 'notify', false);
  const directory = join(packaged.directory, 'coverage');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await runProbe(
    {
      file,
      variables: {
        ...variablesOf(packaged, 'notify', endpoints.variables),
        NODE_V8_COVERAGE: directory,
      },
      warmUp: [
        ...alertEvents(1),
        ...unknownDeletionEvents(),
        ...newRepeatEvents(1),
        ...repeatEvents(2),
      ],
    },
    signal,
  );
  const code = await readFile(file, 'utf8');
  const calls = tallyCalls(splitModules(code), await readCoverage(directory, file));

  const [output] = Object.values(metafile.outputs);
  const modules = Object.entries(output?.inputs ?? {}).map(([path, { bytesInOutput }]) => ({
    name: path.replace(/^.*node_modules\//, ''),
    bytes: bytesInOutput,
    ...(calls.get(path) ?? { functions: 0, called: 0 }),
  }));
  const bySize = modules.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
  return {
    bundleBytes: output?.bytes ?? 0,
    count: bySize.length,
    largest: bySize.slice(0, 10),
    idle: bySize.filter(({ functions, called }) => functions > 0 && called === 0),
  };
}

/** Source: https://nodejs.org/api/cli.html#node_v8_coveragedir */
async function readCoverage(directory: string, file: string): Promise<CoveredFunction[]> {
  const url = pathToFileURL(file).href;
  for (const name of await readdir(directory)) {
    const { result } = JSON.parse(await readFile(join(directory, name), 'utf8'));
    const script = result.find((each: { url: string }) => each.url === url);
    if (script) return script.functions;
  }
  throw new Error(`No coverage of ${file} in ${directory}`);
}

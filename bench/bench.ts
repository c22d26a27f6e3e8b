import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { interruption } from '../cli/interruption.ts';
import { print, printJson, printNote } from '../cli/print.ts';
import { withProgress } from '../cli/progress.ts';
import { runCommand } from '../cli/run-command.ts';
import { BUILD, packageService, ROOT } from '../emulators/serverless.ts';
import { measureColdLoads } from './cold-load.ts';
import { measureDigest } from './digest.ts';
import { FUNCTIONS, readPackage } from './measure/bundles.ts';
import { startEndpoints } from './measure/endpoints.ts';
import { reckon } from './money.ts';
import { renderChart } from './report/chart.ts';
import { describeMachine, type Results, renderDocument, sectionsOf } from './report/document.ts';
import { toText } from './report/section.ts';
import { isMet, targetsOf } from './report/targets.ts';
import { measureScale } from './scale.ts';
import { measureSideBySide, SMALL_STORMS, STORMS } from './side-by-side.ts';
import { measureSifting } from './sifting.ts';
import { measureWarmRuns, WARM_KINDS } from './warm-attempt.ts';

interface Options {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly quick?: boolean;
}

const DIRECTORY = join(BUILD, 'bench');
const SETTINGS = { alertEmails: 'oncall@example.com', cloudTrailLogGroup: 'CloudTrail/Bench' };

/** The runs of each measurement, the calls to AWS that warm a process up, the events measured in it, the attempts of the digest, the reads that are sifted, the attempts of the storms, and those compared. */
const FULL = {
  runs: 15,
  warmUpCalls: 5000,
  // Enough that garbage is collected meanwhile.
  warmEvents: 500,
  digestAttempts: 1_000_000,
  sifted: { batches: 30, batch: 1000 },
  sizes: [1000, 10_000, 100_000],
  compared: STORMS,
};
const QUICK = {
  runs: 2,
  warmUpCalls: 20,
  warmEvents: 50,
  digestAttempts: 5000,
  sifted: { batches: 2, batch: 100 },
  sizes: [200],
  compared: SMALL_STORMS,
};

/** The attempts of the months whose cost is estimated. */
const MONTHS = [0, 1000, 1_000_000];

const command = new Command('bench')
  .description('Measures what the packaged service takes: time, calls, memory, mails and money.')
  .option('--json', 'print one JSON object instead of tables')
  .option('--markdown', 'write docs/performance.md and its chart instead')
  .option('--quick', 'see within a minute or so that all of it works; the numbers say little')
  .addHelpText(
    'after',
    '\nExit code: 0, or 1 if a target that no machine changes is missed, or 2 for wrong use.',
  )
  .action(bench);

async function bench(options: Options): Promise<void> {
  const signal = interruption();
  try {
    await report(await measure(options.quick ? QUICK : FULL, signal), options);
  } catch (error) {
    if (!signal.aborted) throw error;
    printNote('Interrupted. Nothing is left running.');
  }
}

async function report(results: Results, { json, markdown }: Options): Promise<void> {
  if (markdown) {
    await writeFile(join(ROOT, 'docs/performance.md'), renderDocument(results));
    await writeFile(join(ROOT, 'docs/performance.svg'), renderChart(results.sideBySide));
  } else if (json) {
    printJson(results);
  } else {
    print(sectionsOf(results).map(toText).join('\n\n\n'));
  }
  for (const target of targetsOf(results)) {
    if (isMet(target) || !target.isDeterministic) continue;
    printNote(`Missed: ${target.name}, at most ${target.most}, got ${target.reached}.`);
    process.exitCode = 1;
  }
}

async function measure(
  { runs, warmUpCalls, warmEvents, digestAttempts, sifted, sizes, compared }: typeof FULL,
  signal: AbortSignal,
): Promise<Results> {
  const functions = Object.keys(FUNCTIONS).length;
  await using started = new AsyncDisposableStack();
  started.defer(() => rm(DIRECTORY, { recursive: true, force: true }));
  const packaged = await step('Packaging', 1, async (onProgress) => {
    await packageService(DIRECTORY, SETTINGS, signal);
    onProgress();
    return readPackage(DIRECTORY);
  });
  const endpoints = await startEndpoints(DIRECTORY);
  started.defer(() => endpoints.stop());
  const coldLoads = await step('Cold loads', runs * (2 * functions + 2), (onProgress) =>
    measureColdLoads(packaged, endpoints, { runs, signal, onProgress }),
  );
  const warmRuns = await step('Warm attempts', runs * WARM_KINDS.length, (onProgress) =>
    measureWarmRuns(packaged, endpoints, { warmUpCalls, warmEvents }, { runs, signal, onProgress }),
  );
  const digest = await step('Digest', 1, async (onProgress) => {
    const run = await measureDigest(packaged, DIRECTORY, digestAttempts, signal);
    onProgress();
    return run;
  });
  const sifting = await step('Probe of names', 1, async (onProgress) => {
    const measured = await measureSifting(packaged, DIRECTORY, sifted, signal);
    onProgress();
    return measured;
  });
  const storms = await step('Storms', sizes.length, (onProgress) =>
    measureScale(sizes, { signal, onProgress }),
  );
  const latencies = {
    ours: coldLoads.functions.notify.ours.publishMs ?? 0,
    plain: coldLoads.plain.publishMs ?? 0,
  };
  return {
    machine: await describeMachine(new Date()),
    runs,
    warmUpCalls,
    warmEvents,
    coldLoads,
    warmRuns,
    digest,
    sifting,
    storms,
    sideBySide: await step('Side by side', compared.length, (onProgress) =>
      measureSideBySide(compared, latencies, { signal, onProgress }),
    ),
    months: reckon(MONTHS, { template: packaged.template, coldLoads, warm: warmRuns, storms }),
  };
}

/** Shows the progress: by a bar in a terminal, by a line for each step on stderr elsewhere. */
function step<Result>(
  title: string,
  total: number,
  run: (onProgress: () => void) => Promise<Result>,
): Promise<Result> {
  if (!process.stdout.isTTY) printNote(`${title} …`);
  return withProgress(title, total, run);
}

await runCommand(command, process.argv);

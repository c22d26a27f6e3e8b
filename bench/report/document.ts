import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../emulators/serverless.ts';
import type { Report } from '../../simulation/report.ts';
import { type ColdLoads, coldLoadTable } from '../cold-load.ts';
import { type DigestRun, digestTable } from '../digest.ts';
import { type Month, moneyTable } from '../money.ts';
import { scaleTable } from '../scale.ts';
import { type SideBySide, sideBySideTable } from '../side-by-side.ts';
import { type Sifting, siftingTable } from '../sifting.ts';
import { type WarmRuns, warmTable } from '../warm-attempt.ts';
import { type Section, toMarkdown } from './section.ts';
import { targetsTable } from './targets.ts';

/** All that the bench measures. */
export interface Results {
  readonly machine: Machine;
  /** How often each subject was measured. */
  readonly runs: number;
  /** The calls to AWS that a warm process has made before. */
  readonly warmUpCalls: number;
  readonly warmEvents: number;
  readonly coldLoads: ColdLoads;
  readonly warmRuns: WarmRuns;
  readonly digest: DigestRun;
  readonly sifting: Sifting;
  readonly storms: readonly Report[];
  /** Storms, each reported in several ways. */
  readonly sideBySide: readonly SideBySide[];
  readonly months: readonly Month[];
}

/** The machine, date and versions of the measurements. */
interface Machine {
  /** Such as `2026-11-22`. */
  readonly date: string;
  readonly processor: string;
  readonly processors: number;
  readonly memoryGb: number;
  readonly system: string;
  /** The versions of Node.js and of packages of the lock file, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

const PACKAGES = ['@aws-sdk/client-dynamodb', 'esbuild', 'serverless-esbuild', 'serverless'];

export async function describeMachine(now: Date): Promise<Machine> {
  const versions = await Promise.all(PACKAGES.map(async (name) => [name, await versionOf(name)]));
  return {
    date: now.toISOString().slice(0, 10),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release().replace(/-.*/, '')}, ${process.arch}`,
    versions: { 'Node.js': process.versions.node, ...Object.fromEntries(versions) },
  };
}

async function versionOf(name: string): Promise<string> {
  const file = join(ROOT, 'node_modules', name, 'package.json');
  return JSON.parse(await readFile(file, 'utf8')).version;
}

/** All tables, in the order in which they are read. */
export function sectionsOf(results: Results): Section[] {
  return [
    targetsTable(results),
    coldLoadTable(results.coldLoads, results.runs),
    warmTable(results.warmRuns, results),
    digestTable(results.digest),
    siftingTable(results.sifting),
    scaleTable(results.storms),
    sideBySideTable(results.sideBySide),
    moneyTable(results.months),
  ];
}

/** All of docs/performance.md. */
export function renderDocument(results: Results): string {
  const tables = [...sectionsOf(results), methodOf(results)].map(toMarkdown);
  return `${[HEAD, ...tables].join('\n\n')}\n`;
}

const HEAD = `# Performance

What this service takes, measured by \`npm run bench -- --markdown\`, which wrote this page. Ratios come first: they hold on
other machines too.`;

function methodOf({ machine, runs }: Results): Section {
  const { date, processor, processors, memoryGb, system, versions } = machine;
  return {
    title: 'Method',
    text: `Cold loads and warm attempts are measured by turns, ${runs} times each, in a fresh process each time, and given as
medians; each storm runs once, the same for the same seed. The functions are those of \`serverless package\`, run by the Node.js that Lambda runs, with their own environment and nothing
of ours (\`bench/measure/\`). A Lambda of 256 MB has a seventh of a processor, so expect longer times there; the ratios
stay.`,
    head: ['what', 'on'],
    rows: [
      ['date', date],
      ['processor', `${processors} × ${processor}`],
      ['memory', `${memoryGb} GB`],
      ['system', system],
      ...Object.entries(versions),
    ],
  };
}

import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

/** On what was measured, when, and with which versions. */
export interface Machine {
  /** Such as `2026-11-22`. */
  readonly date: string;
  readonly processor: string;
  readonly processors: number;
  readonly memoryGb: number;
  readonly system: string;
  /** By name of what matters: Node.js, and packages of the lock file. */
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
  const file = join(import.meta.dirname, '../../node_modules', name, 'package.json');
  return JSON.parse(await readFile(file, 'utf8')).version;
}

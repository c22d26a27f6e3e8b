import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lock } from '../../../emulators/serverless.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'));
  file = join(directory, 'lock');
});

afterEach(() => rm(directory, { recursive: true }));

const { signal } = new AbortController();

test('a lock is held by one at a time, and nothing is left of it', async () => {
  const events: string[] = [];
  const first = await lock(file, signal);
  const second = lock(file, signal).then(async (held) => {
    events.push('taken');
    await held[Symbol.asyncDispose]();
  });
  await new Promise(setImmediate);
  events.push('given back');
  await first[Symbol.asyncDispose]();
  await second;
  expect(events).toEqual(['given back', 'taken']);
  expect(await readdir(directory)).toEqual([]);
});

test('a lock that an ended process has left is taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(file, String(pid));
  await using held = await lock(file, signal);
  expect(held).toBeDefined();
});

test('who is stopped while waiting for a lock takes none, and leaves that of the other', async () => {
  await using _held = await lock(file, signal);
  const reason = new Error('Interrupted');
  const stop = new AbortController();
  const waiting = lock(file, stop.signal);
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(await readdir(directory)).toEqual(['lock']);
});

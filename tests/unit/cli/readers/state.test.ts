import { appendFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Read } from '../../../../cli/readers/reads.ts';
import { openState } from '../../../../cli/readers/state.ts';
import { addDays } from '../../../../lib/time.ts';

const TIME = new Date('2026-11-22T14:03:00.000Z');
const NOW = new Date('2026-12-22T14:03:00Z');
const PART = { attribute: 'EventName', value: 'GetSecretValue', from: TIME, to: TIME } as const;
const read = (id: string): Read => ({
  id,
  outcome: 'read',
  secret: '111122223333#eu-west-1#prod/db',
  time: TIME,
  callerKey: 'arn:aws:iam::111122223333:role/app',
  callerName: 'role app',
  issuerArn: undefined,
  description: 'role app, session "\u202e\n"',
});
const page = (reads: Read[]) => ({ page: 0, records: 50, readTo: TIME, isDone: false, reads });

let folder: string;
const files = () => readdirSync(folder);
const fileIn = () => join(folder, files().find((file) => file.endsWith('.jsonl')) ?? '');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readers-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Keeps two pages. */
function keep() {
  using state = openState(['a'], folder);
  state.addPart(PART);
  state.addPage(page([read('1'), { ...read('2'), issuerArn: 'arn', outcome: 'batch' }]));
  state.addPage(page([read('3')]));
}

test('what a run has kept, the next run finds, and goes on keeping', () => {
  keep();
  {
    using state = openState(['a'], folder);
    state.addPage(page([{ ...read('4'), callerName: 'role new' }]));
  }
  using state = openState(['a'], folder);
  expect(state.parts).toEqual([PART]);
  expect(state.pages).toEqual([
    page([read('1'), { ...read('2'), issuerArn: 'arn', outcome: 'batch' }]),
    page([read('3')]),
    page([{ ...read('4'), callerName: 'role new' }]),
  ]);
});

test('only the same query finds it, and nobody else on the machine', async () => {
  keep();
  using other = openState(['b'], folder);
  expect(other.pages).toEqual([]);
  expect((await stat(fileIn())).mode & 0o777).toBe(0o600);
});

test.each([
  ['cut in the middle', '{"page":0,"rec'],
  ['of another kind', '{"x":1}\n'],
  [
    'with a number that is none',
    '{"page":0,"records":"x","readTo":"2026-11-22T14:03:00Z","isDone":true,"texts":[],"reads":[]}\n',
  ],
])('a last line %s is dropped, and what follows it is kept', (_, line) => {
  keep();
  appendFileSync(fileIn(), line);
  {
    using state = openState(['a'], folder);
    expect(state.pages).toHaveLength(2);
    state.addPage(page([read('5')]));
  }
  using state = openState(['a'], folder);
  expect(state.pages.at(-1)).toEqual(page([read('5')]));
});

test('at the end nothing is left', () => {
  keep();
  {
    using state = openState(['a'], folder);
    state.end();
  }
  expect(files()).toEqual([]);
});

test('of a run that has read no page nothing is left', () => {
  {
    using state = openState(['a'], folder);
    state.addPart(PART);
  }
  expect(files()).toEqual([]);
});

/** A file to which nothing was added for so many days, of another query. */
function age(days: number) {
  keep();
  const time = addDays(NOW, -days);
  utimesSync(fileIn(), time, time);
}

test.each([
  [6.9, 1],
  [7.1, 0],
])('of a run with which nobody has gone on for %d days, %d file is left', (days, left) => {
  age(days);
  using _state = openState(['b'], folder, NOW);
  expect(files().filter((file) => file.endsWith('.jsonl'))).toHaveLength(left + 1);
});

test('so the same query begins anew too', () => {
  age(8);
  using state = openState(['a'], folder, NOW);
  expect(state.pages).toEqual([]);
});

test('what is old goes with the lock of a process that is gone; one that still runs keeps its own', () => {
  age(8);
  const lock = `${fileIn()}.lock`;
  writeFileSync(lock, String(process.pid));
  openState(['b'], folder, NOW)[Symbol.dispose]();
  expect(files()).toHaveLength(2);
  writeFileSync(lock, '999999999');
  openState(['b'], folder, NOW)[Symbol.dispose]();
  expect(files()).toEqual([]);
});

test('while one process asks, another is refused; the lock of one that is gone is taken over', () => {
  using _state = openState(['a'], folder);
  expect(() => openState(['a'], folder)).toThrow(
    expect.objectContaining({
      code: 'BUSY',
      message: expect.stringContaining(`process ${process.pid}`),
    }),
  );
  const lock = join(folder, files().find((file) => file.endsWith('.lock')) ?? '');
  writeFileSync(lock, '999999999');
  using again = openState(['a'], folder);
  expect(again.pages).toEqual([]);
});

test.each([
  ['is empty, as of a process that died before it was written', ''],
  ['names no process', '0'],
  ['names a group of processes', '-1'],
  ['is no number', 'x'],
])('a lock that %s is taken over', (_, text) => {
  openState(['a'], folder)[Symbol.dispose]();
  keep();
  writeFileSync(`${fileIn()}.lock`, text);
  using state = openState(['a'], folder);
  expect(state.pages).toHaveLength(2);
});

test('a folder that cannot be written is a fault of the file', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => openState(['a'], join(folder, 'file'))).toThrow(
    expect.objectContaining({ code: 'INVALID_FILE' }),
  );
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beginSearch, type Question } from '../../../../cli/readers/history.ts';
import { createReaders } from '../../../../cli/readers/readers.ts';
import { readsIn, secretFinder } from '../../../../cli/readers/reads.ts';
import { openState } from '../../../../cli/readers/state.ts';
import { windowOf } from '../../../../cli/readers/survey.ts';
import { countOf } from '../../../../cli/status/tally.ts';
import { identifySecret, secretKey } from '../../../../lib/cloudtrail/secret-id.ts';
import type { AskHistory } from '../../../../lib/deletion/history.ts';
import { addDays, HOUR_MS, MINUTE_MS } from '../../../../lib/time.ts';
import {
  arnOf,
  type HistoryRecord,
  historyOf,
  readBy,
  recordedReads,
} from '../../../testing/history.ts';

const NOW = new Date('2026-11-22T15:00:00Z');
const NAMES = ['prod/db', 'app', 'app-config'];
const IDS = NAMES.map((name) => identifySecret(arnOf(name), {}));
const ALL: Question[] = [{ attribute: 'EventName', value: 'GetSecretValue' }];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readers-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Run {
  readonly questions?: readonly Question[];
  readonly now?: Date;
  readonly query?: string;
  /** After how many pages the process is interrupted. */
  readonly dieAfter?: number;
}

/** One run of a search; `undefined` if it was interrupted, else how many reads of each secret each role made. */
async function search(
  history: AskHistory,
  { questions = ALL, now = NOW, query = 'test', dieAfter = Number.POSITIVE_INFINITY }: Run = {},
) {
  const window = windowOf(90, now);
  using state = openState([query], folder);
  const readers = createReaders(window, () => undefined);
  const find = secretFinder(IDS);
  let pages = 0;
  const begun = beginSearch(questions, window, {
    state,
    readsIn: (record) => readsIn(record, find),
    onReads: readers.add,
  });
  const ask: AskHistory = async (...args) => {
    if (pages++ >= dieAfter) throw new Error('interrupted');
    return history(...args);
  };
  try {
    await begun.run(ask, () => undefined);
  } catch (error) {
    if ((error as Error).message !== 'interrupted') throw error;
    return { pages, begun };
  }
  state.end();
  const counts: Record<string, number> = {};
  for (const id of IDS) {
    const { read, failed } = readers.of(secretKey(id)).tallies;
    for (const { callerName, count } of read.values()) counts[`${id.name}, ${callerName}`] = count;
    if (failed.size > 0) counts[`${id.name}, failed`] = countOf(failed.values());
  }
  return { pages, begun, counts };
}

/** How many each role made of each secret, by plain counting of the records' own words. */
function plainCount(records: readonly HistoryRecord[], from: Date): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records) {
    const { eventTime, requestParameters, errorCode, userIdentity } = record as ReturnType<
      typeof readBy
    >;
    const sent = String(requestParameters?.secretId)
      .replace(/^arn:.*:secret:/, '')
      .replace(/-AbCdEf$/, '');
    if (!NAMES.includes(sent) || Date.parse(eventTime) < from.getTime()) continue;
    const who = errorCode ? 'failed' : `role ${userIdentity.sessionContext.sessionIssuer.userName}`;
    counts[`${sent}, ${who}`] = (counts[`${sent}, ${who}`] ?? 0) + 1;
  }
  return counts;
}

const sumOf = (counts: Record<string, number> = {}, keys: RegExp) =>
  Object.entries(counts).reduce((sum, [key, count]) => sum + (keys.test(key) ? count : 0), 0);

test('a recorded history of 10,000 events is counted right, also if the run is interrupted again and again', async () => {
  const records = recordedReads(10_000, NAMES, NOW);
  const history = historyOf(() => records);
  const { counts, pages } = await search(history);
  expect(counts).toEqual(plainCount(records, addDays(NOW, -90)));
  // As counted of the same records, one a line, by
  // jq -sc '[.[] | select(.errorCode | not) | .requestParameters.secretId | sub("^arn:.*:secret:"; "")
  //   | sub("-AbCdEf$"; "")] | group_by(.) | map({(.[0]): length}) | add'
  const sums = NAMES.map((name) => sumOf(counts, new RegExp(`^${name}, role`)));
  expect(sums).toEqual([2422, 2430, 2283]);
  expect(NAMES.map((name) => counts?.[`${name}, failed`])).toEqual([149, 123, 124]);
  expect(pages).toBe(200);
  let last = await search(history, { dieAfter: 7, query: 'again' });
  for (let runs = 1; !last.counts && runs < 100; runs++) {
    last = await search(history, { dieAfter: 7, query: 'again' });
  }
  expect(last.counts).toEqual(counts);
});

test('wherever it is interrupted, and whatever comes until it is run again, no read is lost and none counted twice', async () => {
  const read = fc.record({
    role: fc.constantFrom('a', 'b'),
    name: fc.constantFrom(...NAMES),
    // Few different times, so that pages end within a second.
    minutesAgo: fc.integer({ min: 0, max: 4 }),
    // Whether it happens, or appears, only after the first run.
    isLate: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(read, { minLength: 60, maxLength: 300 }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 1, max: 4 }),
      fc.uuid(),
      async (reads, firstDies, thenDies, query) => {
        const records = reads.map(({ role, name, minutesAgo }, i) =>
          readBy(role, name, new Date(NOW.getTime() - minutesAgo * MINUTE_MS), { eventID: `${i}` }),
        );
        let shown = records.filter((_, i) => !reads[i]?.isLate);
        const history = historyOf(() => shown);
        let result = await search(history, { dieAfter: firstDies, query });
        if (!result.counts) shown = records;
        for (let run = 1; !result.counts && run < 300; run++) {
          const now = new Date(NOW.getTime() + run * 1000);
          result = await search(history, { dieAfter: thenDies + 2 * run, query, now });
        }
        expect(result.counts).toEqual(plainCount(shown, addDays(NOW, -90)));
      },
    ),
    { numRuns: 60 },
  );
});

test('a read that several questions find counts once', async () => {
  const records = [readBy('a', 'app', NOW), readBy('a', arnOf('app'), NOW)];
  const questions: Question[] = [
    { attribute: 'ResourceName', value: 'app' },
    { attribute: 'ResourceName', value: arnOf('app') },
    ...ALL,
  ];
  const { counts } = await search(
    historyOf(() => records),
    { questions },
  );
  expect(counts).toEqual({ 'app, role a': 2 });
});

test('run again it goes on where it stopped, and asks what has come since', async () => {
  const records = recordedReads(500, NAMES, NOW).filter(
    ({ eventTime }) => Date.parse(eventTime) < NOW.getTime() - HOUR_MS,
  );
  const history = historyOf(() => records);
  const all = (await search(history, { query: 'whole' })).pages;
  const { begun } = await search(history, { dieAfter: 5 });
  expect(begun.records()).toBe(250);
  const part = begun.part();
  records.push(readBy('new', 'app', NOW, { eventID: 'new' }));
  const now = new Date(NOW.getTime() + MINUTE_MS);
  const again = await search(history, { now });
  expect(again.begun.isResumed).toBe(true);
  expect(part).toBeGreaterThan(0.4);
  expect(again.counts?.['app, role new']).toBe(1);
  // One for what has come since; the page at which it stopped may be cut otherwise.
  expect(again.pages).toBeLessThanOrEqual(all - 5 + 2);
});

test('another question does not go on from it', async () => {
  const history = historyOf(() => recordedReads(200, NAMES, NOW));
  await search(history, { dieAfter: 2 });
  expect((await search(history, { query: 'other' })).begun.isResumed).toBe(false);
});

test('what is older than the history keeps is not asked for', async () => {
  const asked: number[] = [];
  const history: AskHistory = async ({ from }) => {
    asked.push(from.getTime());
    return { records: [] };
  };
  await search(history, { dieAfter: 0 });
  const later = addDays(NOW, 10);
  await search(history, { now: later });
  expect(Math.min(...asked)).toBe(addDays(later, -90).getTime());
});

test('reads of before the window, and of an earlier secret of the name, do not count', () => {
  const created = addDays(NOW, -3);
  const readers = createReaders(windowOf(10, NOW), () => created);
  const find = secretFinder(IDS);
  for (const days of [1, 2, 4, 11]) {
    readers.add(readsIn(JSON.stringify(readBy('a', 'app', addDays(NOW, -days))), find));
  }
  const [, app] = IDS;
  expect(countOf(readers.of(secretKey(app ?? { partition: 'aws' })).tallies.read.values())).toBe(2);
});

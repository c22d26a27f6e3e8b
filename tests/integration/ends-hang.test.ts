import type { Place } from '../../lib/aws/spokes.ts';
import { identifySecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import { addDays, DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attempt, HOME, NOW } from '../testing/attempts.ts';
import { linesOf } from '../testing/notices.ts';
import { useState } from '../testing/state.ts';

/** Ends of one secret in many places that are to be looked at, while AWS does not answer there. */
const state = useState();

/** Three times 25 looks that each take so long leave too little of a run's 300 s to read anything. */
const HANG_MS = 80_000;
/** By their keys their incidents come before those at home. */
const ACCOUNTS = Array.from({ length: 70 }, (_, n) => `${100000000000 + n}`);

const elsewhere = ACCOUNTS.map((accountId) =>
  identifySecret('prod/db', { accountId, region: 'us-east-1' }),
);
const atHome = (name: string) => identifySecret(name, HOME);
const unavailable: Lookup = { kind: 'unavailable', reason: 'It does not answer.' };

/** A secret is read once. `turn`: whether there is a mail left in this hour. */
const reads = (secret: SecretId, turn: 'taken' | 'hour') =>
  state.comes(attempt({ id: `${secret.accountId} ${secret.name}`, time: state.now(), secret }), {
    budget: { takeTurn: async () => turn },
    state: { state: 'pending', schedule: { kind: 'exact', date: addDays(NOW, 9) } },
  });

beforeEach(async () => {
  for (const secret of [...elsewhere, atHome('home/db')]) {
    expect(await reads(secret, 'taken')).toBe('alert');
  }
});

/** A run, which is answered so at home. */
async function run(answer: Lookup = unavailable) {
  const start = state.now().getTime();
  let looks = 0;
  const describeSecret = async (_: string, place?: Place) => {
    if (!place) return answer;
    if (looks++ % 25 === 0) state.pass(HANG_MS);
    return unavailable;
  };
  const timeLeft = () => start + 300_000 - state.now().getTime();
  return state.sumUp({ hasSpokes: true, describeSecret, timeLeft });
}

test.each<[string, number, Lookup, string]>([
  ['last calls', 2, unavailable, 'last-call home/db: 1 x role app-server (0 new)'],
  ['ends', 9, { kind: 'not-found' }, 'gone home/db: 1 x role app-server (0 new)'],
])(
  'of %s that hang elsewhere neither those at home nor the naming of another secret wait',
  async (_, days, answer, line) => {
    state.pass(days * DAY_MS + MINUTE_MS);
    const readAt = state.now().getTime();
    expect(await reads(atHome('home/new'), 'hour')).toBe('budget');
    state.pass(2 * MINUTE_MS);
    const lines = linesOf(await run(answer));
    expect(lines).toContain('digest new home/new: new 1 x role app-server');
    expect(lines).toContain(line);
    expect(state.now().getTime() - readAt).toBeLessThan(10 * MINUTE_MS);
  },
);

test('last calls that hang are all made within the hour, each once', async () => {
  state.pass(2 * DAY_MS + MINUTE_MS);
  const until = state.now().getTime() + HOUR_MS;
  const called: (string | undefined)[] = [];
  while (state.now().getTime() < until) {
    const summarized = await run();
    if (summarized.outcome !== 'done') throw new Error('Expected no other run');
    expect(summarized.overdue).toBe(0);
    const calls = summarized.sent.filter(({ kind }) => kind === 'last-call');
    called.push(...calls.flatMap(({ secrets }) => secrets.map(({ secret }) => secret.accountId)));
    state.pass(2 * MINUTE_MS);
  }
  expect(called.toSorted()).toEqual([...ACCOUNTS, HOME.accountId]);
});

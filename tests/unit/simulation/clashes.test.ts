import { renderClashes } from '../../../lib/notice/mail/clash.ts';
import { creatorName, readMessage, secretName } from '../../../simulation/cast.ts';
import { makeClashes, tallyClashes } from '../../../simulation/clashes.ts';
import type { Message } from '../../../simulation/tally.ts';
import { createRandom } from '../../../simulation/traffic.ts';
import { NOW } from '../../testing/attempts.ts';
import { NOTICES } from '../../testing/incident-notices.ts';

const HOUR_MS = 60 * 60_000;

/** A mail that names one clash, so many hours after the first. */
const mail = (hours: number, { creator = 1, secret = 2, isSure = true } = {}): Message => ({
  reading: { kind: 'clash', clashes: [{ creator, secret }] },
  time: hours * HOUR_MS,
  isSure,
});

const CALLS = [
  { creator: 1, secret: 2, time: 0 },
  { creator: 1, secret: 2, time: 60_000 },
];

test.each<[string, Message[], untold: number, twice: number]>([
  ['none at all', [], 1, 0],
  ['one', [mail(0)], 0, 0],
  ['one of another tool', [mail(0, { creator: 3 })], 1, 0],
  ['one a day', [mail(0), mail(24)], 0, 0],
  ['two within a day', [mail(0), mail(23)], 0, 1],
  ['a repeat of one that died', [mail(0, { isSure: false }), mail(1)], 0, 0],
])('of %s the untold and the repeated are counted', (_, messages, untold, twice) => {
  expect(tallyClashes(CALLS, messages)).toEqual({
    clashesUntold: untold,
    clashesToldTwice: twice,
  });
});

test('each tool tries several times, on one secret that is pending', () => {
  const calls = makeClashes({ clashes: 4, minutes: 60 }, 5, createRandom(1));
  const bySecret = Map.groupBy(calls, ({ creator }) => creator);
  expect([...bySecret.values()].map((own) => own.length)).toEqual([3, 3, 3, 3]);
  for (const own of bySecret.values())
    expect(new Set(own.map(({ secret }) => secret)).size).toBe(1);
  expect(calls.every(({ secret }) => secret < 5)).toBe(true);
});

test.each([1, 12])('of a mail of %d clashes each is read', (count) => {
  const clashes = Array.from({ length: count }, (_, i) => {
    const notice = NOTICES.clash;
    if (notice.kind !== 'clash' || !notice.clash) throw new Error('No clash');
    const name = `role ${creatorName(i)}`;
    const caller = { ...notice.clash.caller, name, description: name };
    return {
      ...notice,
      kind: notice.kind,
      secret: {
        ...notice.secret,
        name: secretName(i),
        accountId: '111122223333',
        region: 'eu-west-1',
      },
      clash: { ...notice.clash, caller },
    };
  });
  const rendered = renderClashes({ kind: 'clash', severity: 'warning', clashes, now: NOW }, {});
  const expected = clashes.map((_, i) => ({ creator: i, secret: i }));
  expect(readMessage(rendered.mail)).toEqual({ kind: 'clash', clashes: expected });
});

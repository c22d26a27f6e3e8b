import type { Place } from '../../lib/aws/spokes.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import { addDays, HOUR_MS } from '../../lib/time.ts';
import { attempt, deletion, found, NOW } from '../testing/attempts.ts';
import { linesOf } from '../testing/notices.ts';
import { type State, useState } from '../testing/state.ts';

/** Ends of secrets of other accounts and Regions, where this stack has spokes. */
const state = useState();

const PLACE = { accountId: '444455556666', region: 'us-east-1' };
const ARN = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-AbC123';
const SECRET = identifySecret('prod/db', PLACE);
const ATTEMPT = '1 x role app-server of account 111122223333 (0 new)';
const CALL = `last-call prod/db: ${ATTEMPT}`;

/** A spoke that answers so; the places that it was asked in. */
function spoke(answer: Lookup) {
  const asked: string[] = [];
  const describeSecret = async (_: string, place?: Place) => {
    asked.push(place ? `${place.accountId} ${place.region}` : 'home');
    return answer;
  };
  return { asked, ports: { hasSpokes: true, describeSecret } };
}

const pending = found({ arn: ARN, name: 'prod/db', deletedDate: NOW });
const refusal = 'This stack may not assume the role.';
const refuses: Lookup = { kind: 'elsewhere', place: { notLookedUp: refusal } };
const silent: Lookup = { kind: 'unavailable', reason: 'It does not answer.' };

/** Lets days pass with a run each twelve hours. @returns what they sent. */
async function pass(days: number, overrides: Parameters<State['sumUp']>[0]): Promise<string[]> {
  const lines: string[] = [];
  for (let half = 0; half < 2 * days; half++) {
    state.pass(12 * HOUR_MS);
    lines.push(...linesOf(await state.sumUp(overrides)));
  }
  return lines;
}

/** A secret elsewhere is deleted, with a window of so many days, and read at once, of which there is an alert. */
async function isRead(days: number, isRecorded: boolean) {
  const secret = identifySecret(ARN, {});
  const change = deletion({ secret, requestedAt: NOW, date: addDays(NOW, days) });
  const { stores } = state;
  if (isRecorded) await track(change, undefined, stores as unknown as TrackPorts);
  const schedule = { kind: 'exact', date: addDays(NOW, days) } as const;
  state.pass(1000);
  const one = attempt({ time: state.now(), secret: SECRET });
  expect(await state.comes(one, { state: { state: 'pending', schedule } })).toBe('alert');
}

const incident = () => state.stores.incidents.find(incidentKey(SECRET));
const recordings = [
  ['recorded', true],
  ['not recorded', false],
] as const;

describe.each(recordings)('a secret elsewhere, whose deletion was %s,', (_, isRecorded) => {
  beforeEach(() => isRead(6, isRecorded));

  test.each<[string, Lookup, string[]]>([
    [
      'that is restored is resolved',
      found({ arn: ARN, deletedDate: undefined }),
      [`resolved prod/db: ${ATTEMPT}`],
    ],
    ['that is gone is reported as gone', { kind: 'not-found' }, [`gone prod/db: ${ATTEMPT}`]],
    [
      'that was made anew is reported as gone',
      found({
        arn: ARN.replace('AbC123', 'NeW456'),
        createdDate: addDays(NOW, 6),
        deletedDate: undefined,
      }),
      [`gone prod/db: ${ATTEMPT}`],
    ],
    ['that waits to be purged is still there', pending, []],
    [
      'whose spoke does not answer for a day is said to be over',
      silent,
      [`over prod/db: ${ATTEMPT}`],
    ],
    ['whose spoke refuses is said to be over', refuses, [`over prod/db: ${ATTEMPT}`]],
  ])('%s', async (_, answer, lines) => {
    expect(await pass(5.5, spoke(pending).ports)).toEqual([CALL]);
    const { asked, ports } = spoke(answer);
    expect(await pass(3, ports)).toEqual(lines);
    expect([...new Set(asked)]).toEqual(['444455556666 us-east-1']);
  });

  test.each<[string, Lookup]>([
    ['does not answer', silent],
    ['refuses', refuses],
  ])('whose spoke %s is closed a week after its end', async (_, answer) => {
    await pass(8, spoke(answer).ports);
    expect((await incident())?.ended).toBeUndefined();
    expect(await pass(6, spoke(answer).ports)).toEqual([]);
    expect(await incident()).toMatchObject({ ended: 'closed', isEndReported: true });
  });

  test('whose spoke does not answer for less than a day may be there', async () => {
    expect(await pass(6.5, spoke(silent).ports)).toEqual([CALL]);
    expect(await pass(1, spoke(pending).ports)).toEqual([]);
  });

  test.each<[string, Lookup]>([
    ['does not answer', silent],
    ['refuses', refuses],
  ])(
    'whose spoke %s only by the time it is closed is said to be over before',
    async (_, answer) => {
      expect(await pass(13, spoke(pending).ports)).toEqual([CALL]);
      expect(await pass(1.5, spoke(answer).ports)).toEqual([`over prod/db: ${ATTEMPT}`]);
      expect(await pass(2, spoke(answer).ports)).toEqual([]);
      expect(await incident()).toMatchObject({ ended: 'closed' });
    },
  );

  test('of which callers are muted is closed a week after its end without a word', async () => {
    const { incidents } = state.stores;
    const mute = { id: 'mute', by: 'alice', reason: 'we know', from: state.now(), caller: '*' };
    await incidents.mute(SECRET, mute);
    await pass(15, spoke(silent).ports);
    expect(await incident()).toMatchObject({ ended: 'closed', isEndReported: true });
  });

  test('that was said to be over is reported as gone once a spoke is there to look', async () => {
    expect(await pass(7.5, spoke(refuses).ports)).toEqual([CALL, `over prod/db: ${ATTEMPT}`]);
    expect(await pass(1.5, spoke({ kind: 'not-found' }).ports)).toEqual([
      `gone prod/db: ${ATTEMPT}`,
    ]);
  });
});

test('what the tags say of a secret elsewhere stands in its notices, and else why nobody could look', async () => {
  await isRead(6, true);
  const tagged = found({
    arn: ARN,
    name: 'prod/db',
    deletedDate: NOW,
    tags: { owner: 'payments' },
  });
  await pass(5.5, spoke(tagged).ports);
  const { body: call = '' } = state.published.at(-1) ?? {};
  expect(call).toContain('Owner: payments');
  expect(call).not.toContain('Looked up:');
  await pass(2, spoke(refuses).ports);
  const { body: over = '' } = state.published.at(-1) ?? {};
  expect(over).toContain(`Looked up: no. ${refusal}`);
  expect(over).not.toContain('Owner:');
});

test('why a spoke does not answer stands in the mail that the time is up', async () => {
  await isRead(6, true);
  await pass(7.5, spoke(silent).ports);
  const { subject, body = '' } = state.published.at(-1) ?? {};
  expect(subject).toMatch(/^TIME IS UP: /);
  expect(body).toContain('Looked up: no. It does not answer.');
});

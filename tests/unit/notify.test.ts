import type { Alert } from '../../lib/alert.ts';
import type { AutoCancelMode } from '../../lib/auto-cancel.ts';
import { notify, type Ports } from '../../lib/notify.ts';
import { identifySecret } from '../../lib/secret-id.ts';
import type { Lookup } from '../../lib/situation.ts';
import { addDays } from '../../lib/time.ts';
import { ACCOUNT, attempt, deletion, found, NOW, SECRET_ARN } from '../testing/attempts.ts';
import { GATE_POLICY, openGate } from '../testing/gate.ts';

const TAGGED = { tags: { 'deleted-secret-notifier:auto-cancel': 'true' } };
const THROTTLED: Lookup = {
  kind: 'unavailable',
  reason: 'DescribeSecret was refused (ThrottlingException).',
};
const error = (name: string, message: string) => Object.assign(new Error(message), { name });

/** Ports that answer the given lookups in turn, the last one again and again, and note what was asked of them. */
function fakes(lookups: Lookup[], overrides: Partial<Ports> = {}) {
  const asked: string[] = [];
  const restored: string[] = [];
  const published: Alert[] = [];
  const ports: Ports = {
    now: () => NOW,
    describeSecret: async (id) => {
      asked.push(id);
      return (lookups.length > 1 ? lookups.shift() : lookups[0]) as Lookup;
    },
    restoreSecret: async (arn) => {
      restored.push(arn);
    },
    gate: openGate(),
    recall: async () => ({}),
    publish: async (alert) => {
      published.push(alert);
    },
    ...overrides,
  };
  return { ports, asked, restored, published };
}

const policy = (autoCancel: AutoCancelMode) => ({
  ...GATE_POLICY,
  autoCancel,
  tagKeys: { owner: ['owner'], replacement: [] },
});

/** Tells of an attempt that the gate admits. */
async function alerted(...args: Parameters<typeof notify>) {
  const outcome = await notify(...args);
  if ('heldBack' in outcome) throw new Error(`held back: ${outcome.heldBack}`);
  return outcome;
}

describe('an attempt is always alerted', () => {
  test.each<[string, Lookup, string, string]>([
    ['pending', found(), 'WARNING', '6 days left'],
    ['restored', found({ deletedDate: undefined }), 'Secret', 'restored since'],
    ['gone', { kind: 'not-found' }, 'CRITICAL', 'already gone'],
    ['hidden', THROTTLED, 'WARNING', 'date unknown'],
  ])('of a secret that is %s', async (_, lookup, head, tail) => {
    const { ports, published } = fakes([lookup]);
    const { alert } = await alerted(attempt(), policy('off'), ports);
    expect(published).toEqual([alert]);
    expect(alert.subject.startsWith(head)).toBe(true);
    expect(alert.subject.endsWith(tail)).toBe(true);
  });

  test('of a secret that the record does not name, without a lookup', async () => {
    const { ports, asked, published } = fakes([found()]);
    await alerted(
      attempt({ secret: identifySecret(undefined, { region: 'eu-west-1' }) }),
      policy('all'),
      ports,
    );
    expect(asked).toEqual([]);
    expect(published[0]?.body).toContain('not named in the record');
  });

  test('and not described as a secret of the same name in another account', async () => {
    const { ports, published, restored } = fakes([found()]);
    const foreign = identifySecret('prod/db/password', {
      accountId: '444455556666',
      region: 'eu-west-1',
    });
    await alerted(attempt({ secret: foreign }), policy('all'), ports);
    expect(published[0]?.subject).toMatch(/date unknown$/);
    expect(restored).toEqual([]);
  });
});

test('an attempt that the gate holds back is not looked up', async () => {
  const gate = { ...openGate(), claimPair: async () => ({}) };
  const { ports, asked, published } = fakes([found()], { gate });
  expect(await notify(attempt(), policy('all'), ports)).toEqual({ heldBack: 'quiet-window' });
  expect([asked, published]).toEqual([[], []]);
});

test('an attempt without budget is left to the summary, and its pair to the next attempt', async () => {
  const notes: string[] = [];
  const gate = { ...openGate(notes), takeMessage: async () => 'minute' as const };
  const { ports, published } = fakes([found()], { gate });
  expect(await notify(attempt(), policy('off'), ports)).toEqual({ heldBack: 'budget' });
  expect(notes).toEqual(['budget', 'release']);
  expect(published).toEqual([]);
});

describe('after its alert, a pair is alerted again', () => {
  test.each<[string, Lookup, AutoCancelMode, string]>([
    [
      'as the deletion nears',
      found({ deletedDate: addDays(NOW, 7.01) }),
      'off',
      'confirmed, renew at 2026-11-22T17:19:24.000Z',
    ],
    ['not before its window is over', found({ deletedDate: addDays(NOW, 9) }), 'off', 'confirmed'],
    [
      'soon, where the deletion has been cancelled',
      found(),
      'all',
      'confirmed, renew at 2026-11-22T17:10:00.000Z',
    ],
    [
      'soon, where somebody has restored it',
      found({ deletedDate: undefined }),
      'off',
      'confirmed, renew at 2026-11-22T17:10:00.000Z',
    ],
    ['not before its window is over, where it is gone', { kind: 'not-found' }, 'off', 'confirmed'],
  ])('%s', async (_, lookup, mode, expected) => {
    const notes: string[] = [];
    const { ports } = fakes([lookup], { gate: openGate(notes) });
    await alerted(attempt(), policy(mode), ports);
    expect(notes).toEqual(['alerted', expected]);
  });
});

test('a failure to publish is thrown, and gives the admission back', async () => {
  const failure = error('InternalErrorException', 'try again');
  const notes: string[] = [];
  const { ports } = fakes([found()], {
    publish: () => Promise.reject(failure),
    gate: openGate(notes),
  });
  await expect(notify(attempt(), policy('off'), ports)).rejects.toBe(failure);
  expect(notes).toEqual(['failed', 'release']);
});

test('a further try of publishing takes a message of its own, and is not made without one', async () => {
  const budget = ['taken', 'taken', 'minute'] as const;
  let taken = 0;
  const gate = { ...openGate(), takeMessage: async () => budget[taken++] ?? 'minute' };
  let tries = 0;
  const publish: Ports['publish'] = async (_, beforeAgain) => {
    for (tries = 1; tries < 5; tries++) await beforeAgain();
  };
  const { ports } = fakes([found()], { gate, publish });
  await expect(notify(attempt(), policy('off'), ports)).rejects.toMatchObject({
    code: 'NO_BUDGET',
  });
  expect([tries, taken]).toEqual([2, 3]);
});

describe('the call that scheduled the deletion', () => {
  test('is recalled by the complete ARN that DescribeSecret told', async () => {
    const asked: [string | undefined, boolean][] = [];
    const recall: Ports['recall'] = async ({ secret }, askHistory) => {
      asked.push([secret.arn, askHistory]);
      return { deletion: deletion() };
    };
    const byName = identifySecret('prod/db/password', { accountId: ACCOUNT, region: 'eu-west-1' });
    const { alert } = await alerted(
      attempt({ secret: byName }),
      policy('off'),
      fakes([found()], { recall }).ports,
    );
    expect(asked).toEqual([[SECRET_ARN, true]]);
    expect(alert.body).toMatch(/^Scheduled: {3}by user alice/m);
  });

  test('of a secret that is not pending any more is not worth a search', async () => {
    const searches: boolean[] = [];
    const recall: Ports['recall'] = async (_, askHistory) => {
      searches.push(askHistory);
      return {};
    };
    const { ports } = fakes([found({ deletedDate: undefined })], { recall });
    await alerted(attempt(), policy('off'), ports);
    expect(searches).toEqual([false]);
  });
});

describe('auto-cancel', () => {
  test.each<[AutoCancelMode, object, string]>([
    ['off', TAGGED, 'none'],
    ['tagged', {}, 'none'],
    ['tagged', { tags: { 'deleted-secret-notifier:auto-cancel': 'false' } }, 'none'],
    ['tagged', { ...TAGGED, deletedDate: undefined }, 'none'],
    ['tagged', TAGGED, 'restored'],
    ['all', {}, 'restored'],
    ['all', { deletedDate: undefined }, 'none'],
  ])('%s with %j: %s', async (mode, overrides, expected) => {
    const { ports, restored } = fakes([found(overrides)]);
    const { action, alert } = await alerted(attempt(), policy(mode), ports);
    expect(action.kind).toBe(expected);
    expect(restored).toEqual(expected === 'restored' ? [SECRET_ARN] : []);
    expect(alert.subject.startsWith('Restored: ')).toBe(expected === 'restored');
  });

  test('looks again right before, and leaves alone what someone else restored', async () => {
    const { ports, asked, restored } = fakes([found(), found({ deletedDate: undefined })]);
    const { alert } = await alerted(attempt(), policy('all'), ports);
    expect(asked).toEqual([SECRET_ARN, SECRET_ARN]);
    expect(restored).toEqual([]);
    expect(alert.attributes.action).toBe('already-restored');
  });

  test('that cannot look again says so', async () => {
    const { ports, restored } = fakes([found(), THROTTLED]);
    const { alert } = await alerted(attempt(), policy('all'), ports);
    expect(restored).toEqual([]);
    expect(alert.attributes.action).toBe('restore-failed');
    expect(alert.body).toContain('ThrottlingException');
  });

  test('that seems refused but has worked is told as done', async () => {
    const lost = error('TimeoutError', 'the answer was lost');
    const lookups = [found(), found(), found({ deletedDate: undefined })];
    const { ports } = fakes(lookups, { restoreSecret: () => Promise.reject(lost) });
    expect((await alerted(attempt(), policy('all'), ports)).action.kind).toBe('restored');
  });

  test('that worked in an earlier try of the alert is perhaps its own', async () => {
    const { ports } = fakes([found({ deletedDate: undefined })]);
    const { alert } = await alerted(attempt(), policy('all'), ports);
    expect(alert.body).toContain('perhaps by an earlier try of this\nnotifier');
    const again = fakes([found({ deletedDate: undefined })]);
    const other = await alerted(attempt(), policy('off'), again.ports);
    expect(other.alert.body).not.toContain('perhaps');
  });

  test('that AWS refuses is told in the alert, with the command to do it by hand', async () => {
    const refusal = error('InvalidRequestException', 'managed by\nDeletion: never');
    const { ports } = fakes([found()], { restoreSecret: () => Promise.reject(refusal) });
    const { alert } = await alerted(attempt(), policy('all'), ports);
    expect(alert.subject).toMatch(/^WARNING: .* 6 days left$/);
    expect(alert.body).toContain(
      '! This notifier tried to cancel the deletion and could not: RestoreSecret',
    );
    expect(alert.body).toContain('aws secretsmanager restore-secret');
    expect(alert.body).not.toMatch(/^Deletion: never/m);
  });
});

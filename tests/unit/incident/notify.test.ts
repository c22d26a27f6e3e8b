import type { Place } from '../../../lib/aws/spokes.ts';
import { identifySecret, type SecretId } from '../../../lib/cloudtrail/secret-id.ts';
import type { AutoCancelMode } from '../../../lib/deletion/auto-cancel.ts';
import type { Lookup } from '../../../lib/deletion/describe.ts';
import { changeItem, partitionKey, restoringItem } from '../../../lib/deletion/ledger.ts';
import type { Limit } from '../../../lib/incident/budget.ts';
import { type GatePorts, MAX_ALERTS } from '../../../lib/incident/gate.ts';
import { incidentKey } from '../../../lib/incident/incidents.ts';
import { notify, type Ports } from '../../../lib/incident/notify.ts';
import type { Mail } from '../../../lib/notice/mail/mail.ts';
import { renderMail } from '../../../lib/notice/mail/render.ts';
import { addDays, HOUR_MS } from '../../../lib/time.ts';
import { ACCOUNT, attempt, deletion, found, NOW, SECRET_ARN } from '../../testing/attempts.ts';
import { GATE_POLICY, newIncident, notifyPorts, openGate } from '../../testing/gate.ts';
import { memoryTable } from '../../testing/memory-table.ts';

const TAGGED = { tags: { 'deleted-secret-notifier:auto-cancel': 'true' } };
const THROTTLED: Lookup = {
  kind: 'unavailable',
  reason: 'DescribeSecret was refused (ThrottlingException).',
};
/** In five minutes. */
const RETRY = 'retry at 2026-11-22T17:10:00.000Z';
const error = (name: string, message: string) => Object.assign(new Error(message), { name });

/** Ports that answer the given lookups in turn, the last one again and again, and note what was asked of them. */
function fakes(lookups: Lookup[], overrides: Partial<Ports> = {}) {
  const asked: string[] = [];
  const restored: string[] = [];
  const published: Mail[] = [];
  /** What was done about a deletion, in order: noted, then done, then logged, then mailed. */
  const acts: string[] = [];
  const ports = notifyPorts({
    describeSecret: async (id) => {
      asked.push(id);
      return (lookups.length > 1 ? lookups.shift() : lookups[0]) as Lookup;
    },
    restoreSecret: async (arn) => {
      acts.push('restore');
      restored.push(arn);
    },
    noteRestoring: async ({ arn }, attemptId) => void acts.push(`note ${arn} ${attemptId}`),
    noteRefused: async ({ arn }, attemptId) => void acts.push(`refused ${arn} ${attemptId}`),
    acted: ({ kind }) => void acts.push(kind),
    publish: async (notice) => {
      acts.push('publish');
      published.push(renderMail(notice));
    },
    ...overrides,
  });
  return { ports, asked, restored, published, acts };
}

const policy = (autoCancel: AutoCancelMode) => ({
  ...GATE_POLICY,
  autoCancel,
  tagKeys: { owner: ['owner'], replacement: [] },
});

/** Tells of an attempt that the gate admits. */
async function alerted(...args: Parameters<typeof notify>) {
  const outcome = await notify(...args);
  if ('deferred' in outcome) throw new Error(`deferred: ${outcome.deferred}`);
  return { ...outcome, alert: renderMail(outcome.alert) };
}

describe('an attempt is always alerted', () => {
  test.each<[string, Lookup, string, string]>([
    ['pending', found(), 'WARNING', '6 days 21 hours left'],
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

test('an attempt that the gate defers is not looked up', async () => {
  const open = openGate();
  const gate = { ...open, pairs: { ...open.pairs, claim: async () => ({}) } };
  const { ports, asked, published } = fakes([found()], { gate });
  expect(await notify(attempt(), policy('all'), ports)).toEqual({ deferred: 'known-caller' });
  expect([asked, published]).toEqual([[], []]);
});

describe('a caller beyond those that are alerted', () => {
  function crowded(lookup: Lookup) {
    const notes: string[] = [];
    const open = openGate(notes);
    const mark = async (secret: SecretId) => ({ ...newIncident(secret), alerts: MAX_ALERTS });
    const gate: GatePorts = { ...open, incidents: { ...open.incidents, mark } };
    return { notes, ...fakes([lookup], { gate }) };
  }

  test('still lets the secret be saved, and that is alerted', async () => {
    const { ports, restored, published } = crowded(found());
    await alerted(attempt(), policy('all'), ports);
    expect(restored).toEqual([SECRET_ARN]);
    expect(published).toHaveLength(1);
  });

  test('is left to a digest, and tries again, where nobody could tell whether to save it', async () => {
    const { ports, asked, published, notes } = crowded(THROTTLED);
    expect(await notify(attempt(), policy('all'), ports)).toEqual({ deferred: 'many-callers' });
    expect(asked).toHaveLength(1);
    expect(published).toEqual([]);
    expect(notes).toEqual(['left', `left to a digest, ${RETRY}`]);
  });
});

test.each([
  ['', false, []],
  [', and counts as alerted where channels beside the mail were told', true, ['counted']],
])(
  'an attempt without budget is left to a digest, which names its caller%s',
  async (_, hasChannels, counted) => {
    const notes: string[] = [];
    const budget = { takeTurn: async () => 'hour' as const };
    const gate = { ...openGate(notes), budget };
    const { ports, published } = fakes([found()], { gate });
    const deferred = await notify(attempt(), { ...policy('off'), hasChannels }, ports);
    expect(deferred).toEqual({ deferred: 'budget' });
    expect(notes).toEqual([...counted, 'left', 'left to a digest']);
    expect(published).toEqual([]);
  },
);

test.each<[string, Lookup, AutoCancelMode, string]>([
  ['pending', found(), 'off', 'confirmed'],
  ['of which nobody is allowed to cancel the deletion', found(), 'tagged', 'confirmed'],
  ['restored by it', found(), 'all', 'confirmed'],
  ['restored by somebody', found({ deletedDate: undefined }), 'all', 'confirmed'],
  ['gone', { kind: 'not-found' }, 'all', 'confirmed'],
  ['hidden, and perhaps to be restored', THROTTLED, 'all', `confirmed, ${RETRY}`],
])(
  'after its alert a caller is known, of a secret that is %s',
  async (_, lookup, mode, expected) => {
    const notes: string[] = [];
    const { ports } = fakes([lookup], { gate: openGate(notes) });
    await alerted(attempt(), policy(mode), ports);
    expect(notes).toEqual(['alerted', 'incident noted', expected]);
  },
);

describe('what an alert reports of its incident', () => {
  async function noted(lookup: Lookup, mode: AutoCancelMode = 'off') {
    const gate = openGate();
    const changes: unknown[] = [];
    const noteAlert = async (...change: unknown[]) => void changes.push(change);
    const { ports } = fakes([lookup], {
      gate: { ...gate, incidents: { ...gate.incidents, noteAlert } },
    });
    await alerted(attempt(), policy(mode), ports);
    return changes;
  }
  const named = {
    namedAt: NOW,
    digestAt: new Date(NOW.getTime() + HOUR_MS),
    pauseHours: 1,
  };

  test.each<[string, Lookup, AutoCancelMode, object]>([
    [
      'is named, its first digest is due in an hour, and the mark that has passed needs no last call',
      found({ deletedDate: addDays(NOW, 5) }),
      'off',
      { endsAt: addDays(NOW, 5), lastCall: 7, lookAt: addDays(NOW, 3) },
    ],
    [
      'waits for its first last call where the end is far',
      found({ deletedDate: addDays(NOW, 30) }),
      'off',
      { endsAt: addDays(NOW, 30), lastCall: undefined, lookAt: addDays(NOW, 23) },
    ],
    [
      'is over where somebody restored the secret',
      found({ deletedDate: undefined }),
      'off',
      { ended: 'restored', endedAt: NOW, isEndReported: true },
    ],
    [
      'is over where the notifier restored it',
      found(),
      'all',
      { ended: 'restored', endedAt: NOW, isEndReported: true },
    ],
    [
      'is over where it is gone',
      { kind: 'not-found' },
      'off',
      { ended: 'gone', endedAt: NOW, isEndReported: true },
    ],
  ])('%s', async (_, lookup, mode, change) => {
    expect(await noted(lookup, mode)).toEqual([
      [incidentKey(attempt().secret), expect.objectContaining({ ...named, ...change })],
    ]);
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
  const turns = ['taken', 'taken', 'hour'] as const;
  let taken = 0;
  const gate = { ...openGate(), budget: { takeTurn: async () => turns[taken++] ?? 'hour' } };
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
  test('is recalled by the complete ARN that DescribeSecret answered', async () => {
    const searched: (string | undefined)[] = [];
    const searchHistory: Ports['searchHistory'] = async ({ secret }) => {
      searched.push(secret.arn);
      return { change: deletion() };
    };
    const byName = identifySecret('prod/db/password', { accountId: ACCOUNT, region: 'eu-west-1' });
    const { alert } = await alerted(
      attempt({ secret: byName }),
      policy('off'),
      fakes([found()], { searchHistory }).ports,
    );
    expect(searched).toEqual([SECRET_ARN]);
    expect(alert.body).toMatch(/^Scheduled: {3}by user alice/m);
  });

  test('of a secret that is not pending any more is not worth a search', async () => {
    let searches = 0;
    const searchHistory = async () => {
      searches++;
      return {};
    };
    const { ports } = fakes([found({ deletedDate: undefined })], { searchHistory });
    await alerted(attempt(), policy('off'), ports);
    expect(searches).toBe(0);
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

  test('is noted before, logged at once, and then mailed', async () => {
    const { ports, acts } = fakes([found()]);
    await alerted(attempt(), policy('all'), ports);
    expect(acts).toEqual([`note ${SECRET_ARN} ${attempt().id}`, 'restore', 'restored', 'publish']);
  });

  test.each([
    ['is noted', {}, ['refused']],
    ['that cannot be noted is told all the same', { noteRefused: () => Promise.reject() }, []],
  ])('that AWS refuses %s', async (_, overrides, noted) => {
    const restoreSecret = () => Promise.reject(error('AccessDeniedException', 'no'));
    const { ports, acts } = fakes([found()], { restoreSecret, ...overrides });
    expect((await alerted(attempt(), policy('all'), ports)).action.kind).toBe('restore-failed');
    expect(acts).toEqual([
      `note ${SECRET_ARN} ${attempt().id}`,
      ...noted.map((word) => `${word} ${SECRET_ARN} ${attempt().id}`),
      'restore-failed',
      'publish',
    ]);
  });

  test('that cannot be noted is not done', async () => {
    const noteRestoring = () => Promise.reject(new Error('no table'));
    const { ports, restored } = fakes([found()], { noteRestoring });
    await expect(notify(attempt(), policy('all'), ports)).rejects.toThrow('no table');
    expect(restored).toEqual([]);
  });

  describe('of a secret elsewhere', () => {
    const arn = SECRET_ARN.replace('eu-west-1:111122223333', 'us-east-1:444455556666');
    const elsewhere = { id: 'x', secret: identifySecret(arn, {}) };
    const refusal: Lookup = { kind: 'elsewhere', place: { notLookedUp: 'It refuses.' } };

    /** A spoke that gives these look-ups in turn, and what it was asked, with the place. */
    function spoke(lookups: Lookup[], overrides: Partial<Ports> = {}) {
      const calls: string[] = [];
      const at = (call: string, there?: Place) =>
        calls.push(`${call} in ${there?.accountId} ${there?.region}`);
      const { ports } = fakes(lookups);
      const { describeSecret, restoreSecret } = { ...ports, ...overrides };
      return {
        calls,
        ports: {
          ...ports,
          hasSpokes: true,
          describeSecret: (id: string, there?: Place) => {
            at('look', there);
            return describeSecret(id, there);
          },
          restoreSecret: (id: string, there?: Place) => {
            at('restore', there);
            return restoreSecret(id, there);
          },
        },
      };
    }
    const there = (...calls: string[]) => calls.map((call) => `${call} in 444455556666 us-east-1`);

    test('looks, looks again and restores in its place', async () => {
      const { ports, calls } = spoke([found({ arn })]);
      const { action } = await alerted(attempt(elsewhere), policy('all'), ports);
      expect(action.kind).toBe('restored');
      expect(calls).toEqual(there('look', 'look', 'restore'));
    });

    test('that seems refused but has worked is found out there', async () => {
      const lookups = [found({ arn }), found({ arn }), found({ arn, deletedDate: undefined })];
      const restoreSecret = () => Promise.reject(error('TimeoutError', 'the answer was lost'));
      const { ports, calls } = spoke(lookups, { restoreSecret });
      const { action } = await alerted(attempt(elsewhere), policy('all'), ports);
      expect(action.kind).toBe('restored');
      expect(calls).toEqual(there('look', 'look', 'restore', 'look'));
    });

    test('whose spoke lets it look no more says so', async () => {
      const { ports, calls } = spoke([found({ arn }), refusal]);
      const { action } = await alerted(attempt(elsewhere), policy('all'), ports);
      expect(action).toEqual({ kind: 'restore-failed', reason: 'It refuses.' });
      expect(calls).toEqual(there('look', 'look'));
    });

    test.each<[string, object, string, string, string]>([
      [
        'that its spoke does not allow names RestoreMode, and tries again in hours',
        elsewhere,
        'AccessDeniedException',
        "RestoreSecret was refused, as it is if the spoke's RestoreMode does not allow it (AccessDeniedException: no)",
        'retry at 2026-11-22T23:05:00.000Z',
      ],
      [
        'that fails otherwise tries again soon',
        elsewhere,
        'ThrottlingException',
        'RestoreSecret was refused (ThrottlingException: no)',
        RETRY,
      ],
      [
        'that is denied at home tries again soon',
        {},
        'AccessDeniedException',
        'RestoreSecret was refused (AccessDeniedException: no)',
        RETRY,
      ],
    ])('%s', async (_, one, name, reason, retry) => {
      const notes: string[] = [];
      const restoreSecret = () => Promise.reject(error(name, 'no'));
      const read = attempt(one);
      const { ports } = spoke([found({ arn: read.secret.arn })], { restoreSecret });
      const gate = openGate(notes);
      const { action, alert } = await alerted(read, policy('all'), { ...ports, gate });
      expect(action).toMatchObject({ kind: 'restore-failed', reason });
      expect(alert.body.replace(/\n {2}/g, ' ')).toContain(reason);
      expect(notes).toContain(`confirmed, ${retry}`);
    });

    test.each<[string, Lookup, Partial<Ports>, string]>([
      ['whose spoke does not answer is tried again soon', THROTTLED, {}, `, ${RETRY}`],
      [
        'whose spoke refuses is tried again once that is forgotten',
        refusal,
        {},
        ', retry at 2026-11-22T18:05:00.000Z',
      ],
      ['is not tried again by a stack without spokes', refusal, { hasSpokes: false }, ''],
    ])('%s', async (_, lookup, overrides, retry) => {
      const notes: string[] = [];
      const ports = { ...spoke([lookup]).ports, ...overrides, gate: openGate(notes) };
      await alerted(attempt(elsewhere), policy('all'), ports);
      expect(notes).toContain(`confirmed${retry}`);
    });

    test('of which nobody knows the Region is not tried again', async () => {
      const notes: string[] = [];
      const { ports } = spoke([refusal]);
      const secret = identifySecret('prod/db', { accountId: '444455556666' });
      const one = attempt({ id: 'x', secret });
      await alerted(one, policy('all'), { ...ports, gate: openGate(notes) });
      expect(notes).toContain('confirmed');
    });

    test('is not tried again where nothing may be cancelled', async () => {
      const notes: string[] = [];
      const { ports } = spoke([refusal]);
      await alerted(attempt(elsewhere), policy('off'), { ...ports, gate: openGate(notes) });
      expect(notes).toContain('confirmed');
    });
  });

  describe('cancels only the deletion that the attempt failed on:', () => {
    const requestedAt = addDays(attempt().time, 1);
    const before = (ms: number) => new Date(requestedAt.getTime() - ms);
    const SORRY =
      '! This notifier did not cancel the deletion: this attempt is from before the\n  present deletion.';

    test.each([
      ['one from before it', before(12 * 3_600_000), 'none'],
      ['one a minute before it, by another clock', before(60_000), 'restored'],
      ['one at its time', requestedAt, 'restored'],
    ])('%s', async (_, time, expected) => {
      const { ports, restored } = fakes([found({ deletedDate: requestedAt })], {
        now: () => addDays(requestedAt, 1),
      });
      const { action, alert } = await alerted(attempt({ time }), policy('all'), ports);
      expect(action.kind).toBe(expected);
      expect(restored).toEqual(expected === 'none' ? [] : [SECRET_ARN]);
      expect(alert.attributes.action).toBe(expected);
      expect(alert.body.includes(SORRY)).toBe(expected === 'none');
    });

    test('not one that was scheduled anew between the two looks', async () => {
      const deletedDate = attempt().time;
      const anew = found({ deletedDate: new Date(deletedDate.getTime() + 60_001) });
      const { ports, restored } = fakes([found({ deletedDate }), anew]);
      const { action } = await alerted(attempt(), policy('all'), ports);
      expect([action.kind, restored]).toEqual(['none', []]);
    });

    test('and lets a newer attempt of the pair try soon', async () => {
      const notes: string[] = [];
      const lookups = [found({ deletedDate: NOW })];
      const { ports } = fakes(lookups, { gate: openGate(notes) });
      const time = addDays(NOW, -10);
      await alerted(attempt({ time }), policy('all'), ports);
      expect(notes).toEqual(['alerted', 'incident noted', `confirmed, ${RETRY}`]);
    });
  });

  describe('where the budget of the hour is used up', () => {
    /** A gate whose hour is used up, and which remembers that; `limits`: the budgets that it was asked for. */
    function usedUp(notes: string[] = []) {
      const limits: Limit[] = [];
      const gate = openGate(notes);
      gate.memory.rememberUsedUp('opened', NOW.getTime());
      const takeTurn: GatePorts['budget']['takeTurn'] = async (_, max) => {
        limits.push(max);
        return max === 'whatever' ? 'taken' : 'hour';
      };
      return { limits, gate: { ...gate, budget: { takeTurn } } };
    }

    test('still saves the secret, and says so', async () => {
      const { gate } = usedUp();
      const { ports, acts, published } = fakes([found()], { gate });
      const { action } = await alerted(attempt(), policy('all'), ports);
      expect(action.kind).toBe('restored');
      expect(acts.slice(-2)).toEqual(['restored', 'publish']);
      expect(published).toHaveLength(1);
    });

    test('waits for a second with room, and leaves it to the retry if there is none', async () => {
      const notes: string[] = [];
      const budget = { takeTurn: async () => 'second' as const };
      const gate = { ...openGate(notes), budget, leaseUntil: NOW.getTime() };
      const { ports, acts, published } = fakes([found()], { gate });
      const failing = notify(attempt(), policy('all'), ports);
      await expect(failing).rejects.toMatchObject({ code: 'NO_BUDGET' });
      expect(acts.at(-1)).toBe('restored');
      expect(published).toEqual([]);
      expect(notes.slice(-2)).toEqual(['failed', 'release']);
    });

    test('logs what could not be restored, and leaves its mail to a digest', async () => {
      const notes: string[] = [];
      const restoreSecret = () => Promise.reject(error('InvalidRequestException', 'managed'));
      const { ports, acts } = fakes([found()], { gate: usedUp(notes).gate, restoreSecret });
      expect(await notify(attempt(), policy('all'), ports)).toEqual({ deferred: 'budget' });
      expect(acts.at(-1)).toBe('restore-failed');
      expect(notes).toEqual(['left', `left to a digest, ${RETRY}`]);
    });

    test('looks nothing up where it is off', async () => {
      const { ports, asked } = fakes([found()], { gate: usedUp().gate });
      expect(await notify(attempt(), policy('off'), ports)).toEqual({ deferred: 'budget' });
      expect(asked).toEqual([]);
    });

    test('mails what an earlier try of this attempt did, and nothing of others', async () => {
      const tries = async (restoringFor: string) => {
        const getItems = async (pk: string) => [restoringItem(pk, restoringFor, NOW)];
        const gate = usedUp().gate;
        const { ports, published } = fakes([found({ deletedDate: undefined })], { gate, getItems });
        await notify(attempt(), policy('all'), ports);
        return published.map(({ body }) => body.includes('perhaps by an earlier try'));
      };
      expect(await tries(attempt().id)).toEqual([true]);
      expect(await tries('another attempt')).toEqual([]);
    });

    test('does not end the further tries of a message that must go out', async () => {
      const { gate, limits } = usedUp();
      const publish: Ports['publish'] = (_, beforeAgain) => beforeAgain();
      await alerted(attempt(), policy('all'), fakes([found()], { gate, publish }).ports);
      expect(limits).toEqual(['whatever', 'whatever']);
    });
  });

  test('that worked in an earlier try of the alert is perhaps its own', async () => {
    const bodyFor = async (restoringFor?: string) => {
      const getItems = async (pk: string) =>
        restoringFor ? [restoringItem(pk, restoringFor, NOW)] : [];
      const { ports } = fakes([found({ deletedDate: undefined })], { getItems });
      return (await alerted(attempt(), policy('all'), ports)).alert.body;
    };
    expect(await bodyFor(attempt().id)).toContain('perhaps by an earlier try of this\nnotifier');
    expect(await bodyFor('another attempt')).not.toContain('perhaps');
    expect(await bodyFor()).not.toContain('perhaps');
  });

  test('that AWS refuses is told in the alert, with the command to do it by hand', async () => {
    const refusal = error('InvalidRequestException', 'managed by\nDeletion: never');
    const { ports } = fakes([found()], { restoreSecret: () => Promise.reject(refusal) });
    const { alert } = await alerted(attempt(), policy('all'), ports);
    expect(alert.subject).toMatch(/^WARNING: .* 6 days 21 hours left$/);
    expect(alert.body).toContain(
      '! This notifier tried to cancel the deletion and could not: RestoreSecret',
    );
    expect(alert.body).toContain('aws secretsmanager restore-secret');
    expect(alert.body).not.toMatch(/^Deletion: never/m);
  });
});

describe('a partial ARN that ends like a complete one', () => {
  const PARTIAL = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:my-super-secret`;
  const arn = `${PARTIAL}-AbC123`;
  const asking = attempt({ secret: identifySecret(PARTIAL, {}) });
  const described = found({ arn, name: 'my-super-secret', tags: { owner: 'payments' } });
  const scheduled = deletion({ secret: identifySecret(arn, {}) });

  /** Ports whose ledger knows the deletion. */
  function knowing(...lookups: Lookup[]) {
    const table = memoryTable();
    void table.putIfNewer(changeItem(scheduled, partitionKey(scheduled.secret) ?? ''));
    return fakes(lookups, { getItems: table.getItems });
  }

  test('is of the secret that DescribeSecret finds by it', async () => {
    const { ports } = knowing(described);
    const { alert } = await alerted(asking, policy('off'), ports);
    expect(alert.subject).toBe(
      'WARNING: Deleted secret my-super-secret wanted by app-server, 6 days 21 hours left',
    );
    expect(alert.body).toContain(`--secret-id ${arn} `);
    expect(alert.body).toContain('?name=my-super-secret&');
    expect(alert.body).toMatch(/^Scheduled: {3}by user alice/m);
    expect(alert.attributes).toMatchObject({ secret: 'my-super-secret', owner: 'payments' });
  });

  test('is looked up by name where DescribeSecret does not find it', async () => {
    const { ports, asked } = knowing({ kind: 'not-found' }, described);
    const { alert } = await alerted(asking, policy('off'), ports);
    expect(asked).toEqual([PARTIAL, 'my-super-secret']);
    expect(alert.subject).toContain('my-super-secret wanted by app-server, 6 days 21 hours left');
  });

  test('is of a secret that is gone where neither finds it', async () => {
    const { ports } = knowing({ kind: 'not-found' });
    const { alert } = await alerted(asking, policy('off'), ports);
    expect(alert.subject).toContain('already gone');
  });

  test('is known to the ledger where DescribeSecret is refused', async () => {
    const { ports } = knowing(THROTTLED);
    const { alert } = await alerted(asking, policy('off'), ports);
    expect(alert.subject).toContain(
      'secret my-super-secret wanted by app-server, 6 days 21 hours left',
    );
    expect(alert.body).toContain(`--secret-id ${arn} `);
  });
});

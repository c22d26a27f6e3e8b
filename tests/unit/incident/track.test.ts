import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../../lib/deletion/change.ts';
import type { Lookup } from '../../../lib/deletion/describe.ts';
import { partitionKey, readPage, restoringItem } from '../../../lib/deletion/ledger.ts';
import { CLOCK_TOLERANCE_MS } from '../../../lib/deletion/schedule.ts';
import { incidentKey } from '../../../lib/incident/incidents.ts';
import { pairPartition } from '../../../lib/incident/pairs.ts';
import { type TrackPorts, track } from '../../../lib/incident/track.ts';
import type { Mail } from '../../../lib/notice/mail/mail.ts';
import { renderMail } from '../../../lib/notice/mail/render.ts';
import { MAX_SUBJECT } from '../../../lib/notice/mail/subject.ts';
import { addDays } from '../../../lib/time.ts';
import { ACCOUNT, cancellation, deletion, found, HOME, NOW } from '../../testing/attempts.ts';
import { memoryTable } from '../../testing/memory-table.ts';

const ANNOUNCE = { tagKeys: { owner: ['owner'], replacement: [] }, maxMailsPerHour: 20 };
const PK = partitionKey(deletion().secret) ?? '';

function fakes(lookup: Lookup = found(), overrides: Partial<TrackPorts> = {}) {
  const table = memoryTable();
  const published: Mail[] = [];
  const ports: TrackPorts = {
    ledger: table,
    pairs: { renew: async () => {} },
    clashes: { tellAnew: async () => {} },
    incidents: {
      end: async () => false,
      endMutes: async () => {},
      find: async () => undefined,
      lookAgain: async () => {},
      reopen: async () => false,
    },
    home: HOME,
    now: () => NOW,
    sleep: async () => {},
    leaseUntil: NOW.getTime(),
    budget: { takeTurn: async () => 'taken' },
    describeSecret: async () => lookup,
    publish: async (notice) => published.push(renderMail(notice)),
    ...overrides,
  };
  const state = async () => readPage(await table.getItems(PK), deletion().secret).change;
  return { ports, published, state };
}

test('a change is kept, and nothing published unless asked for', async () => {
  const { ports, published, state } = fakes();
  expect(await track(deletion(), undefined, ports)).toBe('recorded');
  expect(await state()).toEqual(deletion());
  expect(published).toEqual([]);
});

test('a late or repeated change changes nothing', async () => {
  const { ports, state } = fakes();
  await track(cancellation(), undefined, ports);
  expect(await track(deletion(), undefined, ports)).toBe('outdated');
  await track(cancellation(), undefined, ports);
  expect(await state()).toEqual(cancellation());
});

/** What is asked of the pairs and incidents of a secret, in order, as the changes come. */
async function askedBy(changes: readonly Change[], overrides: Partial<TrackPorts> = {}) {
  const asked: unknown[] = [];
  const noting =
    (name: string, answer: unknown = undefined) =>
    async (...args: unknown[]) => {
      asked.push([name, ...args]);
      return answer as never;
    };
  const { ports, published } = fakes(found(), {
    pairs: { renew: noting('renew') },
    clashes: { tellAnew: noting('tell clashes anew') },
    incidents: {
      end: noting('end', true),
      endMutes: noting('end mutes'),
      find: async () => undefined,
      lookAgain: noting('look again'),
      reopen: noting('reopen', true),
    },
    ...overrides,
  });
  const outcomes: string[] = [];
  for (const change of changes) outcomes.push(await track(change, ANNOUNCE, ports));
  return { asked, published, outcomes };
}

const KEY = incidentKey(deletion().secret);

describe('a deletion', () => {
  const at = deletion().requestedAt;
  /** A mute that was made right after it by a slow clock is one of it. */
  const muteTime = new Date(at.getTime() - CLOCK_TOLERANCE_MS);
  const begun = [
    ['end mutes', KEY, muteTime],
    ['reopen', deletion().secret, at],
    ['renew', pairPartition(deletion().secret), at],
    ['tell clashes anew', deletion().secret, at],
    ['look again', KEY, at],
  ];

  test('begins a new incident, ends its mutes, and makes its callers and clashes news; again if the event comes twice', async () => {
    const isDown = () => Promise.reject(new Error('SNS is down'));
    const { ports } = fakes(found(), { publish: isDown });
    await expect(track(deletion(), ANNOUNCE, ports)).rejects.toThrow('SNS is down');
    const { ledger } = ports;
    expect((await askedBy([deletion()], { ledger })).asked).toEqual(begun);
  });

  test('leaves the incident and the callers alone of a secret that its partial ARN looks like', async () => {
    const arn = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:app-config-AbC123`;
    const secret = identifySecret(arn, {});
    const own = `${ACCOUNT}#eu-west-1#app-config`;
    expect((await askedBy([deletion({ secret })])).asked).toEqual([
      ['end mutes', own, muteTime],
      ['reopen', secret, at],
      ['renew', `pair#${own}`, at],
      ['tell clashes anew', secret, at],
      ['look again', own, at],
    ]);
  });

  test('that comes after its restore changes nothing', async () => {
    const { asked, outcomes } = await askedBy([cancellation(), deletion()]);
    expect(outcomes).toEqual(['recorded', 'outdated']);
    expect(asked.map((call) => (call as unknown[])[0])).toEqual(['end mutes', 'end']);
  });

  test('whose run could not do so does it in the retry', async () => {
    const { ports } = fakes();
    const renew = () => Promise.reject(new Error('no table'));
    const failing = { ...ports, pairs: { renew } };
    await expect(track(deletion(), ANNOUNCE, failing)).rejects.toThrow('no table');
    const renewed: [string, Date][] = [];
    const renewNow = async (...renewal: [string, Date]) => void renewed.push(renewal);
    await track(deletion(), ANNOUNCE, { ...ports, pairs: { renew: renewNow } });
    expect(renewed).toEqual([[pairPartition(deletion().secret), at]]);
  });
});

describe('the incident of a secret', () => {
  const { requestedAt } = cancellation();
  const restoredAt = (seconds: number) => {
    const table = memoryTable();
    const at = new Date(requestedAt.getTime() - seconds * 1000);
    return table.putItem(restoringItem(PK, 'attempt', at)).then(() => ({ ledger: table }));
  };

  test('ends with a restore, which its own notice reports', async () => {
    const { asked, published } = await askedBy([cancellation()]);
    expect(asked).toEqual([
      ['end mutes', KEY, requestedAt],
      ['end', KEY, 'restored', requestedAt, false],
    ]);
    expect(published).toEqual([]);
  });

  test.each([
    [5, true],
    [-5, true],
    [119, true],
    [121, false],
  ])(
    'ends with a restore %d s after this service set out to: reported by the alert: %s',
    async (seconds, isOurs) => {
      const { asked } = await askedBy([cancellation()], await restoredAt(seconds));
      expect(asked.at(-1)).toEqual(['end', KEY, 'restored', requestedAt, isOurs]);
    },
  );

  test('ends with a deletion without a window', async () => {
    const forced = deletion({ forced: true, windowDays: 0 });
    const { asked, published } = await askedBy([forced]);
    expect(asked).toEqual([
      ['end mutes', KEY, forced.requestedAt],
      ['end', KEY, 'gone', forced.requestedAt, false],
    ]);
    expect(published).toEqual([]);
  });

  test('that was not open leaves the restore to be announced', async () => {
    const { published } = await askedBy([cancellation()], {
      incidents: {
        end: async () => false,
        endMutes: async () => {},
        find: async () => undefined,
        lookAgain: async () => {},
        reopen: async () => false,
      },
    });
    expect(published.map(({ subject }) => subject)).toEqual([
      'Secret prod/db/password restored by alice, its deletion is cancelled',
    ]);
  });
});

test.each([undefined, 'x'.repeat(513)])(
  'a change of no secret that could be told is thrown',
  async (name) => {
    const change = deletion({ secret: { sent: name, name, partition: 'aws' } });
    await expect(track(change, undefined, fakes().ports)).rejects.toThrow(
      'Expected the record to name its secret in requestParameters.secretId',
    );
  },
);

test('a table that cannot be reached is thrown', async () => {
  const putIfNewer = () => Promise.reject(new Error('no table'));
  const { ports } = fakes(found(), { ledger: { ...memoryTable(), putIfNewer } });
  await expect(track(deletion(), undefined, ports)).rejects.toThrow('no table');
});

describe('announcing', () => {
  test('takes a message of its own for a further try, which is not made without one', async () => {
    const turns = ['taken', 'taken', 'hour'] as const;
    let taken = 0;
    let tries = 0;
    const { ports } = fakes(found(), {
      budget: { takeTurn: async () => turns[taken++] ?? 'hour' },
      publish: async (_, beforeAgain) => {
        for (tries = 1; tries < 5; tries++) await beforeAgain();
      },
    });
    await expect(track(deletion(), ANNOUNCE, ports)).rejects.toMatchObject({ code: 'NO_BUDGET' });
    expect([tries, taken]).toEqual([2, 3]);
  });

  const restored = cancellation({ requestedAt: addDays(deletion().requestedAt, 1) });

  test('tells once of a deletion and once of its cancellation', async () => {
    const { ports, published } = fakes();
    for (const change of [deletion(), deletion(), restored, restored, deletion()]) {
      await track(change, ANNOUNCE, ports);
    }
    expect(published.map(({ subject }) => subject)).toEqual([
      'Secret prod/db/password scheduled for deletion by alice, 6 days 21 hours left',
      'Secret prod/db/password restored by alice, its deletion is cancelled',
    ]);
  });

  test('tells of the cancellation of a deletion that it never knew, and not of another after it', async () => {
    const { ports, published } = fakes();
    await track(restored, ANNOUNCE, ports);
    await track(cancellation({ requestedAt: addDays(NOW, 2), id: 'another' }), ANNOUNCE, ports);
    expect(published).toHaveLength(1);
  });

  test('is not lost where the answer of the table is, and the SDK writes again', async () => {
    const { ports, published } = fakes();
    const { ledger } = ports;
    const putIfNewer: TrackPorts['ledger']['putIfNewer'] = async (item) => {
      await ledger.putIfNewer(item);
      return ledger.putIfNewer(item);
    };
    await track(deletion(), ANNOUNCE, { ...ports, ledger: { ...ledger, putIfNewer } });
    expect(published).toHaveLength(1);
  });

  test('beyond the budget of the hour is left out, and the change kept', async () => {
    const { ports, published, state } = fakes(found(), {
      budget: { takeTurn: async () => 'hour' },
    });
    expect(await track(deletion(), ANNOUNCE, ports)).toBe('over-budget');
    expect(published).toEqual([]);
    expect(await state()).toEqual(deletion());
  });

  test('that fails is thrown, and made up for by the retry', async () => {
    let isDown = true;
    const { ports, published } = fakes();
    const flaky: TrackPorts = {
      ...ports,
      publish: async (...message) => {
        if (isDown) throw new Error('SNS is down');
        return ports.publish(...message);
      },
    };
    await expect(track(deletion(), ANNOUNCE, flaky)).rejects.toThrow('SNS is down');
    isDown = false;
    await track(deletion(), ANNOUNCE, flaky);
    await track(deletion(), ANNOUNCE, flaky);
    expect(published).toHaveLength(1);
  });
});

describe('the announcement', () => {
  async function mail(change: Change, lookup: Lookup, ...before: Change[]): Promise<string> {
    const { ports, published } = fakes(lookup);
    for (const earlier of before) await track(earlier, undefined, ports);
    await track(change, ANNOUNCE, ports);
    return published.map(({ subject, body }) => `Subject: ${subject}\n\n${body}`).join();
  }

  test('of a deletion tells when the secret was last used', async () => {
    const lastAccessedDate = new Date('2026-11-20T00:00:00Z');
    const lookup = found({ lastAccessedDate, tags: { owner: 'payments' } });
    expect(await mail(deletion(), lookup)).toMatchInlineSnapshot(`
"Subject: Secret prod/db/password scheduled for deletion by alice, 6 days 21 hours left, last used 2026-11-20

The secret prod/db/password was scheduled for deletion by user alice. Every
request for its value fails from now on.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
Scheduled:   by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 14:03 UTC, with a window of 7 days
Last used:   on 2026-11-20 (UTC)
Owner:       payments (tag owner)

Still needed? Restore it:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1"
`);
  });

  test('of a cancellation tells who cancelled', async () => {
    expect(await mail(cancellation(), found(), deletion())).toMatchInlineSnapshot(`
"Subject: Secret prod/db/password restored by alice, its deletion is cancelled

The secret prod/db/password was restored by user alice. It can be read
again.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    not scheduled any more
Restored:    by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 17:04 UTC
Last used:   never, as far as AWS tells"
`);
  });

  test('of a deletion by force says that it is too late', async () => {
    const forced = deletion({ forced: true, windowDays: 0, date: deletion().requestedAt });
    expect(await mail(forced, { kind: 'not-found' })).toMatchInlineSnapshot(`
"Subject: Secret prod/db/password deleted for good by alice, without a recovery window

The secret prod/db/password was deleted for good by user alice. It cannot be
restored.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    done, without a recovery window
Deleted:     by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 14:03 UTC, without a recovery window
Last used:   unknown: AWS does not find the secret any more"
`);
  });

  test.each([
    [
      'stratus-red-team-retrieve-secret-7',
      {},
      'scheduled for deletion by alice, 6 days 21 hours left',
    ],
    [
      'rds!db-3bea3cf2-0b5f-436f-a6a1-97aad29da293',
      { forced: true, windowDays: 0 },
      'deleted for good by alice, without a recovery window',
    ],
    ['n'.repeat(512), {}, 'scheduled for deletion by alice, 6 days 21 hours left'],
  ])('of %s says in its subject what has happened', async (name, overrides, end) => {
    const lookup = found({ lastAccessedDate: new Date('2026-11-20T00:00:00Z') });
    const secret = identifySecret(name, { accountId: ACCOUNT, region: 'eu-west-1' });
    const text = await mail(deletion({ secret, ...overrides }), lookup);
    const [subject = ''] = text.split('\n');
    expect(subject.endsWith(end)).toBe(true);
    expect(subject.length).toBeLessThanOrEqual('Subject: '.length + MAX_SUBJECT);
  });

  test.each<[Lookup, string]>([
    [found(), 'Last used:   never, as far as AWS tells'],
    [{ kind: 'unavailable', reason: 'It was refused.' }, 'Last used:   unknown. It was refused.'],
  ])('says what DescribeSecret answered: %j', async (lookup, line) => {
    expect(await mail(deletion(), lookup)).toContain(line);
  });

  test('has attributes for filter policies', async () => {
    const { ports, published } = fakes();
    await track(deletion(), ANNOUNCE, ports);
    expect(published[0]?.attributes).toMatchObject({ action: 'scheduled', severity: 'notice' });
  });
});

describe('to the channels beside the mail', () => {
  /** What is done to announce a change, in order. */
  async function announced(overrides: Partial<TrackPorts> = {}) {
    const done: string[] = [];
    const { ports } = fakes(found(), {
      handOn: async (notices, isMailed) => {
        done.push(`hand on ${notices.map(({ kind }) => kind)}, mailed: ${isMailed}`);
      },
      publish: async () => void done.push('mail'),
      ...overrides,
    });
    const outcome = await track(deletion(), ANNOUNCE, ports).catch(({ message }: Error) => message);
    return [...done, outcome];
  }

  test('an announcement is handed on before it is mailed', async () => {
    expect(await announced()).toEqual(['hand on announced, mailed: true', 'mail', 'recorded']);
  });

  test('one without budget for a mail is handed on all the same', async () => {
    const budget = { takeTurn: async () => 'hour' as const };
    expect(await announced({ budget })).toEqual([
      'hand on announced, mailed: false',
      'over-budget',
    ]);
  });

  test('one that cannot be handed on, nor kept, is not mailed yet: it is tried again', async () => {
    const handOn = () => Promise.reject(new Error('no table'));
    expect(await announced({ handOn })).toEqual(['no table']);
  });

  test.each([
    [100, 1],
    [2500, 2],
  ])('a mail that was kept waiting for %d ms has taken %d turns', async (ms, turns) => {
    let time = NOW.getTime();
    const limits: unknown[] = [];
    await announced({
      now: () => new Date(time),
      handOn: async () => {
        time += ms;
      },
      budget: {
        takeTurn: async (_, limit) => {
          limits.push(limit);
          return 'taken';
        },
      },
    });
    expect(limits).toHaveLength(turns);
    // In its own hour it takes nothing more from the budget.
    expect(limits.slice(1)).toEqual(turns > 1 ? ['whatever'] : []);
  });
});

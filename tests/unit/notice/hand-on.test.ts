import { identifySecret, secretKey } from '../../../lib/cloudtrail/secret-id.ts';
import type { Action } from '../../../lib/deletion/auto-cancel.ts';
import type { SecretState } from '../../../lib/deletion/secret-state.ts';
import { DRILL_PREFIX } from '../../../lib/drill.ts';
import { type DigestNotice, digestNotice, type KnownAttempts } from '../../../lib/notice/digest.ts';
import {
  drillAlertId,
  type IncidentMarks,
  ofAlert,
  ofAnnouncement,
  ofDigest,
} from '../../../lib/notice/hand-on.ts';
import { MAX_CALLERS, MAX_SOURCES } from '../../../lib/notice/incident-notice.ts';
import { type AlertNotice, alertNotice, announcementNotice } from '../../../lib/notice/notice.ts';
import { DAY_MS } from '../../../lib/time.ts';
import {
  ACCOUNT,
  attempt,
  cancellation,
  deletion,
  found,
  NOW,
  SECRET_ARN,
} from '../../testing/attempts.ts';
import { EXACT, known, named, role } from '../../testing/digests.ts';

const TAG_KEYS = { owner: ['owner'], replacement: ['replaced-by'] };
const LATER = new Date(NOW.getTime() + 3 * DAY_MS);
const { secret: SECRET } = attempt();
const INCIDENT: IncidentMarks = { key: secretKey(SECRET), openedAt: NOW };

const alertOf = (overrides = {}, action: Action = { kind: 'none' }, now = NOW) =>
  alertNotice(
    {
      attempt: attempt(overrides),
      state: EXACT as SecretState,
      action,
      perhapsByUs: false,
      now,
    },
    found({ tags: { owner: 'payments' } }),
    TAG_KEYS,
  );

const digestOf = (
  kind: DigestNotice['kind'],
  secrets: readonly KnownAttempts[],
  marks: IncidentMarks = INCIDENT,
  now = NOW,
) => ofDigest(digestNotice(kind, secrets, now), () => marks);

describe('an alert', () => {
  test('is handed on with its attempt, its caller and what to do', () => {
    const notice = alertOf({ caller: { ...attempt().caller, session: 'i-0abc' } });
    const { attempt: own, remedy, ...others } = ofAlert(notice, INCIDENT, 'opened');
    expect(own).toBe(notice.attempt);
    expect(remedy).toBe(notice.remedy);
    expect(others).toEqual({
      id: expect.stringMatching(/^alert\/[\da-f]{32}\/[\da-f]{32}$/),
      kind: 'opened',
      severity: 'warning',
      now: NOW,
      incident: expect.stringMatching(/^[\da-f]{32}$/),
      secret: expect.objectContaining({
        id: SECRET_ARN,
        name: 'prod/db/password',
        accountId: ACCOUNT,
        owners: [{ key: 'owner', value: 'payments' }],
      }),
      state: EXACT,
      action: { kind: 'none' },
      perhapsByUs: false,
      callers: [
        {
          callerKey: `arn:aws:iam::${ACCOUNT}:role/app-server`,
          callerName: 'role app-server',
          isNew: true,
          count: 1,
          first: attempt().time,
          last: attempt().time,
          addresses: ['10.0.3.7'],
          sessions: ['i-0abc'],
        },
      ],
      muted: [],
      counts: { attempts: 1, callers: 1, muted: 0, ignored: 0, isLeast: false },
    });
  });

  describe('has the id', () => {
    const callerOf = (key: string) => ({ caller: { ...attempt().caller, key } });
    const RESTORED = { state: 'restored' } as const;
    const FAILED = { kind: 'restore-failed', reason: 'denied', isDenied: true } as const;
    const idOf = (notice: AlertNotice, incident: IncidentMarks | undefined = INCIDENT) =>
      ofAlert(notice, incident, 'opened').id;
    const ID = idOf(alertOf());

    test.each<[string, string]>([
      ['a later attempt of the caller', idOf(alertOf({ id: 'another', time: LATER }))],
      [
        'another time, as a further caller',
        ofAlert(alertOf({}, { kind: 'none' }, LATER), INCIDENT, 'caller').id,
      ],
      [
        'the role with its path, as some records name it',
        idOf(alertOf(callerOf(`arn:aws:iam::${ACCOUNT}:role/path/app-server`))),
      ],
      ['a reason why nothing was done', idOf(alertOf({}, { kind: 'none', reason: 'not tagged' }))],
    ])('of its news: the same of %s', (_, id) => {
      expect(id).toBe(ID);
    });

    test('of other news for another caller, another deletion, and each thing that was done or is over', () => {
      const ids = [
        ID,
        idOf(alertOf(callerOf(`arn:aws:iam::${ACCOUNT}:role/other`))),
        idOf(alertOf(), { ...INCIDENT, openedAt: LATER }),
        idOf(alertOf({}, { kind: 'restored' })),
        idOf(alertOf({}, FAILED)),
        idOf({ ...alertOf(), state: { state: 'gone' } }),
      ];
      expect(new Set(ids).size).toBe(ids.length);
    });

    test('of one restore, whether this try made it, finds it made, or finds it made perhaps by one before', () => {
      const ids = [
        alertOf({}, { kind: 'restored' }),
        { ...alertOf({ id: 'another' }), state: RESTORED },
        { ...alertOf(), state: RESTORED, perhapsByUs: true },
      ].map((notice) => idOf(notice));
      expect(new Set(ids).size).toBe(1);
    });

    test('of its attempt, of a drill, which looks for it; a key of the table, however long a record makes it', () => {
      const drill = { secret: named(`${DRILL_PREFIX}1f3a9c0e`) };
      const id = (own: string) => ofAlert(alertOf({ ...drill, id: own }), undefined, 'opened').id;
      expect(id('another')).toBe(drillAlertId('another'));
      expect(id('another')).toBe('alert/another');
      expect(id('x'.repeat(5000))).toMatch(/^alert\/[\da-f]{64}$/);
    });
  });

  test('without an address or a session names none', () => {
    const [caller] = ofAlert(alertOf({ sourceAddress: undefined }), INCIDENT, 'opened').callers;
    expect(caller).toMatchObject({ addresses: [], sessions: [] });
  });
});

describe('an incident', () => {
  const incidentOf = (marks: IncidentMarks | undefined, secret = SECRET) =>
    ofAlert(alertOf({ secret }), marks, 'opened').incident;

  test('is the same in all of its notices, in whatever form its secret is read', () => {
    const all = [
      incidentOf(INCIDENT),
      incidentOf(INCIDENT, identifySecret('prod/db/password', { accountId: ACCOUNT })),
      ...(['digest', 'last-call', 'over', 'resolved', 'gone'] as const).map(
        (kind) => digestOf(kind, [known([role('a')])])[0]?.incident,
      ),
    ];
    expect(new Set(all).size).toBe(1);
  });

  test('is another after the secret was deleted anew, of another secret, and of a drill', () => {
    const all = [
      incidentOf(INCIDENT),
      incidentOf({ ...INCIDENT, openedAt: LATER }),
      incidentOf({ ...INCIDENT, key: secretKey(named('other')) }),
      incidentOf(undefined, named(`${DRILL_PREFIX}1f3a9c0e`)),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('that is opened by what has been noted before is the same before and after', () => {
    const { openedAt: unnamedSince, key } = INCIDENT;
    expect(incidentOf({ key, unnamedSince })).toBe(incidentOf(INCIDENT));
  });

  test('of a drill is of its secret', () => {
    const secret = named(`${DRILL_PREFIX}1f3a9c0e`);
    expect(incidentOf(undefined, secret)).toBe(incidentOf(undefined, secret));
  });
});

describe('an announcement', () => {
  const announced = (change = deletion() as Parameters<typeof announcementNotice>[0], now = NOW) =>
    ofAnnouncement(
      announcementNotice(
        change,
        found({ lastAccessedDate: new Date('2026-11-20T00:00:00Z') }),
        TAG_KEYS,
        now,
      ),
    );

  test.each([
    [
      'a deletion',
      deletion(),
      { state: 'pending', schedule: { kind: 'exact', date: deletion().date } },
      true,
    ],
    ['one without a window', deletion({ forced: true }), { state: 'gone' }, false],
    ['a restore', cancellation(), { state: 'restored' }, false],
  ])('of %s says what became of the secret', (_, change, state, hasRemedy) => {
    const notice = announced(change);
    expect(notice).toMatchObject({
      id: `announced/${change.id}`,
      kind: 'announced',
      severity: 'notice',
      state,
      change,
      lastUsed: '2026-11-20',
      callers: [],
      counts: { attempts: 0, callers: 0 },
    });
    expect(notice.remedy !== undefined).toBe(hasRemedy);
  });

  test('has its own id and thread, the same over time', () => {
    expect(announced(deletion(), LATER)).toMatchObject({
      id: announced().id,
      incident: announced().incident,
    });
    expect(announced(cancellation()).incident).not.toBe(announced().incident);
  });

  test('of a record without an id is told from others by its secret and time', () => {
    const ids = [
      deletion({ id: '' }),
      deletion({ id: '', requestedAt: LATER }),
      deletion({ id: '', secret: named('other') }),
    ].map((change) => announced(change).id);
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toBe(announced(deletion({ id: '' }), LATER).id);
  });
});

describe('a digest', () => {
  test('is handed on by secret, the most urgent first, without what is muted altogether', () => {
    const mute = { by: 'alice', reason: 'known', count: 3, news: 3 };
    const notices = digestOf('digest', [
      known([], { secret: named('silent'), muted: [mute] }),
      known([role('a', { count: 4 })], { secret: named('known') }),
      known([role('b', { isNew: true })], {
        secret: named('new'),
        isNew: true,
        muted: [mute],
        ignored: 2,
        isLeast: true,
      }),
    ]);
    expect(notices.map(({ secret, counts }) => [secret.name, counts])).toEqual([
      ['new', { attempts: 1, callers: 1, muted: 3, ignored: 2, isLeast: true }],
      ['known', { attempts: 4, callers: 1, muted: 0, ignored: 0, isLeast: false }],
    ]);
    expect(notices[0]).toMatchObject({ muted: [mute], remedy: { act: 'restore' } });
  });

  test('names the callers with the most attempts, and counts all', () => {
    const many = Array.from({ length: 30 }, (_, n) => role(`r${n}`, { count: n + 1 }));
    const [notice] = digestOf('digest', [known(many)]);
    expect(notice?.callers).toHaveLength(MAX_CALLERS);
    expect(notice?.callers[0]?.count).toBe(30);
    expect(notice?.counts).toMatchObject({ attempts: 465, callers: 30 });
  });

  test('names some addresses and sessions of a caller', () => {
    const sources = new Set(Array.from({ length: 9 }, (_, n) => `10.0.0.${n}`));
    const [notice] = digestOf('digest', [
      known([role('a', { addresses: sources, sessions: sources })]),
    ]);
    expect(notice?.callers[0]?.addresses).toHaveLength(MAX_SOURCES);
    expect(notice?.callers[0]?.sessions).toHaveLength(MAX_SOURCES);
  });

  test('joins the forms of a secret into one notice', () => {
    const notices = digestOf('digest', [
      known([role('a', { count: 2 })], { secret: named('prod/db/password'), arn: SECRET_ARN }),
      known([role('a', { count: 3 }), role('b')], { secret: identifySecret(SECRET_ARN, {}) }),
    ]);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({
      counts: { attempts: 6, callers: 2 },
      secret: { id: SECRET_ARN },
    });
  });

  test.each([
    ['gone', 'critical'],
    ['resolved', 'notice'],
    ['digest', 'warning'],
  ] as const)('of the kind %s is as urgent as its own secret: %s', (kind, severity) => {
    expect(digestOf(kind, [known([role('a')])])[0]?.severity).toBe(severity);
  });

  describe('of two secrets of one incident, whose ids look like one name', () => {
    const arnOf = (end: string) => `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:app-${end}`;
    const read = (end: string, arn?: string) =>
      known([role('a')], { secret: identifySecret(arnOf(end), {}), arn });

    test.each(['digest', 'last-call', 'over', 'resolved', 'gone'] as const)(
      'has an id for each, also as %s, whether or not anybody knows their ARNs',
      (kind) => {
        const both = digestOf(kind, [read('config'), read('deploy')]);
        const complete = [
          read('config', arnOf('config-AbC123')),
          read('deploy', arnOf('deploy-AbC123')),
        ];
        for (const notices of [both, digestOf(kind, complete)]) {
          expect(new Set(notices.map(({ incident }) => incident)).size).toBe(1);
          expect(new Set(notices.map(({ id }) => id)).size).toBe(2);
        }
        // A try in which AWS does not answer is no other news.
        expect(digestOf(kind, complete).map(({ id }) => id)).toEqual(both.map(({ id }) => id));
      },
    );

    test('has one id for the forms of one secret, in whatever order they were read', () => {
      const arn = arnOf('config-AbC123');
      const forms = [known([role('a')], { secret: named('app-config'), arn }), read('config', arn)];
      const [one, other] = [forms, forms.toReversed()].map((all) => digestOf('gone', all));
      expect(one).toHaveLength(1);
      expect(other?.[0]?.id).toBe(one?.[0]?.id);
    });
  });

  const idOf = (...args: Parameters<typeof digestOf>) => digestOf(...args)[0]?.id;
  const callers = [role('a', { count: 2 }), role('b')];

  test('has the same id for the same news, at whatever time and in whatever order', () => {
    const id = idOf('digest', [known(callers)]);
    expect(idOf('digest', [known(callers.toReversed())], INCIDENT, LATER)).toBe(id);
    expect(idOf('digest', [known(callers)], { ...INCIDENT, lastCall: 7 })).toBe(id);
    expect(id).toMatch(/^digest\/[\da-f]{32}\/[\da-f]{32}$/);
  });

  test('has another id for other news', () => {
    const ids = [
      idOf('digest', [known(callers)]),
      idOf('digest', [known([role('a', { count: 3 }), role('b')])]),
      idOf('digest', [known([role('a', { count: 2 }), role('b', { last: LATER })])]),
      idOf('digest', [known([role('a', { count: 2 }), role('c')])]),
      idOf('digest', [known(callers, { ignored: 1 })]),
      idOf('digest', [known(callers)], { ...INCIDENT, openedAt: LATER }),
      idOf('resolved', [known(callers)]),
      idOf('last-call', [known(callers)], { ...INCIDENT, lastCall: 7 }),
      idOf('last-call', [known(callers)], { ...INCIDENT, lastCall: 2 }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

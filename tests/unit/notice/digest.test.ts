import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import {
  attemptsOf,
  digestNotice,
  type KnownAttempts,
  lastAttemptOn,
  newsOf,
  reportedOf,
  type SecretNews,
} from '../../../lib/notice/digest.ts';
import { isMutable } from '../../../lib/notice/digest-text.ts';
import { addDays } from '../../../lib/time.ts';
import { NOW, SECRET_ARN } from '../../testing/attempts.ts';
import { calls, EXACT, known, named, pending, role } from '../../testing/digests.ts';

const digest = (...secrets: KnownAttempts[]) => digestNotice('digest', secrets, NOW);
const endsIn = (days: number) => pending({ kind: 'exact', date: addDays(NOW, days) });

test('what nothing has named comes first, then new callers, of each the soonest deletion', () => {
  const { secrets } = digest(
    known([calls()], { secret: named('restored'), state: { state: 'restored' } }),
    known([calls()], { secret: named('late'), state: endsIn(9) }),
    known([calls()], { secret: named('soon'), state: endsIn(1) }),
    known([calls(), role('b', { isNew: true })], { secret: named('caller'), state: endsIn(20) }),
    known([calls()], { secret: named('new, late'), state: endsIn(30), isNew: true }),
    known([calls()], { secret: named('new, soon'), state: endsIn(29), isNew: true }),
    known([calls()], { secret: named('gone'), state: { state: 'gone' } }),
    known([calls()], { secret: named('unknown'), state: { state: 'not-looked-up' } }),
  );
  expect(secrets.map(({ secret }) => secret.name)).toEqual([
    'new, soon',
    'new, late',
    'caller',
    'soon',
    'late',
    'unknown',
    'gone',
    'restored',
  ]);
});

describe('severity', () => {
  const restored = { state: 'restored' } as const;
  test.each([
    ['digest', [endsIn(30), endsIn(1)], 'critical'],
    ['digest', [endsIn(30), endsIn(5)], 'warning'],
    ['digest', [endsIn(30), restored, { state: 'gone' }], 'notice'],
    ['digest', [endsIn(30), { state: 'not-looked-up' }], 'warning'],
    ['last-call', [endsIn(7)], 'warning'],
    ['last-call', [endsIn(2), endsIn(7)], 'critical'],
    ['resolved', [restored], 'notice'],
    ['gone', [{ state: 'gone' }], 'critical'],
  ] as const)('of %s, %j: %s', (kind, states, severity) => {
    const secrets = states.map((state, i) => known([calls()], { secret: named(`${i}`), state }));
    expect(digestNotice(kind, secrets, NOW).severity).toBe(severity);
  });
});

describe('a secret known in several forms', () => {
  const mute = { by: 'alice', reason: 'known', count: 3, news: 3 };
  const byName = known([calls({ count: 2, news: 1, first: addDays(NOW, -1), isNew: true })], {
    secret: named('prod/db/password'),
    arn: SECRET_ARN,
    isNew: true,
    muted: [mute, { ...mute, by: 'bob' }],
    ignored: 1,
  });
  const byArn = known([calls({ sessions: new Set(['s']) }), role('b', { isNew: true })], {
    muted: [mute],
    ignored: 4,
    isLeast: true,
  });

  test('is one, in the form that says most, and tells from what it was made', () => {
    const { secrets } = digest(byName, known([calls()], { secret: named('other') }), byArn);
    expect(secrets.map(({ secret }) => secret.name).sort()).toEqual(['other', 'prod/db/password']);
    const [joined] = secrets.filter(({ secret }) => secret.arn === SECRET_ARN);
    expect(joined?.forms[0]).toBe(byName);
    expect(joined?.forms[1]).toBe(byArn);
    expect(joined?.remedy?.command).toContain(SECRET_ARN);
    expect(joined).toMatchObject({
      // Something has named the one, and so the other.
      isNew: false,
      isLeast: true,
      ignored: 5,
      muted: [
        { by: 'alice', count: 6, news: 6 },
        { by: 'bob', count: 3 },
      ],
    });
    const callers = [...(joined?.callers.values() ?? [])];
    expect(callers).toMatchObject([
      { count: 3, news: 2, isNew: false, first: addDays(NOW, -1), last: NOW },
      { count: 1, isNew: true },
    ]);
  });

  test('is counted once', () => {
    const [joined] = digest(byName, byArn).secrets;
    if (!joined) throw new Error('nothing is reported');
    expect(attemptsOf(joined)).toBe(attemptsOf(byName) + attemptsOf(byArn));
    expect([attemptsOf(joined), reportedOf(joined), newsOf(joined)]).toEqual([18, 4, 3]);
  });

  test.each([
    ['last read under its ARN', -1, 0, 'pending'],
    ['last read under its name', 0, -1, 'restored'],
  ])('%s, stands as it was found to after that', (_, name, arn, state) => {
    const { secrets } = digest(
      known([calls({ last: addDays(NOW, name) })], {
        secret: named('prod/db/password'),
        arn: SECRET_ARN,
        state: { state: 'restored' },
      }),
      known([calls({ last: addDays(NOW, arn) })], { state: EXACT }),
    );
    expect(secrets.map((one) => one.state.state)).toEqual([state]);
  });

  test('names a role with its path, if any form tells it', () => {
    const path = 'arn:aws:iam::111122223333:role/team/app-server';
    const callers = (callerKey: string) => new Map([['app-server', calls({ callerKey })]]);
    const { secrets } = digest(
      { ...byName, callers: callers(calls().callerKey) },
      { ...byArn, callers: callers(path) },
    );
    expect([...(secrets[0]?.callers.values() ?? [])].map((one) => one.callerKey)).toEqual([path]);
  });
});

test('secrets whose partial ARNs look like complete ones of one name are not one', () => {
  const partial = (name: string) =>
    known([calls()], {
      secret: identifySecret(`arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}`, {}),
    });
  expect(digest(partial('app-config'), partial('app-tokens'), partial('app')).secrets).toHaveLength(
    3,
  );
});

test('the last attempt on a secret is the last of any caller', () => {
  const earlier = role('a', { last: addDays(NOW, -1) });
  expect(lastAttemptOn(known([earlier, calls(), role('b', earlier)]))).toEqual(NOW);
});

test.each<[SecretNews['state'], boolean]>([
  [{ state: 'gone' }, true],
  [{ state: 'restored' }, false],
])('that callers can be muted is said of what is %j: %s', (state, expected) => {
  expect(isMutable({ state })).toBe(expected);
});

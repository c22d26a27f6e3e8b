import fc from 'fast-check';
import type { Severity } from '../../../../lib/deletion/schedule.ts';
import type { SecretState } from '../../../../lib/deletion/secret-state.ts';
import { placesShort } from '../../../../lib/notice/deletion-text.ts';
import { renderAlert } from '../../../../lib/notice/mail/alert.ts';
import { fitSubject, MAX_SUBJECT } from '../../../../lib/notice/mail/subject.ts';
import { alertNotice } from '../../../../lib/notice/notice.ts';
import { addDays } from '../../../../lib/time.ts';
import { attempt, NOW } from '../../../testing/attempts.ts';
import { linkable, links } from '../../../testing/links.ts';

interface Case {
  readonly severity?: Severity;
  readonly state?: SecretState;
  readonly restoredByUs?: boolean;
  readonly secretName?: string;
  readonly callerName?: string;
}

/** The subject of an alert. */
function subject(overrides: Case = {}): string {
  const { severity, state, restoredByUs, secretName, callerName } = {
    severity: 'notice' as const,
    state: { state: 'pending', schedule: { kind: 'exact', date: addDays(NOW, 9) } } as const,
    restoredByUs: false,
    secretName: 'prod/db',
    callerName: 'app-server',
    ...overrides,
  };
  const read = attempt();
  const action = { kind: restoredByUs ? ('restored' as const) : ('none' as const) };
  const notice = alertNotice(
    {
      attempt: { ...read, caller: { ...read.caller, shortName: callerName } },
      state,
      action,
      perhapsByUs: false,
      now: NOW,
    },
    { kind: 'not-found' },
    { owner: [], replacement: [] },
  );
  const secret = { ...notice.secret, name: secretName };
  return renderAlert({ ...notice, severity, secret }, {}).subject;
}

test.each<[string, Case, string]>([
  ['more than a week', {}, 'Deleted secret prod/db wanted by app-server, 9 days left'],
  [
    'little time',
    {
      severity: 'critical',
      state: { state: 'pending', schedule: { kind: 'exact', date: addDays(NOW, 1) } },
    },
    'CRITICAL: Deleted secret prod/db wanted by app-server, 1 day left',
  ],
  [
    'no time',
    { severity: 'critical', state: { state: 'gone' } },
    'CRITICAL: Deleted secret prod/db wanted by app-server, already gone',
  ],
  [
    'a restored secret',
    { state: { state: 'restored' } },
    'Secret prod/db wanted by app-server, restored since',
  ],
  [
    'a deletion cancelled by the function',
    { restoredByUs: true },
    'Restored: secret prod/db wanted by app-server, its deletion is cancelled',
  ],
  [
    'no name',
    { secretName: undefined },
    'Deleted secret (not named) wanted by app-server, 9 days left',
  ],
  [
    'line breaks and letters that are not ASCII',
    { secretName: 'a\nb', callerName: 'zoë' },
    'Deleted secret a?b wanted by zo?, 9 days left',
  ],
  [
    'a caller without a name',
    { callerName: 'root user' },
    'Deleted secret prod/db wanted by root user, 9 days left',
  ],
])('a subject for %s', (_, facts, expected) => {
  expect(subject(facts)).toBe(expected);
});

describe('too long, it', () => {
  const GONE = { severity: 'critical', state: { state: 'gone' } } as const;

  test('loses the middle of the secret’s name first', () => {
    expect(subject({ secretName: `a${'n'.repeat(510)}z`, callerName: 'app-server' })).toBe(
      `Deleted secret a${'n'.repeat(23)}...${'n'.repeat(22)}z wanted by app-server, 9 days left`,
    );
  });

  test('loses the middle of the caller’s name next, so that two callers stay apart', () => {
    const role = `prod-${'c'.repeat(60)}`;
    const secretName = 'n'.repeat(80);
    expect(
      ['-blue', '-green'].map((end) => subject({ ...GONE, secretName, callerName: role + end })),
    ).toMatchInlineSnapshot(`
[
  "CRITICAL: Deleted secret nnnnnnnnn...nnnnnnnn wanted by prod-cccccccc...cccccccc-blue, already gone",
  "CRITICAL: Deleted secret nnnnnnnnn...nnnnnnnn wanted by prod-cccccccc...ccccccc-green, already gone",
]
`);
    expect(subject({ ...GONE, secretName, callerName: `test-${'c'.repeat(65)}` })).toContain(
      'wanted by test-',
    );
  });

  test('keeps a short name when the caller’s is long', () => {
    expect(subject({ callerName: 'c'.repeat(128) })).toBe(
      `Deleted secret prod/db wanted by ${'c'.repeat(25)}...${'c'.repeat(25)}, 9 days left`,
    );
  });

  test('loses the account of a foreign caller rather than a part of its number', () => {
    const parts = { head: 'Deleted secret', verb: 'wanted by', tail: '6 to 29 days left' };
    const foreign = (name: string, secretName: string) =>
      fitSubject({
        ...parts,
        secretName,
        callerName: name,
        callerBeside: `${name} of account 444455556666`,
      });
    expect(foreign('x', 'prod/db')).toContain('wanted by x of account 444455556666, 6');
    const [a, b] = ['orders-service-a', 'orders-service-b'].map((name) =>
      foreign(name, 'n'.repeat(25)),
    );
    expect(a).toContain('wanted by orders-service-a, 6');
    expect(b).toContain('wanted by orders-service-b, 6');
  });

  test('loses what the body tells as well before all', () => {
    const parts = { head: 'Secret', verb: 'scheduled for deletion by', tail: '6 days left' };
    const asides = ['last used 2026-11-20'];
    expect(fitSubject({ ...parts, asides, secretName: 'n'.repeat(27), callerName: 'bob' })).toBe(
      `Secret ${'n'.repeat(27)} scheduled for deletion by bob, 6 days left, last used 2026-11-20`,
    );
    expect(fitSubject({ ...parts, asides, secretName: 'n'.repeat(28), callerName: 'bob' })).toBe(
      `Secret ${'n'.repeat(28)} scheduled for deletion by bob, 6 days left`,
    );
  });

  test('says of another place what there is room for', () => {
    const parts = { head: 'Secret', verb: 'wanted by', tail: '6 days left', callerName: 'bob' };
    const asides = placesShort({ accountId: '444455556666', region: 'us-east-1' });
    const subject = (length: number) =>
      fitSubject({ ...parts, asides, secretName: 'n'.repeat(length) });
    expect(subject(38)).toMatch(/ left, in 444455556666 us-east-1$/);
    expect(subject(39)).toMatch(/ left, in 444455556666$/);
    expect(subject(48)).toMatch(/ left, in 444455556666$/);
    expect(subject(49)).toMatch(/ left$/);
  });

  const states: readonly Case[] = [
    ...[0, 1 / 2000, 0.5, 1, 9].map((days): Case => {
      const schedule = { kind: 'exact', date: addDays(NOW, days) } as const;
      return { severity: 'critical', state: { state: 'pending', schedule } };
    }),
    ...[-23.0001, -22.5, -1, 0.5, 7].map((days): Case => {
      const [earliest, latest] = [addDays(NOW, days), addDays(NOW, days + 23)];
      const schedule = { kind: 'estimated', earliest, latest, reason: '' } as const;
      return { severity: 'critical', state: { state: 'pending', schedule } };
    }),
    GONE,
    { state: { state: 'restored' } },
    { restoredByUs: true },
  ];
  const name = fc.oneof(
    linkable,
    fc.string({ maxLength: 512 }),
    fc.integer({ min: 1, max: 512 }).map((length) => 'n'.repeat(length)),
  );

  test('never loses what has happened, to whom and how long there is left, whatever the names', () => {
    fc.assert(
      fc.property(fc.constantFrom(...states), name, name, (state, secretName, callerName) => {
        const full = subject(state);
        const [head = '', tail = ''] = full.split('prod/db wanted by app-server');
        const text = subject({ ...state, secretName, callerName });
        expect(text.length).toBeLessThanOrEqual(MAX_SUBJECT);
        expect(text.startsWith(head)).toBe(true);
        expect(text).toContain(' wanted by ');
        expect(text.endsWith(tail)).toBe(true);
        expect(links(text)).toEqual([]);
      }),
    );
  });
});

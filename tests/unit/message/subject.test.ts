import { MAX_SUBJECT, renderSubject, type SubjectFacts } from '../../../lib/message/subject.ts';
import { addDays } from '../../../lib/time.ts';
import { NOW } from '../../testing/attempts.ts';

const subject = (overrides: Partial<SubjectFacts> = {}) =>
  renderSubject({
    severity: 'notice',
    situation: { state: 'pending', schedule: { kind: 'exact', date: addDays(NOW, 9) } },
    restoredByUs: false,
    secretName: 'prod/db',
    callerName: 'app-server',
    now: NOW,
    ...overrides,
  });

test.each<[string, Partial<SubjectFacts>, string]>([
  ['more than a week', {}, 'Deleted secret prod/db wanted by app-server, 9 days left'],
  [
    'little time',
    {
      severity: 'critical',
      situation: { state: 'pending', schedule: { kind: 'exact', date: addDays(NOW, 1) } },
    },
    'CRITICAL: Deleted secret prod/db wanted by app-server, 1 day left',
  ],
  [
    'no time',
    { severity: 'critical', situation: { state: 'gone' } },
    'CRITICAL: Deleted secret prod/db wanted by app-server, already gone',
  ],
  [
    'a restored secret',
    { situation: { state: 'restored' } },
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
  const cases: [string, string, string, string][] = [
    [
      'first loses the end of the caller',
      'n'.repeat(40),
      'c'.repeat(64),
      `Deleted secret ${'n'.repeat(40)} wanted by ${'c'.repeat(17)}..., 9 days left`,
    ],
    [
      'then the caller',
      'n'.repeat(60),
      'c'.repeat(64),
      `Deleted secret ${'n'.repeat(60)}, 9 days left`,
    ],
    ['then the time', 'n'.repeat(80), 'app', `Deleted secret ${'n'.repeat(80)}`],
    ['then a word', 'n'.repeat(90), 'app', `Secret ${'n'.repeat(90)}`],
    [
      'and at last the middle of the name',
      `a${'n'.repeat(510)}z`,
      'app',
      `a${'n'.repeat(47)}...${'n'.repeat(47)}z`,
    ],
  ];
  test.each(cases)('%s', (_, secretName, callerName, expected) => {
    expect(subject({ secretName, callerName })).toBe(expected);
    expect(expected.length).toBeLessThanOrEqual(MAX_SUBJECT);
  });
});

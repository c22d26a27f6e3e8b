import type { Secret } from '../../../../lib/deletion/describe.ts';
import { addDays } from '../../../../lib/time.ts';
import { batchBy, readBy } from '../../../testing/history.ts';
import { hoursAgo, NOW, surveyOf } from '../../../testing/readers.ts';

const day = (daysAgo: number) => new Date(addDays(NOW, -daysAgo).toISOString().slice(0, 10));

/** The verdict on a secret that roles have read so many hours ago. */
function verdictOn(
  reads: Readonly<Record<string, number>> = {},
  secret: Partial<Secret> = {},
  days = 90,
) {
  const records = Object.entries(reads).map(([role, hours]) =>
    readBy(role, 'prod/db', hoursAgo(hours)),
  );
  const [found] = surveyOf({ secrets: [{ name: 'prod/db', ...secret }], records, days }).secrets;
  return found?.verdict;
}

const READ_BY_AWS = { lastAccessedDate: day(0) };

test.each([
  [
    'of two roles in the last day',
    verdictOn({ a: 3, b: 23, c: 30 }),
    'in-use',
    'read by 2 roles in the last day: deleting it breaks them',
  ],
  [
    'a day and more ago',
    verdictOn({ a: 30 }),
    'in-use',
    'read by 1 role in the last 2 days: deleting it breaks it',
  ],
  [
    'two days ago',
    verdictOn({ a: 49 }),
    'quiet',
    'not read for 2 of 90 days: schedule it with 30 days and let this service watch',
  ],
  [
    'long ago',
    verdictOn({ a: 88 * 24 + 1 }),
    'quiet',
    'not read for 88 of 90 days: schedule it with 30 days and let this service watch',
  ],
  [
    'none',
    verdictOn(),
    'not-read',
    'not read in 90 days, nor before, as far as AWS tells: schedule it with 7 days and let this service watch',
  ],
  [
    'none in the window, but one before',
    verdictOn({}, { lastAccessedDate: day(40) }, 30),
    'not-read',
    'not read in 30 days, but before, on 2026-10-13: schedule it with 30 days and let this service watch',
  ],
  [
    'none, of a short look back',
    verdictOn({}, {}, 30),
    'not-read',
    'not read in 30 days, nor before, as far as AWS tells: schedule it with 30 days and let this service watch',
  ],
  [
    'none, of a young secret',
    verdictOn({}, { createdDate: addDays(NOW, -20) }),
    'not-read',
    'not read in 20 days, nor before, as far as AWS tells: schedule it with 30 days and let this service watch',
  ],
  [
    'none, of one made just now',
    verdictOn({}, { createdDate: hoursAgo(5) }),
    'too-soon',
    'made 5 hours ago and not read yet: too soon to tell, ask again in a day',
  ],
  [
    'one that only AWS tells',
    verdictOn({}, READ_BY_AWS),
    'in-use',
    'read on 2026-11-22, by whom the event history does not show: deleting it may break a reader',
  ],
  [
    'a later one that only AWS tells',
    verdictOn({ a: 400 }, READ_BY_AWS),
    'in-use',
    'read on 2026-11-22, by whom the event history does not show: deleting it may break a reader',
  ],
  [
    'one that only AWS tells, days ago',
    verdictOn({}, { lastAccessedDate: day(9) }),
    'quiet',
    'not read for 8 of 90 days: schedule it with 30 days and let this service watch',
  ],
  [
    'one on the day that AWS tells',
    verdictOn({ a: 2 }, READ_BY_AWS),
    'in-use',
    'read by 1 role in the last day: deleting it breaks it',
  ],
  [
    'none, of a secret with replicas',
    verdictOn({}, { replicas: ['us-east-1', 'ap-south-1'] }),
    'not-read',
    'not read in 90 days, nor before, as far as AWS tells: remove its 2 replicas, then schedule it with 7 days and let this service watch',
  ],
  [
    'long ago, of a replica',
    verdictOn({ a: 200 }, { replicaOf: 'us-east-1' }),
    'quiet',
    'not read for 8 of 90 days: make this replica a secret of its own, then schedule it with 30 days and let this service watch',
  ],
  [
    'of a secret that is pending',
    verdictOn({ a: 100 }, { deletedDate: day(3) }),
    'pending',
    'already scheduled for deletion, as AWS tells since 2026-11-19 00:00 UTC: who reads it fails',
  ],
  [
    'of a secret that a service manages',
    verdictOn({ a: 1 }, { owningService: 'rds' }),
    'managed',
    'in use, read by 1 role in the last day: deleting it breaks it; managed by rds, which may refuse its deletion: delete there what it belongs to',
  ],
  [
    'none, of a secret that a service manages',
    verdictOn({ a: 100 }, { owningService: 'rds' }),
    'managed',
    'managed by rds, which may refuse its deletion: delete there what it belongs to',
  ],
])('by its reads: %s', (_, verdict, kind, text) => {
  expect(verdict).toMatchObject({ kind, text });
});

test('a batch that names it is a read as well', () => {
  const records = [batchBy('etl', { SecretIdList: ['prod/db'] }, hoursAgo(2))];
  const [found] = surveyOf({ secrets: [{ name: 'prod/db' }], records }).secrets;
  expect(found?.verdict.text).toBe('read by 1 role in the last day: deleting it breaks it');
});

/** The verdict on one that a role has failed to read. */
function failing() {
  const records = [readBy('a', 'prod/db', hoursAgo(1), { error: 'AccessDenied' })];
  return surveyOf({ secrets: [{ name: 'prod/db' }], records }).secrets[0]?.verdict;
}

const stepsOf = (verdict: ReturnType<typeof verdictOn>) => verdict?.steps.map(({ what }) => what);

test.each([
  [
    'is in use',
    verdictOn({ a: 1 }),
    ['Once nothing reads it any more, schedule its deletion with 30 days'],
  ],
  [
    'fails',
    failing(),
    ['Once nothing tries to read it any more, schedule its deletion with 30 days'],
  ],
  ['is quiet', verdictOn({ a: 100 }), ['Schedule its deletion with 30 days']],
  [
    'is in use and has replicas',
    verdictOn({ a: 1 }, { replicas: ['us-east-1'] }),
    [
      'First see who reads its replica in us-east-1',
      'Once nothing reads it any more, remove the replicas, which go at once and for good',
      'Then schedule its deletion with 30 days',
    ],
  ],
  [
    'is quiet and has replicas',
    verdictOn({ a: 100 }, { replicas: ['us-east-1'] }),
    [
      'First see who reads its replica in us-east-1',
      'Then remove the replicas, which go at once and for good',
      'Then schedule its deletion with 30 days',
    ],
  ],
  [
    'is a replica in use',
    verdictOn({ a: 1 }, { replicaOf: 'us-east-1' }),
    [
      'Once nothing reads it any more, make it a secret of its own, so that its deletion can be undone',
      'Then schedule its deletion with 30 days',
      'Or remove it, at once and for good, at its primary in us-east-1',
    ],
  ],
])('the steps for one that %s say what comes first', (_, verdict, steps) => {
  expect(stepsOf(verdict)).toEqual(steps);
});

const commandsOf = (verdict: ReturnType<typeof verdictOn>) =>
  verdict?.steps.map(({ command }) => command.replaceAll('arn:aws:secretsmanager:', ''));

test.each([
  [
    'nobody reads',
    verdictOn(),
    [
      'aws secretsmanager delete-secret --secret-id eu-west-1:111122223333:secret:prod/db-AbCdEf --recovery-window-in-days 7 --region eu-west-1',
    ],
  ],
  [
    'somebody reads',
    verdictOn({ a: 1 }),
    [
      'aws secretsmanager delete-secret --secret-id eu-west-1:111122223333:secret:prod/db-AbCdEf --recovery-window-in-days 30 --region eu-west-1',
    ],
  ],
  ['was made just now', verdictOn({}, { createdDate: hoursAgo(5) }), []],
  [
    'was made just now, and has replicas',
    verdictOn({}, { createdDate: hoursAgo(5), replicas: ['us-east-1'] }),
    [],
  ],
  ['a service manages', verdictOn({}, { owningService: 'rds' }), []],
  [
    'is pending',
    verdictOn({}, { deletedDate: day(3) }),
    [
      'npm run -s status -- --region eu-west-1',
      'aws secretsmanager restore-secret --secret-id eu-west-1:111122223333:secret:prod/db-AbCdEf --region eu-west-1',
    ],
  ],
  [
    'has replicas',
    verdictOn({ a: 200 }, { replicas: ['us-east-1', 'ap-south-1; rm -rf /'] }),
    [
      'npm run -s readers -- --secret prod/db --region us-east-1',
      'npm run -s readers -- --secret prod/db',
      'aws secretsmanager remove-regions-from-replication --secret-id eu-west-1:111122223333:secret:prod/db-AbCdEf --remove-replica-regions us-east-1 --region eu-west-1',
      'aws secretsmanager delete-secret --secret-id eu-west-1:111122223333:secret:prod/db-AbCdEf --recovery-window-in-days 30 --region eu-west-1',
    ],
  ],
  [
    'is a replica',
    verdictOn({ a: 200 }, { replicaOf: 'us-east-1' }),
    [
      'aws secretsmanager stop-replication-to-replica --secret-id eu-west-1:111122223333:secret:prod/db-AbCdEf --region eu-west-1',
      'aws secretsmanager delete-secret --secret-id eu-west-1:111122223333:secret:prod/db-AbCdEf --recovery-window-in-days 30 --region eu-west-1',
      'aws secretsmanager remove-regions-from-replication --secret-id us-east-1:111122223333:secret:prod/db-AbCdEf --remove-replica-regions eu-west-1 --region us-east-1',
    ],
  ],
])('the commands for one that %s', (_, verdict, commands) => {
  expect(commandsOf(verdict)).toEqual(commands);
});

test('no window is recommended for what is too new to be judged', () => {
  expect(verdictOn({}, { createdDate: hoursAgo(5) })?.windowDays).toBeUndefined();
  expect(verdictOn({}, { createdDate: hoursAgo(25) })?.windowDays).toBe(30);
});

test.each([
  ['there', '--profile there'],
  ['my team; rm -rf /', "--profile 'my team; rm -rf /'"],
  ["a'b", String.raw`--profile 'a'\''b'`],
])('every command is for the profile with which was asked: %s', (profile, expected) => {
  const { secrets } = surveyOf({
    secrets: [
      { name: 'primary', replicas: ['us-east-1'] },
      { name: 'replica', replicaOf: 'us-east-1' },
      { name: 'pending', deletedDate: day(3) },
    ],
    profile,
  });
  const commands = secrets.flatMap(({ verdict }) => verdict.steps.map(({ command }) => command));
  expect(commands).toHaveLength(8);
  for (const command of commands) expect(command.endsWith(` ${expected}`)).toBe(true);
});

test('ranks by the last read, the longest ago first, with what each costs without calls', () => {
  const { secrets } = surveyOf({
    secrets: [
      { name: 'read' },
      { name: 'never', replicas: ['us-east-1', 'eu-central-1'] },
      { name: 'by-aws', lastAccessedDate: day(5) },
      { name: 'pending', deletedDate: day(1) },
    ],
    records: Array.from({ length: 2000 }, (_, i) => readBy('a', 'read', hoursAgo(i / 10))),
    days: 10,
  });
  expect(secrets.map(({ secret, cost }) => [secret.name, cost.toFixed(4)])).toEqual([
    ['never', '1.2000'],
    ['pending', '0.0000'],
    ['by-aws', '0.4000'],
    ['read', '0.4000'],
  ]);
});

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import {
  consoleLink,
  deleteCommand,
  restoreCommand,
  type Target,
} from '../../../lib/notice/commands.ts';
import { identifier } from '../../../lib/text.ts';
import { linkable, links } from '../../testing/links.ts';

const target = (overrides: Partial<Target> = {}): Target => ({
  id: 'prod/db',
  name: 'prod/db',
  region: 'eu-west-1',
  partition: 'aws',
  ...overrides,
});

test.each([
  [target(), 'aws secretsmanager restore-secret --secret-id prod/db --region eu-west-1'],
  [
    target({ id: 'rds!db-1' }),
    "aws secretsmanager restore-secret --secret-id 'rds!db-1' --region eu-west-1",
  ],
  [target({ id: '=x' }), "aws secretsmanager restore-secret --secret-id '=x' --region eu-west-1"],
  [
    target({ id: '@file' }),
    "aws secretsmanager restore-secret --secret-id '@file' --region eu-west-1",
  ],
  [
    target({ id: '-prod' }),
    'aws secretsmanager restore-secret --secret-id=-prod --region eu-west-1',
  ],
  [
    target({ id: 'api.example.com/db' }),
    "aws secretsmanager restore-secret --secret-id api'.'example'.'com/db --region eu-west-1",
  ],
  [
    target({ id: 'rds!db.example' }),
    "aws secretsmanager restore-secret --secret-id 'rds!db'.'example' --region eu-west-1",
  ],
  [target({ id: 'v1.2' }), 'aws secretsmanager restore-secret --secret-id v1.2 --region eu-west-1'],
  [target({ region: undefined }), 'aws secretsmanager restore-secret --secret-id prod/db'],
  [target({ region: 'x; reboot' }), 'aws secretsmanager restore-secret --secret-id prod/db'],
])('%j is restored by %s', (secret, command) => {
  expect(restoreCommand(secret)).toBe(command);
});

test('a shell reads in a command the id that it is made for, and a mail program no link', () => {
  const name = fc.oneof(
    fc.stringMatching(/^[\w/+=.@!-]{1,40}$/),
    linkable.map((text) => identifier(text).replaceAll(/[?,]/g, '')),
    fc.constantFrom(
      'api.example.com/db',
      'www.x',
      'rds!a.b@example.com!',
      '//evil.example/x',
      'alice@example.com',
    ),
  );
  const id = fc.oneof(
    name,
    name.map((end) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${end}-AbC123`),
  );
  const ids = fc.array(id.filter(Boolean), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(ids, (sent) => {
      const words = sent.map((one) => {
        const command = restoreCommand(target({ id: one }));
        expect(links(command)).toEqual([]);
        return /--secret-id[ =](.*) --region/.exec(command)?.[1];
      });
      // None of them has a line break.
      const script = `printf '%s\\n' ${words.join(' ')}`;
      const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
      expect(read.split('\n')).toEqual([...sent, '']);
    }),
    // A shell for each run, of some twenty ids.
    { numRuns: 20 },
  );
});

test.each([
  undefined,
  '',
  'x; reboot',
  '$(reboot)',
  "x' y",
  '`reboot`',
  'a\nb',
  '--profile=x y',
  '--cli-input-json=file:///x',
  'file:///root/.aws/credentials',
  'fileb://x',
  'https://evil.example/x',
  '~root',
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:',
  'x'.repeat(3000),
])('an id that AWS would not take, %p, never gets into a command', (id) => {
  const list = 'aws secretsmanager list-secrets --include-planned-deletion --region eu-west-1';
  expect(restoreCommand(target({ id }))).toBe(list);
  expect(deleteCommand(target({ id }))).toBe(list);
});

test('the deletion is scheduled again with the longest window', () => {
  expect(deleteCommand(target())).toBe(
    'aws secretsmanager delete-secret --secret-id prod/db --recovery-window-in-days 30 --region eu-west-1',
  );
});

test.each([
  [
    target(),
    'https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb&region=eu-west-1',
  ],
  [
    target({ partition: 'aws-cn', region: 'cn-north-1' }),
    'https://cn-north-1.console.amazonaws.cn/secretsmanager/secret?name=prod%2Fdb&region=cn-north-1',
  ],
  [
    target({ partition: 'aws-us-gov', region: 'us-gov-west-1' }),
    'https://us-gov-west-1.console.amazonaws-us-gov.com/secretsmanager/secret?name=prod%2Fdb&region=us-gov-west-1',
  ],
  [
    target({ partition: 'aws-eusc', region: 'eusc-de-east-1' }),
    'https://eusc-de-east-1.console.amazonaws-eusc.eu/secretsmanager/secret?name=prod%2Fdb&region=eusc-de-east-1',
  ],
  [target({ partition: 'aws-iso', region: 'us-iso-east-1' }), undefined],
  [target({ name: undefined }), undefined],
  [target({ name: 'a b' }), undefined],
  [target({ region: undefined }), undefined],
  [target({ region: 'evil.example/' }), undefined],
])('the console shows %j at %s', (secret, link) => {
  expect(consoleLink(secret)).toBe(link);
});

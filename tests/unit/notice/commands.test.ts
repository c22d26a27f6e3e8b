import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import {
  backfillCommand,
  commandAndLink,
  consoleLink,
  deleteCommand,
  goneRemedy,
  muteCommand,
  readersCommand,
  remedyOf,
  restoreCommand,
  statusCommand,
  type Target,
  unmuteCommand,
  withCredentials,
} from '../../../lib/notice/commands.ts';
import { identifier } from '../../../lib/text.ts';
import { SETTINGS } from '../../../stack/settings.ts';
import { linkable, links } from '../../testing/links.ts';

const target = (overrides: Partial<Target> = {}): Target => ({
  id: 'prod/db',
  name: 'prod/db',
  region: 'eu-west-1',
  partition: 'aws',
  ...overrides,
});

test.each([
  [{}, ' prod/db --region eu-west-1'],
  [{ id: 'rds!db-1' }, " 'rds!db-1' --region eu-west-1"],
  [{ id: '=x' }, " '=x' --region eu-west-1"],
  [{ id: '@file' }, " '@file' --region eu-west-1"],
  [{ id: '-prod' }, '=-prod --region eu-west-1'],
  [{ id: 'api.example.com/db' }, " api'.'example'.'com/db --region eu-west-1"],
  [{ id: 'rds!db.example' }, " 'rds!db'.'example' --region eu-west-1"],
  [{ id: 'v1.2' }, ' v1.2 --region eu-west-1'],
  [{ region: undefined }, ' prod/db'],
  [{ region: 'x; reboot' }, ' prod/db'],
])('%j is restored by aws secretsmanager restore-secret --secret-id%s', (overrides, rest) => {
  expect(restoreCommand(target(overrides))).toBe(
    `aws secretsmanager restore-secret --secret-id${rest}`,
  );
});

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db';
const ROLE = 'arn:aws:iam::111122223333:role/app';
const PERSON = 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_01/alice@example.com';
const PLACEHOLDER = '--caller CALLER-ARN';

test.each([
  [{}, ROLE, `--secret prod/db --caller ${ROLE} --reason "why" --region eu-west-1`],
  [{ name: 'a!b' }, ROLE, `--secret 'a!b' --caller ${ROLE} --reason "why" --region eu-west-1`],
  [{ name: '-x' }, ROLE, `--secret=-x --caller ${ROLE} --reason "why" --region eu-west-1`],
  [{ name: '$(reboot)' }, ROLE, `--secret NAME --caller ${ROLE} --reason "why" --region eu-west-1`],
  [{ region: 'x; reboot' }, ROLE, `--secret prod/db --caller ${ROLE} --reason "why"`],
  [
    {},
    PERSON,
    `--secret prod/db --caller ${PERSON.replace('.', "'.'")} --reason "why" --region eu-west-1`,
  ],
  [{}, `${ROLE}"; reboot`, `--secret prod/db ${PLACEHOLDER} --reason "why" --region eu-west-1`],
  [{}, 'lambda.amazonaws.com', `--secret prod/db ${PLACEHOLDER} --reason "why" --region eu-west-1`],
])('%j read by %s is muted by npm run mute -- %s', (overrides, caller, options) => {
  expect(muteCommand(target(overrides), caller, { region: 'us-west-2' })).toBe(
    `npm run mute -- ${options}`,
  );
});

const FAR_ARN = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-AbCdEf';

test.each([
  [FAR_ARN, FAR_ARN],
  [FAR_ARN.replace('/db', '/x!y'), `'${FAR_ARN.replace('/db', '/x!y')}'`],
  [FAR_ARN.replace('/db', '/a.example/b'), FAR_ARN.replace('/db', "/a'.'example/b")],
  // Its name would be that of a secret where the stack is.
  ['prod/db', 'SECRET-ARN'],
  [`${FAR_ARN} --remove`, 'SECRET-ARN'],
  [undefined, 'SECRET-ARN'],
])('a secret elsewhere with the id %s is muted as %s, in the Region of the stack', (id, named) => {
  const elsewhere = { accountId: '444455556666', region: 'us-east-1' };
  const far = target({ id, region: 'us-east-1', elsewhere });
  const command = muteCommand(far, ROLE, { region: 'eu-west-1' });
  expect(command).toBe(
    `npm run mute -- --secret ${named} --caller ${ROLE} --reason "why" --region eu-west-1`,
  );
  expect(links(command)).toEqual([]);
});

test.each([
  [{}, '--secret prod/db --remove --stage prod --region eu-west-1'],
  [{ name: 'a!b' }, "--secret 'a!b' --remove --stage prod --region eu-west-1"],
  [{ name: '$(reboot)' }, '--secret NAME --remove --stage prod --region eu-west-1'],
  [
    { id: FAR_ARN, region: 'us-east-1', elsewhere: { accountId: '444455556666' } },
    `--secret ${FAR_ARN} --remove --stage prod --region eu-west-1`,
  ],
])('the mutes of %j are ended by npm run mute -- %s', (overrides, options) => {
  const stack = { stage: 'prod', region: 'eu-west-1' };
  expect(unmuteCommand(target(overrides), stack)).toBe(`npm run mute -- ${options}`);
});

test('the commands on the stack name any stage but that of their own default', () => {
  expect(muteCommand(target(), ROLE, { stage: 'prod' })).toBe(
    `npm run mute -- --secret prod/db --caller ${ROLE} --reason "why" --stage prod --region eu-west-1`,
  );
  expect(statusCommand({ stage: 'prod', region: 'eu-west-1' })).toBe(
    'npm run -s status -- --stage prod --region eu-west-1',
  );
  for (const stage of ['dev', undefined]) {
    expect(statusCommand({ stage, region: 'eu-west-1' })).toBe(
      'npm run -s status -- --region eu-west-1',
    );
  }
});

test('what was missed is looked for in the stack, elsewhere too only if it can look there', () => {
  const stack = { stage: 'prod', region: 'eu-west-1' };
  const command = 'npm run -s status --';
  const options = '--backfill --stage prod --region eu-west-1';
  expect(backfillCommand(stack, false)).toBe(`${command} ${options}`);
  expect(backfillCommand(stack, true)).toBe(`${command} ${options}`);
  const hub = { ...stack, hasSpokes: true };
  expect(backfillCommand(hub, true)).toBe(`${command} --all-accounts ${options}`);
});

test.each([
  [{}, ''],
  [{ elsewhere: { region: 'eu-west-1' } }, ''],
  [{ elsewhere: { accountId: '444455556666' } }, ' --profile PROFILE-OF-444455556666'],
])('the readers of a secret that is %j are found where it is', (overrides, options) => {
  expect(readersCommand(target(overrides))).toBe(
    `npm run -s readers -- --secret prod/db --region eu-west-1${options}`,
  );
});

test.each([ROLE, PERSON, 'arn:aws:sts::111122223333:federated-user/bob'])(
  'a mute takes the caller %s as its command names it',
  (caller) => expect(SETTINGS.ignoredCallers.accepts(caller)).toBe(true),
);

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
    'create',
    {},
    'create-secret --name prod/db --secret-string file://VALUE-FILE --region eu-west-1',
  ],
  [
    'create',
    { name: '-x' },
    'create-secret --name=-x --secret-string file://VALUE-FILE --region eu-west-1',
  ],
  [
    'replicate',
    { replicaOf: 'us-east-1' },
    'replicate-secret-to-regions --secret-id prod/db --add-replica-regions Region=eu-west-1 --region us-east-1',
  ],
] as const)(
  'what is gone is made anew: to %s %j is aws secretsmanager %s',
  (act, overrides, call) => {
    // By its name: its ARN was that of the one that is gone.
    const remedy = remedyOf(act, target({ id: `${ARN}-AbC123`, ...overrides }));
    expect(remedy.command).toBe(`aws secretsmanager ${call}`);
  },
);

test.each([
  ['it was made anew', {}, new Date()],
  ['an AWS service has made it', { name: 'rds!db-1' }, undefined],
  ['no command can name it', { name: '$(reboot)' }, undefined],
  ['nobody knows its name', { name: undefined }, undefined],
])('nothing makes anew what is gone if %s', (_why, overrides, anew) => {
  expect(goneRemedy(target(overrides), anew)).toBeUndefined();
});

test('a primary in a Region that cannot be is no primary', () => {
  const remedy = goneRemedy({ ...target(), replicaOf: 'x; reboot' }, undefined);
  expect(remedy?.act).toBe('create');
});

test.each([
  ['aws', 'eu-west-1', 'aws.amazon.com'],
  ['aws-cn', 'cn-north-1', 'amazonaws.cn'],
  ['aws-us-gov', 'us-gov-west-1', 'amazonaws-us-gov.com'],
  ['aws-eusc', 'eusc-de-east-1', 'amazonaws-eusc.eu'],
])('the console of %s shows a secret of %s at %s', (partition, region, domain) => {
  expect(consoleLink(target({ partition, region }))).toBe(
    `https://${region}.console.${domain}/secretsmanager/secret?name=prod%2Fdb&region=${region}`,
  );
});

test.each([
  { partition: 'aws-iso', region: 'us-iso-east-1' },
  { name: undefined },
  { name: 'a b' },
  { region: undefined },
  { region: 'evil.example/' },
])('there is no link to %j', (overrides) => {
  expect(consoleLink(target(overrides))).toBeUndefined();
});

test.each<[place: Target['elsewhere'], by: string, profile: string, paragraphs: RegExp[]]>([
  [undefined, '', '', [/^aws /, /^https:/]],
  [{ region: 'us-east-1' }, '', '', [/^aws /, /^https:/]],
  [
    { accountId: '444455556666', region: 'us-east-1' },
    ', with credentials of account 444455556666',
    ' --profile PROFILE-OF-444455556666',
    // The console shows the secret of that name in whatever account its reader is.
    [/^aws /, /^Or in the console, signed in to account 444455556666:$/, /^https:/],
  ],
  [
    { accountId: '444455556666; reboot' },
    ', with credentials of its account',
    ' --profile PROFILE-OF-ITS-ACCOUNT',
    [/^aws /],
  ],
])(
  'of a secret in %j a remedy says whose credentials it takes%s, and%s',
  (place, by, profile, paragraphs) => {
    for (const act of ['restore', 'delete'] as const) {
      for (const id of ['prod/db', undefined]) {
        const remedy = remedyOf(act, target({ id, region: 'us-east-1', elsewhere: place }));
        expect(withCredentials(remedy)).toBe(by);
        expect(remedy.command).toMatch(/^aws secretsmanager [\w/ -]+$/);
        expect(remedy.command.endsWith(` --region us-east-1${profile}`)).toBe(true);
        expect(commandAndLink(remedy)).toEqual(
          paragraphs.map((text) => expect.stringMatching(text)),
        );
      }
    }
  },
);

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ended, runCli, startCli } from '../testing/cli.ts';
import { asEvent, deleteSecret, failedGetSecretValue } from '../testing/records.ts';

const folder = mkdtempSync(join(tmpdir(), 'preview-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  const isPlain = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(path, isPlain ? content : JSON.stringify(content));
  return path;
}

async function preview(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli('preview', args, {});
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** In a process of its own: of its standard input. */
const previewOf = (input: string | Buffer, ...args: string[]) =>
  execFileSync(process.execPath, ['cli/main.ts', 'preview', '--event', '-', ...args], {
    encoding: 'utf8',
    input,
  });

function refused({ code, stdout, stderr }: Awaited<ReturnType<typeof runCli>>): string {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trim().split('\n')).toHaveLength(1);
  return stderr;
}

const record = {
  ...failedGetSecretValue(),
  eventTime: '2026-11-22T17:03:00Z',
  requestParameters: { secretId: 'prod/db' },
};
const event = file('event.json', asEvent(record));
const now = ['--now', '2026-11-22T17:05:00Z'];
const secret = {
  ARN: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbC123',
  Name: 'prod/db',
  Tags: [{ Key: 'owner', Value: 'payments' }],
};

test('prints the mail of an EventBridge event and of a bare record alike', async () => {
  const mail = await preview('--event', event, ...now);
  expect(mail).toMatch(/^Subject: WARNING: Deleted secret prod\/db wanted by .+, date unknown\n\n/);
  expect(await preview('--event', file('record.json', record), ...now)).toBe(mail);
});

test.each([
  ['ISO 8601', '2026-11-29T14:03:00.123000+00:00'],
  ['seconds since 1970', Date.parse('2026-11-29T14:03:00Z') / 1000],
])('takes the date of a secret from DescribeSecret as %s', async (_, DeletedDate) => {
  const described = file('secret.json', { ...secret, DeletedDate });
  const mail = await preview('--event', event, '--secret', described, ...now);
  expect(mail).toContain('Deletion:    2026-11-29 14:03 UTC, 6 days 21 hours left (exact)');
  expect(mail).toContain('Owner:       payments (tag owner)');
});

test('takes the date and the person from the record of the deletion', async () => {
  const deletion = file('deletion.json', {
    ...deleteSecret(),
    eventTime: '2026-11-20T09:00:00Z',
    requestParameters: { secretId: 'prod/db', recoveryWindowInDays: 10 },
    responseElements: { arn: secret.ARN, deletionDate: 'Nov 30, 2026, 9:00:00 AM' },
  });
  const described = file('secret.json', { ...secret, DeletedDate: '2026-11-20T09:00:00Z' });
  const mail = await preview(
    '--event',
    event,
    '--secret',
    described,
    '--deletion',
    deletion,
    ...now,
  );
  expect(mail).toContain('Deletion:    2026-11-30 09:00 UTC, 7 days 16 hours left (exact)');
  expect(mail).toMatch(/Scheduled: {3}by role [\s\S]+ with\s+a window of 10 days/);
});

test('ignores a file about another secret', async () => {
  const other = { ...secret, ARN: secret.ARN.replace('prod/db', 'other'), Name: 'other' };
  const described = file('other-secret.json', { ...other, DeletedDate: '2026-11-29T14:03:00Z' });
  const mail = await preview('--event', event, '--secret', described, ...now);
  expect(mail).toMatch(/date unknown[\s\S]+answered for\s+another\s+secret/);
  const deletion = file('other-deletion.json', deleteSecret());
  expect(await preview('--event', event, '--deletion', deletion, ...now)).toMatch(
    /date unknown[\s\S]+DeleteSecret given\s+is of another secret/,
  );
});

test('takes a file that begins with a byte order mark', async () => {
  const marked = file('bom.json', `\ufeff${JSON.stringify(record)}`);
  expect(await preview('--event', marked, ...now)).toBe(await preview('--event', event, ...now));
});

test('takes a secret in UTF-16, as PowerShell writes it', async () => {
  const plain = file('plain-secret.json', secret);
  const utf16 = file(
    'utf16-secret.json',
    Buffer.from(`\ufeff${JSON.stringify(secret)}`, 'utf16le'),
  );
  expect(await preview('--event', event, '--secret', utf16, ...now)).toBe(
    await preview('--event', event, '--secret', plain, ...now),
  );
});

test('--now takes a day too, as --until of a mute does', async () => {
  const described = file('dated.json', { ...secret, DeletedDate: '2026-11-29T00:00:00Z' });
  const args = ['--event', event, '--secret', described, '--now'];
  expect(await preview(...args, '2026-11-24')).toContain(', 5 days left (exact)');
  const day = await runCli('preview', [...args, '2027-02-31'], {});
  expect(refused(day)).toContain('Expected a date such as 2026-11-22, or a time such as');
});

test('notes on stderr that an hour has no room for so many alerts', async () => {
  const many = Array.from({ length: 10 }, (_, i) => ({
    ...record,
    eventID: `${i}`,
    requestParameters: { secretId: `s${i}` },
  }));
  const of = await runCli('preview', ['--event', file('many.json', many), '--json'], {});
  expect(JSON.parse(of.stdout)).toHaveLength(10);
  expect(of.stderr).toMatch(/^\nShown as if there were always budget: 10 alerts in one hour/);
});

test('prints one JSON object with --json', async () => {
  const { alert } = JSON.parse(await preview('--event', event, '--json', ...now));
  expect(alert).toMatchObject({ severity: 'warning', attributes: { secret: 'prod/db' } });
  expect(await preview('--event', event, ...now)).toBe(
    `Subject: ${alert.subject}\n\n${alert.body}\n`,
  );
});

test('says why there is no alert', async () => {
  const success = file('success.json', {
    ...record,
    errorCode: undefined,
    errorMessage: undefined,
  });
  expect(await preview('--event', success)).toBe('No alert: the call succeeded.\n');
  expect(JSON.parse(await preview('--event', success, '--json'))).toEqual({
    alert: null,
    reason: 'the call succeeded',
  });
});

test('what strangers wrote makes no link, neither in a reason nor in an error', async () => {
  const url = 'https://evil.example/x';
  const failed = file('failed.json', { ...record, errorMessage: url });
  expect(await preview('--event', failed)).toContain('https[:]//evil[.]example/x');
  expect(await preview('--event', failed, '--json')).toContain(url);
  for (const args of [
    ['--event', file('key.json', { [url]: 1 })],
    ['--event', event, '--secret', file('tagged.json', { ...secret, Tags: url })],
  ]) {
    const message = refused(await runCli('preview', args, {}));
    expect(message).toContain('https[:]//evil[.]example/x');
    expect(message).not.toContain(url);
  }
  const noJson = file('no-json.json', 'http://e.example');
  expect(
    refused(await runCli('preview', ['--event', event, '--secret', noJson], {})),
  ).not.toContain('http://');
});

describe('of several records', () => {
  const later = { ...record, eventID: 'b', eventTime: '2026-11-22T17:04:00Z' };
  const deletion = { ...deleteSecret(), eventTime: '2026-11-22T14:03:00Z' };
  // As look-ups print them, the newest first.
  const Records = [later, record, deletion];
  const log = file('log.json.gz', gzipSync(JSON.stringify({ Records })));

  test('each has its mail or its reason under a heading, then comes the digest', async () => {
    const text = await preview('--event', log, ...now);
    expect(text).toMatch(
      /^=== 1 of 3: No alert: a further attempt of a caller .+\n\n=== 2 of 3\n\nSubject: WARNING/,
    );
    expect(text).toMatch(/\n=== 3 of 3\n\nWith announceDeletions=true:\n\nSubject: Secret /);
    expect(text).toMatch(
      /\n=== Digest\n\nSubject: WARNING: 1 attempt on deleted secret prod\/db, date unknown\n/,
    );
  });

  test('--json prints an array, and an object of the one picked', async () => {
    const all = JSON.parse(previewOf(readFileSync(log), '--json', ...now));
    expect(all).toEqual([
      { alert: null, reason: expect.any(String) },
      { alert: expect.any(Object) },
      { announcement: expect.any(Object) },
      { digest: expect.any(Object) },
    ]);
    const picked = await preview('--event', log, '--pick', '3', '--json', ...now);
    expect(JSON.parse(picked)).toEqual(all[2]);
  });

  test.each([
    ['opened', /^Subject: WARNING: Deleted secret prod\/db wanted by/],
    ['digest', /^Subject: WARNING: 1 attempt on deleted secret prod\/db, date unknown\n/],
    ['last-call', /^Subject: LAST CALL: .+prod\/db was read, date unknown\n/],
    ['over', /^Subject: TIME IS UP: deleted secret prod\/db was read/],
    ['resolved', /^Subject: Resolved: secret prod\/db is restored\n/],
    ['gone', /^Subject: GONE: secret prod\/db was read\n/],
  ])('--kind %s shows one notice of them', async (kind, text) => {
    expect(await preview('--event', log, '--kind', kind, ...now)).toMatch(text);
    const json = JSON.parse(await preview('--event', log, '--kind', kind, '--json', ...now));
    expect(json).toEqual({ [kind]: expect.objectContaining({ body: expect.any(String) }) });
    for (const channel of ['chat', 'bus']) {
      const args = ['--event', log, '--kind', kind, '--channel', channel, ...now];
      const { metadata, DetailType } = JSON.parse(await preview(...args));
      expect(metadata?.summary ?? DetailType).toEqual(expect.any(String));
    }
  });

  test.each<[string, string[]]>([
    ['chat', ['wanted by', 'scheduled for deletion by', '1 attempt on deleted secret']],
    ['bus', ['Incident Opened', 'Deletion Announced', 'Incident Digest']],
  ])('--channel %s prints what it is sent, in a line of JSON each', async (channel, parts) => {
    const lines = (await preview('--event', log, '--channel', channel, ...now)).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toHaveLength(3);
    for (const [i, part] of parts.entries()) expect(lines[i]).toContain(part);
  });
});

test.each(['chat', 'bus'])('says on stderr why %s is sent nothing', async (channel) => {
  const success = { ...record, errorCode: undefined, errorMessage: undefined };
  const read = ['--event', file('read.json', success), '--channel', channel];
  expect(await runCli('preview', read, {})).toEqual({
    code: 0,
    stdout: '',
    stderr: 'No alert: the call succeeded.\n',
  });
  expect((await runCli('preview', [...read, '--kind', 'digest'], {})).stderr).toBe(
    'No notice: the records hold no attempt that one would report.\n',
  );
});

test('shows the mail of a cancelled deletion, and whether the caller is ignored', async () => {
  const restored = await preview('--event', event, '--auto-cancel', 'restored', ...now);
  expect(restored).toMatch(/^Subject: Restored: secret prod\/db/);
  const ignored = await preview(
    '--event',
    event,
    '--ignored-callers',
    'arn:*:role/x, arn:*:role/app-*',
  );
  expect(ignored).toMatch(
    /^No alert: the caller arn:.+ matches arn:\*:role\/app-\* of ignoredCallers/,
  );
});

test('shows a secret elsewhere as a stack does that has another home', async () => {
  const described = file('elsewhere.json', secret);
  const args = ['--event', event, '--home', '444455556666/us-east-1'];
  const mail = await preview(...args, '--secret', described, ...now);
  expect(mail).toContain('\nOwner:       payments (tag owner)\n');
  expect(mail).toContain(' --profile PROFILE-OF-111122223333\n');
  expect(await preview(...args, ...now)).toMatch(
    /\nLooked up: {3}no\. It is in account 111122223333/,
  );
});

describe('wrong use ends with exit code 2 and one line on stderr:', () => {
  // In a process of its own: within Jest the errors of Node's own modules are of another realm.
  test('no file', async () => {
    const none = join(folder, 'none.json');
    expect(refused(await ended(startCli('preview', ['--event', none], {})))).toMatch(
      /none\.json: expected a readable file \(ENOENT/,
    );
  });

  test.each([
    [
      'no JSON',
      ['--event', file('text.json', '{"a":\n')],
      /text\.json: Expected CloudTrail records, or what holds some: it is no JSON/,
    ],
    [
      'a list',
      ['--event', file('list.json', [])],
      /list\.json: Expected CloudTrail records, .+ got an empty list/,
    ],
    [
      'a record that is not there',
      ['--event', event, '--pick', '2'],
      /Expected --pick to be from 1 to 1, the number of records, got 2/,
    ],
    ['no number', ['--event', event, '--pick', '0'], /'0' is invalid. Expected a whole number/],
    ['no kind', ['--event', event, '--kind', 'x'], /Allowed choices are opened, digest, last-call/],
    ['no channel', ['--event', event, '--channel', 'x'], /Allowed choices are mail, chat, bus/],
    [
      '--json for what is JSON already',
      ['--event', event, '--channel', 'bus', '--json'],
      /Expected --json with mails alone, got it with --channel bus, which prints JSON anyway\. Leave --json out\./,
    ],
    ['no outcome', ['--event', event, '--auto-cancel', 'x'], /Allowed choices are restored/],
    [
      'a secret with a broken tag',
      ['--event', event, '--secret', file('tags.json', { ...secret, Tags: [null] })],
      /tags\.json: expected what `aws secretsmanager describe-secret` prints, but Tags\.0 is null/,
    ],
    [
      'a secret with a broken date',
      ['--event', event, '--secret', file('date.json', { ...secret, DeletedDate: 'soon' })],
      /but DeletedDate is/,
    ],
    [
      'no record',
      ['--event', file('other.json', { a: 1 })],
      /other\.json: Expected CloudTrail records, .+ an object with a\./,
    ],
    [
      'no secret',
      ['--event', event, '--secret', event],
      /event\.json: expected what `aws secretsmanager describe-secret` prints, but ARN/,
    ],
    [
      'no deletion',
      ['--event', event, '--deletion', event],
      /event\.json: expected the record of a successful DeleteSecret, got others/,
    ],
    ['no time', ['--event', event, '--now', 'soon'], /'soon' is invalid. Expected a date such as/],
    ['an unknown option', ['--event', event, '--jsn'], /unknown option '--jsn'/],
    ['nothing', [], /required option '--event <file>' not specified/],
  ])('%s', async (_, args, message) => {
    expect(refused(await runCli('preview', args, {}))).toMatch(message);
  });

  test.each(['444455556666', '1/us-east-1', '444455556666/x', '444455556666/us-east-1/x'])(
    'no place: %s',
    async (home) => {
      const args = ['--event', event, '--home', home];
      expect(refused(await runCli('preview', args, {}))).toMatch(
        /is invalid. Expected an account and a Region, such as 111122223333\/eu-west-1/,
      );
    },
  );
});

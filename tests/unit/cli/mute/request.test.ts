import { type MuteOptions, readRequest } from '../../../../cli/mute/request.ts';
import { NOW } from '../../../testing/attempts.ts';

const GIVEN = { secret: 'prod/db', reason: 'we know' };
const read = (options: MuteOptions) => readRequest(options, NOW);

test.each<[what: string, options: MuteOptions, request: object]>([
  ['a mute of all callers', GIVEN, { kind: 'mute', ...GIVEN }],
  [
    'a mute for a week',
    { ...GIVEN, for: '7d' },
    { kind: 'mute', ...GIVEN, until: new Date('2026-11-29T17:05:00Z') },
  ],
  [
    'a mute for half an hour',
    { ...GIVEN, for: '30m' },
    { kind: 'mute', ...GIVEN, until: new Date('2026-11-22T17:35:00Z') },
  ],
  [
    'a mute until a day',
    { ...GIVEN, until: '2026-12-01' },
    { kind: 'mute', ...GIVEN, until: new Date('2026-12-01T00:00:00Z') },
  ],
  [
    'a mute until a time of another zone',
    { ...GIVEN, until: '2026-12-01T09:00+02:00' },
    { kind: 'mute', ...GIVEN, until: new Date('2026-12-01T07:00:00Z') },
  ],
  [
    'a mute of some callers',
    { ...GIVEN, caller: 'arn:aws:iam::*:role/batch' },
    { kind: 'mute', ...GIVEN, caller: 'arn:aws:iam::*:role/batch' },
  ],
  [
    'a pattern as a mail writes what would be a link',
    { ...GIVEN, caller: 'arn:aws:iam::111122223333:user/alice@example[.]com' },
    { kind: 'mute', ...GIVEN, caller: 'arn:aws:iam::111122223333:user/alice@example.com' },
  ],
  [
    'a reason of several lines',
    { ...GIVEN, reason: ' we\nknow\u001b[31m ' },
    { kind: 'mute', secret: 'prod/db', reason: 'we know?[31m' },
  ],
  ['a list', { list: true }, { kind: 'list' }],
  ['a removal', { secret: 'prod/db', remove: true }, { kind: 'remove', secret: 'prod/db' }],
])('reads %s', (_, options, request) => {
  expect(read(options)).toEqual(request);
});

test.each<[what: string, options: MuteOptions, message: RegExp]>([
  ['no secret', { reason: 'a' }, /^Expected --secret to be the name or the ARN .+, got nothing\./],
  ['an empty secret', { ...GIVEN, secret: ' ' }, /^Expected --secret to be/],
  ['no reason', { secret: 'a' }, /^Expected --reason to say why, .+, got nothing\./],
  ['a reason of white space', { ...GIVEN, reason: ' \n' }, /^Expected --reason .+, got nothing\./],
  ['a long reason', { ...GIVEN, reason: 'a'.repeat(201) }, /in at most 200 characters, got 201\./],
  ['two ends', { ...GIVEN, until: '2026-12-01', for: '7d' }, /^Expected one of --until and --for/],
  ['no span', { ...GIVEN, for: '7 days' }, /^Expected --for to be a span such as .+ got 7 days\./],
  ['no time at all', { ...GIVEN, for: '0d' }, /^Expected --for to be a span/],
  ['no date', { ...GIVEN, until: 'soon' }, /^Expected --until to be a date .+, got soon\./],
  [
    'a day that is in no month',
    { ...GIVEN, until: '2027-02-31' },
    /^Expected --until to be a date .+, got 2027-02-31\./,
  ],
  ['the past', { ...GIVEN, until: '2026-11-22' }, /later than now, which is 2026-11-22 17:05 UTC/],
  ['everybody', { ...GIVEN, caller: '*' }, /^Expected --caller to be one pattern .+, got \*\./],
  ['no pattern', { ...GIVEN, caller: '' }, /^Expected --caller .+, got nothing\./],
  [
    'several patterns',
    { ...GIVEN, caller: 'arn:aws:iam::*:role/a,arn:aws:iam::*:role/b' },
    /^Expected --caller to be one pattern/,
  ],
  [
    'a session of a role, which is no caller',
    { ...GIVEN, caller: 'arn:aws:sts::111122223333:assumed-role/app/i-0abc' },
    /^Expected --caller/,
  ],
  ['a list of one secret', { list: true, ...GIVEN }, /--list alone, got --secret, --reason too\./],
  [
    'a removal with a reason',
    { remove: true, ...GIVEN },
    /^Expected --remove with --secret and --caller alone, got --reason too\./,
  ],
  ['a removal of nothing', { remove: true }, /^Expected --secret/],
])('refuses %s', (_, options, message) => {
  expect(() => read(options)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
  );
});

test('names all faults at once, and the next step', () => {
  expect(() => read({ caller: '*', until: 'soon' })).toThrow(
    /--secret .+ --caller .+ --until .+ --reason .+ npm run mute -- --help shows how\.$/,
  );
});

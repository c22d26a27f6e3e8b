import fc from 'fast-check';
import { PARAMETERS, type ParameterName, RULES } from '../../../release/parameters.ts';
import { SETTINGS } from '../../../stack/settings.ts';

const settingOf = (name: string) =>
  (name === 'AlertEmail'
    ? 'alertEmails'
    : name.charAt(0).toLowerCase() + name.slice(1)) as keyof typeof SETTINGS;

const names = Object.keys(PARAMETERS) as ParameterName[];
/** As CloudFormation compares a value with a pattern: as a whole, in Java's syntax, of which one class is called otherwise here. */
const patternOf = (name: ParameterName) =>
  new RegExp(`^(?:${PARAMETERS[name].AllowedPattern?.replace('\\p{Cntrl}', '\\p{Cc}')})$`, 'u');

test.each(names)('%s is a setting, with its default', (name) => {
  const { Default } = PARAMETERS[name];
  const setting = SETTINGS[settingOf(name)];
  expect(setting).toBeDefined();
  if (name !== 'CloudTrailLogGroup') expect(String(Default)).toBe(setting.default);
});

test.each(names.filter((name) => PARAMETERS[name].AllowedPattern))(
  'what the pattern of %s takes, the setting takes too',
  (name) => {
    const { accepts } = SETTINGS[settingOf(name)];
    fc.assert(
      fc.property(fc.stringMatching(patternOf(name)), (value) => {
        const text = value.trim();
        expect([text, text === '' || accepts(text)]).toEqual([text, true]);
      }),
      { numRuns: 200, seed: 18 },
    );
  },
);

test.each<[ParameterName, string[]]>([
  ['AlertEmail', ["o'hara+x@mail.example.com", '']],
  ['AlertTopicArn', ['arn:aws-us-gov:sns:us-gov-west-1:111122223333:alerts', '']],
  ['CloudTrailLogGroup', ['CloudTrail/MyCloudWatchLogGroup', '']],
  ['OrganizationId', ['o-a1b2c3d4e5', '']],
  [
    'IgnoredCallers',
    [
      'arn:aws:iam::*:role/scanner',
      'arn:aws:iam::111122223333:role/path/scan-*,arn:aws:iam::*:user/ci',
      '',
    ],
  ],
  ['OwnerTagKeys', ['owner,Cost centre', 'aws:createdBy']],
  ['SlackWorkspaceId', ['T012ABCDEFG', '']],
  ['SlackChannelId', ['C012ABCDEFG', '']],
  ['EventBusName', ['default', 'security/events', '']],
  ['AlarmName', ['Attempts on deleted secrets']],
])('the pattern of %s takes what people give', (name, values) => {
  for (const value of values) expect(value).toMatch(patternOf(name));
});

test.each<[ParameterName, string[]]>([
  ['AlertEmail', ['a@example.com,b@example.com', 'a@localhost', 'nobody']],
  ['AlertTopicArn', ['arn:aws:sns:us-east-1:111122223333:alerts.fifo', 'alerts']],
  ['CloudTrailLogGroup', ['arn:aws:logs:us-east-1:111122223333:log-group:trail', 'a b']],
  ['OrganizationId', ['o-1', 'r-a1b2']],
  [
    'IgnoredCallers',
    [
      '*',
      'arn:aws:iam::*:role/*',
      'arn:aws:iam::*:*',
      'arn:aws:sts::111122223333:assumed-role/scanner/x',
      'arn:aws:iam::*:role/scanner, arn:aws:iam::*:user/ci',
    ],
  ],
  ['OwnerTagKeys', ['', 'owner, team', 'owner,']],
  ['AlarmName', ['a"b', 'a\\b', 'a*', 'a:b', 'a$', '']],
])('the pattern of %s refuses what would be misread', (name, values) => {
  for (const value of values) expect(value).not.toMatch(patternOf(name));
});

test.each<[ParameterName, (string | number)[]]>([
  ['CreateTrail', ['true', 'false']],
  ['AutoCancelDeletion', ['off', 'tagged', 'all']],
  ['AnnounceDeletions', ['true', 'false']],
  ['LogRetentionDays', PARAMETERS.LogRetentionDays.AllowedValues ?? []],
])('%s takes what the setting takes, of so many days and words', (name, values) => {
  expect(PARAMETERS[name].AllowedValues).toEqual(values);
  const { accepts, expected } = SETTINGS[settingOf(name)];
  for (const value of values) expect(accepts(String(value))).toBe(true);
  const days = expected.match(/\d+/g)?.map(Number);
  if (days) expect(values).toEqual(days);
});

test.each<ParameterName>(['MaxMailsPerHour', 'MaxDigestPauseHours'])(
  '%s has the least and the most of the setting',
  (name) => {
    const { MinValue = 0, MaxValue = 0 } = PARAMETERS[name];
    const { accepts } = SETTINGS[settingOf(name)];
    expect([MinValue - 1, MinValue, MaxValue, MaxValue + 1].map(String).map(accepts)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  },
);

test('each description has room where CloudFormation shows it, and what is refused says what to do', () => {
  for (const { Description } of Object.values(PARAMETERS)) {
    expect(Description.length).toBeLessThan(4000);
  }
  expect(
    Object.values(RULES).flatMap(({ Assertions }) =>
      Assertions.map(({ AssertDescription }) => AssertDescription),
    ),
  ).toMatchInlineSnapshot(`
[
  "Give AlertEmail or AlertTopicArn: nobody would be alerted",
  "Give AlertEmail or AlertTopicArn, not both; the topic may have the address as a subscription",
  "Leave CloudTrailLogGroup empty, or CreateTrail false: the trail that is made has a log group of its own",
  "Give both SlackWorkspaceId and SlackChannelId, or neither",
]
`);
});

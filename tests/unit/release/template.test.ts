import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { stackWithFunctions } from '../../../release/lambda.ts';
import { PARAMETERS, type ParameterName } from '../../../release/parameters.ts';
import { plainTemplate } from '../../../release/template.ts';
import { checkSettings } from '../../../stack/check-settings.ts';
import { stackNameOf } from '../../../stack/names.ts';
import { resolveTemplate } from '../../../stack/resolve.ts';
import { DEPLOYMENT, TOPIC } from '../stack/complete-settings.ts';
import { asReleased, comparable } from './comparable.ts';

const TEMPLATE = plainTemplate();

type Values = Partial<Record<ParameterName, string>>;

/** The settings that parameters stand for. */
function settingsFor(values: Values): Record<string, string> {
  const { AlertEmail = '', CloudTrailLogGroup = '', CreateTrail = 'false', ...others } = values;
  const named = Object.entries(others).map(([name, value]) => [
    name.charAt(0).toLowerCase() + name.slice(1),
    value,
  ]);
  return {
    ...Object.fromEntries(named),
    alertEmails: AlertEmail,
    cloudTrailLogGroup: CloudTrailLogGroup,
    createTrail: CreateTrail,
    ...(CloudTrailLogGroup === '' &&
      CreateTrail === 'false' && { trailPath: 'off', classicAlarm: 'false' }),
  };
}

/** What the functions of stack/ make of such settings, with the two texts that the plain template has instead. */
function expected(values: Values, stage: string) {
  const settings = checkSettings(settingsFor(values), { ...DEPLOYMENT, stage });
  return asReleased(stackWithFunctions(settings, stage), values.CloudTrailLogGroup);
}

const stage = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,20}$/).filter((text) => text !== 'spoke');
const oneOf = (...values: string[]) => fc.constantFrom(...values);
const some = (values: Record<string, fc.Arbitrary<string>>) =>
  fc.record(values, { requiredKeys: [] });

const parameters: fc.Arbitrary<Values> = fc
  .tuple(
    fc.oneof(
      fc.record({ AlertEmail: oneOf('a@example.com', "o'hara+x@mail.example.com") }),
      fc.record({ AlertTopicArn: fc.constant(TOPIC) }),
    ),
    fc.oneof(
      fc.record({ CloudTrailLogGroup: oneOf('', 'CloudTrail/logs', 'x'.repeat(512)) }),
      fc.record({ CloudTrailLogGroup: fc.constant(''), CreateTrail: oneOf('true', 'false') }),
    ),
    fc.oneof(
      fc.constant({}),
      fc.record({
        SlackWorkspaceId: fc.constant('T012ABCDEFG'),
        SlackChannelId: fc.constant('C012ABCDEFG'),
      }),
    ),
    some({
      OrganizationId: fc.constant('o-a1b2c3d4e5'),
      AutoCancelDeletion: oneOf('off', 'tagged', 'all'),
      AnnounceDeletions: oneOf('true', 'false'),
      EventBusName: oneOf('default', 'security/events'),
      MaxMailsPerHour: oneOf('10', '200'),
      MaxDigestPauseHours: oneOf('1', '168'),
      LogRetentionDays: oneOf('1', '3653'),
      OwnerTagKeys: oneOf('owner', 'Cost centre,team'),
      ReplacementTagKeys: oneOf('successor'),
      IgnoredCallers: oneOf('', 'arn:aws:iam::*:role/scanner-*,arn:aws:iam::111122223333:user/ci'),
      AlarmName: oneOf('Attempts on deleted secrets', 'AttemptsToAccessDeletedSecretsAlarm'),
    }),
  )
  .map((parts) => Object.assign({}, ...parts));

test('is for any parameters the stack of the settings that they stand for', () => {
  fc.assert(
    fc.property(parameters, stage, (values, stage) => {
      const name = stackNameOf(stage);
      const resolved = resolveTemplate(TEMPLATE, values as Record<string, string>, name);
      const [is, due] = [comparable(resolved, name), comparable(expected(values, stage), name)];
      if (!isDeepStrictEqual(is, due)) expect(is).toEqual(due); // slow, and says where
    }),
    { numRuns: 40 },
  );
});

test.each(['deleted-secret-notifier', 'notifier-prod', 'my-deleted-secret-notifier-prod'])(
  'fails at once in a stack called %s, which no command would find',
  (name) => {
    const values = { AlertEmail: 'a@example.com', CloudTrailLogGroup: '' };
    expect(() => resolveTemplate(TEMPLATE, values, name)).toThrow('Expected an item 1');
  },
);

test('uses each of its parameters and conditions, and no other', () => {
  const { Parameters, Conditions, Resources, Outputs, Rules } = TEMPLATE;
  const inUse = JSON.stringify({ Resources, Outputs, Conditions });
  const conditions = [
    ...inUse.matchAll(/"(?:Fn::If":\["|Condition":")(\w+)"/g),
    ...Object.values(Resources).map(({ Condition = '' }) => ['', Condition]),
  ].map(([, name]) => name);
  expect(new Set(conditions.filter(Boolean))).toEqual(new Set(Object.keys(Conditions)));
  const unused = Object.keys(Parameters).filter(
    (name) => !inUse.includes(`{"Ref":"${name}"}`) && !inUse.includes(`\${${name}}`),
  );
  expect(unused).toEqual([]);
  expect(JSON.stringify(Rules)).not.toMatch(/"Ref":"(?!(?:Alert|CloudTrail|CreateTrail|Slack))/);
});

test('leaves nothing in the places of parameters', () => {
  expect(JSON.stringify(TEMPLATE)).not.toMatch(/[«»]|\.{9}/);
});

test('is far smaller than the megabyte that CloudFormation reads', () => {
  expect(JSON.stringify(TEMPLATE, null, 2).length).toBeLessThan(400_000);
});

test('can be written, and read, by whoever changes nothing but what has no default', () => {
  const required = Object.entries(PARAMETERS).filter(([, { Default }]) => Default === undefined);
  expect(required.map(([name]) => name)).toEqual(['CloudTrailLogGroup']);
});

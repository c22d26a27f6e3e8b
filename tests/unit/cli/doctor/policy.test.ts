import { type Decision, decide, decideForRole } from '../../../../cli/doctor/policy.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:alerts';
const ALARM = 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:attempts';

const request = {
  principals: ['cloudwatch.amazonaws.com'],
  action: 'sns:Publish',
  resource: TOPIC,
  context: {
    'aws:sourceaccount': '111122223333',
    'aws:sourceowner': '111122223333',
    'aws:sourcearn': ALARM,
    'aws:securetransport': 'true',
    'aws:principaltag': undefined,
  },
};

const ALLOW = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sns:Publish', Resource: TOPIC };
const DENY = { ...ALLOW, Effect: 'Deny' };
const allow = (more: object) => ({ ...ALLOW, ...more });
const deny = (more: object) => ({ ...DENY, ...more });
const when = (Condition: object) => allow({ Condition });
const Service = 'cloudwatch.amazonaws.com';
const ofOrganization = { 'aws:PrincipalOrgID': 'o-1' };
const fromInside = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };

/** What policies with these statements say to the request. */
const POLICIES: Readonly<Record<Decision, Readonly<Record<string, object | object[]>>>> = {
  allowed: {
    'everybody, as one statement without a list': ALLOW,
    everybody: [ALLOW],
    'everybody, in short': allow({ Principal: '*' }),
    'the service': allow({ Principal: { Service } }),
    'the service among others': allow({ Principal: { Service: ['s3.amazonaws.com', Service] } }),
    'all but the service': [
      deny({ Principal: undefined, NotPrincipal: { Service: 'cloudwatch.amazonaws.com' } }),
      ALLOW,
    ],
    'the action in other letters': allow({ Action: 'SNS:publish' }),
    'actions by a wildcard': allow({ Action: ['sns:Get*', 'sns:Pub?ish'] }),
    'all resources': allow({ Resource: '*' }),
    "SNS's own default": when({ StringEquals: { 'AWS:SourceOwner': '111122223333' } }),
    'any but another account': when({ StringNotEquals: { 'aws:SourceAccount': '1' } }),
    'one of some accounts': when({ StringEquals: { 'aws:SourceAccount': ['1', '111122223333'] } }),
    'any alarm': when({ ArnLike: { 'aws:SourceArn': `${ALARM.slice(0, -8)}*` } }),
    'accounts that look alike': when({ StringLike: { 'aws:SourceAccount': '1111*' } }),
    'whatever the letters': when({
      StringEqualsIgnoreCase: { 'aws:SourceArn': ALARM.toUpperCase() },
    }),
    'all values of a key that has one': when({
      'ForAllValues:StringEquals': { 'aws:SourceAccount': '111122223333' },
    }),
    'all values of a key that has none': when({
      'ForAllValues:StringEquals': { 'aws:PrincipalTag': 'x' },
    }),
    'any value of a key that has one': when({
      'ForAnyValue:StringLike': { 'aws:SourceAccount': '1111*' },
    }),
    'only over TLS': [ALLOW, deny({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
    'everybody, under an unknown key, and the service': [
      when({ StringEquals: ofOrganization }),
      ALLOW,
    ],
  },
  'not allowed': {
    'no statement': [],
    'another service': allow({ Principal: { Service: 's3.amazonaws.com' } }),
    'an account': allow({ Principal: { AWS: '111122223333' } }),
    'another action': allow({ Action: 'sns:Subscribe' }),
    'all actions but one': allow({ Action: undefined, NotAction: 'sns:Publish' }),
    'another resource': allow({ Resource: `${TOPIC}-2` }),
    'a point that is no wildcard': allow({ Resource: TOPIC.replace('sns', 's.s') }),
    'another account': when({ StringEquals: { 'aws:SourceAccount': '1' } }),
    'all values of a key that has another': when({
      'ForAllValues:StringEquals': { 'aws:SourceAccount': '1' },
    }),
    'any value of a key that has none': when({
      'ForAnyValue:StringEquals': { 'aws:PrincipalTag': 'x' },
    }),
    'an alarm like another': when({ ArnEquals: { 'aws:SourceArn': '*:alarm:b*' } }),
    'everybody, under an unknown key and a wrong one': when({
      StringEquals: { ...ofOrganization, 'aws:SourceAccount': '1' },
    }),
  },
  forbidden: {
    'nobody over TLS': [ALLOW, deny({ Condition: { Bool: { 'aws:SecureTransport': true } } })],
    'everybody, and then nobody': [ALLOW, DENY],
  },
  undecided: {
    'nobody, under an unknown condition': [ALLOW, deny({ Condition: fromInside })],
    'everybody, under an unknown key': when({ StringEquals: ofOrganization }),
  },
};

test.each(
  Object.entries(POLICIES).flatMap(([decision, policies]) =>
    Object.entries(policies).map(([whom, Statement]) => [whom, decision, Statement] as const),
  ),
)('a policy for %s: %s', (_, decision, Statement) => {
  expect(decide(JSON.stringify({ Version: '2012-10-17', Statement }), request)).toBe(decision);
});

test.each([undefined, ''])('no policy allows nothing: %j', (policy) => {
  expect(decide(policy, request)).toBe('not allowed');
});

const ROLE = 'arn:aws:iam::111122223333:role/notify';
const ROOT = 'arn:aws:iam::111122223333:root';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1';
const ELSEWHERE = TOPIC.replace('111122223333', '444455556666');

const named = (AWS: string, more: object = {}) => ({
  Effect: 'Allow',
  Principal: { AWS },
  Action: '*',
  Resource: '*',
  ...more,
});
/** Everybody, on a condition about the source, which a role does not have. */
const onSource = (operator: string, value: string) =>
  named('*', { Condition: { [operator]: { 'aws:SourceArn': value } } });

/** What comes of a role's own policies, on a resource, and of these statements of the resource's. */
type RoleCase = readonly [what: string, own: Decision, resource: string, ...statements: object[]];
const ROLES: Readonly<Record<Decision, readonly RoleCase[]>> = {
  allowed: [
    ['needs none of a topic', 'allowed', TOPIC],
    ['needs no policy of its own where the topic names it', 'not allowed', TOPIC, named(ROLE)],
    ['has both for a topic of another account', 'allowed', ELSEWHERE, named(ROOT)],
    ['has that of a key through the account', 'allowed', KEY, named(ROOT)],
    ['has that of a key through the account by its number', 'allowed', KEY, named('111122223333')],
    ['needs no policy of its own where the key names it', 'not allowed', KEY, named(ROLE)],
    ['has no source that is not another', 'not allowed', TOPIC, onSource('StringNotEquals', 'x')],
    [
      'has no source to be equal if it exists',
      'not allowed',
      TOPIC,
      onSource('StringEqualsIfExists', 'x'),
    ],
    ['has a source that is absent', 'not allowed', TOPIC, onSource('Null', 'true')],
  ],
  'not allowed': [
    ['needs one of the two', 'not allowed', TOPIC],
    ['needs that of a topic of another account', 'allowed', ELSEWHERE],
    ['needs both for a topic of another account', 'not allowed', ELSEWHERE, named(ROLE)],
    ['needs that of a key', 'allowed', KEY],
    ['needs its own where the key leaves it to the account', 'not allowed', KEY, named(ROOT)],
    ['is not another role', 'not allowed', KEY, named(`${ROLE}-2`)],
    [
      'is no service',
      'not allowed',
      KEY,
      named('', { Principal: { Service: 'sns.amazonaws.com' } }),
    ],
    ['has no source', 'not allowed', TOPIC, onSource('StringEquals', '*')],
    ['has no source that is present', 'not allowed', TOPIC, onSource('Null', 'false')],
  ],
  forbidden: [
    ['is forbidden by its own policies', 'forbidden', TOPIC, named(ROLE)],
    ['is forbidden with its account', 'allowed', TOPIC, named(ROOT, { Effect: 'Deny' })],
  ],
  undecided: [
    ['may not be judged by its own policies', 'undecided', TOPIC],
    [
      'may be forbidden on an unknown condition',
      'allowed',
      TOPIC,
      named('*', { Effect: 'Deny', Condition: fromInside }),
    ],
  ],
};

test.each(
  Object.entries(ROLES).flatMap(([decision, cases]) =>
    cases.map(([what, own, resource, ...Statement]) => ({
      what,
      decision,
      own,
      resource,
      Statement,
    })),
  ),
)('a role $what: $decision', ({ decision, own, resource, Statement }) => {
  const action = resource === KEY ? 'kms:Decrypt' : 'sns:Publish';
  const context = { 'aws:sourcearn': undefined };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement });
  expect(decideForRole(policy, { arn: ROLE, own }, { action, resource, context })).toBe(decision);
});

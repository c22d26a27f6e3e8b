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
  },
};

const ALLOW = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sns:Publish', Resource: TOPIC };
const DENY = { ...ALLOW, Effect: 'Deny' };
const when = (Condition: object) => ({ ...ALLOW, Condition });

test.each<[string, object[], Decision]>([
  ['no statement', [], 'not allowed'],
  ['everybody', [ALLOW], 'allowed'],
  ['everybody, in short', [{ ...ALLOW, Principal: '*' }], 'allowed'],
  ['the service', [{ ...ALLOW, Principal: { Service: 'cloudwatch.amazonaws.com' } }], 'allowed'],
  [
    'the service among others',
    [{ ...ALLOW, Principal: { Service: ['s3.amazonaws.com', 'cloudwatch.amazonaws.com'] } }],
    'allowed',
  ],
  ['another service', [{ ...ALLOW, Principal: { Service: 's3.amazonaws.com' } }], 'not allowed'],
  ['an account', [{ ...ALLOW, Principal: { AWS: '111122223333' } }], 'not allowed'],
  [
    'all but the service',
    [
      { ...DENY, Principal: undefined, NotPrincipal: { Service: 'cloudwatch.amazonaws.com' } },
      ALLOW,
    ],
    'allowed',
  ],
  ['the action in other letters', [{ ...ALLOW, Action: 'SNS:publish' }], 'allowed'],
  ['actions by a wildcard', [{ ...ALLOW, Action: ['sns:Get*', 'sns:Pub?ish'] }], 'allowed'],
  ['another action', [{ ...ALLOW, Action: 'sns:Subscribe' }], 'not allowed'],
  [
    'all actions but one',
    [{ ...ALLOW, Action: undefined, NotAction: 'sns:Publish' }],
    'not allowed',
  ],
  ['all resources', [{ ...ALLOW, Resource: '*' }], 'allowed'],
  ['another resource', [{ ...ALLOW, Resource: `${TOPIC}-2` }], 'not allowed'],
  [
    'a point that is no wildcard',
    [{ ...ALLOW, Resource: TOPIC.replace('sns', 's.s') }],
    'not allowed',
  ],
  ["SNS's own default", [when({ StringEquals: { 'AWS:SourceOwner': '111122223333' } })], 'allowed'],
  ['another account', [when({ StringEquals: { 'aws:SourceAccount': '1' } })], 'not allowed'],
  ['any but another account', [when({ StringNotEquals: { 'aws:SourceAccount': '1' } })], 'allowed'],
  [
    'one of some accounts',
    [when({ StringEquals: { 'aws:SourceAccount': ['1', '111122223333'] } })],
    'allowed',
  ],
  ['any alarm', [when({ ArnLike: { 'aws:SourceArn': `${ALARM.slice(0, -8)}*` } })], 'allowed'],
  [
    'an alarm like another',
    [when({ ArnEquals: { 'aws:SourceArn': '*:alarm:b*' } })],
    'not allowed',
  ],
  ['accounts that look alike', [when({ StringLike: { 'aws:SourceAccount': '1111*' } })], 'allowed'],
  [
    'whatever the letters',
    [when({ StringEqualsIgnoreCase: { 'aws:SourceArn': ALARM.toUpperCase() } })],
    'allowed',
  ],
  [
    'only over TLS',
    [ALLOW, { ...DENY, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    'allowed',
  ],
  [
    'nobody over TLS',
    [ALLOW, { ...DENY, Condition: { Bool: { 'aws:SecureTransport': true } } }],
    'forbidden',
  ],
  ['everybody, and then nobody', [ALLOW, DENY], 'forbidden'],
  [
    'nobody, under an unknown condition',
    [ALLOW, { ...DENY, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    'undecided',
  ],
  [
    'everybody, under an unknown key',
    [when({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } })],
    'undecided',
  ],
  [
    'everybody, under an unknown key and a wrong one',
    [when({ StringEquals: { 'aws:PrincipalOrgID': 'o-1', 'aws:SourceAccount': '1' } })],
    'not allowed',
  ],
  [
    'everybody, under an unknown key, and the service',
    [when({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }), ALLOW],
    'allowed',
  ],
])('a policy for %s', (_, Statement, decision) => {
  expect(decide(JSON.stringify({ Version: '2012-10-17', Statement }), request)).toBe(decision);
});

test('no policy allows nothing, and one statement needs no list', () => {
  expect(decide(undefined, request)).toBe('not allowed');
  expect(decide('', request)).toBe('not allowed');
  expect(decide(JSON.stringify({ Statement: ALLOW }), request)).toBe('allowed');
});

const ROLE = 'arn:aws:iam::111122223333:role/notify';
const ROOT = { AWS: 'arn:aws:iam::111122223333:root' };
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1';
const ELSEWHERE = TOPIC.replace('111122223333', '444455556666');

test.each<[string, object[], Decision, string, Decision]>([
  ['needs none of a topic', [], 'allowed', TOPIC, 'allowed'],
  [
    'needs no policy of its own where the topic names it',
    [named(ROLE)],
    'not allowed',
    TOPIC,
    'allowed',
  ],
  ['needs one of the two', [], 'not allowed', TOPIC, 'not allowed'],
  ['needs that of a topic of another account', [], 'allowed', ELSEWHERE, 'not allowed'],
  [
    'needs both for a topic of another account',
    [named(ROLE)],
    'not allowed',
    ELSEWHERE,
    'not allowed',
  ],
  ['has both for a topic of another account', [named(ROOT.AWS)], 'allowed', ELSEWHERE, 'allowed'],
  ['needs that of a key', [], 'allowed', KEY, 'not allowed'],
  ['has that of a key through the account', [named(ROOT.AWS)], 'allowed', KEY, 'allowed'],
  [
    'has that of a key through the account by its number',
    [named('111122223333')],
    'allowed',
    KEY,
    'allowed',
  ],
  [
    'needs its own where the key leaves it to the account',
    [named(ROOT.AWS)],
    'not allowed',
    KEY,
    'not allowed',
  ],
  [
    'needs no policy of its own where the key names it',
    [named(ROLE)],
    'not allowed',
    KEY,
    'allowed',
  ],
  ['is not another role', [named(`${ROLE}-2`)], 'not allowed', KEY, 'not allowed'],
  [
    'is no service',
    [{ ...named(''), Principal: { Service: 'sns.amazonaws.com' } }],
    'not allowed',
    KEY,
    'not allowed',
  ],
  ['is forbidden by its own policies', [named(ROLE)], 'forbidden', TOPIC, 'forbidden'],
  [
    'is forbidden with its account',
    [{ ...named(ROOT.AWS), Effect: 'Deny' }],
    'allowed',
    TOPIC,
    'forbidden',
  ],
  ['may not be judged by its own policies', [], 'undecided', TOPIC, 'undecided'],
  ['may be forbidden on an unknown condition', [unknownDenial()], 'allowed', TOPIC, 'undecided'],
  [
    'has no source',
    [{ ...named('*'), Condition: { StringEquals: { 'aws:SourceArn': '*' } } }],
    'not allowed',
    TOPIC,
    'not allowed',
  ],
  [
    'has no source that is not another',
    [{ ...named('*'), Condition: { StringNotEquals: { 'aws:SourceArn': 'x' } } }],
    'not allowed',
    TOPIC,
    'allowed',
  ],
  [
    'has no source to be equal if it exists',
    [{ ...named('*'), Condition: { StringEqualsIfExists: { 'aws:SourceArn': 'x' } } }],
    'not allowed',
    TOPIC,
    'allowed',
  ],
  [
    'has a source that is absent',
    [{ ...named('*'), Condition: { Null: { 'aws:SourceArn': 'true' } } }],
    'not allowed',
    TOPIC,
    'allowed',
  ],
  [
    'has no source that is present',
    [{ ...named('*'), Condition: { Null: { 'aws:SourceArn': 'false' } } }],
    'not allowed',
    TOPIC,
    'not allowed',
  ],
])('a role %s', (_, Statement, own, resource, decision) => {
  const action = resource === KEY ? 'kms:Decrypt' : 'sns:Publish';
  const context = { 'aws:sourcearn': undefined };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement });
  expect(decideForRole(policy, { arn: ROLE, own }, { action, resource, context })).toBe(decision);
});

function named(AWS: string) {
  return { Effect: 'Allow', Principal: { AWS }, Action: '*', Resource: '*' };
}

function unknownDenial() {
  const Condition = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
  return { ...named('*'), Effect: 'Deny', Condition };
}

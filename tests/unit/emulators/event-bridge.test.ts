import {
  type EventPattern,
  matches,
  queuesOf,
  targetsOf,
} from '../../../emulators/event-bridge.ts';
import type { Resource } from '../../../emulators/template.ts';
import { asEvent, deleteSecret, getSecretValue } from '../../testing/records.ts';

const ALL = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
const DELETIONS = { source: ['aws.secretsmanager'], detail: { eventName: ['DeleteSecret'] } };

/** Two functions and a queue, and a rule that targets some of them. */
function template(properties: Resource['Properties'], targets = ['Notify']) {
  const Targets = targets.map((id) => ({ Id: id, Arn: { 'Fn::GetAtt': [id, 'Arn'] } }));
  const rule = { State: 'ENABLED', EventPattern: DELETIONS, Targets, ...properties };
  return {
    Resources: {
      Notify: { Type: 'AWS::Lambda::Function', Properties: {} },
      Track: { Type: 'AWS::Lambda::Function', Properties: {} },
      Queue: { Type: 'AWS::SQS::Queue', Properties: {} },
      Rule: { Type: 'AWS::Events::Rule', Properties: rule },
    },
  };
}

test.each([
  ['a rule of all management events sees a read', ALL, getSecretValue(), ['Notify']],
  ['a rule that is merely enabled sees no read', 'ENABLED', getSecretValue(), []],
  ['a rule that is merely enabled sees a write', 'ENABLED', deleteSecret(), ['Notify']],
  ['a disabled rule sees nothing', 'DISABLED', deleteSecret(), []],
])('%s', (_, State, record, expected) => {
  const EventPattern = { source: ['aws.secretsmanager'] };
  expect(targetsOf(template({ State, EventPattern }), asEvent(record))).toEqual(expected);
});

test.each([
  ['another event goes to no function', {}, ['Notify'], getSecretValue(), []],
  ['each function of a rule', {}, ['Notify', 'Track'], deleteSecret(), ['Notify', 'Track']],
  ['a target that is no function', {}, ['Queue'], deleteSecret(), []],
  ['a schedule', { EventPattern: undefined }, ['Notify'], deleteSecret(), []],
])('%s', (_, properties, targets, record, expected) => {
  expect(targetsOf(template({ State: ALL, ...properties }, targets), asEvent(record))).toEqual(
    expected,
  );
});

test('a queue gets the events of the rules that target it', () => {
  const both = template({}, ['Notify', 'Queue']);
  expect(queuesOf(both, asEvent(deleteSecret()))).toEqual(['Queue']);
  expect(queuesOf(both, asEvent(getSecretValue()))).toEqual([]);
  expect(queuesOf(template({}), asEvent(deleteSecret()))).toEqual([]);
});

test.each([
  ['an event of its own comes by the default bus', undefined, {}, ['Notify']],
  ['one of another account does not', undefined, { recipientAccountId: '444455556666' }, []],
  ['one of another Region does not', undefined, { awsRegion: 'us-east-1' }, []],
  ['one of its own does not come by the bus of the spokes', 'HubBus', {}, []],
  ['one of another account does', 'HubBus', { recipientAccountId: '444455556666' }, ['Notify']],
  ['one of another Region does', 'HubBus', { awsRegion: 'us-east-1' }, ['Notify']],
])('%s', (_, bus, place, expected) => {
  const EventBusName = bus && { Ref: bus };
  expect(targetsOf(template({ EventBusName }), asEvent(deleteSecret(place)))).toEqual(expected);
});

test('a target that the template does not have is passed over', () => {
  const Targets = [{ Id: 'x', Arn: 'arn:aws:lambda:eu-west-1:111122223333:function:x' }];
  expect(targetsOf(template({ Targets }), asEvent(deleteSecret()))).toEqual([]);
});

describe('a pattern:', () => {
  const event = {
    source: 'aws.secretsmanager',
    detail: { errorMessage: 'it was marked for deletion.', path: 'a\\b*c', count: 3, none: null },
    tags: ['one', 'two'],
  };

  test.each<[string, EventPattern, boolean]>([
    ['an exact value', { source: ['aws.secretsmanager'] }, true],
    ['another value', { source: ['aws.kms'] }, false],
    ['one of several values', { source: ['aws.kms', 'aws.secretsmanager'] }, true],
    ['another case', { source: ['AWS.secretsmanager'] }, false],
    ['a part of the value', { source: ['aws'] }, false],
    ['a number', { detail: { count: [3] } }, true],
    ['a number as text', { detail: { count: ['3'] } }, false],
    ['null', { detail: { none: [null] } }, true],
    ['a field that is not there', { nothing: ['x'] }, false],
    ['a field below one that is not there', { nothing: { below: ['x'] } }, false],
    ['a field below a text', { source: { below: ['x'] } }, false],
    ['all of several fields', { source: ['aws.secretsmanager'], detail: { count: [3] } }, true],
    [
      'not all of several fields',
      { source: ['aws.secretsmanager'], detail: { count: [4] } },
      false,
    ],
    ['an element of a list', { tags: ['two'] }, true],
    ['no element of a list', { tags: ['three'] }, false],
    ['a wildcard', { detail: { errorMessage: [{ wildcard: '*marked for deletion*' }] } }, true],
    ['a wildcard for nothing', { source: [{ wildcard: '*aws.secretsmanager*' }] }, true],
    ['a wildcard with an open end only', { source: [{ wildcard: 'aws.*' }] }, true],
    [
      'a wildcard without an open end',
      { detail: { errorMessage: [{ wildcard: '*marked' }] } },
      false,
    ],
    ['a dot in a wildcard as any character', { source: [{ wildcard: 'aws?*' }] }, false],
    ['escaped characters of a wildcard', { detail: { path: [{ wildcard: 'a\\\\b\\*c' }] } }, true],
    ['a wildcard on a number', { detail: { count: [{ wildcard: '*' }] } }, false],
    ['a field that is to be there', { source: [{ exists: true }] }, true],
    ['a field that is to be there, and is not', { nothing: [{ exists: true }] }, false],
    ['a field that is not to be there', { nothing: [{ exists: false }] }, true],
    ['a field that is not to be there, and is', { detail: { none: [{ exists: false }] } }, false],
    ['no field below one that is not there', { nothing: { below: [{ exists: false }] } }, true],
    ['no field, or a value of it', { source: [{ exists: false }, 'aws.secretsmanager'] }, true],
  ])('%s', (_, pattern, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  test.each<[string, EventPattern]>([
    ['an operator it does not know', { source: ['aws.secretsmanager', { prefix: 'aws' }] }],
    ['one in a field that the event does not have', { nothing: { below: [{ suffix: 'x' }] } }],
    [
      'one beside a field that does not match',
      { source: ['aws.kms'], detail: { x: [{ cidr: '' }] } },
    ],
    ['two operators in one', { source: [{ wildcard: '*', exists: true }] }],
    ['$or', { $or: [{ source: ['aws.secretsmanager'] }] }],
  ])('refuses %s', (_, pattern) => {
    expect(() => matches(pattern, event)).toThrow('Unknown operator in the event pattern');
  });
});

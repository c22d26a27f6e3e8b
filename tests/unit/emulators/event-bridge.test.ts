import { targetsOf } from '../../../emulators/event-bridge.ts';
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

test('a target that the template does not have is passed over', () => {
  const Targets = [{ Id: 'x', Arn: 'arn:aws:lambda:eu-west-1:111122223333:function:x' }];
  expect(targetsOf(template({ Targets }), asEvent(deleteSecret()))).toEqual([]);
});

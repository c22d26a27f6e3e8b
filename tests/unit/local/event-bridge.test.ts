import { ruleMatches } from '../../../local/event-bridge.ts';
import { asEvent, deleteSecret, getSecretValue } from '../../testing/records.ts';

const ALL = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

test.each([
  ['a rule of all management events sees a read', ALL, getSecretValue(), true],
  ['a rule that is merely enabled sees no read', 'ENABLED', getSecretValue(), false],
  ['a rule that is merely enabled sees a write', 'ENABLED', deleteSecret(), true],
  ['a disabled rule sees nothing', 'DISABLED', deleteSecret(), false],
])('%s', (_, State, record, expected) => {
  const EventPattern = { source: ['aws.secretsmanager'] };
  const rule = { Type: 'AWS::Events::Rule', Properties: { State, EventPattern } };
  expect(ruleMatches(rule, asEvent(record))).toBe(expected);
});

test('a rule sees only what its pattern matches', () => {
  const EventPattern = { detail: { eventName: ['DeleteSecret'] } };
  const rule = { Type: 'AWS::Events::Rule', Properties: { State: ALL, EventPattern } };
  expect(ruleMatches(rule, asEvent(deleteSecret()))).toBe(true);
  expect(ruleMatches(rule, asEvent(getSecretValue()))).toBe(false);
});

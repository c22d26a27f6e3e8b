import { subscriptionEvent } from '../../../emulators/cloudtrail.ts';
import { matches } from '../../../emulators/event-bridge.ts';
import { passes } from '../../../emulators/filter-pattern.ts';
import { sortBatch, unpackBatch } from '../../../lib/cloudtrail/batch.ts';
import { ATTEMPT_RULE, CHANGE_RULE, TRAIL_PATTERN } from '../../../stack/functions.ts';
import { eventPattern } from '../../../stack/rule.ts';
import {
  asEvent,
  deleteSecret,
  failedGetSecretValue,
  getSecretValue,
  restoreSecret,
} from '../../testing/records.ts';

const CURLY = 'You can’t perform this operation on the secret because it was marked for deletion.';

test.each<[string, ReturnType<typeof failedGetSecretValue>, boolean]>([
  ['an attempt', failedGetSecretValue(), true],
  ['an attempt elsewhere', failedGetSecretValue({ awsRegion: 'us-west-2' }), true],
  ['one with the apostrophe of 2019', failedGetSecretValue({ errorMessage: CURLY }), true],
  ['one without a code', failedGetSecretValue({ errorCode: undefined }), true],
  ['a code with a prefix', failedGetSecretValue({ errorCode: 'x#InvalidRequestException' }), true],
  ['a deletion', deleteSecret(), true],
  ['a restore', restoreSecret(), true],
  ['a read', getSecretValue(), false],
  ['a refusal by IAM', failedGetSecretValue({ errorCode: 'AccessDenied' }), false],
  ['another failure', failedGetSecretValue({ errorMessage: 'no such staging label' }), false],
  ['a deletion that failed', deleteSecret({ errorCode: 'InvalidRequestException' }), false],
  ['a restore that failed', restoreSecret({ errorCode: 'AccessDenied' }), false],
  ['another write', deleteSecret({ eventName: 'CreateSecret' }), false],
  ['another service', failedGetSecretValue({ eventSource: 'ssm.amazonaws.com' }), false],
])('the subscription filter passes %s as the rules do', (_, record, isOurs) => {
  const rules = [ATTEMPT_RULE, CHANGE_RULE].map(eventPattern);
  expect(rules.some((rule) => matches(rule, asEvent(record)))).toBe(isOurs);
  expect(passes(TRAIL_PATTERN, JSON.stringify(record))).toBe(isOurs);
  const { handOns } = sortBatch(unpackBatch(subscriptionEvent([record])));
  if (isOurs) expect(handOns).toHaveLength(1);
});

test('the pattern is no longer than CloudWatch Logs takes', () => {
  expect(TRAIL_PATTERN.length).toBeLessThanOrEqual(1024);
});

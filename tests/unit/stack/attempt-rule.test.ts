import { matches } from '../../../emulators/event-bridge.ts';
import { readAttempt } from '../../../lib/attempt/attempt.ts';
import { parseEvent } from '../../../lib/cloudtrail/record.ts';
import { ATTEMPT_RULE } from '../../../stack/functions.ts';
import { eventPattern } from '../../../stack/rule.ts';
import { NOW } from '../../testing/attempts.ts';
import { asEvent, failedGetSecretValue } from '../../testing/records.ts';

const CURLY = 'You can’t perform this operation on the secret because it was marked for deletion.';
const QUOTED = 'not authorized on resource: arn:aws marked for deletion:secretsmanager:x';

test.each<[string, object, boolean]>([
  ['an attempt', {}, true],
  ['one with the apostrophe of 2019', { errorMessage: CURLY }, true],
  ['one without a code', { errorCode: undefined }, true],
  ['a code with a prefix', { errorCode: 'com.amazonaws#InvalidRequestException' }, true],
  ['a code with a suffix', { errorCode: 'InvalidRequestExceptionException' }, true],
  ['a code without its end', { errorCode: 'InvalidRequest' }, true],
  ['a refusal by IAM', { errorCode: 'AccessDenied', errorMessage: QUOTED }, false],
  ['a secret that is not there', { errorCode: 'ResourceNotFoundException' }, false],
])('the rule and the function judge %s alike', (_, overrides, isAttempt) => {
  const event = asEvent({ ...failedGetSecretValue(), ...overrides });
  expect(matches(eventPattern(ATTEMPT_RULE), event)).toBe(isAttempt);
  expect(readAttempt(parseEvent(event), NOW).attempt !== undefined).toBe(isAttempt);
});

import { type CloudTrailRecord, subscriptionEvent } from '../../../emulators/cloudtrail.ts';
import { matches } from '../../../emulators/event-bridge.ts';
import { passes } from '../../../emulators/filter-pattern.ts';
import { sortBatch, unpackBatch } from '../../../lib/cloudtrail/batch.ts';
import {
  ATTEMPT_RULE,
  CHANGE_RULE,
  CLASH_RULE,
  READ_RULE,
  trailPattern,
} from '../../../stack/functions.ts';
import { eventPattern, type RecordRule } from '../../../stack/rule.ts';
import {
  asEvent,
  deleteSecret,
  failedGetSecretValue,
  getSecretValue,
  restoreSecret,
} from '../../testing/records.ts';

const CURLY = 'You can’t perform this operation on the secret because it was marked for deletion.';

const NOT_FOUND = "Secrets Manager can't find the specified secret.";
const REMOVE = 'RemoveRegionsFromReplication';

const ALL = trailPattern({ watchGoneSecrets: true, watchNameClashes: true });
const ATTEMPTS = trailPattern({ watchGoneSecrets: false, watchNameClashes: false });

const isHeard = (rules: RecordRule[], record: CloudTrailRecord) =>
  rules.some((rule) => matches(eventPattern(rule), asEvent(record)));

const notFound = (overrides: object = {}) =>
  failedGetSecretValue({
    errorCode: 'ResourceNotFoundException',
    errorMessage: NOT_FOUND,
    ...overrides,
  });
const clash = (overrides: object = {}) =>
  failedGetSecretValue({
    eventName: 'CreateSecret',
    errorMessage:
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    ...overrides,
  });

test.each<[string, CloudTrailRecord, boolean]>([
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
  ['a replica that is removed', deleteSecret({ eventName: REMOVE }), true],
  ['another write', deleteSecret({ eventName: 'CreateSecret' }), false],
  ['another service', failedGetSecretValue({ eventSource: 'ssm.amazonaws.com' }), false],
])('the subscription filter passes %s as the rules do', (_, record, isOurs) => {
  const rules = [ATTEMPT_RULE, CHANGE_RULE, READ_RULE, CLASH_RULE];
  for (const pattern of [ALL, ATTEMPTS]) {
    expect([isHeard(rules, record), passes(pattern, JSON.stringify(record))]).toEqual([
      isOurs,
      isOurs,
    ]);
  }
  const { handOns } = sortBatch(unpackBatch(subscriptionEvent([record])), true);
  if (isOurs) expect(handOns).toHaveLength(1);
});

test.each<[string, CloudTrailRecord, RecordRule, boolean]>([
  ['a read that found no secret', notFound(), READ_RULE, true],
  [
    'one with a curly apostrophe',
    notFound({ errorMessage: NOT_FOUND.replace("'", '’') }),
    READ_RULE,
    true,
  ],
  ['one without a code', notFound({ errorCode: undefined }), READ_RULE, true],
  ['one that IAM refused', notFound({ errorCode: 'AccessDenied' }), READ_RULE, false],
  ['another call that found none', notFound({ eventName: 'PutSecretValue' }), READ_RULE, false],
  ['a name that is taken', clash(), CLASH_RULE, true],
  ['one without a code', clash({ errorCode: undefined }), CLASH_RULE, true],
  ['one that IAM refused', clash({ errorCode: 'AccessDenied' }), CLASH_RULE, false],
  [
    'a creation that failed otherwise',
    clash({ errorMessage: 'already exists' }),
    CLASH_RULE,
    false,
  ],
])('and %s, if the settings say so', (_, record, rule, isOurs) => {
  expect(isHeard([rule], record)).toBe(isOurs);
  expect(passes(ALL, JSON.stringify(record))).toBe(isOurs);
  const watched = { watchGoneSecrets: rule === READ_RULE, watchNameClashes: rule === CLASH_RULE };
  expect(passes(trailPattern(watched), JSON.stringify(record))).toBe(isOurs);
  expect(passes(ATTEMPTS, JSON.stringify(record))).toBe(false);
});

test('the pattern is no longer than CloudWatch Logs takes', () => {
  expect(ALL.length).toBeLessThanOrEqual(1024);
});

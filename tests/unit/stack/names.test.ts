import {
  BUTTONS,
  hubPath,
  lookupRoleArn,
  NOTIFY,
  NOTIFY_HUB,
  OPERATOR_SESSION,
  SIFT_READS_HUB,
  SPOKE_PATH,
  SUMMARIZE,
  spokeNames,
  stackNameOf,
  TRACK_CLASHES_HUB,
  TRACK_DELETION,
  TRACK_DELETION_HUB,
} from '../../../stack/names.ts';

// Longer ones are refused, for the names of the functions: check-settings.test.ts.
const LONGEST_STAGE = 's'.repeat(25);
const LONGEST_REGION = 'ap-southeast-1';

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const spoke = spokeNames(LONGEST_STAGE);
test.each([
  ['bus', stackNameOf(LONGEST_STAGE), 256],
  ['rule on attempts', spoke.attemptRule, 64],
  ['rule on reads', spoke.readRule, 64],
  ['rule on changes', spoke.changeRule, 64],
  ['rule on clashes', spoke.clashRule, 64],
  ['dead-letter queue', spoke.deadLetterQueue, 80],
  ['alarm', spoke.deadLettersAlarm, 255],
  ['lookup role', spoke.lookupRole(LONGEST_REGION), 64],
  ['stack set', spoke.stackSet, 128],
  ["hub's rule on attempts", NOTIFY_HUB.ruleName(LONGEST_STAGE), 64],
  ["hub's rule on reads", SIFT_READS_HUB.ruleName(LONGEST_STAGE), 64],
  ["hub's rule on changes", TRACK_DELETION_HUB.ruleName(LONGEST_STAGE), 64],
  ["hub's rule on clashes", TRACK_CLASHES_HUB.ruleName(LONGEST_STAGE), 64],
  ["path of the hub's roles", hubPath(LONGEST_STAGE), 512],
  ["path of the spokes' roles", SPOKE_PATH, 512],
])('the longest name of the %s is within its limit: %s', (_, name, limit) => {
  expect(name.length).toBeLessThanOrEqual(limit);
});

test("a spoke's role is found by its account and Region", () => {
  const place = { partition: 'aws-cn', accountId: '444455556666', region: 'cn-north-1' };
  expect(lookupRoleArn('dev', place)).toBe(
    'arn:aws-cn:iam::444455556666:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-cn-north-1',
  );
});

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
test.each([NOTIFY.key, TRACK_DELETION.key, SUMMARIZE.key, BUTTONS.key, OPERATOR_SESSION])(
  'a session can be called %s',
  (name) => {
    expect(name).toMatch(/^[\w+=,.@-]{2,64}$/);
  },
);

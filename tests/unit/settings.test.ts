import {
  readNotifySettings,
  readSettings,
  readSiftSettings,
  readSummarizeSettings,
  readTrackSettings,
  readTrailSettings,
} from '../../lib/settings.ts';
import { checkSettings } from '../../stack/check-settings.ts';
import { functionDefinition } from '../../stack/functions.ts';
import { NOTIFY, READ_TRAIL, SUMMARIZE, TRACK_DELETION } from '../../stack/names.ts';
import { COMPLETE, DEPLOYMENT, environmentOf, TOPIC } from './stack/complete-settings.ts';

const COMMON = {
  alertTopicArn: TOPIC,
  tableName: 'table',
  tagKeys: { owner: ['owner', 'team'], replacement: ['replaced-by'] },
  maxMailsPerHour: 20,
};

test('the environment of the stack is read', () => {
  const ignoredCallers = 'arn:aws:iam::*:role/scanner, *:role/ci';
  const notify = environmentOf(NOTIFY, { autoCancelDeletion: 'tagged', ignoredCallers });
  expect(readNotifySettings(notify)).toMatchObject({
    ...COMMON,
    autoCancel: 'tagged',
    ignoredCallers: ['arn:aws:iam::*:role/scanner', '*:role/ci'],
  });
  const summarize = environmentOf(SUMMARIZE, { maxDigestPauseHours: '48' });
  expect(readSummarizeSettings(summarize)).toEqual({
    ...COMMON,
    stage: 'dev',
    maxDigestPauseHours: 48,
  });
});

test.each([NOTIFY, TRACK_DELETION, SUMMARIZE])(
  'what every function that mails has is read from that of $key',
  (names) => {
    expect(readSettings(environmentOf(names))).toEqual(COMMON);
  },
);

test.each([
  ['notify', readNotifySettings, NOTIFY],
  ['summarize', readSummarizeSettings, SUMMARIZE],
])('%s, whose mails have commands, reads the stage', (_, readOwn, names) => {
  const environment = environmentOf(names, {}, 'prod');
  expect(readOwn(environment).stage).toBe('prod');
  // As while a deployment has replaced the code only.
  expect(readOwn({ ...environment, STAGE: undefined }).stage).toBeUndefined();
  expect(() => readOwn({ ...environment, STAGE: '; reboot' })).toThrow('STAGE to be a stage');
});

test.each([
  ['notify', readNotifySettings, NOTIFY],
  ['summarize', readSummarizeSettings, SUMMARIZE],
])('%s, which looks into spokes if there are any, reads their role', (_, readOwn, names) => {
  const LOOKUP_ROLE_ARN =
    'arn:aws:iam::ACCOUNT:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-REGION';
  const environment = environmentOf(names);
  expect(readOwn(environment).lookupRoleArn).toBeUndefined();
  expect(readOwn({ ...environment, LOOKUP_ROLE_ARN }).lookupRoleArn).toBe(LOOKUP_ROLE_ARN);
  const ofOneSpoke = LOOKUP_ROLE_ARN.replace('ACCOUNT', '444455556666');
  expect(() => readOwn({ ...environment, LOOKUP_ROLE_ARN: ofOneSpoke })).toThrow(
    "LOOKUP_ROLE_ARN to be the ARN of the spokes' lookup roles",
  );
});

test.each([
  ['true', true],
  ['false', false],
])('announceDeletions=%s reaches the function that tracks deletions', (text, announceDeletions) => {
  const environment = environmentOf(TRACK_DELETION, { announceDeletions: text });
  expect(readTrackSettings(environment)).toMatchObject({ ...COMMON, announceDeletions });
});

test('read-trail reads the functions and the queue to which it hands on, and nothing else', () => {
  const environment = functionDefinition(
    READ_TRAIL,
    checkSettings(COMPLETE, DEPLOYMENT),
    'dev',
  ).environment;
  expect(environment).toEqual({
    NOTIFY_FUNCTION_NAME: { Ref: 'NotifyLambdaFunction' },
    TRACK_DELETION_FUNCTION_NAME: { Ref: 'TrackDeletionLambdaFunction' },
    READS_QUEUE_URL: { Ref: 'SiftReadsQueue' },
  });
  const names = { NOTIFY_FUNCTION_NAME: 'n', TRACK_DELETION_FUNCTION_NAME: 't' };
  // Without the queue, which a stack that does not watch reads of what is gone lacks.
  expect(readTrailSettings(names)).toEqual({
    notifyFunctionName: 'n',
    trackDeletionFunctionName: 't',
  });
  const READS_QUEUE_URL = 'reads';
  expect(() => readTrailSettings({ ...names, READS_QUEUE_URL })).toThrow(
    'Expected READS_QUEUE_URL to be the URL of an SQS queue, got "reads".',
  );
  expect(() => readTrailSettings({ NOTIFY_FUNCTION_NAME: 'n' })).toThrow(
    'Expected TRACK_DELETION_FUNCTION_NAME to be the name of a function, got "".',
  );
});

test('an empty list is read as such', () => {
  expect(readNotifySettings(environmentOf(NOTIFY)).ignoredCallers).toEqual([]);
  const without = { ...environmentOf(SUMMARIZE), REPLACEMENT_TAG_KEYS: undefined };
  expect(readSettings(without).tagKeys.replacement).toEqual([]);
});

test('all faults are named at once', () => {
  const faulty = {
    ALERT_TOPIC_ARN: '',
    TABLE_NAME: undefined,
    MAX_MAILS_PER_HOUR: '0',
    AUTO_CANCEL_DELETION: 'yes',
  };
  expect(() => readNotifySettings({ ...environmentOf(NOTIFY), ...faulty })).toThrow(
    'Expected ALERT_TOPIC_ARN to be the ARN of an SNS topic, got ""; expected TABLE_NAME to be the name of a table, got ""; expected MAX_MAILS_PER_HOUR to be a whole number above 0, got "0"; expected AUTO_CANCEL_DELETION to be one of off, tagged, all, got "yes". Deploy the stack again to set the environment right.',
  );
  const without = { ...environmentOf(TRACK_DELETION), ANNOUNCE_DELETIONS: undefined };
  expect(() => readTrackSettings(without)).toThrow(
    'Expected ANNOUNCE_DELETIONS to be one of true, false, got "".',
  );
  const never = { ...environmentOf(SUMMARIZE), MAX_DIGEST_PAUSE_HOURS: '0' };
  expect(() => readSummarizeSettings(never)).toThrow(
    'Expected MAX_DIGEST_PAUSE_HOURS to be a whole number above 0, got "0".',
  );
});

test('sift-reads reads its table and the function to which it hands on', () => {
  const environment = { TABLE_NAME: 't', NOTIFY_FUNCTION_NAME: 'n' };
  expect(readSiftSettings(environment)).toEqual({ tableName: 't', notifyFunctionName: 'n' });
  expect(() => readSiftSettings({ TABLE_NAME: 't' })).toThrow(
    'Expected NOTIFY_FUNCTION_NAME to be the name of a function, got "".',
  );
});

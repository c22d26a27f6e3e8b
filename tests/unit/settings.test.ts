import { readNotifySettings, readSettings, readTrackSettings } from '../../lib/settings.ts';

const ENV = {
  ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:alerts',
  TABLE_NAME: 'table',
  AUTO_CANCEL_DELETION: 'tagged',
  ANNOUNCE_DELETIONS: 'true',
  OWNER_TAG_KEYS: 'owner,team',
  MAX_ALERTS_PER_MINUTE: '30',
  QUIET_WINDOW_MINUTES: '60',
  IGNORED_CALLERS: 'arn:aws:iam::*:role/scanner',
};
const SETTINGS = {
  alertTopicArn: ENV.ALERT_TOPIC_ARN,
  tableName: 'table',
  tagKeys: { owner: ['owner', 'team'], replacement: [] },
  maxAlertsPerMinute: 30,
};

test('the environment of the stack is read', () => {
  expect(readNotifySettings(ENV)).toEqual({
    ...SETTINGS,
    autoCancel: 'tagged',
    quietWindowMinutes: 60,
    ignoredCallers: ['arn:aws:iam::*:role/scanner'],
  });
  expect(readSettings(ENV)).toEqual(SETTINGS);
  expect(readTrackSettings(ENV)).toEqual({ ...SETTINGS, announceDeletions: true });
  expect(readTrackSettings({ ...ENV, ANNOUNCE_DELETIONS: 'false' }).announceDeletions).toBe(false);
});

test('all faults are named at once', () => {
  expect(() => readNotifySettings({ AUTO_CANCEL_DELETION: 'yes' })).toThrow(
    'Expected ALERT_TOPIC_ARN to be the ARN of an SNS topic, got ""; expected TABLE_NAME to be the name of a table, got ""; expected MAX_ALERTS_PER_MINUTE to be a whole number above 0, got ""; expected AUTO_CANCEL_DELETION to be one of off, tagged, all, got "yes"; expected QUIET_WINDOW_MINUTES to be a whole number above 0, got "". Deploy the stack again to set the environment right.',
  );
  expect(() => readTrackSettings({ ...ENV, ANNOUNCE_DELETIONS: undefined })).toThrow(
    'Expected ANNOUNCE_DELETIONS to be one of true, false, got "".',
  );
});

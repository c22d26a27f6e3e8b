import {
  type Environment,
  readNotifySettings,
  readSettings,
  readTrackSettings,
} from '../../lib/settings.ts';
import { checkSettings } from '../../stack/check-settings.ts';
import { functionDefinition } from '../../stack/functions.ts';
import { type FunctionNames, NOTIFY, SUMMARIZE, TRACK_DELETION } from '../../stack/names.ts';
import { COMPLETE, DEPLOYMENT } from './stack/complete-settings.ts';

const ALERT_TOPIC_ARN = 'arn:aws:sns:eu-west-1:111122223333:alerts';

/** What the stack tells a function, but for what only CloudFormation knows. */
function environmentOf(names: FunctionNames, settings: Record<string, string> = {}): Environment {
  const checked = checkSettings({ ...COMPLETE, ...settings }, DEPLOYMENT);
  const { environment } = functionDefinition(names, checked);
  return { ...(environment as Environment), ALERT_TOPIC_ARN, TABLE_NAME: 'table' };
}

const COMMON = {
  alertTopicArn: ALERT_TOPIC_ARN,
  tableName: 'table',
  tagKeys: { owner: ['owner', 'team'], replacement: ['replaced-by'] },
  maxAlertsPerMinute: 30,
};

test('the environment of the stack is read', () => {
  const ignoredCallers = 'arn:aws:iam::*:role/scanner, *:role/ci';
  const notify = environmentOf(NOTIFY, { autoCancelDeletion: 'tagged', ignoredCallers });
  expect(readNotifySettings(notify)).toMatchObject({
    ...COMMON,
    autoCancel: 'tagged',
    quietWindowMinutes: 60,
    ignoredCallers: ['arn:aws:iam::*:role/scanner', '*:role/ci'],
  });
  expect(readSettings(environmentOf(SUMMARIZE))).toMatchObject(COMMON);
});

test.each([
  ['true', true],
  ['false', false],
])('announceDeletions=%s reaches the function that tracks deletions', (text, announceDeletions) => {
  const environment = environmentOf(TRACK_DELETION, { announceDeletions: text });
  expect(readTrackSettings(environment)).toMatchObject({ ...COMMON, announceDeletions });
});

test('an empty list is read as such', () => {
  expect(readNotifySettings(environmentOf(NOTIFY)).ignoredCallers).toEqual([]);
  const { REPLACEMENT_TAG_KEYS: _, ...without } = environmentOf(SUMMARIZE);
  expect(readSettings(without).tagKeys.replacement).toEqual([]);
});

test('all faults are named at once', () => {
  const faulty = {
    ALERT_TOPIC_ARN: '',
    TABLE_NAME: undefined,
    MAX_ALERTS_PER_MINUTE: '0',
    AUTO_CANCEL_DELETION: 'yes',
    QUIET_WINDOW_MINUTES: '',
  };
  expect(() => readNotifySettings({ ...environmentOf(NOTIFY), ...faulty })).toThrow(
    'Expected ALERT_TOPIC_ARN to be the ARN of an SNS topic, got ""; expected TABLE_NAME to be the name of a table, got ""; expected MAX_ALERTS_PER_MINUTE to be a whole number above 0, got "0"; expected AUTO_CANCEL_DELETION to be one of off, tagged, all, got "yes"; expected QUIET_WINDOW_MINUTES to be a whole number above 0, got "". Deploy the stack again to set the environment right.',
  );
  const { ANNOUNCE_DELETIONS: _, ...without } = environmentOf(TRACK_DELETION);
  expect(() => readTrackSettings(without)).toThrow(
    'Expected ANNOUNCE_DELETIONS to be one of true, false, got "".',
  );
});

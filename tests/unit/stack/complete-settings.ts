import { readSettings, SettingsError } from '../../../stack/settings.ts';

/** All settings that are required, and the default of each that has one. */
export const COMPLETE = {
  alertEmails: 'a@example.com',
  alertTopicArn: '',
  kmsKeyArn: '',
  cloudTrailLogGroup: 'CloudTrail/MyCloudWatchLogGroup',
  createTrail: false,
  autoCancelDeletion: 'off',
  announceDeletions: false,
  quietWindowMinutes: 60,
  summaryEveryMinutes: 60,
  maxAlertsPerMinute: 30,
  ignoredCallers: '',
  ownerTagKeys: 'owner,team',
  replacementTagKeys: 'replaced-by',
  metricNamespace: 'CloudTrailLogMetrics',
  metricName: '',
  alarmName: 'AttemptsToAccessDeletedSecretsAlarm',
  dashboard: true,
  logRetentionDays: 30,
};
export const REGION = 'us-east-1';
export const DEPLOYMENT = { region: REGION, functionNames: ['deleted-secret-notifier-dev-notify'] };
export const TOPIC = 'arn:aws:sns:us-east-1:111122223333:alerts';
export const KEY = 'arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab';

/** What is wrong with these settings. */
export function faults(raw: Record<string, unknown>, deployment = DEPLOYMENT): string[] {
  try {
    readSettings(raw, deployment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

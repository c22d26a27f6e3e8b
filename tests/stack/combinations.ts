/** Settings under which the service is packaged, for eu-west-1, for the tests and for cfn-lint. */
export const COMBINATIONS = {
  example: {
    alertEmails: 'you@example.com',
    cloudTrailLogGroup: 'CloudTrail/MyCloudWatchLogGroup',
  },
  'own-trail': {
    alertTopicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts',
    createTrail: 'true',
    logRetentionDays: '90',
    autoCancelDeletion: 'true',
    summaryEveryMinutes: '1',
    dashboard: 'false',
  },
  everything: {
    alertEmails: 'a@example.com, b@example.com',
    kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    cloudTrailLogGroup: 'aws-cloudtrail-logs',
    autoCancelDeletion: 'tagged',
    announceDeletions: 'true',
    quietWindowMinutes: '240',
    summaryEveryMinutes: '1440',
    maxAlertsPerMinute: '400',
    ignoredCallers: 'arn:aws:iam::111122223333:role/scanner-*, *:role/ci',
    ownerTagKeys: 'Owner, cost centre',
    replacementTagKeys: 'successor',
    metricNamespace: 'Security/Secrets',
    metricName: 'Attempts',
    alarmName: 'Attempts on deleted secrets',
    logRetentionDays: '7',
  },
};

export type Combination = keyof typeof COMBINATIONS;

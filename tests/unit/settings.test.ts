import { readSettings } from '../../lib/settings.ts';

const ENV = {
  ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:alerts',
  AUTO_CANCEL_DELETION: 'tagged',
  OWNER_TAG_KEYS: 'owner,team',
  REPLACEMENT_TAG_KEYS: '',
};

test('the environment of the stack is read', () => {
  expect(readSettings(ENV)).toEqual({
    alertTopicArn: ENV.ALERT_TOPIC_ARN,
    autoCancel: 'tagged',
    tagKeys: { owner: ['owner', 'team'], replacement: [] },
  });
});

test('all faults are named at once', () => {
  expect(() => readSettings({ AUTO_CANCEL_DELETION: 'yes' })).toThrow(
    'Expected ALERT_TOPIC_ARN to be the ARN of an SNS topic, got ""; expected AUTO_CANCEL_DELETION to be one of off, tagged, all, got "yes". Deploy the stack again to set the environment right.',
  );
});

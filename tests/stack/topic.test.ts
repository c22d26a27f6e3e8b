import type { Settings } from '../../stack/settings.ts';
import { topic } from '../../stack/topic.ts';
import { combinations, properties, resourcesOfType, template } from './template.ts';

const addresses = {
  example: ['you@example.com'],
  'own-trail': [],
  everything: ['a@example.com', 'b@example.com'],
  member: ['you@example.com'],
  organization: ['a@example.com', 'b@example.com'],
};

test.each(combinations)('each address is subscribed to the topic of the stack: %s', (name) => {
  const subscriptions = resourcesOfType(name, 'AWS::SNS::Subscription').filter(
    ([, { Properties }]) => Properties.Protocol !== 'lambda', // notices.test.ts
  );
  expect(subscriptions.map(([, { Properties }]) => Properties)).toEqual(
    addresses[name].map((Endpoint) => ({
      TopicArn: { Ref: 'AlertTopic' },
      Protocol: 'email',
      Endpoint,
    })),
  );
});

test('removing or adding an address leaves the others subscribed', () => {
  const subscriptions = (...alertEmails: string[]) =>
    Object.entries(topic({ alertEmails } as Settings, [])).filter(
      ([, { Type }]) => Type === 'AWS::SNS::Subscription',
    );
  const [a, b, c] = subscriptions('a@example.com', 'b@example.com', 'c@example.com');
  expect(subscriptions('c@example.com', 'a@example.com')).toEqual([c, a]);
  expect(b).not.toEqual(c);
});

test('alarms of the stack that mail may publish, no others, and nobody without TLS', () => {
  const silent = ['AttemptsAlarm', 'AttemptsRecordedAlarm'];
  const alarms = Object.entries(template('example').Resources)
    .filter(([id, { Type }]) => /::(Composite)?Alarm$/.test(Type) && !silent.includes(id))
    .map(([id]) => id);
  expect(alarms).toContain('UnexplainedAttemptsAlarm');
  expect(alarms).toContain('DeadLettersAlarm');
  expect(properties('example', 'AlertTopicPolicy')).toEqual({
    Topics: [{ Ref: 'AlertTopic' }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AllowAlarmsOfThisStack',
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: { Ref: 'AlertTopic' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            ArnEquals: {
              'aws:SourceArn': alarms.map((alarm) => ({ 'Fn::GetAtt': [alarm, 'Arn'] })),
            },
          },
        },
        {
          Sid: 'DenyInsecureTransport',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sns:Publish',
          Resource: { Ref: 'AlertTopic' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  });
});

test('the topic is encrypted with the given key', () => {
  expect(properties('everything', 'AlertTopic').KmsMasterKeyId).toBe(
    'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  );
  expect(properties('example', 'AlertTopic')).not.toHaveProperty('KmsMasterKeyId');
});

test('with a given topic the stack makes none for mails', () => {
  expect(resourcesOfType('own-trail', 'AWS::SNS::Topic').map(([id]) => id)).toEqual([
    'NoticeTopic',
  ]);
});

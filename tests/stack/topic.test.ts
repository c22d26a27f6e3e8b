import { combinations, properties, resourcesOfType, template } from './template.ts';

const addresses = {
  example: ['you@example.com'],
  'own-trail': [],
  everything: ['a@example.com', 'b@example.com'],
};

test.each(combinations)('each address is subscribed to the topic of the stack: %s', (name) => {
  const subscriptions = resourcesOfType(name, 'AWS::SNS::Subscription');
  expect(subscriptions.map(([, { Properties }]) => Properties)).toEqual(
    addresses[name].map((Endpoint) => ({
      TopicArn: { Ref: 'AlertTopic' },
      Protocol: 'email',
      Endpoint,
    })),
  );
});

test('alarms of this account and Region may publish, and nobody without TLS', () => {
  expect(properties('example', 'AlertTopicPolicy')).toEqual({
    Topics: [{ Ref: 'AlertTopic' }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AllowAlarmsOfThisAccount',
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: { Ref: 'AlertTopic' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            ArnLike: {
              'aws:SourceArn': {
                'Fn::Sub':
                  'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*',
              },
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

test('with a given topic the stack makes none', () => {
  const types = Object.values(template('own-trail').Resources).map(({ Type }) => Type);
  expect(types.filter((type) => type.startsWith('AWS::SNS::'))).toEqual([]);
});

import type { Resource, Resources } from '../../stack/cloudformation.ts';
import {
  type Combination,
  combinations,
  properties,
  resourcesOfType,
  template,
} from './template.ts';

const NOTICE_TOPIC = { Ref: 'NoticeTopic' };

/** The functions of the channels beside the mail, by combination. */
const channels: Record<Combination, string[]> = {
  example: [],
  'own-trail': ['Chat'],
  everything: ['Chat', 'Bus'],
  member: ['Chat'],
  organization: ['Chat', 'Bus'],
};

/** The channels that the stack connects with the chat's topic. */
const connected: Partial<Record<Combination, string[]>> = {
  everything: ['SlackChannel'],
  member: ['TeamsChannel'],
};

/** The logical ids of all that a resource waits for, by itself or by what it refers to. */
function waitsFor({ DependsOn = [], Properties }: Resource, resources: Resources): string[] {
  const text = JSON.stringify(Properties ?? {});
  const named = [
    ...text.matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)/g),
    ...text.matchAll(/\$\{(\w+)[.}]/g),
  ].map(([, id = '']) => id);
  return [...new Set([DependsOn, named].flat())].filter((id) => id in resources);
}

test.each(combinations)('who hands on is deployed when all channels listen: %s', (name) => {
  const { Resources } = template(name);
  const seen = new Map<string, Set<string>>();
  const all = (id: string, path: readonly string[] = []): Set<string> => {
    if (path.includes(id)) throw new Error(`A cycle: ${[...path, id].join(' > ')}`);
    const known = seen.get(id);
    if (known) return known;
    const resource = Resources[id];
    const found = new Set<string>();
    for (const one of resource ? waitsFor(resource, Resources) : []) {
      for (const each of [one, ...all(one, [...path, id])]) found.add(each);
    }
    seen.set(id, found);
    return found;
  };
  for (const id of Object.keys(Resources)) all(id);

  const heard = [
    ...channels[name].flatMap((prefix) => [
      `${prefix}Subscription`,
      `${prefix}Permission`,
      `${prefix}LambdaFunction`,
      `${prefix}LambdaEvConf`,
    ]),
    ...(connected[name] ?? []),
  ];
  for (const prefix of ['Notify', 'Summarize', 'TrackDeletion']) {
    expect([...all(`${prefix}LambdaFunction`)]).toEqual(expect.arrayContaining(heard));
  }
});

test('without a channel no function waits for one', () => {
  for (const [, { DependsOn }] of resourcesOfType('example', 'AWS::Lambda::Function')) {
    expect(JSON.stringify(DependsOn ?? [])).not.toContain('Subscription');
  }
});

test.each(combinations)(
  'notices reach each channel by its function, and nothing else: %s',
  (name) => {
    const { Resources } = template(name);
    expect('NoticeTopic' in Resources).toBe(channels[name].length > 0);

    const subscribed = resourcesOfType(name, 'AWS::SNS::Subscription').filter(
      ([, { Properties }]) => Properties.Protocol === 'lambda',
    );
    expect(subscribed).toEqual(
      channels[name].map((prefix) => [
        `${prefix}Subscription`,
        {
          Type: 'AWS::SNS::Subscription',
          DependsOn: [
            `${prefix}Permission`,
            `${prefix}LambdaEvConf`,
            ...(prefix === 'Chat' ? (connected[name] ?? []) : []),
          ],
          Properties: {
            TopicArn: NOTICE_TOPIC,
            Protocol: 'lambda',
            Endpoint: { 'Fn::GetAtt': [`${prefix}LambdaFunction`, 'Arn'] },
            RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] } },
          },
        },
      ]),
    );

    const permitted = resourcesOfType(name, 'AWS::Lambda::Permission').filter(
      ([, { Properties }]) => Properties.Principal === 'sns.amazonaws.com',
    );
    expect(permitted.map(([id, { Properties }]) => [id, Properties])).toEqual(
      channels[name].map((prefix) => [
        `${prefix}Permission`,
        {
          FunctionName: { Ref: `${prefix}LambdaFunction` },
          Action: 'lambda:InvokeFunction',
          Principal: 'sns.amazonaws.com',
          SourceArn: NOTICE_TOPIC,
        },
      ]),
    );
  },
);

test.each([
  ['everything', 'NoticeTopic'],
  ['everything', 'ChatTopic'],
  ['own-trail', 'NoticeTopic'],
] as const)(
  '%s: nobody is let into %s but by the policies of the own account, and with TLS',
  (name, topic) => {
    expect(properties(name, `${topic}Policy`)).toEqual({
      Topics: [{ Ref: topic }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'DenyInsecureTransport',
            Effect: 'Deny',
            Principal: '*',
            Action: 'sns:Publish',
            Resource: { Ref: topic },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  },
);

test('the topics are encrypted with the given key', () => {
  const { KmsMasterKeyId } = properties('everything', 'AlertTopic');
  expect(KmsMasterKeyId).toMatch(/^arn:aws:kms:/);
  for (const topic of ['NoticeTopic', 'ChatTopic']) {
    expect(properties('everything', topic)).toEqual({ KmsMasterKeyId });
    expect(properties('member', topic)).toEqual({});
  }
});

test('what SNS cannot hand to a function it may keep in the dead-letter queue', () => {
  const { Statement } = properties('everything', 'DeadLetterQueuePolicy').PolicyDocument;
  expect(Statement).toContainEqual({
    Sid: 'AllowNoticeTopic',
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] },
    Condition: { ArnEquals: { 'aws:SourceArn': NOTICE_TOPIC } },
  });
});

import { checkSettings } from '../../stack/check-settings.ts';
import { stack } from '../../stack/stack.ts';
import { combinations, properties, resourcesOfType } from './template.ts';

const BUTTONS = ['RestoreButton', 'MuteButton', 'StatusButton'].map((Ref) => ({ Ref }));

const common = {
  IamRoleArn: { 'Fn::GetAtt': ['ChannelRole', 'Arn'] },
  GuardrailPolicies: [{ Ref: 'ChannelGuardrail' }],
  SnsTopicArns: [{ Ref: 'ChatTopic' }],
  CustomizationResourceArns: BUTTONS,
  LoggingLevel: 'ERROR',
  UserRoleRequired: false,
};

test('the channel of Slack gets what is published to the topic of the chat', () => {
  expect(properties('everything', 'SlackChannel')).toEqual({
    ...common,
    ConfigurationName: { 'Fn::Sub': 'deleted-secret-notifier-dev-${AWS::Region}-T012ABCDEFG' },
    SlackWorkspaceId: 'T012ABCDEFG',
    SlackChannelId: 'C012ABCDEFG',
  });
});

test('and so does that of Teams', () => {
  expect(properties('member', 'TeamsChannel')).toEqual({
    ...common,
    ConfigurationName: {
      'Fn::Sub': 'deleted-secret-notifier-dev-${AWS::Region}-22222222-2222-4333-8444-555555555555',
    },
    TeamsTenantId: '11111111-2222-4333-8444-555555555555',
    TeamId: '22222222-2222-4333-8444-555555555555',
    TeamsChannelId: '19%3aabc-DEF_1%40thread.tacv2',
  });
});

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-chatbot-microsoftteamschannelconfiguration.html
test('the longest name of a configuration is within its limit', () => {
  const name: string = properties('member', 'TeamsChannel').ConfigurationName['Fn::Sub'];
  const longest = name
    .replace('${AWS::Region}', 'ap-southeast-1')
    .replace('-dev-', `-${'s'.repeat(25)}-`);
  expect(longest).toMatch(/^[A-Za-z0-9-_]{1,128}$/);
});

test.each([
  ['own-trail', 'a topic is given'],
  ['organization', 'a topic is given'],
  ['example', 'no chat is named'],
] as const)('%s: no channel is configured, because %s', (name, _why) => {
  for (const type of [
    'SlackChannelConfiguration',
    'MicrosoftTeamsChannelConfiguration',
    'CustomAction',
  ]) {
    expect(resourcesOfType(name, `AWS::Chatbot::${type}`)).toEqual([]);
  }
  expect(resourcesOfType(name, 'AWS::IAM::ManagedPolicy')).toEqual([]);
});

describe('what the channel may do', () => {
  test.each(['everything', 'member'] as const)(
    'is by its role and by its guardrail what the buttons do: %s',
    (name) => {
      expect(properties(name, 'ChannelRole')).toEqual({
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'AssumedByService',
              Effect: 'Allow',
              Principal: { Service: 'chatbot.amazonaws.com' },
              Action: 'sts:AssumeRole',
            },
          ],
        },
        ManagedPolicyArns: [{ Ref: 'ChannelGuardrail' }],
      });
      const region = name === 'member' ? '${AWS::Region}' : '*';
      expect(properties(name, 'ChannelGuardrail').PolicyDocument).toEqual({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'RestoreSecrets',
            Effect: 'Allow',
            Action: 'secretsmanager:RestoreSecret',
            Resource: {
              'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:${region}:\${AWS::AccountId}:secret:*`,
            },
          },
          {
            Sid: 'CallButtons',
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Resource: { 'Fn::GetAtt': ['ButtonsLambdaFunction', 'Arn'] },
          },
        ],
      });
    },
  );

  test('no button does more, and the guardrail allows nothing that no button does', () => {
    const commands = resourcesOfType('everything', 'AWS::Chatbot::CustomAction').map(
      ([, { Properties }]) => (Properties.Definition as { CommandText: string }).CommandText,
    );
    const called = commands.map((command) => command.split(' ').slice(0, 2).join(' '));
    expect([...new Set(called)]).toEqual(['secretsmanager restore-secret', 'lambda invoke']);
  });

  test('without buttons is nothing, and never what AWS allows by default', () => {
    const raw = {
      alertEmails: 'you@example.com',
      createTrail: 'true',
      slackWorkspaceId: 'T012ABCDEFG',
      slackChannelId: 'C012ABCDEFG',
      chatButtons: 'false',
    };
    const deployment = { stage: 'dev', region: 'eu-west-1', functionNames: [] };
    const { template, functions } = stack(checkSettings(raw, deployment), 'dev');
    const denied = { 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll' };
    const { SlackChannel, ChannelRole } = template.Resources;
    expect(SlackChannel?.Properties.GuardrailPolicies).toEqual([denied]);
    expect(SlackChannel?.Properties).not.toHaveProperty('CustomizationResourceArns');
    expect(ChannelRole?.Properties.ManagedPolicyArns).toEqual([denied]);
    expect(ChannelRole?.Properties).not.toHaveProperty('Policies');
    expect(Object.keys(functions)).not.toContain('buttons');
    expect(functions.chat?.environment).toMatchObject({ CHAT_BUTTONS: 'false' });
  });

  test.each(combinations)('is never left to the default: %s', (name) => {
    for (const type of ['SlackChannelConfiguration', 'MicrosoftTeamsChannelConfiguration']) {
      for (const [, { Properties }] of resourcesOfType(name, `AWS::Chatbot::${type}`)) {
        expect(Properties.GuardrailPolicies).toHaveLength(1);
      }
    }
  });
});

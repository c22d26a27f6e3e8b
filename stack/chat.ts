import { allowButtons, buttonArns } from './buttons.ts';
import {
  attribute,
  policyDocument,
  type Resource,
  type Resources,
  ref,
  service,
  sub,
  trustPolicy,
  type Value,
} from './cloudformation.ts';
import { stackNameOf } from './names.ts';
import { hasButtons, makesChannel, type Settings } from './settings.ts';
import { ownTopic } from './topic.ts';

/** The chat's own topic: subscribers of mails would see JSON. */
const CHAT_TOPIC = 'ChatTopic';
const CHANNEL_ROLE = 'ChannelRole';
const GUARDRAIL = 'ChannelGuardrail';

/** The topic of the chat: the given one, or the stack's own; `undefined` without a chat. */
export const chatTopicArn = (settings: Settings): Value | undefined =>
  settings.chatTopicArn ?? (makesChannel(settings) ? ref(CHAT_TOPIC) : undefined);

/** How many characters of a Teams channel's id tell it apart from others. */
const TEAMS_ID = 12;

/** What the chat is called in mutes that are made there: `Slack channel C012ABCDEFG`, `Teams channel 4f2e1a0b9c8d`. */
export function chatName({ slackChannelId, teamsChannelId }: Settings): string | undefined {
  if (slackChannelId) return `Slack channel ${slackChannelId}`;
  // `19%3A4f2e1a0b9c8d…%40thread.tacv2`
  const [, id = ''] = teamsChannelId?.match(/%3a(.+)%40/i) ?? [];
  return teamsChannelId && `Teams channel ${id.replace(/[^\w-]/g, '').slice(0, TEAMS_ID)}`;
}

/**
 * The chat's topic, and the configuration by which Amazon Q Developer in chat applications sends what is published there to the
 * channel, and may act for those in it; nothing unless the settings name a channel.
 */
export const chat = (settings: Settings, stage: string): Resources =>
  makesChannel(settings)
    ? {
        ...ownTopic(CHAT_TOPIC, settings),
        ...(hasButtons(settings) && { [GUARDRAIL]: guardrail(settings) }),
        [CHANNEL_ROLE]: {
          Type: 'AWS::IAM::Role',
          Properties: {
            // No condition: AWS documents no aws:SourceAccount of this service, and if it sends none, no button would work.
            // https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html
            AssumeRolePolicyDocument: trustPolicy(service('chatbot.amazonaws.com')),
            ManagedPolicyArns: [mostAllowed(settings)],
          },
        },
        [channelId(settings)]: channel(settings, stage),
      }
    : {};

/** The ARN of the channel's configuration; `undefined` unless the stack makes it. */
export const channelArn = (settings: Settings): Value | undefined =>
  makesChannel(settings) ? attribute(channelId(settings), 'Arn') : undefined;

/** One for each chat, because CloudFormation cannot change the type of a resource. */
export const channelId = ({ slackChannelId }: Settings) =>
  slackChannelId ? 'SlackChannel' : 'TeamsChannel';

/**
 * The policy of the channel's role, and the guardrail beside it, which holds for the roles too that members of the channel choose.
 * Without buttons it denies everything: without a guardrail everything would be allowed, AdministratorAccess being the default.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-chatbot-slackchannelconfiguration.html
 */
const mostAllowed = (settings: Settings): Value =>
  hasButtons(settings) ? ref(GUARDRAIL) : sub('arn:${AWS::Partition}:iam::aws:policy/AWSDenyAll');

const guardrail = (settings: Settings): Resource => ({
  Type: 'AWS::IAM::ManagedPolicy',
  Properties: {
    Description: 'What the buttons of the deleted secret notifier need',
    PolicyDocument: policyDocument(...allowButtons(settings)),
  },
});

function channel(settings: Settings, stage: string): Resource {
  const { slackWorkspaceId, slackChannelId, teamsTenantId, teamId, teamsChannelId } = settings;
  const common = {
    // Unique in the account, not in a Region only. With the id of the workspace or team, because CloudFormation cannot change that
    // of a configuration, and makes another before it removes the old one.
    ConfigurationName: sub(
      `${stackNameOf(stage)}-\${AWS::Region}-${slackChannelId ? slackWorkspaceId : teamId}`,
    ),
    IamRoleArn: attribute(CHANNEL_ROLE, 'Arn'),
    GuardrailPolicies: [mostAllowed(settings)],
    SnsTopicArns: [ref(CHAT_TOPIC)],
    ...(hasButtons(settings) && { CustomizationResourceArns: buttonArns(settings) }),
    LoggingLevel: 'ERROR',
    UserRoleRequired: false,
  };
  return slackChannelId
    ? {
        Type: 'AWS::Chatbot::SlackChannelConfiguration',
        Properties: {
          ...common,
          SlackWorkspaceId: slackWorkspaceId,
          SlackChannelId: slackChannelId,
        },
      }
    : {
        Type: 'AWS::Chatbot::MicrosoftTeamsChannelConfiguration',
        Properties: {
          ...common,
          TeamsTenantId: teamsTenantId,
          TeamId: teamId,
          TeamsChannelId: teamsChannelId,
        },
      };
}

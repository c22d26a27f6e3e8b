import { all, answered, type Change, patched, refused } from '../../../../testing/account.ts';
import { policyOf, STACK } from '../../../../testing/healthy-account.ts';
import {
  BUS_NAME,
  CHAT_ENDPOINT,
  CHAT_TOPIC,
  channels,
  channelsWith,
  NOTICES,
  RULE,
} from '../../../../testing/healthy-channels.ts';
import type { Any, Faults } from './fault.ts';
import { resource } from './stack.ts';

/** The account has channels, and something is different. */
const at = (...changes: Change[]) => all(channels, ...changes);
/** The same, but for a chat that is not of the stack. */
const given = (...changes: Change[]) => all(channelsWith({ chatTopicArn: CHAT_TOPIC }), ...changes);

/** The subscriptions of one of the topics. */
const subscriptions = (topic: string, change: (all: Any[]) => Any[]) =>
  patched('ListSubscriptionsByTopic', (answer, { TopicArn }) => {
    if (TopicArn === topic) answer.Subscriptions = change(answer.Subscriptions);
  });
const attributes = (subscription: RegExp, more: object) =>
  patched('GetSubscriptionAttributes', ({ Attributes }, { SubscriptionArn }) => {
    if (subscription.test(SubscriptionArn)) Object.assign(Attributes, more);
  });
const topic = (arn: string, more: object) =>
  patched('GetTopicAttributes', ({ Attributes }, { TopicArn }) => {
    if (TopicArn === arn) Object.assign(Attributes, more);
  });
/** IAM's answer for this role. */
const simulated = (role: RegExp, EvalDecision: string, of = /./) =>
  patched('SimulatePrincipalPolicy', ({ EvaluationResults }, { PolicySourceArn }) => {
    for (const one of EvaluationResults) {
      if (role.test(PolicySourceArn) && of.test(one.EvalActionName)) {
        Object.assign(one, { EvalDecision });
      }
    }
  });
/** Properties of the channel configuration as it is now. */
const configuration = (more: object) =>
  patched('GetResource', ({ ResourceDescription: one }) => {
    one.Properties = JSON.stringify({ ...JSON.parse(one.Properties), ...more });
  });
const rules = (...all: object[]) =>
  patched('ListRules', (answer, { EventBusName }) => {
    if (EventBusName === BUS_NAME) answer.Rules = all;
  });
const mailTo = (Endpoint: string, SubscriptionArn: string) => ({
  SubscriptionArn,
  Protocol: 'email',
  Endpoint,
});
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';
const CHANNEL =
  '--type-name AWS::Chatbot::SlackChannelConfiguration --identifier arn:aws:chatbot::111122223333:chat-configuration/slack-channel/deleted-secret-notifier-dev';
const UPDATE = (property: string, values: string) =>
  new RegExp(
    `^aws cloudcontrol update-resource ${CHANNEL} --patch-document '\\[\\{"op":"add","path":"/${property}","value":${values}\\}\\]' --region eu-west-1$`,
  );
const SUBSCRIBE_CHAT = new RegExp(
  `^aws sns subscribe --topic-arn ${CHAT_TOPIC} --protocol https --notification-endpoint ${CHAT_ENDPOINT} --region eu-west-1$`,
);
const LISTEN = /^docs\/operations\.md#events-for-machines$/;

/** What may be wrong with the channels beside the mail. */
export const CHANNEL_FAULTS: Faults = {
  stack: [
    [
      'fail',
      /^It lacks ChatSubscription\.$/,
      /serverless deploy/,
      at(resource('ChatSubscription', { PhysicalResourceId: undefined })),
    ],
  ],
  'notices: policy': [
    [
      'fail',
      new RegExp(`^There is no topic ${NOTICES}\\.$`),
      /^aws sns list-topics /,
      at((account) => {
        const before = account.GetTopicAttributes;
        account.GetTopicAttributes = (input) => {
          if (input.TopicArn !== NOTICES) return before?.(input);
          throw Object.assign(new Error('no'), {
            name: 'NotFoundException',
            $metadata: { httpStatusCode: 404 },
          });
        };
      }),
    ],
    [
      'fail',
      /^No policy lets summarize publish\.$/,
      /^aws iam put-role-policy --role-name \S+SummarizeRole --policy-name publish --policy-document '.+:notices"/,
      at(
        patched('SimulatePrincipalPolicy', (answer, { PolicySourceArn, ResourceArns }) => {
          if (/Summarize/.test(PolicySourceArn) && ResourceArns[0] === NOTICES) {
            answer.EvaluationResults[0].EvalDecision = 'implicitDeny';
          }
        }),
      ),
    ],
  ],
  'chat: subscription': [
    [
      'fail',
      /^chat is not subscribed to the notices: it sends nothing\.$/,
      new RegExp(
        `^aws sns subscribe --topic-arn ${NOTICES} --protocol lambda --notification-endpoint \\S+:function:${STACK}-chat --region`,
      ),
      at(subscriptions(NOTICES, (list) => list.filter(({ Endpoint }) => !/chat/.test(Endpoint)))),
    ],
    [
      'fail',
      /^chat is not subscribed/,
      /^aws sns subscribe /,
      at(
        subscriptions(NOTICES, (list) =>
          list.map((one) => ({ ...one, SubscriptionArn: 'Deleted' })),
        ),
      ),
    ],
    [
      'fail',
      /^Its filter policy keeps notices away\.$/,
      /^aws sns set-subscription-attributes --subscription-arn \S+:notices:chat --attribute-name FilterPolicy --attribute-value '\{\}'/,
      at(attributes(/:notices:chat$/, { FilterPolicy: '{"severity":["critical"]}' })),
    ],
    [
      'warn',
      /^Notices that SNS cannot deliver to the function do not go to the dead-letter queue\.$/,
      /--attribute-name RedrivePolicy --attribute-value '\{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead-letters"\}'/,
      at(attributes(/:notices:chat$/, { RedrivePolicy: undefined })),
    ],
  ],
  'bus: permission': [
    [
      'fail',
      /^The topic of the notices may not invoke the function\.$/,
      new RegExp(
        `^aws lambda add-permission --function-name ${STACK}-bus --statement-id BusPermissionByHand --action lambda:InvokeFunction --principal sns.amazonaws.com --source-arn ${NOTICES} `,
      ),
      at(
        patched('GetPolicy', (answer, { FunctionName }) => {
          if (/-bus$/.test(FunctionName)) answer.Policy = policyOf();
        }),
      ),
    ],
  ],
  'chat: function': [
    [
      'fail',
      /^Its reserved concurrency is 0: it never runs\.$/,
      /^aws lambda delete-function-concurrency --function-name \S+-chat /,
      at(
        patched('GetFunctionConcurrency', (answer, { FunctionName }) => {
          if (/-chat$/.test(FunctionName)) answer.ReservedConcurrentExecutions = 0;
        }),
      ),
    ],
  ],
  'chat topic: policy': [
    [
      'fail',
      /^No policy lets chat publish\.$/,
      /^aws iam put-role-policy --role-name \S+-ChatRole --policy-name publish /,
      at(simulated(/ChatRole/, 'implicitDeny')),
    ],
    [
      'fail',
      /^A policy forbids to publish to chat\.$/,
      /^aws sns get-topic-attributes --topic-arn \S+:chat /,
      at(
        topic(CHAT_TOPIC, {
          Policy: policyOf({ Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' }),
        }),
      ),
    ],
  ],
  'chat topic: key': [
    [
      'fail',
      /^The key is PendingDeletion\.$/,
      /^aws kms enable-key /,
      at(
        topic(CHAT_TOPIC, { KmsMasterKeyId: 'alias/chat' }),
        patched('DescribeKey', ({ KeyMetadata }) => {
          KeyMetadata.KeyState = 'PendingDeletion';
        }),
      ),
    ],
    [
      'fail',
      /^The topic is encrypted, but the stack is deployed without its key: chat may not use it\.$/,
      /serverless deploy .+kmsKeyArn=/,
      at(
        topic(CHAT_TOPIC, { KmsMasterKeyId: 'alias/chat' }),
        simulated(/ChatRole/, 'implicitDeny', /^kms:/),
      ),
    ],
  ],
  'chat topic: subscriptions': [
    [
      'fail',
      /^Amazon Q Developer is not subscribed to the topic: no chat gets it\.$/,
      SUBSCRIBE_CHAT,
      at(subscriptions(CHAT_TOPIC, () => [mailTo('a@example.com', `${CHAT_TOPIC}:2`)])),
    ],
    [
      'fail',
      /^Amazon Q Developer has not confirmed its subscription: no chat gets it\.$/,
      SUBSCRIBE_CHAT,
      at(
        subscriptions(CHAT_TOPIC, ([one]) => [{ ...one, SubscriptionArn: 'PendingConfirmation' }]),
      ),
    ],
    [
      'fail',
      /^The filter policy of Amazon Q Developer's subscription keeps messages away\.$/,
      /--attribute-name FilterPolicy --attribute-value '\{\}'/,
      at(attributes(/:chat:1$/, { FilterPolicy: '{"severity":["critical"]}' })),
    ],
    [
      'warn',
      /^Its messages are JSON for the chat, which is what these get too: a@example\.com\.$/,
      /^aws sns unsubscribe --subscription-arn \S+:chat:2 /,
      at(
        subscriptions(CHAT_TOPIC, (list) => [
          ...list,
          mailTo('a@example.com', `${CHAT_TOPIC}:2`),
          mailTo('pending@example.com', 'PendingConfirmation'),
        ]),
      ),
    ],
    [
      'fail',
      /^Amazon Q Developer is not subscribed to the topic: no chat gets it\.$/,
      /^docs\/operations\.md#chat$/,
      given(subscriptions(CHAT_TOPIC, () => [])),
    ],
    [
      'fail',
      /^Nothing that could bring its messages to a chat is subscribed to the topic\.$/,
      new RegExp(
        `^aws sns subscribe --topic-arn ${CHAT_TOPIC} --protocol lambda --notification-endpoint FUNCTION_ARN --region eu-west-1$`,
      ),
      given(
        subscriptions(CHAT_TOPIC, () => []),
        patched('DescribeStacks', ({ Stacks: [stack] }) => {
          stack.StackId = stack.StackId.replace('arn:aws:', 'arn:aws-us-gov:');
        }),
      ),
    ],
  ],
  'chat: configuration': [
    [
      'fail',
      /^There is no channel configuration arn:aws:chatbot::\S+\.$/,
      /serverless remove .+ && npx serverless deploy/,
      at(refused('GetResource', 'ResourceNotFoundException')),
    ],
    [
      'fail',
      new RegExp(`^Its topics are arn:other, without ${CHAT_TOPIC}\\.$`),
      UPDATE('SnsTopicArns', `\\["arn:other","${CHAT_TOPIC}"\\]`),
      at(configuration({ SnsTopicArns: ['arn:other'] })),
    ],
    [
      'fail',
      /^Its guardrail is arn:aws:iam::aws:policy\/AdministratorAccess, not \S+\/ChannelGuardrail: the channel may do what was not deployed\.$/,
      UPDATE('GuardrailPolicies', '\\["arn:aws:iam::111122223333:policy/ChannelGuardrail"\\]'),
      at(configuration({ GuardrailPolicies: [ADMINISTRATOR] })),
    ],
    [
      'fail',
      /^Its guardrail is none, which is AWS's AdministratorAccess, not /,
      UPDATE('GuardrailPolicies', '\\["\\S+"\\]'),
      at(configuration({ GuardrailPolicies: undefined })),
    ],
    [
      'fail',
      /^Its guardrail is \S+ChannelGuardrail, \S+AdministratorAccess, not \S+ChannelGuardrail: /,
      UPDATE('GuardrailPolicies', '\\["\\S+ChannelGuardrail"\\]'),
      at(
        configuration({
          GuardrailPolicies: ['arn:aws:iam::111122223333:policy/ChannelGuardrail', ADMINISTRATOR],
        }),
      ),
    ],
    [
      'fail',
      /^Its role is arn:aws:iam::111122223333:role\/admin, not \S+-ChannelRole\.$/,
      UPDATE('IamRoleArn', '"\\S+-ChannelRole"'),
      at(configuration({ IamRoleArn: 'arn:aws:iam::111122223333:role/admin' })),
    ],
    [
      'fail',
      /^Its channel is C0ELSEWHERE, not C\w+\.$/,
      UPDATE('SlackChannelId', '"C\\w+"'),
      at(configuration({ SlackChannelId: 'C0ELSEWHERE' })),
    ],
    [
      'unknown',
      /^The stack's template has no SlackChannel\.$/,
      undefined,
      at(
        patched('GetTemplate', (answer) => {
          const template = JSON.parse(answer.TemplateBody);
          delete template.Resources.SlackChannel;
          answer.TemplateBody = JSON.stringify(template);
        }),
      ),
    ],
    [
      'unknown',
      /^AWS answered cloudformation:GetResource with HandlerFailureException: /,
      undefined,
      at(refused('GetResource', 'HandlerFailureException', 'not authorized')),
    ],
  ],
  'buttons: attached': [
    [
      'warn',
      /^The messages lack buttons that are not attached to the channel: arn:aws:chatbot::111122223333:custom-action\/\w+/,
      UPDATE('CustomizationResourceArns', '\\["arn:other","arn:aws:chatbot::\\S+"\\]'),
      at(configuration({ CustomizationResourceArns: ['arn:other'] })),
    ],
    [
      'unknown',
      /^There is no channel configuration\.$/,
      undefined,
      at(refused('GetResource', 'ResourceNotFoundException')),
    ],
  ],
  'buttons: role': [
    [
      'warn',
      /^Its buttons work only for members who have chosen a role of their own \(UserRoleRequired\)\.$/,
      UPDATE('UserRoleRequired', 'false'),
      at(configuration({ UserRoleRequired: true })),
    ],
    [
      'warn',
      /^No policy lets its buttons lambda:InvokeFunction, secretsmanager:RestoreSecret\.$/,
      /^aws iam put-role-policy --role-name \S+-ChannelRole --policy-name buttons --policy-document '.+"Action":\["lambda:InvokeFunction","secretsmanager:RestoreSecret"\],"Resource":\["\S+-buttons","\S+:secret:\*"\]/,
      at(simulated(/ChannelRole/, 'implicitDeny')),
    ],
    [
      'warn',
      /^A policy forbids its buttons secretsmanager:RestoreSecret\.$/,
      /^aws iam simulate-principal-policy --policy-source-arn \S+-ChannelRole --action-names lambda:InvokeFunction secretsmanager:RestoreSecret /,
      at(simulated(/ChannelRole/, 'explicitDeny', /RestoreSecret/)),
    ],
    [
      'unknown',
      /^There are conditions that cannot be evaluated here\.$/,
      /^aws iam simulate-principal-policy /,
      at(
        patched('SimulatePrincipalPolicy', ({ EvaluationResults: [one] }, { PolicySourceArn }) => {
          if (!/ChannelRole/.test(PolicySourceArn)) return;
          Object.assign(one, { EvalDecision: 'implicitDeny', MissingContextValues: ['aws:x'] });
        }),
      ),
    ],
  ],
  'buttons: function': [
    [
      'fail',
      /^It is Failed/,
      /serverless deploy .+--force/,
      at(
        patched('GetFunctionConfiguration', (answer, { FunctionName }) => {
          if (/-buttons$/.test(FunctionName)) answer.State = 'Failed';
        }),
      ),
    ],
  ],
  'bus: event bus': [
    [
      'fail',
      /^There is no event bus security in this account and Region\.$/,
      /^aws events create-event-bus --name security /,
      at(refused('DescribeEventBus', 'ResourceNotFoundException')),
    ],
    [
      'fail',
      /^No policy lets bus put events on security\.$/,
      /^aws iam put-role-policy --role-name \S+-BusRole --policy-name put-events --policy-document '.+"events:PutEvents","Resource":"arn:aws:events:eu-west-1:111122223333:event-bus\/security"/,
      at(simulated(/BusRole/, 'implicitDeny')),
    ],
    [
      'fail',
      /^A policy forbids bus to put events on security\.$/,
      /^aws events describe-event-bus --name security /,
      at(
        answered('DescribeEventBus', {
          Policy: policyOf({ Effect: 'Deny', Principal: '*', Action: 'events:*', Resource: '*' }),
        }),
      ),
    ],
    [
      'unknown',
      /^Its policy has conditions that cannot be evaluated here\.$/,
      /^aws events describe-event-bus --name security /,
      at(
        answered('DescribeEventBus', {
          Policy: policyOf({
            ...{ Effect: 'Deny', Principal: '*', Action: 'events:PutEvents', Resource: '*' },
            Condition: { StringEquals: { 'events:detail-type': 'Incident Opened' } },
          }),
        }),
      ),
    ],
  ],
  'bus: rules': [
    [
      'warn',
      /^Nobody gets the events: no enabled rule on security matches the source deleted-secret-notifier\.$/,
      LISTEN,
      at(rules()),
    ],
    [
      'warn',
      /^Nobody gets the events: no enabled rule/,
      LISTEN,
      at(
        rules(
          { ...RULE, State: 'DISABLED' },
          { Name: 'other', State: 'ENABLED', EventPattern: '{"source":["aws.ec2"]}' },
          { Name: 'nightly', State: 'ENABLED', ScheduleExpression: 'rate(1 day)' },
        ),
      ),
    ],
    [
      'warn',
      /^Nobody gets the events: no enabled rule/,
      LISTEN,
      at(
        patched('TestEventPattern', (answer) => {
          answer.Result = false;
        }),
      ),
    ],
    [
      'warn',
      /^Nobody gets the events: to-pagerduty matches them, but has no targets\.$/,
      LISTEN,
      at(
        patched('ListTargetsByRule', (answer, { Rule }) => {
          if (Rule === RULE.Name) answer.Targets = [];
        }),
      ),
    ],
  ],
};

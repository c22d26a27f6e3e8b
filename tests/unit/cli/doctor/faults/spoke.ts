import { all, answered, type Change, patched, refused } from '../../../../testing/account.ts';
import { QUEUE_ARN } from '../../../../testing/healthy-spoke.ts';
import type { Any, Faults } from './fault.ts';
import { DEPLOY, HERE, LOOKUP_ROLE_FAULTS, trustOf } from './lookup-role.ts';

const NAME = 'deleted-secret-notifier-dev-spoke';

const rule = (name: string, more: object) =>
  patched('DescribeRule', (one, { Name }) => {
    if (Name === `${NAME}-${name}`) Object.assign(one, more);
  });
const target = (more: object, name = /-attempts$/) =>
  patched('ListTargetsByRule', ({ Targets: [one] }, { Rule }) => {
    if (name.test(Rule)) Object.assign(one, more);
  });
const noTrail = answered('DescribeTrails', { trailList: [] });
const noTargets = answered('ListTargetsByRule', { Targets: [] });
const counted = (name: string): Change =>
  patched('GetMetricStatistics', (answer, { MetricName }) => {
    if (MetricName === name) answer.Datapoints = [{ Sum: 2 }];
  });
const simulated = (EvalDecision: string) =>
  patched('SimulatePrincipalPolicy', ({ EvaluationResults: [one] }) =>
    Object.assign(one, { EvalDecision }),
  );
const alarm = (more: object) =>
  patched('DescribeAlarms', ({ MetricAlarms: [one] }) => Object.assign(one, more));
const TOPIC = 'arn:aws:sns:us-east-1:444455556666:aws-controltower-SecurityNotifications';

const DEPLOY_ANYWHERE = /^npm run spoke -- --stage dev # with the hub's credentials/;
const PUT_RULE = new RegExp(
  `^aws events put-rule --name ${NAME}-attempts --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS .+ ${HERE}`,
);
const PUT_TARGETS = new RegExp(
  `^aws events put-targets --rule ${NAME}-attempts --targets '\\[\\{"Id":"hub","Arn":"arn:aws:events:eu-west-1:111122223333:event-bus/deleted-secret-notifier-dev","RoleArn":"arn:aws:iam::444455556666:role/\\S+","DeadLetterConfig":\\{"Arn":"${QUEUE_ARN}"\\}\\}\\]' ${HERE}`,
);
const PUT_ALARM = new RegExp(
  `^aws cloudwatch put-metric-alarm --alarm-name ${NAME}-DeadLetters .+ ${HERE}`,
  's',
);
const forwardingTrust = (change: (statement: Any) => void) => trustOf(/-ForwardingRole$/, change);
const CANNOT_ASSUME =
  /^arn:aws:iam::444455556666:role\/\S+-ForwardingRole does not trust events\.amazonaws\.com: the rules cannot forward anything\.$/;
const PUT_TRUST =
  /^aws iam update-assume-role-policy --role-name \S+-ForwardingRole --policy-document '.+"Principal":\{"Service":"events\.amazonaws\.com"\},"Action":"sts:AssumeRole".+' --region us-east-1 --profile there$/;
const HUB = /^npm run doctor -- --stage dev --region eu-west-1$/;

/** What may be wrong with what forwards. */
const FORWARDING_FAULTS: Faults = {
  'attempts: rule': [
    [
      'fail',
      new RegExp(`^There is no rule ${NAME}-attempts\\.$`),
      PUT_RULE,
      refused('DescribeRule', 'ResourceNotFoundException'),
    ],
    ['fail', /^It is DISABLED\.$/, PUT_RULE, rule('attempts', { State: 'DISABLED' })],
    [
      'fail',
      /^Its state is ENABLED, which never sees a read/,
      PUT_RULE,
      rule('attempts', { State: 'ENABLED' }),
    ],
    [
      'fail',
      /^Its event pattern is not the one/,
      PUT_RULE,
      rule('attempts', { EventPattern: '{}' }),
    ],
  ],
  'reads: rule': [
    [
      'fail',
      /^It is DISABLED\.$/,
      /put-rule --name \S+-spoke-reads --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS --desc/,
      rule('reads', { State: 'DISABLED' }),
    ],
  ],
  'clashes: target': [
    [
      'fail',
      /^The rule does not forward/,
      /put-targets --rule \S+-spoke-clashes /,
      target({ Arn: 'arn:aws:events:eu-west-1:111122223333:event-bus/central' }, /-clashes$/),
    ],
  ],
  'changes: rule': [
    [
      'fail',
      /^It is DISABLED\.$/,
      /put-rule --name \S+-spoke-changes --state ENABLED --desc/,
      rule('changes', { State: 'DISABLED' }),
    ],
  ],
  'attempts: target': [
    [
      'fail',
      /^The rule does not forward to the bus deleted-secret-notifier-dev\.$/,
      DEPLOY_ANYWHERE,
      noTargets,
    ],
    [
      'fail',
      /^The rule does not forward/,
      PUT_TARGETS,
      target({ Arn: 'arn:aws:events:eu-west-1:111122223333:event-bus/central' }),
    ],
    [
      'fail',
      /^It forwards to arn:aws:events:eu-west-1:999999999999:\S+, the other rule to arn:aws:events:eu-west-1:111122223333:/,
      DEPLOY_ANYWHERE,
      target({
        Arn: 'arn:aws:events:eu-west-1:999999999999:event-bus/deleted-secret-notifier-dev',
      }),
    ],
    [
      'fail',
      /^The rule has no role by which it forwards\.$/,
      PUT_TARGETS,
      target({ RoleArn: undefined }),
    ],
    ['fail', /^The rule changes its events/, PUT_TARGETS, target({ InputPath: '$.detail' })],
    [
      'warn',
      /do not go to the dead-letter queue\.$/,
      PUT_TARGETS,
      target({ DeadLetterConfig: undefined }),
    ],
  ],
  'attempts: delivery': [
    [
      'warn',
      /^The hub's bus did not take 2 of 4 events in the last 14 days\.$/,
      HUB,
      counted('FailedInvocations'),
    ],
    ['warn', /^The hub's bus did not take 2 of 4 events/, HUB, counted('InvocationsSentToDlq')],
    [
      'warn',
      /^2 events could neither be forwarded nor put in the dead-letter queue .+: lost, unless a trail/,
      HUB,
      counted('InvocationsFailedToBeSentToDlq'),
    ],
  ],
  'forwarding role': [
    [
      'fail',
      /^No policy lets \S+-ForwardingRole put events on the bus\.$/,
      new RegExp(
        `^aws iam put-role-policy --role-name \\S+-ForwardingRole --policy-name forward-to-hub --policy-document '.+"events:PutEvents".+' ${HERE}`,
      ),
      simulated('implicitDeny'),
    ],
    [
      'fail',
      /^A policy forbids \S+ to put events/,
      /^aws iam list-role-policies --role-name \S+-ForwardingRole --region us-east-1 --profile there$/,
      simulated('explicitDeny'),
    ],
    [
      'warn',
      /may put events on other buses too\.$/,
      /^aws iam list-role-policies /,
      simulated('allowed'),
    ],
    [
      'fail',
      /^There is no role arn:aws:iam::444455556666:role\/\S+-ForwardingRole: the rules cannot forward anything\.$/,
      DEPLOY,
      refused('GetRole', 'NoSuchEntityException'),
    ],
    [
      'fail',
      /^There is no role \S+:role\/old\/\S+-ForwardingRole: /,
      DEPLOY,
      target({ RoleArn: `arn:aws:iam::444455556666:role/old/${NAME}-ForwardingRole` }),
    ],
    [
      'fail',
      CANNOT_ASSUME,
      PUT_TRUST,
      forwardingTrust((statement) => {
        statement.Principal = { Service: 'lambda.amazonaws.com' };
      }),
    ],
    [
      'fail',
      CANNOT_ASSUME,
      PUT_TRUST,
      forwardingTrust((statement) => {
        statement.Condition = { StringEquals: { 'aws:SourceAccount': '999999999999' } };
      }),
    ],
    [
      'fail',
      CANNOT_ASSUME,
      PUT_TRUST,
      forwardingTrust((statement) => {
        statement.Condition = { ArnLike: { 'aws:SourceArn': '*:rule/*-changes' } };
      }),
    ],
    [
      'unknown',
      /^It trusts EventBridge on conditions that cannot be evaluated here\.$/,
      /^aws iam get-role --role-name \S+-ForwardingRole --region us-east-1 --profile there$/,
      forwardingTrust((statement) => {
        statement.Condition = { DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } };
      }),
    ],
    ['unknown', /^Without a target its role is not known\.$/, undefined, noTargets],
  ],
  'dead-letter queue': [
    [
      'fail',
      /^There is no queue \S+-spoke-dead-letters: what cannot be forwarded is lost\.$/,
      DEPLOY,
      refused('GetQueueUrl', 'QueueDoesNotExist'),
    ],
    [
      'fail',
      /^It holds 2 events that the hub has not got: .+ Fix that first\. What a trail .+ purge the queue\.$/,
      /^aws sqs receive-message --queue-url https:\S+-dead-letters --message-attribute-names All --max-number-of-messages 10 --visibility-timeout 0 --region us-east-1 --profile there$/,
      patched('GetQueueAttributes', ({ Attributes }) =>
        Object.assign(Attributes, { ApproximateNumberOfMessages: '2' }),
      ),
    ],
  ],
  'dead-letter queue: policy': [
    [
      'fail',
      /^Its policy does not let \S+-attempts, \S+-reads, \S+-changes, \S+-clashes send: what cannot be forwarded is lost\.$/,
      /^aws sqs set-queue-attributes --queue-url \S+ --attributes '\{"Policy":"/,
      patched('GetQueueAttributes', ({ Attributes }) => delete Attributes.Policy),
    ],
  ],
  alarm: [
    [
      'warn',
      /^There is no alarm deleted-secret-notifier-dev-spoke-DeadLetters\.$/,
      PUT_ALARM,
      answered('DescribeAlarms', { MetricAlarms: [] }),
    ],
    ['warn', /^It was changed: Threshold is not 1\.$/, PUT_ALARM, alarm({ Threshold: 5 })],
    [
      'warn',
      /^It was changed: it does not watch \S+-dead-letters\.$/,
      PUT_ALARM,
      alarm({ Dimensions: [{ Name: 'QueueName', Value: 'other' }] }),
    ],
    [
      'warn',
      /^There is no topic \S+:aws-controltower-SecurityNotifications, which it tells\.$/,
      PUT_ALARM,
      all(alarm({ AlarmActions: [TOPIC] }), refused('GetTopicAttributes', 'NotFoundException')),
    ],
    [
      'warn',
      /^Its actions are off\.$/,
      /^aws cloudwatch enable-alarm-actions --alarm-names \S+-spoke-DeadLetters /,
      alarm({ ActionsEnabled: false }),
    ],
    [
      'warn',
      /^In ALARM: something could not be forwarded\.$/,
      /describe-alarms/,
      alarm({ StateValue: 'ALARM' }),
    ],
    [
      'warn',
      /^It tells nobody: AlarmTopicName is empty\. What cannot be forwarded only this check would show\.$/,
      /^aws cloudformation update-stack-set --stack-set-name \S+-dev-spoke --use-previous-template --capabilities CAPABILITY_NAMED_IAM --parameters ParameterKey=HubBusArn,UsePreviousValue=true ParameterKey=OrganizationId,UsePreviousValue=true ParameterKey=RestoreMode,UsePreviousValue=true ParameterKey=WatchGoneSecrets,UsePreviousValue=true 'ParameterKey=AlarmTopicName,ParameterValue=<TOPIC>' --operation-preferences \S+ --region eu-west-1 # in the account of the stack set; if there is none: update-stack here, with --stack-name \S+-dev-spoke$/,
      alarm({ AlarmActions: undefined }),
    ],
  ],
  'trail: reads': [
    [
      'fail',
      /^No trail logs the reads in us-east-1 of 444455556666, of the account or of the organization\. Without a trail that logs the reads here the spoke hears none\.$/,
      /^docs\/operations\.md#the-organizations-trail$/,
      noTrail,
    ],
    [
      'warn',
      /^No trail logs the reads in us-east-1 of 444455556666, .+, though 2 reads arrived in the last 14 days: prove that reads still arrive\.$/,
      /^AWS_PROFILE=PROFILE-OF-HUB AWS_REGION=REGION-OF-HUB npm run -s drill -- --stage dev --region us-east-1 --profile there --account 444455556666 --path event$/,
      all(noTrail, counted('TriggeredRules')),
    ],
    [
      'fail',
      /^No trail logs the reads of secrets: org logs write events only\. Without a trail that logs the reads here the spoke hears none\.$/,
      /^aws cloudtrail put-event-selectors --trail-name \S+ .+ --region us-east-1 --profile there$/,
      answered('GetEventSelectors', { EventSelectors: [{ ReadWriteType: 'WriteOnly' }] }),
    ],
  ],
  'trail: logging': [
    [
      'fail',
      /^org is stopped\. Without a trail that logs the reads here the spoke hears none\.$/,
      /^aws cloudtrail start-logging --name \S+ --region us-east-1 --profile there$/,
      answered('GetTrailStatus', { IsLogging: false }),
    ],
  ],
};

/** What may be wrong with a spoke. */
export const SPOKE_FAULTS: Faults = { ...FORWARDING_FAULTS, ...LOOKUP_ROLE_FAULTS };

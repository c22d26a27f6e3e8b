import { all, answered, type Change, patched, refused } from '../../../../testing/account.ts';
import { policyOf, REGION, STACK } from '../../../../testing/healthy-account.ts';
import { heardOf, hub, instancesIn, items, spokesIn } from '../../../../testing/healthy-hub.ts';
import { HUB_BUS_ARN } from '../../../../testing/spoke.ts';
import type { Any, Faults } from './fault.ts';
import { resource } from './stack.ts';

/** Something of the rules on the bus is different. */
const rule = (more: object) =>
  patched('DescribeRule', (one, { EventBusName }) => EventBusName && Object.assign(one, more));
const target = (more: object) =>
  patched(
    'ListTargetsByRule',
    ({ Targets: [one] }, { EventBusName }) => EventBusName && Object.assign(one, more),
  );
/** The statement of the bus's policy is different, or there are more. */
const bus = (more: object, ...others: object[]) =>
  patched('DescribeEventBus', (one) => {
    const { Statement } = JSON.parse(one.Policy);
    one.Policy = policyOf({ ...Statement[0], ...more }, ...others);
  });
const partner = {
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::999999999999:root' },
  Action: 'events:PutEvents',
  Resource: HUB_BUS_ARN,
};
const alarm = (more: object) =>
  patched('DescribeAlarms', ({ MetricAlarms }) =>
    Object.assign(
      MetricAlarms.find(({ AlarmName }: Any) => /NotifyHubFailed/.test(AlarmName)) ?? {},
      more,
    ),
  );
/** IAM's answer for the role with this logical id. */
const simulated = (role: RegExp, EvalDecision: string, more: object = {}) =>
  patched('SimulatePrincipalPolicy', ({ EvaluationResults: [one] }, { PolicySourceArn }) => {
    if (role.test(PolicySourceArn)) Object.assign(one, { EvalDecision, ...more });
  });
const at = (...changes: Change[]) => all(hub, ...changes);

const PUT_RULE = new RegExp(
  `^aws events put-rule --name ${STACK}-hub-attempts --event-bus-name ${STACK} --state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS --description '.+' --event-pattern '\\{.+marked for deletion.+\\}' --region eu-west-1$`,
);
const PUT_TARGETS = new RegExp(
  `^aws events put-targets --rule ${STACK}-hub-attempts --event-bus-name ${STACK} --targets '\\[\\{"Id":"notify",`,
);
const PUT_POLICY = new RegExp(
  `^aws events put-permission --event-bus-name ${STACK} --policy '\\{"Version":"2012-10-17","Statement":\\[\\{"Sid":"AllowSpokesOfTheOrganization",.+"aws:PrincipalOrgID":"o-a1b2c3d4e5"\\}.+\\}' --region eu-west-1$`,
);
const PUT_ALARM = new RegExp(
  `^aws cloudwatch put-metric-alarm --alarm-name ${STACK}-NotifyHubFailedInvocationsAlarm .+ --dimensions '\\[\\{"Name":"EventBusName","Value":"${STACK}"\\},\\{"Name":"RuleName","Value":"${STACK}-hub-attempts"\\}\\]' .+ --alarm-actions \\S+:alerts --region eu-west-1$`,
);
const LOOK =
  /^aws iam put-role-policy --role-name deleted-secret-notifier-dev-SummarizeRole --policy-name look-into-spokes --policy-document '.+"Resource":"arn:aws:iam::\*:role\/deleted-secret-notifier\/spoke\/deleted-secret-notifier-dev-\*","Condition":\{"StringEquals":\{"sts:RoleSessionName":"summarize"\},"StringEqualsIfExists":\{"aws:ResourceOrgID":"o-a1b2c3d4e5"\}\}.+' --region eu-west-1$/;

const LIST_INSTANCES =
  /^aws cloudformation list-stack-instances --stack-set-name deleted-secret-notifier-dev-spoke --call-as SELF --region eu-west-1$/;

/** What may be wrong with a hub. */
export const HUB_FAULTS: Faults = {
  stack: [
    [
      'fail',
      /^It lacks NotifyHubRule\.$/,
      /serverless deploy/,
      at(resource('NotifyHubRule', { PhysicalResourceId: undefined })),
    ],
    [
      'fail',
      /^It lacks OperatorRole\.$/,
      /serverless deploy/,
      at(resource('OperatorRole', { PhysicalResourceId: undefined })),
    ],
  ],
  'hub: bus': [
    [
      'fail',
      /^There is no event bus deleted-secret-notifier-dev\.$/,
      /serverless remove .+ && npx serverless deploy/,
      at(refused('DescribeEventBus', 'ResourceNotFoundException')),
    ],
    [
      'fail',
      /^It has no policy: it refuses whatever spokes forward\.$/,
      PUT_POLICY,
      at(answered('DescribeEventBus', {})),
    ],
    [
      'fail',
      /^Its policy does not let o-a1b2c3d4e5 forward events\.$/,
      PUT_POLICY,
      at(bus({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-zzzzzzzzzz' } } })),
    ],
    [
      'fail',
      /^Its policy does not let/,
      PUT_POLICY,
      at(bus({}, { ...partner, Principal: '*', Effect: 'Deny' })),
    ],
    [
      'fail',
      /^Its policy lets in accounts outside of the organization\.$/,
      PUT_POLICY,
      at(bus({ Condition: undefined })),
    ],
    [
      'fail',
      /^Its policy lets in accounts outside/,
      PUT_POLICY,
      at(bus({}, { ...partner, Principal: { AWS: '*' } })),
    ],
    [
      'fail',
      /^Its policy lets in events of other sources\.$/,
      PUT_POLICY,
      at(bus({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } })),
    ],
    [
      'fail',
      /^Its policy lets in changes of its rules\.$/,
      PUT_POLICY,
      at(bus({ Action: ['events:PutEvents', 'events:PutRule'] })),
    ],
    [
      'warn',
      /^Its policy lets in accounts outside of the organization, of arn:aws:iam::999999999999:root\.$/,
      PUT_POLICY,
      at(bus({}, partner)),
    ],
    [
      'unknown',
      /^Its policy has conditions that cannot be evaluated here\.$/,
      /^aws events describe-event-bus --name deleted-secret-notifier-dev --region eu-west-1$/,
      at(bus({}, { ...partner, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })),
    ],
  ],
  'notify: hub rule': [
    ['fail', /^It is DISABLED\.$/, PUT_RULE, at(rule({ State: 'DISABLED' }))],
    [
      'fail',
      /^Its state is ENABLED, which never sees a read/,
      PUT_RULE,
      at(rule({ State: 'ENABLED' })),
    ],
    [
      'fail',
      /^Its event pattern is not the one/,
      PUT_RULE,
      at(rule({ EventPattern: '{"source":["aws.s3"]}' })),
    ],
    [
      'fail',
      /^There is no rule deleted-secret-notifier-dev-hub-attempts\.$/,
      PUT_RULE,
      at(refused('DescribeRule', 'ResourceNotFoundException')),
    ],
  ],
  'notify: hub target': [
    [
      'fail',
      /^The rule does not send its events to notify\.$/,
      PUT_TARGETS,
      at(target({ Arn: 'x' })),
    ],
    [
      'warn',
      /do not go to the dead-letter queue/,
      PUT_TARGETS,
      at(target({ DeadLetterConfig: undefined })),
    ],
  ],
  'notify: hub permission': [
    [
      'fail',
      /^The rule may not invoke the function\.$/,
      /--statement-id NotifyHubRuleByHand .+ --source-arn arn:aws:events:eu-west-1:111122223333:rule\/deleted-secret-notifier-dev\/deleted-secret-notifier-dev-hub-attempts /,
      at(answered('GetPolicy', { Policy: policyOf() })),
    ],
  ],
  'hub: alarms': [
    [
      'warn',
      /^\S+-NotifyHubFailedInvocationsAlarm does not watch FailedInvocations of the rule on the bus\.$/,
      PUT_ALARM,
      at(alarm({ Dimensions: [{ Name: 'RuleName', Value: `${STACK}-hub-attempts` }] })),
    ],
    [
      'warn',
      /^There is no \S+-NotifyHubFailedInvocationsAlarm\.$/,
      PUT_ALARM,
      at(alarm({ AlarmName: 'other' })),
    ],
  ],
  'hub: roles': [
    [
      'fail',
      /^No policy lets SummarizeRole assume the spokes' roles: details and rescue are missing\.$/,
      LOOK,
      at(simulated(/:role\/deleted-secret-notifier\/dev\/\S+-SummarizeRole$/, 'implicitDeny')),
    ],
    [
      'fail',
      /^A policy forbids NotifyRole, TrackDeletionRole, SummarizeRole, OperatorRole to assume/,
      /^aws iam simulate-principal-policy --policy-source-arn \S+-NotifyRole --action-names sts:AssumeRole --resource-arns 'arn:aws:iam::\*:role\S+' --region eu-west-1$/,
      at(simulated(/./, 'explicitDeny')),
    ],
    [
      'unknown',
      /^Their policies have conditions that cannot be evaluated here: OperatorRole\.$/,
      undefined,
      at(simulated(/Operator/, 'implicitDeny', { MissingContextValues: ['aws:SourceIp'] })),
    ],
    [
      'unknown',
      /^Their policies have conditions that cannot be evaluated here: OperatorRole\.$/,
      undefined,
      at(
        simulated(/Operator/, 'implicitDeny', {
          ResourceSpecificResults: [{ MissingContextValues: ['aws:SourceIp'] }],
        }),
      ),
    ],
    [
      'fail',
      /^No policy lets NotifyRole, TrackDeletionRole, SummarizeRole, OperatorRole assume the spokes' roles/,
      /^aws iam put-role-policy --role-name \S+-NotifyRole /,
      at(
        patched('SimulatePrincipalPolicy', ({ EvaluationResults: [one] }, { ResourceArns }) => {
          if (!/::111122223333:role/.test(ResourceArns[0])) one.EvalDecision = 'implicitDeny';
        }),
      ),
    ],
  ],
  spokes: [
    [
      'warn',
      /^1 place: 1 lately by the trail only\.$/,
      /^npm run doctor -- --stage dev --region eu-west-1 --profile PROFILE-OF-444455556666 --spoke$/,
      at(items(heardOf('444455556666', REGION, 'trail'))),
    ],
    [
      'warn',
      /^1 place: 1 heard of without a role\.$/,
      /^npm run spoke -- --stage dev --region eu-west-1 # but never to an account that has left the organization$/,
      at(spokesIn(), instancesIn()),
    ],
    [
      'warn',
      /^1 place: 1 of the StackSet that failed to deploy, or whose role refuses the hub\.$/,
      LIST_INSTANCES,
      at(spokesIn(), items()),
    ],
    [
      'warn',
      /^1 place: 1 of the StackSet that failed to deploy/,
      LIST_INSTANCES,
      at(spokesIn(), instancesIn([`444455556666 ${REGION}`, 'OUTDATED', 'FAILED'])),
    ],
    [
      'warn',
      /^1 place: 1 with a spoke that is not up to date\.$/,
      LIST_INSTANCES,
      at(instancesIn([`444455556666 ${REGION}`, 'OUTDATED', 'FAILED'])),
    ],
    [
      'unknown',
      /^No permission sts:AssumeRole\.$/,
      /^docs\/permissions\.md#doctor \(sts:AssumeRole\)$/,
      at(refused('AssumeRole', 'AccessDenied')),
    ],
    [
      'unknown',
      /^1 place: 1 unknown\.$/,
      undefined,
      at(
        patched('AssumeRole', (_, { RoleArn }) => {
          if (RoleArn.includes('/spoke/')) throw new Error('Throttling');
        }),
      ),
    ],
  ],
};

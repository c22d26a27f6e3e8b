import { marshall } from '@aws-sdk/util-dynamodb';
import { checkSettings } from '../../stack/check-settings.ts';
import type { Resources } from '../../stack/cloudformation.ts';
import { stack } from '../../stack/stack.ts';
import { COMPLETE } from '../unit/stack/complete-settings.ts';
import { type Change, refusal } from './account.ts';
import { functionArn, policyOf, READS_ARN, REGION, STACK, TOPIC } from './healthy-account.ts';
import { HUB_BUS_ARN, ORGANIZATION_ID } from './spoke.ts';

const OPERATOR_ROLE = `arn:aws:iam::111122223333:role/deleted-secret-notifier/dev/${STACK}-OperatorRole`;

const settings = checkSettings(
  { ...COMPLETE, organizationId: ORGANIZATION_ID },
  { region: REGION, functionNames: [], stage: 'dev' },
);
const template = stack(settings, 'dev').template.Resources as Resources;
// biome-ignore lint/suspicious/noExplicitAny: each type of resource has properties of its own.
type Any = any;
const propertiesOf = (logicalId: string): Any => template[logicalId]?.Properties;

const READS = `${STACK}-hub-reads`;

/** The rules on the bus by their names, with their logical ids and functions. */
const RULES: Readonly<Record<string, readonly [logicalId: string, fn: string]>> = {
  [`${STACK}-hub-attempts`]: ['NotifyHubRule', 'notify'],
  [`${STACK}-hub-changes`]: ['TrackDeletionHubRule', 'track-deletion'],
  [`${STACK}-hub-clashes`]: ['TrackDeletionClashHubRule', 'track-deletion'],
  [READS]: ['SiftReadsHubRule', 'sift-reads'],
};
const ruleArn = (name: string) => `arn:aws:events:${REGION}:111122223333:rule/${STACK}/${name}`;

/** What is known of an account and Region, as an item of the table. */
export const heardOf = (accountId: string, region: string, path?: 'trail') => ({
  pk: `attempt#${accountId}#${region}#prod/db`,
  recordedAt: '2026-11-23T10:00:00.000Z',
  ...(path && { path }),
});

/** The items of attempts and deletions in the table. */
export const items =
  (...all: readonly object[]): Change =>
  (account) => {
    account.Scan = () => ({ Items: all.map((item) => marshall(item)), ScannedCount: all.length });
  };

/** The roles that may be assumed: besides the operators' those of these places, such as `444455556666 us-east-1`. */
export const spokesIn =
  (...places: readonly string[]): Change =>
  (account) => {
    account.AssumeRole = ({ RoleArn }) => {
      const [, id, region] = /::(\d+):.+\/deleted-secret-notifier-dev-(.+)$/.exec(RoleArn) ?? [];
      if (RoleArn !== OPERATOR_ROLE && !places.includes(`${id} ${region}`)) {
        throw refusal('AccessDenied');
      }
      return { Credentials: { AccessKeyId: 'a', SecretAccessKey: 's', SessionToken: 't' } };
    };
  };

const known: Change = (account) => {
  account.ListAccounts = () => ({
    Accounts: [
      { Id: '111122223333', Name: 'tools', State: 'ACTIVE' },
      { Id: '444455556666', Name: 'payments', State: 'ACTIVE' },
    ],
  });
  instancesIn(`444455556666 ${REGION}`)(account);
};

/** The StackSet has an instance in each of these places, such as `444455556666 us-east-1`, or else these that stand so. */
export const instancesIn =
  (
    ...places: readonly (
      | string
      | readonly [place: string, Status: string, DetailedStatus: string]
    )[]
  ): Change =>
  (account) => {
    account.ListStackInstances = () => ({
      Summaries: places.map((one) => {
        const [place = '', Status = 'CURRENT', DetailedStatus = 'SUCCEEDED'] = [one].flat();
        const [Account, Region] = place.split(' ');
        return { Account, Region, Status, StackInstanceStatus: { DetailedStatus } };
      }),
    });
  };

/** An alarm on a rule on the bus, as AWS shows it. */
function alarmOf(logicalId: string) {
  const properties = propertiesOf(logicalId);
  const [, name] = properties.Dimensions;
  return {
    ...properties,
    AlarmName: `${STACK}-${logicalId}`,
    Dimensions: [{ Name: 'EventBusName', Value: STACK }, name],
    ActionsEnabled: true,
    AlarmActions: [TOPIC],
    StateValue: 'OK',
  };
}

/** Answers otherwise than before where `answer` has something to say. */
const besides =
  (call: string, answer: (input: Any) => object | undefined): Change =>
  (account) => {
    const before = account[call];
    account[call] = (input) => answer(input) ?? before?.(input);
  };

/** The healthy account, in which the stack is the hub of an organization, with one spoke that forwards. */
export const hub: Change = (account) => {
  const before = { ...account };
  const own = Object.keys(template);
  known(account);
  spokesIn(`444455556666 ${REGION}`)(account);
  items(heardOf('444455556666', REGION))(account);
  account.DescribeStacks = (input) => {
    const answer = before.DescribeStacks?.(input);
    answer.Stacks[0].Outputs.push(
      { OutputKey: 'OrganizationId', OutputValue: ORGANIZATION_ID },
      { OutputKey: 'OperatorRoleArn', OutputValue: OPERATOR_ROLE },
    );
    return answer;
  };
  account.ListStackResources = (input) => {
    const answer = before.ListStackResources?.(input);
    const there = answer.StackResourceSummaries.map((one: Any) => one.LogicalResourceId);
    for (const id of own.filter((one) => !there.includes(one))) {
      answer.StackResourceSummaries.push({
        LogicalResourceId: id,
        ResourceType: template[id]?.Type,
        PhysicalResourceId: `${STACK}-${id}`,
        ResourceStatus: 'CREATE_COMPLETE',
      });
    }
    return answer;
  };
  account.GetTemplate = () => ({ TemplateBody: JSON.stringify({ Resources: template }) });
  account.DescribeEventBus = () => {
    const { StatementId: Sid, Statement } = propertiesOf('HubBusPolicy');
    return { Arn: HUB_BUS_ARN, Policy: policyOf({ Sid, ...Statement, Resource: HUB_BUS_ARN }) };
  };
  besides('DescribeRule', ({ Name, EventBusName }) => {
    const [logicalId = ''] = RULES[Name] ?? [];
    if (EventBusName !== STACK) return undefined;
    const { State, EventPattern } = propertiesOf(logicalId);
    return { Name, Arn: ruleArn(Name), State, EventPattern: JSON.stringify(EventPattern) };
  })(account);
  besides('ListTargetsByRule', ({ Rule, EventBusName }) =>
    EventBusName === STACK
      ? {
          Targets: [
            {
              Id: 'target',
              Arn: Rule === READS ? READS_ARN : functionArn(RULES[Rule]?.[1] ?? ''),
              DeadLetterConfig: { Arn: `arn:aws:sqs:${REGION}:111122223333:dead-letters` },
            },
          ],
        }
      : undefined,
  )(account);
  account.GetPolicy = (input) => {
    const policy = JSON.parse(before.GetPolicy?.(input).Policy);
    for (const [name, [, fn]] of Object.entries(RULES)) {
      if (!input.FunctionName.endsWith(fn)) continue;
      const [statement] = policy.Statement;
      policy.Statement.push({
        ...statement,
        Condition: { ArnLike: { 'AWS:SourceArn': ruleArn(name) } },
      });
    }
    return { Policy: JSON.stringify(policy) };
  };
  account.DescribeAlarms = (input) => {
    const isOfHub = (name: string) => /Hub\w+Alarm$/.test(name);
    const AlarmNames = input.AlarmNames.filter((name: string) => !isOfHub(name));
    const answer = before.DescribeAlarms?.({ ...input, AlarmNames });
    const names = input.AlarmNames.filter(isOfHub);
    const more = names.map((name: string) => alarmOf(name.slice(STACK.length + 1)));
    answer.MetricAlarms = [...(answer.MetricAlarms ?? []), ...more];
    return answer;
  };
};

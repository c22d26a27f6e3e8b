import {
  accountRoot,
  allow,
  attribute,
  type Resources,
  ref,
  role,
  type Statement,
  sub,
  type Value,
} from './cloudformation.ts';
import {
  HUB_BUS,
  type HubFunctionNames,
  hubPath,
  lookupRoleArn,
  OPERATOR_ROLE,
  OPERATOR_SESSION,
  stackNameOf,
} from './names.ts';
import { type RecordRule, recordRule } from './rule.ts';
import type { Settings } from './settings.ts';

/**
 * What makes the stack the hub of an organization: the bus that the spokes forward to, and the role by which the commands look
 * into them. All of it, as all in this file, is nothing unless `organizationId` is set. docs/decisions/0020-hub-and-spokes.md
 */
export function hub({ organizationId }: Settings, stage: string): Resources {
  if (!organizationId) return {};
  return {
    [HUB_BUS]: { Type: 'AWS::Events::EventBus', Properties: { Name: stackNameOf(stage) } },
    HubBusPolicy: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: {
        EventBusName: ref(HUB_BUS),
        StatementId: BUS_STATEMENT,
        Statement: busStatement(organizationId, attribute(HUB_BUS, 'Arn')),
      },
    },
    [OPERATOR_ROLE]: role(
      { Sid: 'AssumedByOperators', Principal: accountRoot('${AWS::AccountId}') },
      { Path: hubPath(stage) },
      lookUpInSpokes(organizationId, stage, OPERATOR_SESSION),
    ),
  };
}

/** The id of the statement in the policy of the bus. */
export const BUS_STATEMENT = 'AllowSpokesOfTheOrganization';

/** Lets the accounts of an organization forward events of Secrets Manager to a bus, and nothing else. @param bus its ARN */
export const busStatement = (organizationId: string, bus: Value) => ({
  Effect: 'Allow',
  // An organization cannot be a principal. A list of its accounts would outgrow the policy's 10,240 characters.
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
  Principal: '*',
  Action: 'events:PutEvents',
  Resource: bus,
  Condition: {
    StringEquals: { 'aws:PrincipalOrgID': organizationId },
    // Nobody can put an event of a source that begins with `aws.`, so what comes by such a source comes from a rule that
    // forwards, and is authentic. The key has several values, hence the operator, which is AWS's own here:
    // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-cross-account-custom-bus-source.html
    'ForAllValues:StringEquals': { 'events:source': 'aws.secretsmanager' },
  },
});

/** The second rule of a function, on the hub's bus. It needs the same state as the first: a forwarded read is a read. */
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
export const hubRule = (
  { organizationId }: Settings,
  stage: string,
  names: HubFunctionNames,
  recorded: RecordRule,
): Resources =>
  organizationId
    ? recordRule(names, recorded, { EventBusName: ref(HUB_BUS), Name: names.ruleName(stage) })
    : {};

/** The path of a role that may look into spokes, by which these know it. */
export const hubRolePath = ({ organizationId }: Settings, stage: string) =>
  organizationId ? { Path: hubPath(stage) } : {};

/** Lets a role look into the spokes, in sessions of this name. */
export const allowLookUp = (
  { organizationId }: Settings,
  stage: string,
  session: string,
): Statement[] => (organizationId ? [lookUpInSpokes(organizationId, stage, session)] : []);

const lookUpInSpokes = (organizationId: string, stage: string, session: string): Statement =>
  allow(
    'LookIntoSpokes',
    'sts:AssumeRole',
    sub(lookupRoleArn(stage, { partition: '${AWS::Partition}', accountId: '*', region: '*' })),
    lookUpCondition(organizationId, session),
  );

/** Of the permission to look into spokes: only in sessions of this name, and not outside the organization. */
export const lookUpCondition = (organizationId: string, session: string) => ({
  StringEquals: { 'sts:RoleSessionName': session },
  // Whoever reads a secret of another organization, such as a vendor's, brings its account here, and there may be a role of that
  // path. `IfExists`, because AWS does not say beyond doubt that a request of STS has this key: without it no spoke could be seen.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceorgid
  StringEqualsIfExists: { 'aws:ResourceOrgID': organizationId },
});

/** What a function is told of the spokes' roles: the ARN with the words ACCOUNT and REGION where these stand in it. */
export const lookupRoleOf = ({ organizationId }: Settings, stage: string) =>
  organizationId
    ? sub(
        lookupRoleArn(stage, {
          partition: '${AWS::Partition}',
          accountId: 'ACCOUNT',
          region: 'REGION',
        }),
      )
    : undefined;

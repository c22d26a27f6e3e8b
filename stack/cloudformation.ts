/** A property's value: text, or an intrinsic function that CloudFormation resolves. */
export type Value = string | Record<string, unknown>;

export type Resource = {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string[];
  /** The name of the template's condition on which there is the resource. */
  Condition?: string;
  Metadata?: Record<string, unknown>;
  DeletionPolicy?: 'Delete' | 'RetainExceptOnCreate';
  UpdateReplacePolicy?: 'Delete' | 'Retain';
};
export type Resources = Record<string, Resource>;

export type Output = {
  Description: string;
  Value: Value;
  /** As {@link Resource}'s. */
  Condition?: string;
};
export type Outputs = Record<string, Output>;

export type Statement = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Principal?: '*' | { Service: string } | { AWS: Value };
  Action: string | string[];
  Resource?: Value | Value[];
  Condition?: Record<string, Value | Record<string, Value | Value[]>>;
};

export const ref = (logicalId: string): Value => ({ Ref: logicalId });
export const attribute = (logicalId: string, name: string): Value => ({
  'Fn::GetAtt': [logicalId, name],
});
/** @param values what besides parameters, resources and pseudo parameters the text may name */
export const sub = (text: string, values?: Record<string, Value>): Value => ({
  'Fn::Sub': values ? [text, values] : text,
});

export const policyDocument = (...statements: (Statement | Value)[]) => ({
  Version: '2012-10-17',
  Statement: statements,
});

/** A statement of a role's policy, which names no principal. */
export const allow = (
  Sid: string,
  Action: string | string[],
  Resource: Value | Value[],
  Condition?: Statement['Condition'],
): Statement => ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });

/** Denies requests without TLS. */
export const denyInsecureTransport = (
  action: string,
  resource: Statement['Resource'],
): Statement => ({
  Sid: 'DenyInsecureTransport',
  Effect: 'Deny',
  Principal: '*',
  Action: action,
  Resource: resource,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

/** The trust of a role that one AWS service may assume. */
export const service = (Service: string) => ({ Sid: 'AssumedByService', Principal: { Service } });

/** Who may assume a role. */
type Trust = Pick<Statement, 'Sid' | 'Principal' | 'Condition'>;

export const trustPolicy = ({ Sid, Principal, Condition }: Trust) =>
  policyDocument({ Sid, Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition });

/**
 * A role with one inline policy.
 * @param trust who may assume it
 * @param name its path and its name, where they are not left to IAM
 */
export const role = (
  trust: Trust,
  name: { Path?: Value; RoleName?: Value },
  ...statements: (Statement | Value)[]
): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    ...name,
    AssumeRolePolicyDocument: trustPolicy(trust),
    Policies: [{ PolicyName: 'least-privilege', PolicyDocument: policyDocument(...statements) }],
  },
});

/** The account itself, which then decides by its own policies who of it is meant. @param accountId or a text for `Fn::Sub` */
export const accountRoot = (accountId: string, values?: Record<string, Value>) => ({
  AWS: sub(`arn:\${AWS::Partition}:iam::${accountId}:root`, values),
});

/** A property's value: text, or an intrinsic function that CloudFormation resolves. */
export type Value = string | Record<string, unknown>;

export type Resource = {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string[];
  DeletionPolicy?: 'Delete' | 'RetainExceptOnCreate';
  UpdateReplacePolicy?: 'Delete' | 'Retain';
};
export type Resources = Record<string, Resource>;

type Output = { Description: string; Value: Value };
export type Outputs = Record<string, Output>;

export type Statement = {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Principal?: '*' | { Service: string };
  Action: string | string[];
  Resource?: Value | Value[];
  Condition?: Record<string, Record<string, Value | Value[]>>;
};

export const ref = (logicalId: string): Value => ({ Ref: logicalId });
export const attribute = (logicalId: string, name: string): Value => ({
  'Fn::GetAtt': [logicalId, name],
});
export const sub = (text: string): Value => ({ 'Fn::Sub': text });

export const policyDocument = (...statements: Statement[]) => ({
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

/** A role that one AWS service may assume, with one inline policy. */
export const serviceRole = (service: string, ...statements: Statement[]): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: policyDocument({
      Sid: 'AssumedByService',
      Effect: 'Allow',
      Principal: { Service: service },
      Action: 'sts:AssumeRole',
    }),
    Policies: [{ PolicyName: 'least-privilege', PolicyDocument: policyDocument(...statements) }],
  },
});

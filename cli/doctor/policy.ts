/** A request as the policy of a resource sees it. */
export interface Request {
  /** The caller in the terms of a policy: a service, such as `events.amazonaws.com`, or a role's ARN and account. */
  readonly principals: readonly string[];
  readonly action: string;
  readonly resource: string;
  /** Condition keys in lower case, with their values; `undefined` for those that such a request lacks. */
  readonly context: Readonly<Record<string, string | undefined>>;
}

/**
 * `forbidden` by a statement that denies it; `undecided` if it depends on a condition that cannot be evaluated here.
 */
export type Decision = 'allowed' | 'not allowed' | 'forbidden' | 'undecided';

/** `undefined`: cannot be decided. */
type Match = boolean | undefined;

type OneOrMore = string | readonly string[];
type Statement = Readonly<Record<string, unknown>> & {
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
};

/**
 * What a resource's policy decides on a request of an AWS service. No policy allows nothing; a denial always wins.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * @param policy JSON, as AWS returns it
 * @throws SyntaxError if it is no JSON, which AWS never returns.
 */
export function decide(policy: string | undefined, request: Request): Decision {
  const { denies, allows } = says(policy, request);
  if (denies) return 'forbidden';
  if (allows === false) return 'not allowed';
  return allows && denies === false ? 'allowed' : 'undecided';
}

/** A calling role: its ARN, and what its own policies decide on this action on this resource. */
export interface Role {
  readonly arn: string;
  readonly own: Decision;
}

/**
 * What a resource's policy and those of a role decide together. Within one account one of the two suffices, except for a
 * key: its policy has to name the role, or to delegate to the account.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-iam-resource.html
 * and https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
 * @throws SyntaxError as {@link decide}.
 */
export function decideForRole(
  policy: string | undefined,
  { arn, own }: Role,
  request: Omit<Request, 'principals'>,
): Decision {
  const [, partition, , , account = ''] = arn.split(':');
  const isOfOneAccount = request.resource.split(':')[4] === account;
  const named = says(policy, { ...request, principals: [arn] });
  const principals = [arn, account, `arn:${partition}:iam::${account}:root`];
  const { denies, allows } = says(policy, { ...request, principals });
  if (denies || own === 'forbidden') return 'forbidden';
  const isLeftToRole = isOfOneAccount && !request.action.startsWith('kms:') ? true : allows;
  const isAllowed = any([isOfOneAccount && named.allows, all([isLeftToRole, matchOf(own)])]);
  if (isAllowed === false) return 'not allowed';
  return isAllowed && denies === false ? 'allowed' : 'undecided';
}

const matchOf = (own: Decision): Match => (own === 'undecided' ? undefined : own === 'allowed');

/** @throws SyntaxError as {@link decide}. */
export function statementsOf(policy: string | undefined): Statement[] {
  const { Statement = [] } = JSON.parse(policy || '{}') as { Statement?: Statement | Statement[] };
  return [Statement].flat();
}

function says(policy: string | undefined, request: Request): { denies: Match; allows: Match } {
  const statements = statementsOf(policy);
  const matches = (effect: string): Match =>
    any(statements.filter(({ Effect }) => Effect === effect).map((one) => applies(one, request)));
  return { denies: matches('Deny'), allows: matches('Allow') };
}

function applies(statement: Statement, { principals, action, resource, context }: Request): Match {
  return all([
    either(statement, 'Principal', (principal) => isPrincipal(principal, principals)),
    either(statement, 'Action', (patterns) => like(patterns as OneOrMore, action, 'i')),
    either(statement, 'Resource', (patterns) => like(patterns as OneOrMore, resource)),
    all(
      Object.entries(statement.Condition ?? {}).map(([name, keys]) => holds(name, keys, context)),
    ),
  ]);
}

/** Whether an element matches, or its `Not…` does not; without either everything matches. */
function either(statement: Statement, element: string, test: (value: unknown) => Match): Match {
  if (element in statement) return test(statement[element]);
  const opposite = `Not${element}`;
  return opposite in statement ? not(test(statement[opposite])) : true;
}

/** `*` includes services. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous */
function isPrincipal(principal: unknown, principals: readonly string[]): boolean {
  if (typeof principal !== 'object' || principal === null) return principal === '*';
  const { AWS = [], Service = [] } = principal as Record<string, OneOrMore>;
  return [AWS, Service].flat(2).some((one) => one === '*' || principals.includes(one));
}

/** Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS: Readonly<Record<string, (expected: OneOrMore, value: string) => boolean>> = {
  StringEquals: (expected, value) => [expected].flat().includes(value),
  StringEqualsIgnoreCase: (expected, value) =>
    [expected].flat().some((one) => one.toLowerCase() === value.toLowerCase()),
  StringLike: (expected, value) => like(expected, value),
  // The two are the same, and both take wildcards.
  ArnEquals: (expected, value) => like(expected, value),
  ArnLike: (expected, value) => like(expected, value),
  Bool: (expected, value) => [expected].flat().some((one) => String(one).toLowerCase() === value),
};

/**
 * A key that a request lacks makes a condition false, except a negated one, one that ends in `IfExists`, and one of all values
 * of a key, of which there is one here at most.
 */
function holds(
  name: string,
  keys: Readonly<Record<string, OneOrMore>>,
  context: Request['context'],
): Match {
  const isOfAll = name.startsWith('ForAllValues:');
  const plain = name.replace(/^For(AllValues|AnyValue):/, '');
  const operator = OPERATORS[plain.replace(/IfExists$/, '').replace(/^(String|Arn)Not/, '$1')];
  const isNegated = /^(String|Arn)Not/.test(plain);
  return all(
    Object.entries(keys).map(([key, expected]) => {
      const value = context[key.toLowerCase()];
      if (!(key.toLowerCase() in context)) return undefined;
      if (name === 'Null')
        return [expected]
          .flat()
          .map(String)
          .includes(String(value === undefined));
      if (!operator) return undefined;
      if (value === undefined) return isNegated || isOfAll || plain.endsWith('IfExists');
      return operator(expected, value) !== isNegated;
    }),
  );
}

/** Whether a value matches one of the patterns with `*` and `?`. */
function like(patterns: OneOrMore, value: string, flags = ''): boolean {
  return [patterns].flat().some((pattern) => {
    const source = pattern
      .replace(/[$()+.[\\\]^{|}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${source}$`, `s${flags}`).test(value);
  });
}

const not = (match: Match): Match => (match === undefined ? undefined : !match);

/** False if one is false; otherwise undecided if one is. */
const all = (matches: readonly Match[]): Match =>
  matches.includes(false) ? false : matches.includes(undefined) ? undefined : true;

const any = (matches: readonly Match[]): Match => not(all(matches.map(not)));

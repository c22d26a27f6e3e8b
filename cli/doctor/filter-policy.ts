/** A message as filter policies see it: of its attributes, or of its body if that is JSON, what is known beforehand. */
export interface Message {
  /** Empty for those of alarms. */
  readonly attributes: Fields;
  /** `undefined` if it is plain text, which a policy on the body never takes. */
  readonly body?: Fields;
}

type Fields = Readonly<Record<string, string>>;

/** A subscription's filter policy. */
export interface Filter {
  readonly subscriptionArn: string;
  readonly policy: Policy;
  /** Whether it filters by the message's body instead of its attributes. */
  readonly isOnBody: boolean;
}

type Policy = Readonly<Record<string, unknown>>;

/** What a condition says of a value: `undefined` if it cannot be decided here. */
type Decision = boolean | undefined;

/**
 * Whether a filter policy takes a message; `undefined` if it asks for what is not known beforehand, or in a way that is
 * not known here. Sources: https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html, and of `exists`, which
 * a message without attributes never meets, https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
 */
export function takes({ policy, isOnBody }: Filter, { attributes, body }: Message): Decision {
  if (!isOnBody) return Object.keys(attributes).length > 0 && meets(policy, attributes, true);
  return body !== undefined && meets(policy, body, false);
}

/** @param isComplete whether a field that is not among these is absent, instead of unknown */
const meets = (policy: Policy, fields: Fields, isComplete: boolean): Decision =>
  every(Object.entries(policy), ([name, conditions]) => {
    if (name === '$or' && isAlternatives(conditions)) {
      return some(conditions, (alternative) => meets(alternative, fields, isComplete));
    }
    const value = fields[name];
    if (value === undefined && !isComplete) return undefined;
    return some([conditions].flat(), (condition) => meetsOne(condition, value));
  });

/** Of `$or`; with anything else it is the name of a field: https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html */
const isAlternatives = (value: unknown): value is Policy[] =>
  Array.isArray(value) &&
  value.length > 1 &&
  value.every((one) => isObject(one) && !Object.keys(one).some((key) => OPERATORS.has(key)));

const isObject = (value: unknown): value is Policy => typeof value === 'object' && value !== null;

type Operator = (value: string, operand: unknown) => Decision;

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['prefix', (value, operand) => onText(operand, (text) => value.startsWith(text))],
  ['suffix', (value, operand) => onText(operand, (text) => value.endsWith(text))],
  [
    'equals-ignore-case',
    (value, operand) => onText(operand, (text) => value.toLowerCase() === text.toLowerCase()),
  ],
  [
    'anything-but',
    (value, operand) => not(some([operand].flat(), (condition) => meetsOne(condition, value))),
  ],
  // Of texts alone, which all of these are.
  ['numeric', () => false],
  ['cidr', () => false],
  ['exists', () => undefined], // decided before: it asks for no value
]);

/** @param value `undefined` if there is no such field */
function meetsOne(condition: unknown, value: string | undefined): Decision {
  if (!isObject(condition)) return condition === value;
  if (typeof condition.exists === 'boolean') return condition.exists === (value !== undefined);
  if (value === undefined) return false;
  return every(Object.entries(condition), ([name, operand]) =>
    OPERATORS.get(name)?.(value, operand),
  );
}

const onText = (operand: unknown, test: (text: string) => boolean): Decision =>
  typeof operand === 'string' ? test(operand) : undefined;

const not = (decision: Decision): Decision => (decision === undefined ? undefined : !decision);

/** As `Array.some`; `undefined` if the undecided ones decide. */
export function some<One>(list: readonly One[], test: (one: One) => Decision): Decision {
  const decisions = list.map(test);
  return decisions.includes(true) || (decisions.includes(undefined) ? undefined : false);
}

const every = <One>(list: readonly One[], test: (one: One) => Decision): Decision =>
  not(some(list, (one) => not(test(one))));

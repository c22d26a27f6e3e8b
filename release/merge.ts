import { isDeepStrictEqual } from 'node:util';
import type { Output, Outputs, Resource, Resources, Value } from '../stack/cloudformation.ts';
import { type Conditions, type Guard, NEVER } from './conditions.ts';

/** The parts of a template that differ between settings. */
export type Variant = { Resources: Resources; Outputs: Outputs };

/** A value of a template: text, number, list, object, or an intrinsic function. */
type Node = unknown;
type Fields = Record<string, Node>;

/** What CloudFormation leaves out. */
const NO_VALUE = { Ref: 'AWS::NoValue' };

/**
 * One template of two, for a condition that tells at deployment which of them it is. What both have stands there as it is; what one has
 * bears the condition, and where values differ there is a `Fn::If`.
 */
export const merge = (
  conditions: Conditions,
  guard: Guard,
  one: Variant,
  other: Variant,
): Variant => {
  const values = valueMerger(conditions, guard);
  return {
    Resources: byKey(one.Resources, other.Resources, (left, right, id) =>
      mergeEntry<Resource>(conditions, guard, left, right, (both, another) => {
        if (both.Type !== another.Type) {
          throw new Error(`Expected ${id} to be of one type, got ${both.Type}, ${another.Type}`);
        }
        return {
          ...both,
          DependsOn: values.list(both.DependsOn ?? [], another.DependsOn ?? []) as string[],
          Properties: values.fields(both.Properties, another.Properties),
        };
      }),
    ),
    Outputs: byKey(one.Outputs, other.Outputs, (left, right) =>
      mergeEntry<Output>(conditions, guard, left, right, (both, another) => ({
        ...both,
        ...values.fields(both, another),
      })),
    ),
  };
};

/** In the order of the first, with what only the second has behind what precedes it there. */
function byKey<Value, Result>(
  one: Record<string, Value>,
  other: Record<string, Value>,
  join: (left: Value | undefined, right: Value | undefined, key: string) => Result,
): Record<string, Result> {
  const keys = common(Object.keys(one), Object.keys(other)).flatMap(({ left, right }) => [
    ...new Set([...left, ...right]),
  ]);
  return Object.fromEntries(
    [...new Set(keys)].map((key) => [key, join(one[key], other[key], key)]),
  );
}

/** A resource or an output, with the condition on which it is there. */
function mergeEntry<Entry extends { Condition?: string }>(
  conditions: Conditions,
  guard: Guard,
  left: Entry | undefined,
  right: Entry | undefined,
  join: (left: Entry, right: Entry) => Entry,
): Entry {
  const guardOf = (entry: Entry | undefined) => (entry ? conditions.named(entry.Condition) : NEVER);
  const Condition = conditions.nameOf(conditions.choose(guard, guardOf(left), guardOf(right)));
  const { Condition: _, ...entry } = left && right ? join(left, right) : ((left ?? right) as Entry);
  return { ...entry, ...(Condition && { Condition }) } as Entry;
}

function valueMerger(conditions: Conditions, guard: Guard) {
  /** The value that is `left` or `right`: as few functions as tell them apart. */
  function either(left: Node, right: Node): Node {
    if (isDeepStrictEqual(left, right)) return left;
    const one = branchesOf(left);
    const other = branchesOf(right);
    // Of two values there are between both: one function of a condition that joins theirs.
    const texts = [...one, ...other].map(({ value }) => value);
    const first = texts[0];
    const second = texts.find((value) => !isDeepStrictEqual(value, first));
    const isPair = texts.every(
      (value) => isDeepStrictEqual(value, first) || isDeepStrictEqual(value, second),
    );
    if (isPair && texts.length > 2) {
      const whereFirst = (branches: Branch[]) =>
        conditions.any(
          branches.filter(({ value }) => isDeepStrictEqual(value, first)).map(({ guard }) => guard),
        );
      return ifElse(conditions.choose(guard, whereFirst(one), whereFirst(other)), first, second);
    }
    return ifElse(guard, left, right);
  }

  type Branch = { guard: Guard; value: Node };
  const ifElse = (condition: Guard, left: Node, right: Node): Node => ({
    'Fn::If': [conditions.nameOf(condition), left, right],
  });

  /** Both values of a `Fn::If` whose own are no such functions; else the value itself. */
  function branchesOf(value: Node): Branch[] {
    const [name, left, right] =
      isFields(value) && Array.isArray(value['Fn::If']) ? value['Fn::If'] : [];
    if (!name || hasIf(left) || hasIf(right))
      return [{ guard: conditions.named(undefined), value }];
    const condition = conditions.named(name);
    return [
      { guard: condition, value: left },
      { guard: conditions.not(condition), value: right },
    ];
  }

  function value(left: Node, right: Node): Node {
    if (isDeepStrictEqual(left, right)) return left;
    if (Array.isArray(left) && Array.isArray(right)) return list(left, right);
    if (isPlain(left) && isPlain(right) && isAlike(left, right)) return fields(left, right);
    const [pieces, others] = [piecesOf(left), piecesOf(right)];
    if (pieces && others) return joined(list(pieces, others, ''));
    return either(left, right);
  }

  const fields = (left: Fields, right: Fields): Fields =>
    byKey(left, right, (one, other, key) => {
      if (!Object.hasOwn(left, key)) return either(NO_VALUE, other);
      if (!Object.hasOwn(right, key)) return either(one, NO_VALUE);
      return value(one, other);
    });

  /** @param nothing what stands where one of them has no item */
  const list = (left: Node[], right: Node[], nothing: Node = NO_VALUE): Node[] =>
    common(left, right).flatMap(({ left: ones, right: others, isCommon }) => {
      if (isCommon) return ones;
      if (ones.length === others.length) return ones.map((one, index) => value(one, others[index]));
      return [
        ...ones.map((one) => either(one, nothing)),
        ...others.map((other) => either(nothing, other)),
      ];
    });

  return { fields, list };
}

const isFields = (value: Node): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFunction = (value: Fields) => Object.keys(value).some((key) => /^(Ref$|Fn::)/.test(key));
const isPlain = (value: Node): value is Fields => isFields(value) && !isFunction(value);
const hasIf = (value: Node) => isFields(value) && Object.hasOwn(value, 'Fn::If');

/** Whether two objects are one thing with different values: statements of one `Sid`, whatever else has no name. */
const isAlike = (left: Fields, right: Fields) => left.Sid === right.Sid;

type Run<Item> = { left: Item[]; right: Item[]; isCommon: boolean };

/** Two lists in runs that are the same in both, by their longest common subsequence, and what is between these. */
function common<Item>(left: readonly Item[], right: readonly Item[]): Run<Item>[] {
  const lengths = Array.from({ length: left.length + 1 }, () =>
    new Array<number>(right.length + 1).fill(0),
  );
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0;
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const longest = isDeepStrictEqual(left[row], right[column])
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
      (lengths[row] as number[])[column] = longest;
    }
  }
  const runs: Run<Item>[] = [];
  const run = (isCommon: boolean): Run<Item> => {
    const last = runs.at(-1);
    if (last?.isCommon === isCommon) return last;
    const next = { left: [], right: [], isCommon };
    runs.push(next);
    return next;
  };
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    const [one, other] = [left[row] as Item, right[column] as Item];
    if (row < left.length && column < right.length && isDeepStrictEqual(one, other)) {
      const both = run(true);
      both.left.push(one);
      both.right.push(other);
      row++;
      column++;
    } else if (
      column >= right.length ||
      (row < left.length && at(row + 1, column) >= at(row, column + 1))
    ) {
      run(false).left.push(one);
      row++;
    } else {
      run(false).right.push(other);
      column++;
    }
  }
  return runs;
}

/** A text of pieces, of which each is merged by itself. */
export const joined = (pieces: Node[]): Value => ({ 'Fn::Join': ['', pieces] });
/** The pieces of such a text. */
export function piecesOf(value: Node): Node[] | undefined {
  const join = isFields(value) ? value['Fn::Join'] : undefined;
  return Array.isArray(join) && join[0] === '' ? join[1] : undefined;
}

import { conditionsOf } from '../../../release/conditions.ts';
import { joined, merge, type Variant } from '../../../release/merge.ts';
import type { Resource } from '../../../stack/cloudformation.ts';

/** Two questions, so four cases: case 0 is neither, 1 is A, 2 is B, 3 both. */
const conditions = () =>
  conditionsOf(4, {
    A: { expression: { 'Fn::Equals': [{ Ref: 'A' }, 'true'] }, guard: 0b1010n },
    B: { expression: { 'Fn::Equals': [{ Ref: 'B' }, 'true'] }, guard: 0b1100n },
  });

const thing = (Properties: Resource['Properties'], others: Partial<Resource> = {}): Resource => ({
  Type: 'AWS::SNS::Topic',
  Properties,
  ...others,
});
const variant = (Resources: Variant['Resources'], Outputs: Variant['Outputs'] = {}): Variant => ({
  Resources,
  Outputs,
});

/** What two templates with one resource each become on the condition A. */
function merged(one: unknown, other: unknown): unknown {
  const all = conditions();
  const { Resources } = merge(
    all,
    all.named('A'),
    variant({ Thing: thing({ It: one }) }),
    variant({ Thing: thing({ It: other }) }),
  );
  return Resources.Thing?.Properties.It;
}

const NONE = { Ref: 'AWS::NoValue' };
const onA = (one: unknown, other: unknown) => ({ 'Fn::If': ['A', one, other] });

test.each<[string, unknown, unknown, unknown]>([
  ['the same', 'x', 'x', 'x'],
  ['two texts', 'x', 'y', onA('x', 'y')],
  ['two functions', { Ref: 'X' }, { Ref: 'Y' }, onA({ Ref: 'X' }, { Ref: 'Y' })],
  ['a function and an object', { Ref: 'X' }, { y: 1 }, onA({ Ref: 'X' }, { y: 1 })],
  ['objects', { x: 1, y: 2 }, { x: 1, y: 3 }, { x: 1, y: onA(2, 3) }],
  ['a field that one has', { x: 1, y: 2 }, { x: 1 }, { x: 1, y: onA(2, NONE) }],
  ['a field that the other has', {}, { y: 2 }, { y: onA(NONE, 2) }],
  ['an item that one has', ['a', 'b', 'c'], ['a', 'c'], ['a', onA('b', NONE), 'c']],
  ['an item that the other has', ['a'], ['z', 'a'], [onA(NONE, 'z'), 'a']],
  ['an item that differs', [{ k: 1 }, 'c'], [{ k: 2 }, 'c'], [{ k: onA(1, 2) }, 'c']],
  [
    'statements of two names',
    [{ Sid: 'One', k: 1 }],
    [{ Sid: 'Other', k: 2 }],
    [onA({ Sid: 'One', k: 1 }, { Sid: 'Other', k: 2 })],
  ],
  ['pieces of a text', joined(['a', 'b']), joined(['a']), joined(['a', onA('b', '')])],
])('%s', (_, one, other, expected) => {
  expect(merged(one, other)).toEqual(expected);
});

test('a resource, an output and a dependency that one has bear the condition', () => {
  const all = conditions();
  const output = { Description: 'The topic', Value: { Ref: 'Extra' } };
  const { Resources, Outputs } = merge(
    all,
    all.named('A'),
    variant({ Extra: thing({}), Thing: thing({}, { DependsOn: ['Extra'] }) }, { Out: output }),
    variant({ Thing: thing({}), Other: thing({}) }),
  );
  expect(Resources).toEqual({
    Extra: thing({}, { Condition: 'A' }),
    Thing: thing({}, { DependsOn: [onA('Extra', NONE)] as unknown as string[] }),
    Other: thing({}, { Condition: 'NotA' }),
  });
  expect(Outputs).toEqual({ Out: { ...output, Condition: 'A' } });
  expect(all.expressions(['NotA'])).toEqual({
    A: { 'Fn::Equals': [{ Ref: 'A' }, 'true'] },
    NotA: { 'Fn::Not': [{ Condition: 'A' }] },
  });
});

/** What four values become, the first two where A holds. */
function mergedTwice(both: unknown, a: unknown, b: unknown, neither: unknown) {
  const all = conditions();
  const of = (It: unknown) => variant({ Thing: thing({ It }) });
  const whereA = merge(all, all.named('B'), of(both), of(a));
  const elsewhere = merge(all, all.named('B'), of(b), of(neither));
  const { Resources } = merge(all, all.named('A'), whereA, elsewhere);
  return { value: Resources.Thing?.Properties.It, all };
}

test.each<[string, unknown[], unknown]>([
  ['that differ by one condition', [1, 2, 1, 2], { 'Fn::If': ['B', 1, 2] }],
  ['of which one is where either holds', [1, 1, 1, 2], { 'Fn::If': ['AOrB', 1, 2] }],
  ['of which one is where both hold', [1, 2, 2, 2], { 'Fn::If': ['AAndB', 1, 2] }],
  ['that all differ', [1, 2, 3, 4], onA({ 'Fn::If': ['B', 1, 2] }, { 'Fn::If': ['B', 3, 4] })],
])('two conditions and values %s', (_, [both, a, b, neither], expected) => {
  expect(mergedTwice(both, a, b, neither).value).toEqual(expected);
});

test('a condition that was made of two says so, and they stand beside it', () => {
  const { all } = mergedTwice(1, 1, 1, 2);
  expect(Object.keys(all.expressions(['AOrB']))).toEqual(['A', 'B', 'AOrB']);
  expect(all.expressions(['AOrB']).AOrB).toEqual({
    'Fn::Or': [{ Condition: 'A' }, { Condition: 'B' }],
  });
});

test('a resource of two types is refused, because CloudFormation cannot change it', () => {
  const all = conditions();
  const other = { ...thing({}), Type: 'AWS::SQS::Queue' };
  expect(() =>
    merge(all, all.named('A'), variant({ Thing: thing({}) }), variant({ Thing: other })),
  ).toThrow('Expected Thing to be of one type, got AWS::SNS::Topic, AWS::SQS::Queue');
});

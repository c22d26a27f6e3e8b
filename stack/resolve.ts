import type { Resources } from './cloudformation.ts';

/** A template with parameters and conditions, as far as it is read here. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: string | number }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, Entry>>;
  readonly Outputs?: Readonly<Record<string, Entry>>;
}
type Entry = { readonly Condition?: string };
type Values = Readonly<Record<string, string>>;

/** Not in JSON, so it stands for itself alone. */
const NOTHING = Symbol('AWS::NoValue');

/**
 * What CloudFormation makes of a template with parameters, as far as parameters and the stack's name decide it; references to
 * resources, and to where the stack is, are left.
 * @param given values of parameters, the others have their defaults; and of pseudo parameters, as far as they are known
 * @throws Error for a condition, or a parameter without a value, that is not there
 */
export function resolveTemplate(template: Template, given: Values, stackName: string) {
  const values: Record<string, string> = { ...given, 'AWS::StackName': stackName };
  for (const [name, { Default }] of Object.entries(template.Parameters ?? {})) {
    const value = given[name] ?? Default;
    if (value === undefined) throw new Error(`Expected a value for ${name}`);
    values[name] = String(value);
  }
  const holds = (name: string): boolean => {
    const expression = template.Conditions?.[name];
    if (!expression) throw new Error(`Expected a condition ${name}`);
    return test(expression);
  };
  function test(expression: unknown): boolean {
    const [[name, operand] = []] = Object.entries(expression as object);
    switch (name) {
      case 'Condition':
        return holds(operand);
      case 'Fn::Equals':
        return resolve(operand[0]) === resolve(operand[1]);
      case 'Fn::Not':
        return !test(operand[0]);
      case 'Fn::And':
        return operand.every(test);
      case 'Fn::Or':
        return operand.some(test);
      default:
        throw new Error(`Expected a condition, got ${JSON.stringify(expression)}`);
    }
  }

  function resolve(node: unknown): unknown {
    if (Array.isArray(node)) return node.map(resolve).filter((item) => item !== NOTHING);
    if (typeof node !== 'object' || node === null) return node;
    const [[name, operand] = []] = Object.entries(node);
    switch (name) {
      case 'Ref':
        if (operand === 'AWS::NoValue') return NOTHING;
        return values[operand] ?? node;
      case 'Fn::If':
        return resolve(holds(operand[0]) ? operand[1] : operand[2]);
      case 'Fn::Sub': {
        const [text, map] = Array.isArray(operand) ? operand : [operand, {}];
        return substitute(text, { ...values, ...(resolve(map) as Values) });
      }
      case 'Fn::Split': {
        const [separator, text] = operand.map(resolve);
        return text.split(separator);
      }
      case 'Fn::Select': {
        const [index, list] = operand.map(resolve);
        if (list[index] === undefined) throw new Error(`Expected an item ${index} of ${list}`);
        return list[index];
      }
      case 'Fn::Join': {
        const [separator, list] = operand.map(resolve);
        return substitute(list.map(textOf).join(separator), {});
      }
      default:
        return Object.fromEntries(
          Object.entries(node)
            .map(([key, value]) => [key, resolve(value)] as const)
            .filter(([, value]) => value !== NOTHING),
        );
    }
  }

  const entries = (all: Template['Resources'] = {}) =>
    Object.entries(all)
      .filter(([, { Condition }]) => !Condition || holds(Condition))
      .map(([id, { Condition: _, ...entry }]) => [id, resolve(entry)]);
  return {
    Resources: Object.fromEntries(entries(template.Resources)) as Resources,
    Outputs: Object.fromEntries(entries(template.Outputs)),
  };
}

/** The text of a string or of an `Fn::Sub`. */
const textOf = (value: string | { 'Fn::Sub': string }) =>
  typeof value === 'string' ? value : value['Fn::Sub'];

/** What is known put in; still an `Fn::Sub` if something else is not. */
function substitute(text: string, values: Values): unknown {
  const result = text.replaceAll(/\$\{([\w:]+)\}/g, (all, name) => values[name] ?? all);
  return result.includes('${') ? { 'Fn::Sub': result } : result;
}

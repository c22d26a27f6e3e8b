/** A condition of CloudFormation, as it stands in a template. */
export type Expression = Record<string, unknown>;

/** In which of all cases something is so: bit n is case n. */
export type Guard = bigint;

/** In no case. */
export const NEVER: Guard = 0n;

export type Conditions = ReturnType<typeof conditionsOf>;

/**
 * The conditions of a template. Each is known by the cases in which it is true, so that of two ways to say the same there is one, and
 * what follows from given conditions gets a name and an expression of these.
 * @param count how many cases there are
 * @param given conditions by name, with their expression and the cases in which they hold
 */
export function conditionsOf(
  count: number,
  given: Record<string, { expression: Expression; guard: Guard }>,
) {
  const always: Guard = (1n << BigInt(count)) - 1n;
  const known = new Map(Object.entries(given));

  const not = (guard: Guard): Guard => always & ~guard;
  const find = (guard: Guard) => [...known].find(([, one]) => one.guard === guard)?.[0];
  const add = (name: string, expression: Expression, guard: Guard): string => {
    known.set(name, { expression, guard });
    return name;
  };
  const at = (name: string) => ({ Condition: name });

  /** A name for the condition, which is made if there is none. */
  function name(guard: Guard): string {
    const found = find(guard);
    if (found) return found;
    const opposite = find(not(guard));
    if (opposite) return add(`Not${opposite}`, { 'Fn::Not': [at(opposite)] }, guard);
    const names = [...known].flatMap(([one, { guard }]) => [
      { name: one, guard, expression: at(one) as Expression },
      { name: `Not${one}`, guard: not(guard), expression: { 'Fn::Not': [at(one)] } },
    ]);
    for (const one of names) {
      for (const other of names) {
        if ((one.guard | other.guard) === guard) {
          return add(
            `${one.name}Or${other.name}`,
            { 'Fn::Or': [one.expression, other.expression] },
            guard,
          );
        }
        if ((one.guard & other.guard) === guard) {
          return add(
            `${one.name}And${other.name}`,
            { 'Fn::And': [one.expression, other.expression] },
            guard,
          );
        }
      }
    }
    throw new Error(
      'Expected a condition that two others make up; give the one that is missing a name of its own',
    );
  }

  return {
    not,
    any: (guards: Guard[]): Guard => guards.reduce((all, guard) => all | guard, NEVER),
    /** What holds where `guard` does and the first, or where it does not and the second. */
    choose: (guard: Guard, one: Guard, other: Guard): Guard => (guard & one) | (not(guard) & other),
    /** That of a name; without one, in all cases. */
    named(condition: string | undefined): Guard {
      if (condition === undefined) return always;
      const found = known.get(condition);
      if (!found) throw new Error(`Expected a condition, got ${condition}`);
      return found.guard;
    },
    /** The name of a condition; `undefined` of what is always so. */
    nameOf: (guard: Guard): string | undefined => (guard === always ? undefined : name(guard)),
    /** The expressions of the conditions of these names, and of those that they are made of. */
    expressions(names: Iterable<string>): Record<string, Expression> {
      const used = new Set<string>();
      const use = (name: string) => {
        used.add(name);
        const text = JSON.stringify(known.get(name)?.expression);
        for (const [, inner = ''] of text.matchAll(/"Condition":"(\w+)"/g)) use(inner);
      };
      for (const name of names) use(name);
      return Object.fromEntries(
        [...known]
          .filter(([name]) => used.has(name))
          .map(([name, { expression }]) => [name, expression]),
      );
    },
  };
}

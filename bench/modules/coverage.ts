/** A function of a script, as V8 reports it: its first range is the whole of it. */
export interface CoveredFunction {
  readonly ranges: readonly {
    readonly startOffset: number;
    readonly endOffset: number;
    readonly count: number;
  }[];
}

/** Where the code of a module is in a bundle. */
export interface Section {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** Splits a bundle that is not minified: before the code of each module esbuild puts its path as a comment. */
export function splitModules(code: string): Section[] {
  const heads = [...code.matchAll(/^ *\/\/ ((?:node_modules|lib|functions)\/\S+)$/gm)];
  return heads.map(({ index, 1: path = '' }, i) => ({
    path,
    start: index,
    end: heads[i + 1]?.index ?? code.length,
  }));
}

/** Counts the functions of each module by its path, and how many of them were called. */
export function tallyCalls(
  sections: readonly Section[],
  covered: readonly CoveredFunction[],
): Map<string, { functions: number; called: number }> {
  const tally = new Map<string, { functions: number; called: number }>();
  for (const { path, start, end } of sections) {
    const inside = covered.flatMap(({ ranges: [whole] }) =>
      whole && whole.startOffset >= start && whole.endOffset <= end ? [whole] : [],
    );
    const { functions, called } = tally.get(path) ?? { functions: 0, called: 0 };
    tally.set(path, {
      functions: functions + inside.length,
      called: called + inside.filter(({ count }) => count > 0).length,
    });
  }
  return tally;
}

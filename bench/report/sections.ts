import type { Results } from './results.ts';
import type { Section } from './section.ts';
import { coldLoadTable, modulesTable } from './tables/cold-load.ts';
import { moneyTable } from './tables/money.ts';
import { scaleTable, sideBySideTable } from './tables/storms.ts';
import { targetsTable } from './tables/targets.ts';
import { warmTable } from './tables/warm-attempt.ts';

/** All tables, in the order in which they are read. */
export function sectionsOf(results: Results): Section[] {
  return [
    targetsTable(results),
    coldLoadTable(results),
    modulesTable(results),
    warmTable(results),
    scaleTable(results),
    sideBySideTable(results),
    moneyTable(results),
  ];
}

import type { Results } from '../results.ts';
import type { Section } from '../section.ts';
import { isMet, targetsOf } from '../targets.ts';

export function targetsTable(results: Results): Section {
  const all = targetsOf(results);
  const missed = all.filter((target) => !isMet(target));
  return {
    title: 'Targets',
    head: ['what', 'at most', 'reached', 'met'],
    rows: all.map((target) => {
      const { name, most, reached, render } = target;
      return [name, render(most), render(reached), isMet(target) ? 'yes' : 'no'];
    }),
    after: missed
      .map(({ name, reason }) => `- ${name}: not met. ${reason ?? ''}`.trim())
      .join('\n'),
  };
}

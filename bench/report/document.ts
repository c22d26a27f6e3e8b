import type { Results } from './results.ts';
import { type Section, toMarkdown } from './section.ts';
import { sectionsOf } from './sections.ts';

/** All of docs/performance.md. */
export function renderDocument(results: Results): string {
  const tables = sectionsOf(results).map(toMarkdown);
  return `${[HEAD, ...tables, methodOf(results)].join('\n\n')}\n`;
}

const HEAD = `# Performance

What this service takes, measured by \`npm run bench -- --markdown\`, which wrote this page. Ratios come first: they hold on
other machines too.`;

function methodOf({ machine, runs }: Results): string {
  const { date, processor, processors, memoryGb, system, versions } = machine;
  const section: Section = {
    title: 'Method',
    text: `Cold loads and warm attempts are measured by turns, ${runs} times each, in a fresh process each time, and told by
their medians; each storm comes once, the same for the same seed. The functions are those of \`serverless package\`, run by the Node.js that Lambda runs, out of their own environment and nothing
of ours (\`bench/measure/\`). A Lambda of 256 MB has a seventh of a processor, so expect longer times there; what stays is
how they compare.`,
    head: ['what', 'on'],
    rows: [
      ['date', date],
      ['processor', `${processors} × ${processor}`],
      ['memory', `${memoryGb} GB`],
      ['system', system],
      ...Object.entries(versions),
    ],
  };
  return toMarkdown(section);
}

import { markdownTable } from 'markdown-table';
import { getBorderCharacters, table } from 'table';
import { sum } from '../sum.ts';

/** A table with what is to be said of it. */
export interface Section {
  readonly title: string;
  /** Markdown, before the table. */
  readonly text?: string;
  readonly head: readonly string[];
  /** The first cell of each is a name, the others are numbers. */
  readonly rows: readonly (readonly string[])[];
  /** Markdown, after the table. */
  readonly after?: string;
}

/** For a page. */
export function toMarkdown({ title, text, head, rows, after }: Section): string {
  const table = markdownTable([head, ...rows], {
    align: alignmentOf(head),
    alignDelimiters: false,
  });
  return [`## ${title}`, text, table, after].filter(Boolean).join('\n\n');
}

/** Every terminal shows that much in one line. */
const WIDTH = 80;
const GAP = 2;

/** For a terminal: the table alone, in 80 columns. Heads wrap at their words, names into what the numbers leave. */
export function toText({ title, head, rows }: Section): string {
  const longest = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const widths = head.map((text, i) =>
    longest([...text.split(' '), ...rows.map((row) => row[i] ?? '')]),
  );
  const [names = 0, ...numbers] = widths;
  const left = WIDTH - sum(numbers.map((width) => width + GAP));
  const text = table([[...head], ...rows.map((row) => [...row])], {
    border: { ...getBorderCharacters('void'), joinBody: '-' },
    columnDefault: {
      paddingLeft: 0,
      paddingRight: GAP,
      wrapWord: true,
      verticalAlignment: 'bottom',
    },
    columns: widths.map((width, i) =>
      i === 0 ? { width: Math.min(names, left) } : { width, alignment: 'right' },
    ),
    drawHorizontalLine: (line) => line === 1,
  });
  return `${title}\n\n${text.replace(/ +$|-{2}$/gm, '').trimEnd()}`;
}

const alignmentOf = (head: readonly string[]) => head.map((_, i) => (i === 0 ? 'l' : 'r'));

import { markdownTable } from 'markdown-table';
import { getBorderCharacters, table } from 'table';

/** A table with its text. */
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
  const align = head.map((_, i) => (i === 0 ? 'l' : 'r'));
  const table = markdownTable([head, ...rows], { align, alignDelimiters: false });
  return [`## ${title}`, text, table, after].filter(Boolean).join('\n\n');
}

/** The width that every terminal has. */
const WIDTH = 80;
const GAP = 2;

/** For a terminal: the table alone, in 80 columns. Heads wrap at words, names within the space that the numbers leave. */
export function toText({ title, head, rows }: Section): string {
  const longest = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const widths = head.map((text, i) =>
    longest([...text.split(' '), ...rows.map((row) => row[i] ?? '')]),
  );
  const [names = 0, ...numbers] = widths;
  const left = numbers.reduce((rest, width) => rest - width - GAP, WIDTH);
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

/** `1,234`. */
export const whole = (number: number) => Math.round(number).toLocaleString('en-US');

/** Two decimals below ten, one below a hundred, none above. */
export function decimals(number: number): string {
  if (number >= 100) return whole(number);
  return number.toFixed(number >= 10 ? 1 : 2);
}

/** `0.56 ×`. */
export const ratio = (number: number) => `${decimals(number)} ×`;

/** `99.8 %`; rounded to 0 or 100 % only if exact. */
export function percent(share: number): string {
  const rounded = (share * 100).toFixed(1);
  if (rounded === '100.0') return share < 1 ? '> 99.9 %' : '100 %';
  if (rounded === '0.0') return share > 0 ? '< 0.1 %' : '0 %';
  return `${rounded} %`;
}

/** `5.2 s`, `4 min 12 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${decimals(seconds)} s`;
  const all = Math.round(seconds);
  return `${Math.floor(all / 60)} min ${all % 60} s`;
}

/** `$1.23`; a smaller amount than a cent, but not 0, is `< $0.01`. */
export function dollars(amount: number): string {
  return amount > 0 && amount < 0.01 ? '< $0.01' : `$${amount.toFixed(2)}`;
}

import { markdownTable } from 'markdown-table';

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

/** For a terminal: the table alone, its columns aligned. */
export function toText({ title, head, rows }: Section): string {
  return `${title}\n\n${markdownTable([head, ...rows], { align: alignmentOf(head) })}`;
}

const alignmentOf = (head: readonly string[]) => head.map((_, i) => (i === 0 ? 'l' : 'r'));

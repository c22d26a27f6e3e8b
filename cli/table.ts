import { stripVTControlCharacters } from 'node:util';
import { getBorderCharacters, table } from 'table';

const GAP = 2;

/**
 * Renders rows of cells as columns of at most `width` characters in all: the last column is wrapped into what the others
 * leave of it. Cells may hold colours. @returns lines without an end of line after the last one.
 * @param width 80 unless said otherwise, which every terminal shows in one line
 */
export function renderTable(rows: readonly (readonly string[])[], width = 80): string {
  if (rows.length === 0) return '';
  const widths = rows[0]?.map((_, i) => widest(rows.map((row) => row[i] ?? ''))) ?? [];
  const others = widths.slice(0, -1).reduce((sum, one) => sum + one + GAP, 0);
  const last = Math.max(1, Math.min(widths.at(-1) ?? 1, width - others));
  const text = table(
    rows.map((row) => [...row]),
    {
      border: getBorderCharacters('void'),
      columnDefault: { paddingLeft: 0, paddingRight: GAP },
      columns: [...widths.slice(0, -1), last].map((one) => ({ width: one, wrapWord: true })),
      drawHorizontalLine: () => false,
    },
  );
  return text.replace(/ +$/gm, '').trimEnd();
}

const widest = (cells: readonly string[]) =>
  Math.max(1, ...cells.map((cell) => stripVTControlCharacters(cell).length));

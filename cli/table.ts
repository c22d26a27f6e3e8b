import { stripVTControlCharacters } from 'node:util';
import { getBorderCharacters, table } from 'table';

const GAP = 2;

/**
 * Renders rows of cells as columns of at most `width` characters in all, wrapping the last column. Cells may hold colours.
 * @param width 80 by default, which every terminal shows in one line
 * @returns lines without an end of line after the last one.
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

import { identifier, oneLine, wrap } from '../../text.ts';
import { type Tag, tagsText } from '../tags.ts';

/** A label and its value; a row without a value is left out. */
export type Row = readonly [label: string, value: string | undefined];

/** Rows of label and value. Every line of a value but its first is indented, so that none passes for a row. */
export function renderRows(rows: readonly Row[]): string {
  return rows
    .flatMap(([label, value]) => (value ? [[label, value] as const] : []))
    .map(([label, value]) => wrap(oneLine(value, 600), `${label}:`.padEnd(13)))
    .join('\n');
}

export function secretRow(name: string | undefined): Row {
  return ['Secret', name ? identifier(name) : 'not named in the record'];
}

/** Tags that tell the same, such as the owner. */
export function tagRow(label: string, tags: readonly Tag[]): Row {
  return [label, tagsText(tags)];
}

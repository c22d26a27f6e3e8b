import { inspect, styleText } from 'node:util';

/**
 * Everything that a command prints goes through here: names, tags, records and error messages are written by strangers,
 * and some characters drive a terminal, reorder what it shows, or show nothing.
 */

/** The colours of the reports. No other sequence of a terminal is ours. */
const COLOURS = ['red', 'green', 'yellow', 'blue', 'magenta', 'bold', 'reset'] as const;
export type Colour = (typeof COLOURS)[number];

/** The text in a colour where stdout is a terminal, and NO_COLOR is not set; else as it is. */
export const coloured = (colour: Colour, text: string) => styleText(colour, text);

// \p{C}: controls, formats (bidirectional marks, zero-width), lone surrogates, private use, unassigned.
const UNPRINTABLE = /[[\p{C}\p{Zl}\p{Zp}]--\n]/gv;

/**
 * The text with each unprintable character but the end of a line as `\uXXXX`, so that it shows what it is. JSON so treated
 * is equal in value, because those characters can be within its strings only.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character
      .split('') // UTF-16 units, as JSON escapes them
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** As {@link printable}, in one line: for what a list of tasks redraws. */
export const printableLine = (text: string) => printable(text).replaceAll('\n', ' ');

const SEQUENCES = new Set(
  COLOURS.flatMap((colour) => styleText(colour, ' ', { validateStream: false }).split(' ')),
);
// Captured, so that `split` returns each between what is left and right of it.
const SEQUENCE = /([\p{Cc}--\n]\[\d+m)/v;

/** As {@link printable}, of a report, which may hold our colours if it `isColoured`. */
export function printableReport(text: string, isColoured: boolean): string {
  const parts = text.split(SEQUENCE);
  return parts.map((part) => (isColoured && SEQUENCES.has(part) ? part : printable(part))).join('');
}

/** Prints a report on stdout, with the colours of {@link coloured}. */
export function print(text: string): void {
  console.log(printableReport(text, coloured('bold', ' ') !== ' '));
}

/** Prints a value on stdout, as JSON for machines. */
export function printJson(value: unknown): void {
  console.log(printable(JSON.stringify(value, null, 2)));
}

/** Prints a note for people on stderr, if need be in a colour. */
export function printNote(text: string, colour?: Colour): void {
  const note = printable(text);
  console.error(colour ? styleText(colour, note, { stream: process.stderr }) : note);
}

/** Prints what nobody expected, with its stack, on stderr. */
export const printDefect = (error: unknown) => printNote(inspect(error));

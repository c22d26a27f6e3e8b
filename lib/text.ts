/**
 * Everything a record says is text chosen by its sender. These functions make it harmless: what they return
 * has no line break, no control, bidirectional or invisible character, and a bounded length.
 */

/** The longest line of a mail, in characters; only commands and links may be longer. */
export const LINE_WIDTH = 76;

// oneLine leaves no such space in a value, so wrap may use it for its own ends.
const NO_BREAK = '\u00a0';
/** A time as `formatUtc` and `formatUtcSeconds` write it. */
export const DATE = /\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC/g;

// \p{C}: controls, formats (bidirectional marks, zero-width), lone surrogates, private use, unassigned.
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/**
 * One printable line of at most `max` characters. Line breaks and tabs become a space, other invisible
 * characters a `?`; runs of white space become one space.
 */
export function oneLine(value: string, max = 256): string {
  // Cut before the patterns run as well: a record may hold a value of many kilobytes.
  const printable = value
    .slice(0, max * 4)
    .replace(/\s+/gu, ' ')
    .replace(INVISIBLE, '?')
    .trim();
  return cut(printable, max);
}

/** As {@link oneLine}, in ASCII only: what SNS takes as subject and as attribute, `?` for all else. */
export function asciiLine(value: string, max = 256): string {
  return cut(oneLine(value, max).replace(/[^\x20-\x7e]+/g, '?'), max);
}

/**
 * One word that can stand in a sentence at the start of a line without passing for a line of ours: only the
 * characters that AWS allows in the names of secrets, roles and users; anything else becomes a `?`.
 */
export function identifier(value: string, max = 512): string {
  return cut(value.slice(0, max * 2).replace(/[^\w/+=,.@!-]+/g, '?'), max);
}

/** The value, or its beginning and its end around `...`, in at most `max` characters. */
export function cutMiddle(value: string, max: number): string {
  if (value.length <= max) return value;
  const kept = max - 3;
  const head = Math.ceil(kept / 2);
  return `${value.slice(0, head)}...${value.slice(value.length - (kept - head))}`;
}

/** The value, or its beginning and `...`, in at most `max` characters, never half a surrogate pair. */
export function cut(value: string, max: number): string {
  if (value.length <= max) return value;
  return `${value.slice(0, Math.max(0, max - 3)).replace(/\p{Cs}$/u, '')}...`.slice(0, max);
}

/**
 * Breaks a text at its spaces, and a longer word anywhere, into lines of at most {@link LINE_WIDTH}
 * characters. `label` opens the first line; all others are indented by as much. A date stays on one line.
 */
export function wrap(text: string, label = ''): string {
  const width = LINE_WIDTH - label.length;
  const lines: string[] = [];
  let line = '';
  const words = text.replace(DATE, (date) => date.replaceAll(' ', NO_BREAK)).split(' ');
  for (const word of words.flatMap((long) => pieces(long, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines
    .map((part, i) => (i === 0 ? label : ' '.repeat(label.length)) + part)
    .join('\n')
    .replaceAll(NO_BREAK, ' ');
}

/** A word in pieces of at most `width` UTF-16 units that never split a character. */
function pieces(word: string, width: number): string[] {
  if (word.length <= width) return [word];
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (part.length + character.length > width) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

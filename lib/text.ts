/**
 * Everything a record says is text chosen by its sender. These functions make it harmless: what they return
 * has no line break, no control, bidirectional or invisible character, and a bounded length.
 */

/** The longest line of a mail, in characters; only commands and links may be longer. */
export const LINE_WIDTH = 76;

const DEFANGED_NOTE = 'What looks like a link is written with [.] or [:], so that it is none.';

// oneLine leaves no such space in a value, so wrap may use it for its own ends.
const NO_BREAK = '\u00a0';
/** A time as `formatUtc` and `formatUtcSeconds` write it. */
export const DATE = /\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC/g;

// \p{C}: controls, formats (bidirectional marks, zero-width), lone surrogates, private use, unassigned. The rest look like spaces
// and are none: Hangul's fillers are letters, Braille's blank a symbol. Many push what follows to a new line of a phone.
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\u2800]+/gu;

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

const DOT = /[.\u3002\uff0e\uff61]/gu; // Browsers take the three of East Asian scripts for a dot too.
// Words around dots, each begun at its first character, lest a long one be searched again from each of its letters.
const DOTTED =
  /(?<![\p{L}\p{M}\p{N}\p{So}_-])[\p{L}\p{M}\p{N}\p{So}_-]+(?:[.\u3002\uff0e\uff61][\p{L}\p{M}\p{N}\p{So}_-]+)+/gu;
/** What can be a top-level domain. There are some 1,400, and new ones each year: so any word of letters is taken for one. */
const TOP_LEVEL = /^(?:(?:\p{L}\p{M}*){2,}(?![\p{L}\p{M}\p{N}_-])|xn--)/iu;
const SCHEME =
  /:(?=[/\\]{2})|(?<=(?<![a-z])(?:https?|ftp|mailto|tel|sms|sip|sips|xmpp|skype|callto|facetime|news|outlook|onenote|javascript|data|file)):(?!\s)/giu;
const ADDRESS_WITH_PATH = /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?=[:/]\w)/g;
const NETWORK_PATH = /\[\\{2,}\]|\\{2,}/g;

/**
 * Writes what a mail program, a chat or a terminal would make a link of so that none does, and a person can still
 * read it: `https[:]//evil[.]example/confirm`, `www[.]evil[.]example`, `alice@example[.]com`. An address such as
 * 10.0.3.7, without a port or a path, or a version such as 2.25.1 is no link. Done twice it is the same as done once.
 */
export function defang(text: string): string {
  return text
    .replace(SCHEME, '[:]')
    .replace(NETWORK_PATH, (path) => (path.startsWith('[') ? path : `[${path}]`))
    .replace(/(?<=www)\./gi, '[.]')
    .replace(ADDRESS_WITH_PATH, (address) => address.replace(DOT, '[$&]'))
    .replace(DOTTED, (words) => {
      const isHost = words.split(DOT).some((word, i) => i > 0 && TOP_LEVEL.test(word));
      return isHost ? words.replace(DOT, '[$&]') : words;
    });
}

const DEFANGED = /\[(?:[.\u3002\uff0e\uff61:]|\\{2,})\]/u;
const CHARACTERS = new RegExp(`${DEFANGED.source}|.`, 'gsu');

/** A mail's paragraphs as its text, which says so if {@link defang} has changed something in it. */
export function joinParagraphs(paragraphs: readonly string[]): string {
  const text = paragraphs.join('\n\n');
  return DEFANGED.test(text) ? `${text}\n\n${DEFANGED_NOTE}` : text;
}

/** The value defanged, or its beginning and its end around `...`, in at most `max` characters, `max` being 3 or more. */
export function shorten(value: string, max: number): string {
  for (let kept = max; ; kept--) {
    // Last, because a cut may end right behind what looks like a host.
    const text = defang(cutMiddle(value, kept));
    if (text.length <= max) return text;
  }
}

/** The value, or its beginning and its end around `...`, in at most `max` characters, never half a surrogate pair. */
export function cutMiddle(value: string, max: number): string {
  if (value.length <= max) return value;
  const kept = max - 3;
  const head = Math.ceil(kept / 2);
  const [start, end] = [value.slice(0, head), value.slice(value.length - (kept - head))];
  return `${start.replace(/\p{Cs}$/u, '')}...${end.replace(/^\p{Cs}/u, '')}`;
}

/** The value, or its beginning and `...`, in at most `max` characters, never half a surrogate pair. */
export function cut(value: string, max: number): string {
  if (value.length <= max) return value;
  return `${value.slice(0, Math.max(0, max - 3)).replace(/\p{Cs}$/u, '')}...`.slice(0, max);
}

/**
 * Breaks a text at its spaces, and a longer word anywhere, into lines of at most {@link LINE_WIDTH}
 * characters. `label` opens the first line; all others are indented by as much. A date stays on one line. All that
 * strangers wrote gets into a mail's text through here, so here it is {@link defang}ed.
 */
export function wrap(text: string, label = ''): string {
  const width = LINE_WIDTH - label.length;
  const lines: string[] = [];
  let line = '';
  const words = defang(text)
    .replace(DATE, (date) => date.replaceAll(' ', NO_BREAK))
    .split(' ');
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

/** A word in pieces of at most `width` UTF-16 units that never split a character or a `[.]`, and of which none is a link. */
function pieces(word: string, width: number): string[] {
  if (word.length <= width) return [word];
  const parts = split(word, width);
  // `evil.example-x`, which is no host, may be split right before the hyphen.
  if (parts.every((part) => defang(part) === part)) return parts;
  const marked = word.replace(CHARACTERS, (part) =>
    /^[.:\u3002\uff0e\uff61]$/u.test(part) ? `[${part}]` : part,
  );
  return split(marked, width);
}

function split(word: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  for (const [character] of word.matchAll(CHARACTERS)) {
    if (part.length + character.length > width) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

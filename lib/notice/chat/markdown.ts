import { isIPv6 } from 'node:net';
import { cut, cutMiddle, defang, identifier, oneLine } from '../../text.ts';

/**
 * Everything a record says is text chosen by its sender. In a chat it could ping a channel, make a link, or pass for our
 * formatting; and whether Amazon Q Developer escapes what it passes on to Slack or Teams, AWS does not document. So what means
 * something to either is replaced by what looks like it and means nothing, however often anybody decodes it: an entity such as
 * `&lt;` would be a `<` again.
 * Sources: https://docs.slack.dev/messaging/formatting-message-text and
 * https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/format-your-bot-messages
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '&': '＆',
  '*': '∗',
  '~': '∼',
  '`': 'ʹ',
  '|': '¦',
  '\\': '∖',
  '[': '［',
  ']': '］',
};
const SPECIAL = /[<>&*~`|\\[\]]/g;

/** Slack and Teams leave a `_` within a word alone. */
const UNDERSCORE = /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
const WIDE_UNDERSCORE = '＿';
/** Of a mention, a conversation, a heading; in their wide forms too, which a keyboard for Japanese writes. */
const SIGN = /[@＠﹫#＃﹟]+/gu;
/** The colon of an emoji's code: `:fire:`. A workspace can have any word as one. */
const EMOJI_COLON = /[:：](?=[\p{L}\p{M}\p{N}_+'-]+[:：])/gu;
const RATIO = '∶';

/** What a replaced character leaves behind: `[` of `[@]` or of `[.]`, or what looks like it. */
const REPLACED = new RegExp(
  `[\\[${Object.values(LOOKALIKES).join('')}${WIDE_UNDERSCORE}${RATIO}]`,
  'u',
);

/** Whether something in a harmless text is perhaps not written as it is. */
export const isReplaced = (text: string): boolean => REPLACED.test(text);

/** One line that no chat makes a mention, a link, an emoji or formatting of; at most `max` characters of the text. */
export const plain = (text: string, max = 2000): string => plainLine(oneLine(text, max));

function plainLine(line: string): string {
  const harmless = line
    .replace(SPECIAL, (character) => LOOKALIKES[character] ?? '?')
    .replace(UNDERSCORE, WIDE_UNDERSCORE)
    .replace(SIGN, '[$&]')
    .replace(EMOJI_COLON, RATIO);
  // `[@](x)` would be a link.
  return defang(harmless).replace(/\](?=[([])/g, '] ');
}

/**
 * A word that may be an IPv6 address, or an ARN of characters that end no code span and ping nobody; not one that was cut. Between
 * colons an emoji could stand, but none is shown between code marks.
 */
const COPIED =
  /(?<![^\s(])(?:arn:aws[a-z-]{0,20}:[a-z\d-]{0,40}:[a-z\d-]{0,30}:(?:\d{12}|aws)?:[\w/+=.:-]*[\w/+=-]|[\da-fA-F:.]{2,45})(?=[,;.)]?(?:\s|$))/g;

/** Whether it can stand between code marks as it is. */
const isCopied = (word: string) =>
  (word.startsWith('arn:') || isIPv6(word)) && defang(word) === word;

/** As {@link plain}, of one line, with IPv6 addresses and ARNs between code marks: to be copied, and found by a search. */
function copyable(line: string): string {
  let text = '';
  let end = 0;
  for (const { 0: word, index } of line.matchAll(COPIED)) {
    if (!isCopied(word)) continue;
    text += `${plainLine(line.slice(end, index))}\`${word}\``;
    end = index + word.length;
  }
  return text + plainLine(line.slice(end));
}

/** How long a name may be that is not to be copied, in characters. */
const MAX_NAME = 400;

/**
 * The name of a secret, for a description: between code marks, as it is, so that it can be copied, if it is of characters that AWS
 * allows in names, and neither pings nor links there; else as {@link plain}.
 */
export function copyableName(name: string): string {
  const isKept = [identifier, commandText, defang].every((harmless) => harmless(name) === name);
  // A `?` stands for what AWS allows in no name, such as a `?`.
  return isKept && !name.includes('?') ? `\`${name}\`` : plainWithin(identifier(name), MAX_NAME);
}

/** As {@link plain}, of the whole text or of its beginning and its end, in at most `max` characters, which are 8 or more. */
export const plainWithin = (text: string, max: number): string =>
  fitted(text, max, cutMiddle, plain);

/** As {@link plainWithin}, of the text's beginning. */
export const plainStart = (text: string, max: number): string => fitted(text, max, cut, plain);

/** As {@link plainStart}, for a description, with IPv6 addresses and ARNs between code marks, as they are. */
export const copyableStart = (text: string, max: number): string =>
  fitted(text, max, cut, copyable);

function fitted(
  text: string,
  max: number,
  shorten: (text: string, max: number) => string,
  write: (line: string) => string,
): string {
  const line = oneLine(text, 2000);
  let kept = Math.min(line.length, max);
  for (;;) {
    // Last, because a cut may end right behind what looks like a host.
    const harmless = write(shorten(line, kept));
    if (harmless.length <= max) return harmless;
    // No character becomes more than three.
    kept -= Math.ceil((harmless.length - max) / 3);
  }
}

/**
 * A command of ours as it can stand between code marks, `undefined` if it cannot: what it names is of the characters that AWS
 * allows in names and ARNs, none of which ends a code span. The `''` changes nothing for the shell.
 */
export function commandText(command: string): string | undefined {
  if (/[^\x20-\x7e]|[`<>&*~|[\]\\#]/.test(command)) return undefined;
  return command.replace(/(?<![a-z\d])@|@(?=(?:here|channel|everyone)\b)/gi, "@''");
}

/** A link of ours. Slack reads `&` as the beginning of an entity. */
export const linkText = (link: string): string => link.replaceAll('&', '&amp;');

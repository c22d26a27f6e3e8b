import { links } from './links.ts';

/** What a chat would make of a text. */
export interface Markup {
  /** Texts in code marks. */
  readonly code: string[];
  /** Texts in bold. */
  readonly bold: string[];
  /** All else that means something: each as it stands. */
  readonly findings: string[];
}

/** A mark as Slack takes it: no letter before the first or behind the last, no space within. */
const marked = (mark: string) =>
  new RegExp(
    String.raw`(?<![\p{L}\p{N}])${mark}(?!\s)([^${mark}\n]+?)(?<!\s)${mark}(?![\p{L}\p{N}])`,
    'gu',
  );

/** Slack's and Teams' together, written anew, and as broadly as can be; each also in what code marks hold. */
const PINGS = [
  /<[^>]*>?/g,
  /(?<![\p{L}\p{N}])[@＠﹫#＃﹟]+[\p{L}\p{N}\p{So}_.-]/gu,
  /<at|@(?:here|channel|everyone)\b/gi,
];
const ELSE = [
  marked('_'),
  marked('~'),
  /[<>`]/g,
  /&(?!amp;)/g,
  /(?<!&amp);[^\S\n]*&/g,
  /[:：][\p{L}\p{M}\p{N}_+'-]+[:：]/gu,
  /!?\[[^\]\n]*\][([]/g,
  /\\[^\w\s]/g,
  /[|*~]/g,
  /^\s*(?:#+\s|>|\d+[.)]\s|[*+•]\s|- (?:[-+#>]|\d+[.)])\s|(?:[-=_*]\s*){3,}$|```|\[[^\]]*\]:)/gmu,
  /[^\P{C}\n]|\p{Zl}|\p{Zp}/gu,
];

const all = (text: string, patterns: readonly RegExp[]) =>
  patterns.flatMap((pattern) => text.match(pattern) ?? []);

/** Reads a text as Slack's mrkdwn does, and as Teams' markdown: https://docs.slack.dev/messaging/formatting-message-text */
export function readMarkup(text: string): Markup {
  const code: string[] = [];
  const bold: string[] = [];
  const rest = text
    .replace(/^```\n([^`]*)\n```$/gm, (_, block: string) => {
      code.push(block);
      return 'code';
    })
    .replace(/(?<![\p{L}\p{N}])`([^`\n]+)`(?![\p{L}\p{N}])/gu, (_, span: string) => {
      code.push(span);
      return 'code';
    })
    .replace(marked(String.raw`\*`), (_, words: string) => {
      bold.push(words);
      return words;
    });
  const everywhere = [rest, ...code].flatMap((one) => [...all(one, PINGS), ...links(one)]);
  return { code, bold, findings: [...everywhere, ...all(rest, ELSE)] };
}

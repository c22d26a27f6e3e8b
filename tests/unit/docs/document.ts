import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../../emulators/serverless.ts';
import { readme } from '../../../release/readme.ts';
import { isCommand } from '../../testing/documented-commands.ts';

/** A text that people read, by the path of its file. */
export interface Document {
  readonly file: string;
  readonly text: string;
}

/** What is marked as code: a whole line of a block, or a span within a line of prose. */
export interface Code {
  readonly line: number;
  readonly code: string;
  readonly isBlock: boolean;
}

const read = (file: string): Document => ({ file, text: readFileSync(join(ROOT, file), 'utf8') });

const markdown = ['*.md', 'docs/**/*.md', 'examples/**/*.md'];
// A leading dot has to be named.
const yaml = ['examples/**/*.yml', '.github/**/*.yml'];

/** All that is Markdown, what of YAML is read by people or run by a shell, and what a release says. */
export const DOCUMENTS: readonly Document[] = [
  ...globSync(markdown, { cwd: ROOT }).map(read),
  ...globSync(yaml, { cwd: ROOT }).map(read).map(fromYaml),
  { file: 'release/readme.ts', text: readme('1.2.3') },
];

/** Each line of YAML as a line of prose: a comment as its text, and what a workflow runs as code. */
function fromYaml({ file, text }: Document): Document {
  const runs = new Set<string>();
  parse(text, {
    logLevel: 'silent',
    reviver: (key: unknown, value: unknown) => {
      if (key === 'run') for (const line of String(value).split('\n')) runs.add(line.trim());
      return value;
    },
  });
  const lines = text.split('\n').map((line) => {
    const comment = /^\s*# (.*)$/.exec(line)?.[1];
    if (comment !== undefined) return comment.replace(/^ {2}(\S.*)/, '`$1`');
    const command = line
      .trim()
      .replace(/^- /, '')
      .replace(/^run: /, '');
    return runs.has(command) && isCommand(command) ? `\`${command}\`` : line;
  });
  return { file, text: lines.join('\n') };
}

/** The lines of a document, each with what it belongs to. What a backslash continues is one line. */
export function* linesOf({ text }: Document): Generator<Code> {
  let fence: string | undefined;
  let begun = '';
  for (const [index, line] of text.split('\n').entries()) {
    const [, marker] = /^\s*(`{3,})/.exec(line) ?? [];
    if (marker) fence = fence === undefined ? marker : undefined;
    else if (fence !== undefined && line.endsWith('\\')) begun += `${line.slice(0, -1).trim()} `;
    else {
      yield { line: index + 1, code: begun + line.trim(), isBlock: fence !== undefined };
      begun = '';
    }
  }
}

/** All that is marked as code. */
export const codesOf = (document: Document): Code[] =>
  [...linesOf(document)].flatMap((line) =>
    line.isBlock ? line : spansOf(line.code).map((code) => ({ ...line, code })),
  );

const SPAN = /(`+) ?(.+?) ?\1(?!`)/g;
export const spansOf = (line: string): string[] =>
  Array.from(line.matchAll(SPAN), ([, , code = '']) => code.replaceAll('\\|', '|'));

/** What links and pictures of a document lead to. */
export const linksOf = (document: Document): Code[] =>
  [...linesOf(document)]
    .filter(({ isBlock }) => !isBlock)
    .flatMap((line) =>
      Array.from(line.code.replace(SPAN, '').matchAll(/\]\(([^)\s]+)\)/g), ([, code = '']) => ({
        ...line,
        code,
      })),
    );

/** The anchors that GitHub gives the headings of a document. */
export function anchorsOf(document: Document): string[] {
  const seen = new Map<string, number>();
  return [...linesOf(document)]
    .filter(({ isBlock, code }) => !isBlock && /^#+ /.test(code))
    .map(({ code }) => {
      const anchor = code
        .replace(/^#+ /, '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-');
      const count = seen.get(anchor) ?? 0;
      seen.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    });
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Html, html } from '../../cli/status/page/html.ts';
import { SENDER } from '../../stack/topic.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What Node prints with these arguments, with colours if `FORCE_COLOR` is 1. @throws if it fails. */
async function outputOf(args: readonly string[], FORCE_COLOR: '0' | '1'): Promise<string> {
  const env = { ...process.env, FORCE_COLOR, NO_COLOR: undefined };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
  return stdout;
}

const STORY = ['--event', 'demo/story.json.gz', '--secret', 'demo/story-secret.json'];

/** The README's first mail, as a mail program shows a plain text, without what SNS adds below it. @throws if the preview fails. */
export async function openedMail(): Promise<string> {
  const args = ['cli/main.ts', 'preview', ...STORY, '--kind', 'opened'];
  const [subject = '', ...body] = (await outputOf(args, '0')).trimEnd().split('\n');
  return html`<!doctype html><meta charset="utf-8"><style>${{ markup: MAIL_STYLES }}</style>
<main><header><h1>${subject.replace(/^Subject: /, '')}</h1><span class="face">${SENDER.slice(0, 1)}</span>
<p><b>${SENDER}</b> &lt;no-reply@sns.amazonaws.com&gt;<br><i>to oncall@example.com</i></p></header>
<pre>${body.join('\n').trim()}</pre></main>`.markup;
}

/** In lines: as many as a screen has. */
const SCREEN = 44;

/** The first screen of `npm run demo`. @throws if the demo fails. */
export async function demoScreen(): Promise<string> {
  const lines = settled((await outputOf(['demo/demo.ts'], '1')).split('\n')).slice(0, SCREEN);
  return html`<!doctype html><meta charset="utf-8"><style>${{ markup: TERMINAL_STYLES }}</style>
<main><header><i></i><i></i><i></i></header><pre><b>$</b> npm run demo
${lines.map((line) => html`${coloured(line)}\n`)}</pre></main>`.markup;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with.
const SEQUENCE = /\u001b\[(\d+)m/;
const plain = (line: string) => line.replaceAll(new RegExp(SEQUENCE, 'g'), '');

/** As a terminal shows a step once it is done, in the place of its beginning: its title, then its result. */
function settled(lines: readonly string[]): string[] {
  const shown: string[] = [];
  let begun = 0;
  for (const line of lines) {
    const text = plain(line);
    if (text.startsWith('❯ ')) begun = shown.length;
    else if (text.startsWith('✔ ')) shown.splice(begun, 0, line);
    else shown.push(text.startsWith('› ') ? `  ${line}` : line);
  }
  return shown;
}

/** What the demo's list of steps uses. */
const COLOURS: Readonly<Record<string, string>> = { 32: 'green', 33: 'yellow', 31: 'red' };

function coloured(line: string): Html {
  const [first = '', ...rest] = line.split(SEQUENCE);
  const parts: Html[] = [html`${first}`];
  for (let i = 0; i < rest.length; i += 2) {
    parts.push(html`<span class="${COLOURS[rest[i] ?? ''] ?? ''}">${rest[i + 1] ?? ''}</span>`);
  }
  return html`${parts}`;
}

const MAIL_STYLES = `
*{box-sizing:border-box;margin:0}
body{font:14px/1.45 "DejaVu Sans",sans-serif;color:#1f2328;background:#fff}
main{width:820px;padding:20px 24px;border:1px solid #d0d7de}
header{padding-bottom:12px;border-bottom:1px solid #d0d7de}
h1{margin-bottom:12px;font-size:17px}
.face{float:left;width:38px;height:38px;margin-right:12px;border-radius:50%;background:#d97706;color:#fff;font-size:18px;line-height:38px;text-align:center}
header i{color:#57606a}
pre{padding-top:16px;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.4 "DejaVu Sans Mono",monospace}`;

const TERMINAL_STYLES = `
*{box-sizing:border-box;margin:0}
body{background:#fff}
main{width:860px;background:#0d1117;color:#e6edf3}
header{padding:10px 14px;background:#21262d}
header i{display:inline-block;width:12px;height:12px;margin-right:7px;border-radius:50%;background:#6e7681}
pre{padding:14px 16px;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.4 "DejaVu Sans Mono",monospace}
.green{color:#3fb950}.yellow{color:#d29922}.red{color:#f85149}`;

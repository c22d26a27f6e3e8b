import { type Html, html } from '../../cli/status/page/html.ts';
import { type ChatMessage, ICONS } from '../../lib/notice/chat/message.ts';
import { renderChat } from '../../lib/notice/chat/render.ts';
import type { IncidentNotice } from '../../lib/notice/incident-notice.ts';
import { addDays, formatUtc, MINUTE_MS } from '../../lib/time.ts';
import { ACCOUNT, attempt, cancellation, deletion, found } from '../testing/attempts.ts';
import { digested, opened, STACK } from '../testing/chat.ts';
import { known, role } from '../testing/digests.ts';

const PENDING = {
  state: 'pending',
  schedule: { kind: 'exact', date: deletion().date },
  deletion: deletion(),
} as const;
const LAST_CALL_AT = addDays(deletion().date, -2);
const RESTORED_AT = new Date('2026-11-28T09:30:00Z');
const RESOLVED_AT = new Date(RESTORED_AT.getTime() + 5 * MINUTE_MS);

const TAGS = { owner: 'payments', 'replaced-by': 'prod/db/password-v2' };
const TAGGED = {
  owners: [{ key: 'owner', value: 'payments' }],
  replacements: [{ key: 'replaced-by', value: 'prod/db/password-v2' }],
};
const FIRST_AT = attempt().time;
/** The story of docs/mails.md. */
const CALLERS = [
  role('app-server', {
    count: 487,
    first: FIRST_AT,
    last: new Date(FIRST_AT.getTime() + 8 * MINUTE_MS),
    sessions: new Set(['i-0abc']),
  }),
  role('batch', {
    count: 12,
    first: FIRST_AT,
    last: FIRST_AT,
    addresses: new Set(['10.0.3.6']),
    sessions: new Set(['b-1']),
  }),
];
const BOB = {
  key: `arn:aws:iam::${ACCOUNT}:user/bob`,
  name: 'user bob',
  shortName: 'bob',
  description: `user bob, account ${ACCOUNT}`,
  accountId: ACCOUNT,
};

const withTags = (notice: IncidentNotice): IncidentNotice => ({
  ...notice,
  secret: { ...notice.secret, ...TAGGED },
});

/** An incident from its first attempt to its end. */
function thread(): IncidentNotice[] {
  const restored = {
    state: 'restored',
    cancellation: cancellation({
      requestedAt: RESTORED_AT,
      requestedBy: BOB,
      sourceAddress: '198.51.100.8',
    }),
  } as const;
  return [
    opened({ attempt: attempt(), state: PENDING }, found({ tags: TAGS })),
    ...digested('last-call', [known(CALLERS, { state: PENDING })], LAST_CALL_AT),
    ...digested('resolved', [known(CALLERS, { state: restored })], RESOLVED_AT),
  ].map(withTags);
}

/** Slack draws emoji itself; no font of them is needed. */
const DRAWN: Readonly<Record<string, Html>> = {
  [ICONS.critical]: html`<span class="dot" style="background:#dd2e44"></span>`,
  [ICONS.warning]: html`<span class="dot" style="background:#f4900c"></span>`,
  [ICONS.good]: html`<span class="dot good">✓</span>`,
};

function titleOf(title: string): Html {
  const [icon = '', ...words] = title.split(' ');
  return html`${DRAWN[icon]} ${mrkdwn(words.join(' '))}`;
}

/** A mock-up: the messages of a thread, their texts by the rules of Slack's mrkdwn. */
export function chatThread(): string {
  const notices = thread();
  const messages = notices.map((notice) => ({
    at: notice.now,
    message: renderChat(notice, { stack: STACK, chatButtons: true, now: notice.now }),
  }));
  return html`<!doctype html><meta charset="utf-8"><style>${{ markup: STYLES }}</style>
<main><header><b>Thread</b> #alerts<i>A mock-up, by Slack’s rules of formatting</i></header>${messages.map(postOf)}</main>`
    .markup;
}

function postOf({ at, message }: { at: Date; message: ChatMessage }): Html {
  const { content, metadata } = message;
  const { title, description, nextSteps = [], keywords } = content;
  return html`<article><div class="who"><b>Amazon Q Developer</b><span class="app">APP</span><time>${formatUtc(at)}</time></div>
<section><h1>${titleOf(title)}</h1><p>${mrkdwn(description)}</p>
${nextSteps.length > 0 ? html`<h2>Next steps</h2><ul>${nextSteps.map((step) => html`<li>${mrkdwn(step)}</li>`)}</ul>` : undefined}
<div class="tags">${keywords.map((word) => html`<span>${mrkdwn(word)}</span>`)}</div></section>${buttonsOf(metadata)}</article>`;
}

/** As stack/buttons.ts shows them. */
function buttonsOf({ additionalContext = {} }: ChatMessage['metadata']): Html | undefined {
  const { canRestore, canMute, buttons } = additionalContext;
  const labels = [
    ...(canRestore ? ['Restore'] : []),
    ...(canMute && buttons ? ['Mute for 7 days'] : []),
    ...(buttons ? ['Show status'] : []),
  ];
  if (labels.length === 0) return undefined;
  return html`<div class="buttons">${labels.map((label) => html`<button>${label}</button>`)}</div>`;
}

const SPANS = /(`[^`\n]+`)|(\*[^*\s][^*\n]*\*)|(https:\/\/\S+)|(\n)/g;

/** https://docs.slack.dev/messaging/formatting-message-text: code, bold, bare links, line breaks; `&amp;` is `&`. */
function mrkdwn(text: string): Html {
  const parts: Html[] = [];
  let at = 0;
  for (const match of text.matchAll(SPANS)) {
    const [whole, code, bold, link] = match;
    parts.push(html`${plainText(text.slice(at, match.index))}`);
    if (code) parts.push(html`<code>${plainText(code.slice(1, -1))}</code>`);
    else if (bold) parts.push(html`<b>${plainText(bold.slice(1, -1))}</b>`);
    else if (link) parts.push(html`<a>${plainText(link)}</a>`);
    else parts.push(html`<br>`);
    at = match.index + whole.length;
  }
  return html`${parts}${plainText(text.slice(at))}`;
}

const plainText = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

const STYLES = `
*{box-sizing:border-box;margin:0}
body{font:15px/1.45 Lato,"Noto Sans","DejaVu Sans",sans-serif;color:#1d1c1d;background:#fff}
main{width:760px;padding:0 0 12px}
header{padding:12px 20px;border-bottom:1px solid #ddd}
header i{float:right;color:#616061;font-size:13px}
article{padding:12px 20px 6px}
.who b{font-weight:800}
.app{margin:0 6px;padding:1px 4px;border-radius:2px;background:#e8e8e8;color:#616061;font-size:10px}
time{color:#616061;font-size:12px}
section{margin:4px 0;padding:2px 0 2px 12px;border-left:4px solid #ddd;overflow-wrap:anywhere}
h1{font-size:15px}
.dot{display:inline-block;width:15px;height:15px;border-radius:50%;vertical-align:-2px}
.good{border-radius:3px;background:#77b255;color:#fff;font-size:12px;line-height:15px;text-align:center}
h2{margin-top:6px;font-size:15px}
ul{padding-left:22px}
code{padding:1px 4px;border:1px solid #ddd;border-radius:3px;background:#f8f8f8;color:#c01343;font-size:12px;font-family:"DejaVu Sans Mono",monospace}
a{color:#1264a3}
.tags{margin-top:6px}
.tags span{margin-right:6px;padding:1px 6px;border-radius:3px;background:#f1f1f1;color:#616061;font-size:12px}
button{margin:4px 8px 0 0;padding:4px 12px;border:1px solid #bbb;border-radius:4px;background:#fff;font:inherit;font-weight:700;font-size:13px}`;

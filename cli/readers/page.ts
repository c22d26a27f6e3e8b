import { identifier } from '../../lib/text.ts';
import { formatUtc, plural } from '../../lib/time.ts';
import { renderDocument } from '../status/page/document.ts';
import { type Html, html, withDates } from '../status/page/html.ts';
import { lanesOf } from '../status/page/timeline.ts';
import { defangedNote } from '../status/wording.ts';
import { readersIn } from './readers.ts';
import { costsText } from './report.ts';
import type { Survey, Surveyed } from './survey.ts';
import type { Verdict } from './verdict.ts';
import {
  costLine,
  failedText,
  lastReadText,
  limitsOf,
  managedText,
  readerText,
  readsText,
  replicasText,
  verdictWord,
} from './wording.ts';

/** The look of each verdict, as the status page has it: of the badge, and of the row's edge. */
const LOOKS: Readonly<Record<Verdict['kind'], readonly [badge: string, tone: string]>> = {
  'in-use': ['in-use', 'critical'],
  failing: ['in-use', 'critical'],
  quiet: ['quiet', 'warning'],
  'not-read': ['never', 'calm'],
  'too-soon': ['too-soon', 'notice'],
  pending: ['too-soon', 'notice'],
  managed: ['too-soon', 'notice'],
};

/** Who reads the secrets, as one self-contained page. All times are UTC. */
export function renderReadersPage(survey: Survey): string {
  const { accountId, region, secrets, window, days, isOfAll } = survey;
  const main =
    secrets.length > 0
      ? table(survey)
      : html`<p class="empty">No secret in account ${accountId}, Region ${region}.</p>`;
  const note = defangedNote(main.markup);
  const limits = limitsOf(survey);
  return renderDocument({
    title: `Who reads ${isOfAll ? `the secrets of ${region}` : identifier(secrets[0]?.secret.name ?? '')}`,
    header: html`<p class="fine where">AWS account ${accountId} · Region ${region} · the last ${plural(days, 'day')}</p>
<h1>Who reads ${isOfAll ? 'the secrets' : 'the secret'}</h1>
${isOfAll && secrets.length > 0 ? html`<p class="fine">${costsText(survey)} The one that was read longest ago first.</p>` : undefined}`,
    main,
    footer: html`${
      limits.length > 0
        ? html`<p>What this cannot know:</p>
<ul>${limits.map((limit) => html`<li>${limit}</li>`)}</ul>`
        : undefined
    }
${note ? html`<p>${note}</p>` : undefined}
<p>As of <time datetime="${window.to.toISOString()}">${formatUtc(window.to)}</time>, by <code>npm run readers</code> of deleted-secret-notifier. All times are UTC.</p>`,
  });
}

function table(survey: Survey): Html {
  return html`<table role="table">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">Secret</th><th role="columnheader" scope="col">Last read</th><th role="columnheader" scope="col">Can it go?</th></tr></thead>
${survey.secrets.map((secret) => rows(secret, survey))}
</table>`;
}

function rows(secret: Surveyed, survey: Survey): Html {
  const { verdict } = secret;
  const [badge, tone] = LOOKS[verdict.kind];
  return html`<tbody role="rowgroup" class="secret ${tone}">
<tr role="row">
<th role="rowheader" scope="row"><span class="name">${identifier(secret.secret.name)}</span>${details(secret)}</th>
<td role="cell"><p class="fine">Last read</p><p class="left"><strong>${withDates(lastReadText(verdict.lastRead))}</strong></p><p class="fine">${withDates(readsText(secret, survey))}</p></td>
<td role="cell" class="verdict"><p class="badge ${badge}"><span class="mark"></span>${verdictWord(verdict)}</p><p class="fine">${withDates(verdict.text)}</p></td>
</tr>
<tr role="row"><td role="cell" colspan="3" class="more">${lanes(secret, survey)}${steps(secret)}
</td></tr>
</tbody>`;
}

function details(secret: Surveyed): Html {
  const rows = [
    ['Failed', failedText(secret)],
    ['Replicas', replicasText(secret)],
    ['Managed by', managedText(secret)],
    ['Costs', costLine(secret)],
  ].filter(([, text]) => text);
  return html`<dl>${rows.map(([term, text = '']) => html`<dt>${term}</dt><dd>${withDates(text)}</dd>`)}</dl>`;
}

function lanes(secret: Surveyed, { window, step }: Survey): Html | undefined {
  return lanesOf({
    callers: readersIn(secret.readers),
    nameOf: (caller) => readerText(caller, secret),
    unit: 'read',
    from: window.from,
    until: window.to,
    step,
    startText: formatUtc(window.from),
  });
}

function steps({ verdict }: Surveyed): Html | undefined {
  if (verdict.steps.length === 0) return undefined;
  return html`<details><summary>How to go on</summary>${verdict.steps.map(({ what, command }) => html`<p>${what}:</p><pre>${command}</pre>`)}</details>`;
}

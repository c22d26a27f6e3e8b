import { identifier } from '../../lib/text.ts';
import { formatUtc, plural } from '../../lib/time.ts';
import {
  type AccountStatus,
  accountsOf,
  countAnswered,
  moreTexts,
  regionsText,
} from './accounts.ts';
import { accountSections, table, unreadSection } from './page/accounts.ts';
import { renderDocument } from './page/document.ts';
import { type Html, html, withDates } from './page/html.ts';
import { isPartlyUnknown, type SecretStatus, type Status } from './status.ts';
import type { Verdict } from './verdict.ts';
import { defangedNote, goneIncidentsText, otherIncidentsText } from './wording.ts';

/** The status as one self-contained page. All times are UTC. */
export function renderPage(status: Status): string {
  const { secrets, accountId, region, time, survey } = status;
  const accounts = survey && accountsOf(status, survey);
  const where = survey
    ? `${plural(countAnswered(accounts ?? []), 'AWS account')} · ${regionsText(survey)}`
    : `AWS account ${accountId} · Region ${region}`;
  const listed = accounts ? accountSections(accounts, status) : table(secrets, status);
  const main = secrets.length > 0 ? listed : empty(status, accounts);
  const unread = unreadSection(accounts ?? []);
  return renderDocument({
    title: `Secrets scheduled for deletion, ${accounts ? 'all accounts' : region}`,
    header: html`<p class="fine where">${where}</p>
<h1>Secrets scheduled for deletion</h1>
${secrets.length > 0 ? tiles(secrets) : undefined}`,
    main: html`${main}${unread}`,
    footer: html`${footnotes(status, defangedNote(main.markup + (unread?.markup ?? '')))}
<p>As of <time datetime="${time.toISOString()}">${formatUtc(time)}</time>, by <code>npm run status</code> of deleted-secret-notifier. All times are UTC.</p>`,
  });
}

function empty(status: Status, accounts: readonly AccountStatus[] = []): Html {
  const { survey } = status;
  const where = survey
    ? `in ${plural(countAnswered(accounts), 'account')} that answered, ${regionsText(survey)}`
    : 'here';
  const isComplete = !survey?.unread.length && moreTexts(status).length === 0;
  const good = isComplete ? html`<strong>Nothing to lose.</strong>` : undefined;
  return html`<p class="empty">${good}No secret is scheduled for deletion ${where}.</p>`;
}

const TILES: readonly (readonly [Verdict['kind'], string])[] = [
  ['in-use', 'still in use'],
  ['quiet', 'quiet'],
  ['never', 'no attempts since'],
  ['too-soon', 'too soon to tell'],
];

function tiles(secrets: readonly SecretStatus[]): Html {
  const count = (kind: Verdict['kind']) => secrets.filter((s) => s.verdict.kind === kind).length;
  return html`<ul class="tiles">${TILES.map(
    ([kind, text]) =>
      html`<li class="${kind}"><strong>${count(kind)}</strong><p><span class="mark"></span>${text}</p></li>`,
  )}</ul>`;
}

function footnotes(status: Status, note: string | undefined): Html {
  const { secrets, drills } = status;
  const others = otherIncidentsText(status, identifier);
  const gone = goneIncidentsText(status, identifier);
  const isUnknown = secrets.some(isPartlyUnknown);
  return html`${moreTexts(status).map((text) => html`<p>${text}</p>`)}
${isUnknown ? html`<p>Hatched on a timeline: from before attempts were recorded. CloudTrail's event history may know of some: <code>npm run status -- ${status.survey ? '--all-accounts ' : ''}--backfill</code>.</p>` : undefined}
${secrets.length > 0 ? html`<p>A solid bar is certain; a hatched one is a range, because only the time of the request is known. All timelines of a secret have one scale: the taller a mark, the more attempts.</p>` : undefined}
${others ? html`<p>${others}</p>` : undefined}
${gone ? html`<p>${withDates(gone)}</p>` : undefined}
${drills > 0 ? html`<p>Left out: ${plural(drills, 'secret')} of drills.</p>` : undefined}
${note ? html`<p>${note}</p>` : undefined}`;
}

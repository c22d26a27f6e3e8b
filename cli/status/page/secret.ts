import { elsewhereOf } from '../../../lib/deletion/describe.ts';
import { MAX_WINDOW_DAYS } from '../../../lib/deletion/schedule.ts';
import { restoreCommand } from '../../../lib/notice/commands.ts';
import { scheduleLine } from '../../../lib/notice/deletion-text.ts';
import { defang, oneLine } from '../../../lib/text.ts';
import { formatShortSpan, formatUtc, plural } from '../../../lib/time.ts';
import { isPartlyUnknown, type SecretStatus, type Status } from '../status.ts';
import { countOf, lastOf } from '../tally.ts';
import { toneOf, verdictText } from '../verdict.ts';
import {
  clashTexts,
  daysLeft,
  incidentText,
  lastUsedText,
  leftText,
  muteTexts,
  nameText,
  nextText,
  ownerText,
  scheduledText,
} from '../wording.ts';
import { type Html, html, withDates } from './html.ts';
import { timeline } from './timeline.ts';

/** The rows of a secret in the page's table. The roles are explicit because its CSS layout is not a table's. */
export function secretRows(secret: SecretStatus, status: Status): Html {
  const { arn, name } = secret.secret;
  const { partition, region } = secret.id;
  const elsewhere = elsewhereOf(secret.id, status);
  return html`<tbody role="rowgroup" class="secret ${toneOf(secret, status.time)}">
<tr role="row">
<th role="rowheader" scope="row"><span class="name">${nameText(secret)}</span>${details(secret)}</th>
<td role="cell" class="countdown">${countdown(secret, status.time)}</td>
<td role="cell" class="verdict">${verdict(secret, status)}</td>
</tr>
<tr role="row"><td role="cell" colspan="3" class="more">${incident(secret, status.time)}${timeline(secret, status)}
<details><summary>Still needed? Restore it</summary><pre>${restoreCommand({ id: arn, name, region, partition, elsewhere })}</pre></details>
</td></tr>
</tbody>`;
}

function details(secret: SecretStatus): Html | undefined {
  const { owningService } = secret.secret;
  return rowsOf([
    ['Owner', ownerText(secret)],
    ['Scheduled', scheduledText(secret)],
    ['Last used', lastUsedText(secret)],
    ['Managed by', defang(oneLine(owningService ?? ''))],
  ]);
}

function incident(secret: SecretStatus, now: Date): Html | undefined {
  return rowsOf([
    ['Incident', incidentText(secret)],
    ...clashTexts(secret).map((text) => ['Blocks', text] as const),
    ...muteTexts(secret).map((text) => ['Muted', text] as const),
    ['Next', nextText(secret, now)],
  ]);
}

function rowsOf(rows: readonly (readonly [term: string, text: string])[]): Html | undefined {
  const known = rows.filter(([, text]) => text);
  if (known.length === 0) return undefined;
  return html`<dl>${known.map(([term, text]) => html`<dt>${term}</dt><dd>${withDates(text)}</dd>`)}</dl>`;
}

function verdict(secret: SecretStatus, status: Status): Html {
  const { verdict, attempts } = secret;
  const last = lastOf(attempts);
  const ago = last && formatShortSpan(status.time.getTime() - last.getTime());
  return html`<p class="badge ${verdict.kind}"><span class="mark"></span>${verdictText(verdict)}</p>
${last ? html`<p class="fine">${plural(countOf(attempts.values()), 'attempt')}, the last ${ago} ago</p>` : undefined}
${isPartlyUnknown(secret) ? html`<p class="fine">${withDates(`Before ${formatUtc(secret.knownSince)}: unknown.`)}</p>` : undefined}`;
}

/**
 * The time left, as text and as a bar. All bars have the same scale, 30 days, the longest recovery window: up to the
 * near end of a range a bar is solid, and from there to the far end hatched. The severity is shown only where somebody may
 * still need the secret.
 */
function countdown(secret: SecretStatus, now: Date): Html {
  const { least, most } = daysLeft(secret.schedule, now);
  const tone = toneOf(secret, now);
  const isLoud = tone === 'warning' || tone === 'critical';
  const mark = isLoud ? html` <span class="severity">${tone}</span>` : undefined;
  return html`<p class="left"><strong>${leftText(secret, now)}</strong>${mark}</p>
<div class="bar" aria-hidden="true"><span class="sure" style="width:${percent(least)}"></span><span class="unsure" style="width:${percent(most - least)}"></span></div>
<p class="scale fine" aria-hidden="true">${SCALE.map((days) => html`<span style="left:${percent(days)}">${days === MAX_WINDOW_DAYS ? plural(days, 'day') : days}</span>`)}</p>
<p class="fine">${withDates(scheduleLine(secret.schedule))}</p>`;
}

/** The days that are marked on the scale. */
const SCALE = [0, 1, 2, 3].map((part) => (part * MAX_WINDOW_DAYS) / 3);

const percent = (days: number) => `${Math.min(100, (days * 100) / MAX_WINDOW_DAYS).toFixed(2)}%`;

import { MAX_WINDOW_DAYS } from '../../../lib/deletion/schedule.ts';
import { scheduleLine } from '../../../lib/notice/deletion-text.ts';
import { plural } from '../../../lib/time.ts';
import type { SecretStatus } from '../status.ts';
import { toneOf } from '../verdict.ts';
import { daysLeft, leftText } from '../wording.ts';
import { type Html, html, withDates } from './html.ts';

/**
 * The time left, as text and as a bar. All bars have the same scale, 30 days, the longest recovery window: up to the
 * near end of a range a bar is solid, and from there to the far end hatched. A word beside it only where somebody may
 * still need the secret.
 */
export function countdown(secret: SecretStatus, now: Date): Html {
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

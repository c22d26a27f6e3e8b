import { MAX_WINDOW_DAYS, severityOf } from '../../schedule.ts';
import type { SecretStatus } from '../status.ts';
import { daysLeft, deletionText, leftText } from '../wording.ts';
import { type Html, html, withDates } from './html.ts';

/**
 * The time left, as text and as a bar. All bars have the same scale, 30 days, the longest recovery window: up to the
 * near end of a range a bar is solid, and from there to the far end hatched.
 */
export function countdown(secret: SecretStatus, now: Date): Html {
  const { least, most } = daysLeft(secret.schedule, now);
  const severity = severityOf(secret.schedule, now);
  const mark = severity === 'notice' ? undefined : html` <span class="severity">${severity}</span>`;
  return html`<p class="left"><strong>${leftText(secret, now)}</strong>${mark}</p>
<div class="bar" aria-hidden="true"><span class="sure" style="width:${percent(least)}"></span><span class="unsure" style="width:${percent(most - least)}"></span></div>
<p class="fine">${withDates(deletionText(secret.schedule))}</p>`;
}

const percent = (days: number) => `${Math.min(100, (days * 100) / MAX_WINDOW_DAYS).toFixed(2)}%`;

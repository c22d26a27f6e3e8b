import type { DeletionSchedule } from '../../lib/deletion/schedule.ts';
import { changeLine, lastUsedLine, timeLeft } from '../../lib/notice/deletion-text.ts';
import { tagsText } from '../../lib/notice/notice.ts';
import { defang, identifier, joinParagraphs, oneLine } from '../../lib/text.ts';
import { DAY_MS, formatUtc, plural } from '../../lib/time.ts';
import type { SecretStatus } from './status.ts';
import { type CallerTally, countOf, lastOf } from './tally.ts';

/** Days left, least and most, as fractions; 0 if the time is up. The least of an unknown date is 0. */
export function daysLeft(schedule: DeletionSchedule, now: Date): { least: number; most: number } {
  const days = (date: Date) => Math.max(0, (date.getTime() - now.getTime()) / DAY_MS);
  switch (schedule.kind) {
    case 'exact':
      return { least: days(schedule.date), most: days(schedule.date) };
    case 'estimated':
      return { least: days(schedule.earliest), most: days(schedule.latest) };
    case 'unknown':
      return { least: 0, most: days(schedule.latest) };
  }
}

/** The name as it can be copied: a browser makes no link of text. */
export const nameText = ({ secret }: SecretStatus): string => identifier(secret.name);

/**
 * What terminals make a link of besides a scheme, which no name can have: `www.`, `ftp.` and addresses (GNOME Terminal,
 * Konsole). Any other host, as in many names of secrets, they leave alone.
 */
const LINKED = /@|(?<![a-z\d])(?:www|ftp)\d*\./i;

/** As {@link nameText}, {@link defang}ed only where a terminal would make a link of it. */
export function terminalNameText(secret: SecretStatus): string {
  const name = nameText(secret);
  return LINKED.test(name) ? defang(name) : name;
}

/** What is to be said of a text in which something is {@link defang}ed; `undefined` if nothing is. */
export const defangedNote = (text: string): string | undefined =>
  joinParagraphs([text]).slice(text.length).trim() || undefined;

export const leftText = ({ schedule }: SecretStatus, now: Date): string => timeLeft(schedule, now);

/** `by user alice, account 1111…, from …, on …, with a window of 7 days`. */
export function scheduledText({ deletion }: SecretStatus): string {
  return defang(oneLine(changeLine(deletion) ?? 'not known by whom', 600));
}

export const lastUsedText = ({ secret }: SecretStatus): string => lastUsedLine(secret);

export function ownerText({ owners }: SecretStatus): string {
  return defang(tagsText(owners));
}

/** `499 attempts, the last on 2026-11-22 17:13 UTC`. */
export function attemptsText({ attempts }: SecretStatus): string {
  const last = lastOf(attempts);
  if (!last) return 'no attempts';
  return `${plural(countOf(attempts.values()), 'attempt')}, the last on ${formatUtc(last)}`;
}

/** `role app-server`; of another account `role app-server of account 444455556666`. */
export function callerText({ callerKey, callerName }: CallerTally, accountId: string): string {
  const [, account] = /^(?:arn:(?:[^:]*:){3})?(\d{12})(?!\d)/.exec(callerKey) ?? [];
  const isNamed = !account || account === accountId || callerName.includes(account);
  return defang(oneLine(isNamed ? callerName : `${callerName} of account ${account}`, 200));
}

/** The callers that have no line of their own: `3 more callers, 6 attempts`; `undefined` if there are none. */
export function othersText(callers: readonly CallerTally[]): string | undefined {
  if (callers.length === 0) return undefined;
  return `${plural(callers.length, 'more caller')}, ${plural(countOf(callers), 'attempt')}`;
}

import { nameBeside } from '../../lib/cloudtrail/caller.ts';
import type { SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { toolOf } from '../../lib/cloudtrail/tool.ts';
import { lastTriedAt } from '../../lib/deletion/clashes.ts';
import type { DeletionSchedule } from '../../lib/deletion/schedule.ts';
import { adoptionBy } from '../../lib/notice/adopt-text.ts';
import { changeLine, lastUsedLine, timeLeft } from '../../lib/notice/deletion-text.ts';
import { tagsText } from '../../lib/notice/tags.ts';
import { defang, identifier, joinParagraphs, oneLine } from '../../lib/text.ts';
import { DAY_MS, formatUtc, plural } from '../../lib/time.ts';
import type { SecretStatus, Status } from './status.ts';
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
export const terminalNameText = ({ secret }: SecretStatus): string => terminalName(secret.name);

/** A secret's name for a terminal: as it can be copied, unless that would make a link of it. */
export function terminalName(name: string): string {
  const text = identifier(name);
  return LINKED.test(text) ? defang(text) : text;
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

/** `opened 2026-11-20 01:06 UTC, 9 notices, 3 alerts`; empty where there is no open one. */
export function incidentText({ incident }: SecretStatus): string {
  if (!incident?.opened) return '';
  const { at, notices, alerts } = incident.opened;
  return `opened ${formatUtc(at)}, ${plural(notices, 'notice')}, ${plural(alerts, 'alert')}`;
}

/** `by alice until 2026-11-29 14:03 UTC: we know (480 attempts)`, each of them. */
export function muteTexts({ incident }: SecretStatus): string[] {
  return (incident?.mutes ?? []).map((mute) => {
    const { caller, by, until, reason, attempts } = mute;
    const whom = caller === undefined ? '' : `${caller} `;
    const end = until ? formatUtc(until) : 'the end of the deletion';
    const text = `${whom}by ${by} until ${end}: ${reason}`;
    return `${defang(oneLine(text, 1200))} (${plural(attempts, 'attempt')})`;
  });
}

/** `digest on … if there is news; last call on …, 2 days before the end`; empty if nothing is to come. */
export function nextText({ incident }: SecretStatus, now: Date): string {
  const { digestFrom, lastCall } = incident?.opened ?? {};
  const digest =
    digestFrom &&
    (digestFrom > now ? `on ${formatUtc(digestFrom)} if there is news` : 'with the next news');
  const call =
    lastCall &&
    (lastCall.at > now
      ? `on ${formatUtc(lastCall.at)}, ${plural(lastCall.daysBefore, 'day')} before the end`
      : 'within minutes');
  return [...(digest ? [`digest ${digest}`] : []), ...(call ? [`last call ${call}`] : [])].join(
    '; ',
  );
}

/** How many of the {@link Status.otherIncidents} are named. */
const MAX_OTHERS = 5;
/** How many of those who could not create a secret of a name are named. */
const MAX_CLASHES = 3;

/**
 * `2 incidents of secrets that AWS does not list as pending here: a, b (account …, Region …).`; `undefined` if there are
 * none.
 */
export function otherIncidentsText(
  { otherIncidents: others, accountId, region, survey }: Status,
  nameOf: (name: string) => string,
): string | undefined {
  if (others.length === 0) return undefined;
  const names = others
    .slice(0, MAX_OTHERS)
    .map(({ secret }) => placedName(secret, { accountId, region }, nameOf));
  const more = others.length - names.length;
  const where = survey ? ', or that are where nobody could look' : ' here';
  const what = `${plural(others.length, 'incident')} of secrets that AWS does not list as pending${where}`;
  return `${what}: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

/** The name of a secret, and where it is, if not here. */
function placedName(
  { name = '?', accountId, region }: SecretId,
  here: Pick<Status, 'accountId' | 'region'>,
  nameOf: (name: string) => string,
): string {
  if (accountId === here.accountId && region === here.region) return nameOf(name);
  const place = `account ${accountId ?? 'unknown'}, Region ${region ?? 'unknown'}`;
  return `${nameOf(name)} (${defang(oneLine(place))})`;
}

/** `Gone, and still read: a (last on 2026-11-22 17:13 UTC).`; `undefined` if none is. */
export function goneIncidentsText(
  { goneIncidents: gone, ...here }: Status,
  nameOf: (name: string) => string,
): string | undefined {
  if (gone.length === 0) return undefined;
  const names = gone.slice(0, MAX_OTHERS).map(({ secret, newsAt }) => {
    const last = newsAt ? `, last on ${formatUtc(newsAt)}` : '';
    return `${placedName(secret, here, nameOf)}${last}`;
  });
  const more = gone.length - names.length;
  return `Gone, and still read: ${names.join('; ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

/** `role deployer, with Terraform or OpenTofu, last on 2026-11-22 17:13 UTC`, each who could not create a secret of the name. */
export function clashTexts({ clashes, id }: SecretStatus): string[] {
  const texts = clashes.slice(0, MAX_CLASHES).map((clash) => {
    const tool = toolOf(clash.userAgent, clash.sourceAddress);
    const last = lastTriedAt(clash);
    const parts = [
      nameBeside(id.accountId, clash.caller),
      tool !== 'other' && `with ${adoptionBy(tool).tool}`,
      last && `last on ${formatUtc(last)}`,
    ];
    return defang(oneLine(parts.filter(Boolean).join(', '), 300));
  });
  const more = clashes.length - texts.length;
  return more > 0 ? [...texts, `and ${more} more`] : texts;
}

/** `role app-server`; of another account than the secret's `role app-server of account 444455556666`. */
export function callerText(
  { callerKey, callerName }: CallerTally,
  { id }: { readonly id: Pick<SecretId, 'accountId'> },
): string {
  const [, account] = /^(?:arn:(?:[^:]*:){3})?(\d{12})(?!\d)/.exec(callerKey) ?? [];
  const isNamed = !account || account === id.accountId || callerName.includes(account);
  return defang(oneLine(isNamed ? callerName : `${callerName} of account ${account}`, 200));
}

/** The callers that have no line of their own: `3 more callers, 6 attempts`; `undefined` if there are none. */
export function othersText(callers: readonly CallerTally[], unit: string): string | undefined {
  if (callers.length === 0) return undefined;
  return `${plural(callers.length, 'more caller')}, ${plural(countOf(callers), unit)}`;
}

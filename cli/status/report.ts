import { toolOf } from '../../lib/cloudtrail/tool.ts';
import { lastTriedAt } from '../../lib/deletion/clashes.ts';
import { lastUsedDay, scheduleLine, timeLeft } from '../../lib/notice/deletion-text.ts';
import { DATE, oneLine } from '../../lib/text.ts';
import { DAY_MS, formatUtc, plural } from '../../lib/time.ts';
import { coloured } from '../print.ts';
import { renderTable } from '../table.ts';
import {
  type AccountStatus,
  accountName,
  accountsOf,
  countAnswered,
  moreTexts,
  regionsOf,
  regionsText,
  secretsOf,
  unreadTexts,
} from './accounts.ts';
import type { SecretIncident } from './incident.ts';
import { isPartlyUnknown, type SecretStatus, type Status } from './status.ts';
import { callersOf, countOf, lastOf } from './tally.ts';
import { toneOf, verdictText } from './verdict.ts';
import {
  attemptsText,
  callerText,
  clashTexts,
  daysLeft,
  defangedNote,
  goneIncidentsText,
  incidentText,
  lastUsedText,
  muteTexts,
  nextText,
  otherIncidentsText,
  othersText,
  ownerText,
  scheduledText,
  terminalName,
  terminalNameText,
} from './wording.ts';

/** How many callers of a secret get a line of their own. */
const MAX_CALLERS = 5;

const TONE_COLOURS = {
  calm: 'green',
  notice: 'reset',
  warning: 'yellow',
  critical: 'red',
} as const;
const VERDICT_COLOURS = {
  'in-use': 'red',
  quiet: 'yellow',
  never: 'green',
  'too-soon': 'blue',
} as const;

/** Before the details of a secret. */
const GAP = '  ';
const LABEL_WIDTH = 'Scheduled:  '.length;

/**
 * The status for a terminal of `width` columns: a line for each secret and, unless `isShort`, its details below. Names are
 * never broken, and end their lines, so that they can be copied.
 */
export function statusText(status: Status, width: number, isShort = false): string {
  const { secrets, survey } = status;
  const accounts = survey && accountsOf(status, survey);
  const where = whereText(status, accounts);
  const title =
    secrets.length === 0
      ? `No secret is scheduled for deletion ${where}.`
      : `${plural(secrets.length, 'secret')} scheduled for deletion ${where}:`;
  const fit = (line: string, indent = '') => wrapped(line, '', indent, width).join('\n');
  const blocks = blocksOf(status, accounts, width, isShort);
  const unread = [...unreadTexts(accounts ?? [])].map(([reason, lines]) =>
    [fit(`Not read, because ${reason}:`), ...lines.map((line) => fit(GAP + line, GAP + GAP))].join(
      '\n',
    ),
  );
  const others = [...blocks, ...unread];
  return [fit(title), ...others, ...footnotes(status, others).map((line) => fit(line))].join(
    '\n\n',
  );
}

function whereText(status: Status, accounts?: AccountStatus[]): string {
  const { secrets, accountId, region, survey } = status;
  if (!accounts || !survey) return `in account ${accountId}, Region ${region}`;
  const answered = `${plural(countAnswered(accounts), 'account')} that answered, ${regionsText(survey)}`;
  if (secrets.length === 0) return `in ${answered}`;
  return `in ${accounts.filter((account) => secretsOf(account).length > 0).length} of ${answered}`;
}

/** The secrets, of several accounts under a heading for each account and Region. */
function blocksOf(
  status: Status,
  accounts: AccountStatus[] | undefined,
  width: number,
  isShort: boolean,
): string[] {
  const { secrets, time } = status;
  if (secrets.length === 0) return [];
  const titles = ['TIME LEFT', 'VERDICT', 'SECRET'].map((title) => coloured('bold', title));
  const rows = secrets.map((secret) => cells(secret, time));
  const [head = '', ...lines] = renderTable([titles, ...rows], Infinity).split('\n');
  const lineOf = new Map(secrets.map((secret, i) => [secret, lines[i] ?? '']));
  const blocks = (some: readonly SecretStatus[]) => {
    const each = some.map((secret) =>
      [lineOf.get(secret), ...(isShort ? [] : details(secret, status, width))].join('\n'),
    );
    return isShort ? [each.join('\n')] : each;
  };
  if (!accounts) return headed(head, blocks(secrets));
  const ofRegions = accounts.flatMap((account) =>
    account.regions.map(({ region, secrets: some }) =>
      some.length > 0 ? headed(coloured('bold', headingOf(account, region)), blocks(some)) : [],
    ),
  );
  return [head, ...ofRegions.flat()];
}

const headed = (heading: string, [first, ...others]: readonly string[]) => [
  `${heading}\n${first}`,
  ...others,
];

/** The name at the end, where it can pass for nothing else. */
function headingOf(account: AccountStatus, region: string): string {
  const name = accountName(account);
  return `Account ${account.id}, Region ${region}${name ? ` (${name})` : ''}`;
}

function cells(secret: SecretStatus, now: Date): string[] {
  const { verdict, schedule } = secret;
  const left = timeLeft(schedule, now).replace(/ left$/, '');
  return [
    coloured(TONE_COLOURS[toneOf(secret, now)], left),
    coloured(VERDICT_COLOURS[verdict.kind], verdictText(verdict)),
    coloured('bold', terminalNameText(secret)),
  ];
}

function details(secret: SecretStatus, status: Status, width: number): string[] {
  const callers = callersOf(secret.attempts);
  const others = othersText(callers.slice(MAX_CALLERS), 'attempt');
  const rows: (readonly [label: string, text: string])[] = [
    ['Deletion:', scheduleLine(secret.schedule)],
    ['Scheduled:', scheduledText(secret)],
    ['Last used:', lastUsedText(secret)],
    ['Owner:', ownerText(secret)],
    ['Since:', attemptsText(secret)],
    ...callers.slice(0, MAX_CALLERS).map((caller) => {
      const name = callerText(caller, secret);
      return ['', `${caller.count} x ${name}, last on ${formatUtc(caller.last)}`] as const;
    }),
    ['', others ? `and ${others}` : ''],
    ['', isPartlyUnknown(secret) ? `before ${formatUtc(secret.knownSince)}: unknown` : ''],
    ['Incident:', incidentText(secret)],
    ...clashTexts(secret).map((text, i) => [i === 0 ? 'Blocks:' : '', text] as const),
    ...muteTexts(secret).map((text) => ['Muted:', text] as const),
    ['Next:', nextText(secret, status.time)],
  ];
  const indent = GAP + ' '.repeat(LABEL_WIDTH);
  return rows
    .filter(([, text]) => text)
    .flatMap(([label, text]) => wrapped(text, GAP + label.padEnd(LABEL_WIDTH), indent, width));
}

/** Breaks a text at its spaces into lines of `width` characters; a longer word and a time stay whole. */
export function wrapped(text: string, first: string, indent: string, width: number): string[] {
  const words = text.replace(DATE, (date) => date.replaceAll(' ', '\u00a0')).split(' ');
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of words) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].map((whole) => whole.replaceAll('\u00a0', ' '));
}

function footnotes(status: Status, blocks: readonly string[]): string[] {
  const { secrets, drills } = status;
  const others = otherIncidentsText(status, terminalName);
  const gone = goneIncidentsText(status, terminalName);
  const note = defangedNote([...blocks, others ?? '', gone ?? ''].join('\n'));
  const isUnknown = secrets.some(isPartlyUnknown);
  return [
    ...moreTexts(status),
    ...(isUnknown ? ["What is unknown may be in CloudTrail's event history: add --backfill."] : []),
    ...(others ? [others] : []),
    ...(gone ? [gone] : []),
    ...(drills > 0 ? [`Left out: ${plural(drills, 'secret')} of drills.`] : []),
    ...(note ? [note] : []),
  ];
}

/**
 * The status as plain data for machines: times in ISO 8601, spans in days, rounded down as everywhere. Of several accounts it
 * has the secrets by account and Region.
 */
export function statusJson(status: Status) {
  const { time, accountId, region, knownSince, drills, secrets, survey } = status;
  return {
    time,
    accountId,
    region,
    attemptsKnownSince: knownSince,
    drillsLeftOut: drills,
    secrets: survey ? undefined : secrets.map((secret) => secretJson(secret, time)),
    areAllAccounts: survey?.areAllAccounts,
    regions: survey && regionsOf(survey),
    areAllRegions: survey?.areAllRegions,
    accounts: survey && accountsOf(status, survey).map((account) => accountJson(account, time)),
    otherIncidents: status.otherIncidents.map(({ secret, openedAt }) => ({
      secret: secret.name,
      accountId: secret.accountId,
      region: secret.region,
      openedAt,
    })),
    goneIncidents: status.goneIncidents.map(({ secret, endedAt, newsAt }) => ({
      secret: secret.name,
      accountId: secret.accountId,
      region: secret.region,
      endedAt,
      lastReadAt: newsAt,
    })),
  };
}

function accountJson({ id, name, regions, unread }: AccountStatus, now: Date) {
  return {
    accountId: id,
    name,
    regions: regions.map(({ region, secrets }) => ({
      region,
      attemptsKnownSince: secrets[0]?.knownSince,
      secrets: secrets.map((secret) => secretJson(secret, now)),
    })),
    notRead: [...unread].map(([reason, of]) => ({ reason, regions: of })),
  };
}

function secretJson(status: SecretStatus, now: Date) {
  const { secret, schedule, deletion, owners, attempts, verdict, incident, clashes } = status;
  const { least, most } = daysLeft(schedule, now);
  return {
    name: secret.name,
    arn: secret.arn,
    deletion: schedule,
    daysLeft: { least: rounded(least), most: rounded(most) },
    scheduled: deletion && {
      by: oneLine(deletion.requestedBy.key, 2048),
      from: deletion.sourceAddress,
      at: deletion.requestedAt,
      windowDays: deletion.windowDays,
    },
    lastAccessedDate: lastUsedDay(secret),
    owner: owners[0]?.value,
    managedBy: secret.owningService,
    attempts: {
      count: countOf(attempts.values()),
      last: lastOf(attempts),
      callers: [...attempts].map(([key, { callerName, count, first, last }]) => ({
        caller: key,
        name: callerName,
        count,
        first,
        last,
      })),
      isComplete: !isPartlyUnknown(status),
    },
    verdict,
    incident: incident && incidentJson(incident),
    blocks: clashes.map((clash) => ({
      caller: oneLine(clash.caller.key, 2048),
      name: clash.caller.name,
      tool: toolOf(clash.userAgent, clash.sourceAddress),
      last: lastTriedAt(clash),
    })),
  };
}

function incidentJson({ opened, mutes }: SecretIncident) {
  return {
    openedAt: opened?.at,
    notices: opened?.notices,
    alerts: opened?.alerts,
    nextDigestFrom: opened?.digestFrom,
    nextLastCallAt: opened?.lastCall?.at,
    mutes: mutes.map(({ id: _, endedAt: __, ...mute }) => mute),
  };
}

/** To hundredths, by whole ms: a day is no exact fraction of them. */
const rounded = (days: number) => Math.floor((Math.round(days * DAY_MS) * 100) / DAY_MS) / 100;

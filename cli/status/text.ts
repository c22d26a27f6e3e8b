import { styleText } from 'node:util';
import { type Severity, severityOf, timeLeftShort } from '../../lib/schedule.ts';
import { isPartlyUnknown, type SecretStatus, type Status } from '../../lib/status/status.ts';
import { callersOf } from '../../lib/status/tally.ts';
import { type Verdict, verdictText } from '../../lib/status/verdict.ts';
import {
  attemptsText,
  deletionText,
  lastUsedText,
  nameText,
  ownerText,
  scheduledText,
} from '../../lib/status/wording.ts';
import { defang, oneLine } from '../../lib/text.ts';
import { formatUtc, plural } from '../../lib/time.ts';
import { renderTable } from '../table.ts';

/** How many callers of a secret get a line of their own. */
const MAX_CALLERS = 5;

const SEVERITY_COLOURS = { notice: 'reset', warning: 'yellow', critical: 'red' } as const;
const VERDICT_COLOURS = { 'in-use': 'red', quiet: 'yellow', never: 'green' } as const;

/** The status as a table for a terminal, 80 columns wide. */
export function statusText(status: Status): string {
  const { secrets, accountId, region } = status;
  const where = `in account ${accountId}, Region ${region}`;
  const title =
    secrets.length === 0
      ? `No secret is scheduled for deletion ${where}.`
      : `${plural(secrets.length, 'secret')} scheduled for deletion ${where}:`;
  return [title, ...tableOf(status), ...footnotes(status)].join('\n\n');
}

function tableOf(status: Status): string[] {
  const { secrets, time } = status;
  if (secrets.length === 0) return [];
  const head = ['TIME LEFT', 'VERDICT', 'SECRET'].map((title) => styleText('bold', title));
  const rows = secrets.flatMap((secret) => {
    const severity: Severity = severityOf(secret.schedule, time);
    const left = timeLeftShort(secret.schedule, time).replace(/ left$/, '');
    const first = [
      styleText(SEVERITY_COLOURS[severity], left),
      verdictCell(secret.verdict),
      styleText('bold', nameText(secret)),
    ];
    return [first, ...details(secret, status).map((line) => ['', '', line]), ['', '', '']];
  });
  return [renderTable([head, ...rows])];
}

function verdictCell(verdict: Verdict): string {
  return styleText(VERDICT_COLOURS[verdict.kind], verdictText(verdict));
}

function details(secret: SecretStatus, status: Status): string[] {
  const callers = callersOf(secret.attempts);
  const others = callers.slice(MAX_CALLERS);
  const othersCount = others.reduce((sum, { count }) => sum + count, 0);
  return [
    `Deletion: ${deletionText(secret.schedule)}`,
    `Scheduled: ${scheduledText(secret)}`,
    `Last used: ${lastUsedText(secret)}`,
    ...(secret.owners.length > 0 ? [`Owner: ${ownerText(secret)}`] : []),
    `Since: ${attemptsText(secret)}`,
    ...callers
      .slice(0, MAX_CALLERS)
      .map(
        ({ callerName, count, last }) =>
          `- ${count} x ${defang(oneLine(callerName, 160))}, last on ${formatUtc(last)}`,
      ),
    ...(others.length > 0 ? [`- ${othersCount} x ${plural(others.length, 'other caller')}`] : []),
    ...(isPartlyUnknown(secret, status) ? [`Before ${formatUtc(status.knownSince)}: unknown`] : []),
  ];
}

function footnotes(status: Status): string[] {
  const { secrets, drills } = status;
  const isUnknown = secrets.some((secret) => isPartlyUnknown(secret, status));
  return [
    ...(isUnknown
      ? ['What is unknown is perhaps in the event history of CloudTrail: add --backfill.']
      : []),
    ...(drills > 0 ? [`Left out: ${plural(drills, 'secret')} of drills.`] : []),
  ];
}

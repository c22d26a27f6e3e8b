import type { Attempt } from '../attempt.ts';
import type { Action } from '../auto-cancel.ts';
import type { Deletion } from '../deletion.ts';
import { timeLeft } from '../schedule.ts';
import type { Situation } from '../situation.ts';
import { identifier, oneLine, wrap } from '../text.ts';
import { formatUtc, plural } from '../time.ts';
import type { MessageFacts } from './facts.ts';
import type { Hint } from './hints.ts';

/** What is known, a field each; the values of a record are indented behind their label. */
export function renderFields({
  attempt,
  situation,
  action,
  secret,
  target,
  owners,
  replacements,
  now,
}: MessageFacts): string {
  const owner = attempt.secret.accountId;
  const caller = attempt.caller.accountId;
  const deletion = situation.state === 'restored' ? undefined : situation.deletion;
  const rows: [string, string | undefined][] = [
    ['Secret', target.name ? identifier(target.name) : 'not named in the record'],
    [
      'Account',
      owner && caller && caller !== owner ? `${owner}, the caller's is ${caller}` : owner,
    ],
    ['Region', target.region],
    ['Deletion', deletionLine(situation, action, now)],
    ['Scheduled', deletion && scheduledLine(deletion)],
    ['Asked by', attempt.caller.description],
    ['From', fromLine(attempt)],
    ['With', attempt.userAgent && oneLine(attempt.userAgent, 120)],
    ['At', formatUtc(attempt.time)],
    ['Owner', hintLine(owners)],
    ['Replaced by', hintLine(replacements)],
    ['Managed by', secret?.owningService && `${secret.owningService}, which may refuse a restore`],
  ];
  return rows
    .filter((row): row is [string, string] => Boolean(row[1]))
    .map(([label, value]) => wrap(oneLine(value, 600), `${label}:`.padEnd(13)))
    .join('\n');
}

function deletionLine(situation: Situation, action: Action, now: Date): string {
  if (action.kind === 'restored') return 'cancelled by this notifier';
  if (situation.state === 'restored') return 'not scheduled any more';
  if (situation.state === 'gone') {
    return situation.deletion?.forced
      ? 'done, without a recovery window'
      : 'done, as far as AWS tells';
  }
  const { schedule } = situation;
  const left = timeLeft(schedule, now);
  switch (schedule.kind) {
    case 'exact':
      return `${formatUtc(schedule.date)}, ${left} (exact)`;
    case 'estimated':
      return `between ${formatUtc(schedule.earliest)} and ${formatUtc(schedule.latest)}, ${left} (a range). ${schedule.reason}`;
    case 'unknown':
      return `date unknown, at the latest ${formatUtc(schedule.latest)}. ${schedule.reason}`;
  }
}

function scheduledLine({
  requestedAt,
  requestedBy,
  sourceAddress,
  windowDays,
  forced,
}: Deletion): string {
  const window = forced
    ? 'without a recovery window'
    : `with a window of ${plural(windowDays, 'day')}`;
  const from = sourceAddress ? `, from ${sourceAddress}` : '';
  return `by ${requestedBy.description}${from}, on ${formatUtc(requestedAt)}, ${window}`;
}

function fromLine({ sourceAddress, vpcEndpointId, invokedBy }: Attempt): string {
  const parts = [
    sourceAddress,
    vpcEndpointId && `VPC endpoint ${vpcEndpointId}`,
    invokedBy && invokedBy !== sourceAddress && `invoked by ${invokedBy}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function hintLine(hints: readonly Hint[]): string {
  return hints.map(({ key, value }) => `${value} (tag ${key})`).join(', ');
}

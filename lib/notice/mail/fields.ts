import type { Attempt } from '../../attempt/attempt.ts';
import type { Action } from '../../deletion/auto-cancel.ts';
import type { Change, Deletion } from '../../deletion/change.ts';
import { scheduleLine } from '../../deletion/schedule.ts';
import type { Situation } from '../../deletion/situation.ts';
import { asciiLine, cut, cutMiddle } from '../../text.ts';
import { formatUtc, formatUtcSeconds, plural } from '../../time.ts';
import type { MessageFacts } from './facts.ts';
import { hintRow, renderRows, secretRow } from './rows.ts';

/** What is known, a field each; the values of a record are indented behind their label. */
export function renderFields(facts: MessageFacts): string {
  const { attempt, situation, action, secret, target, owners, replacements, now } = facts;
  const { secret: asked, caller } = attempt;
  const isForeign = caller.accountId && asked.accountId && caller.accountId !== asked.accountId;
  return renderRows([
    secretRow(target.name),
    [
      'Account',
      isForeign ? `${asked.accountId}, the caller's is ${caller.accountId}` : asked.accountId,
    ],
    ['Region', target.region],
    ['Deletion', deletionLine(situation, action, now)],
    ['Scheduled', situation.state === 'restored' ? undefined : changeLine(situation.deletion)],
    ['Restored', situation.state === 'restored' ? changeLine(situation.cancellation) : undefined],
    ['Asked by', caller.description],
    // What patterns of the setting ignoredCallers are matched with.
    ['Caller ARN', caller.key.startsWith('arn:') ? asciiLine(caller.key, 600) : undefined],
    ['From', asciiLine(fromLine(attempt))],
    ['With', attempt.userAgent && userAgentLine(attempt.userAgent)],
    ['At', formatUtcSeconds(attempt.time)],
    ['Event', asciiLine(attempt.eventId ?? attempt.id, 128)],
    hintRow('Owner', owners),
    hintRow('Replaced by', replacements),
    ['Managed by', secret?.owningService && `${secret.owningService}, which may refuse a restore`],
  ]);
}

/**
 * A user agent, or its beginning and what tells most of where it runs: `exec-env/AWS_Lambda_…` stands near the end.
 */
function userAgentLine(userAgent: string): string {
  const line = asciiLine(userAgent, 1024);
  if (line.length <= 150) return line;
  const at = line.lastIndexOf(' exec-env/');
  if (at < 0) return cutMiddle(line, 150);
  return `${cut(line.slice(0, at), 90)} ${cut(line.slice(at + 1), 59)}`;
}

function deletionLine(situation: Situation, action: Action, now: Date): string {
  if (action.kind === 'restored') return 'cancelled by this notifier';
  if (situation.state === 'restored') return 'not scheduled any more';
  if (situation.state === 'gone') return doneText(situation.deletion?.forced ?? false);
  const { schedule } = situation;
  const line = scheduleLine(schedule, now);
  return schedule.kind === 'exact' ? line : `${line}. ${schedule.reason}`;
}

/** Of a secret that is gone; `forced`: its deletion is known to have had no window, which else may have ended. */
export function doneText(forced: boolean): string {
  return forced ? 'done, without a recovery window' : 'done, as far as AWS tells';
}

/** `by user alice, account 1111…, from 198.51.100.7, on 2026-11-22 14:03 UTC, with a window of 7 days`. */
export function changeLine(change: Change | undefined): string | undefined {
  if (!change) return undefined;
  const { requestedBy, sourceAddress, requestedAt } = change;
  const parts = [
    `by ${requestedBy.description}`,
    sourceAddress && `from ${sourceAddress}`,
    `on ${formatUtc(requestedAt)}`,
    change.kind === 'deletion' && windowPart(change),
  ];
  return parts.filter(Boolean).join(', ');
}

function windowPart({ forced, windowDays }: Deletion): string {
  return forced ? 'without a recovery window' : `with a window of ${plural(windowDays, 'day')}`;
}

function fromLine({ sourceAddress, vpcEndpointId, invokedBy }: Attempt): string {
  const parts = [
    sourceAddress,
    vpcEndpointId && `VPC endpoint ${vpcEndpointId}`,
    invokedBy && invokedBy !== sourceAddress && `invoked by ${invokedBy}`,
  ];
  return parts.filter(Boolean).join(', ');
}

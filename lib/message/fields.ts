import type { Attempt } from '../attempt.ts';
import type { Action } from '../auto-cancel.ts';
import type { Change, Deletion } from '../change.ts';
import { scheduleLine } from '../schedule.ts';
import type { Situation } from '../situation.ts';
import { asciiLine } from '../text.ts';
import { formatUtc, plural } from '../time.ts';
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
    ['From', asciiLine(fromLine(attempt))],
    ['With', attempt.userAgent && asciiLine(attempt.userAgent, 120)],
    ['At', formatUtc(attempt.time)],
    hintRow('Owner', owners),
    hintRow('Replaced by', replacements),
    ['Managed by', secret?.owningService && `${secret.owningService}, which may refuse a restore`],
  ]);
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
  const line = scheduleLine(schedule, now);
  return schedule.kind === 'exact' ? line : `${line}. ${schedule.reason}`;
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

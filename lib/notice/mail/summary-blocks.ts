import { lookupId } from '../../cloudtrail/secret-id.ts';
import { scheduleLine } from '../../deletion/schedule.ts';
import { addressLine, type CallerDigest, isUnnamed, sessionLine } from '../../incident/digest.ts';
import type { Fate, SummarizedSecret } from '../../incident/fate.ts';
import { reasons } from '../../incident/held-back.ts';
import { identifier, oneLine, wrap } from '../../text.ts';
import { formatPeriod, plural } from '../../time.ts';
import { restoreCommand, type Target } from './commands.ts';
import { doneText } from './fields.ts';

/** A block for each secret until there is no more room, then one line for all that is left: what is news comes first. */
export function renderBlocks(
  secrets: readonly SummarizedSecret[],
  room: number,
  now: Date,
): string[] {
  const shown: string[] = [];
  let left = room;
  const rest = { callers: 0, attempts: 0 };
  for (const secret of secrets) {
    // Once something is left out, so is all that follows.
    const head = rest.callers === 0 ? secretBlock(secret, now) : '';
    const lines: string[] = [];
    let size = bytes(head) + 2;
    for (const caller of [...secret.callers.values()].sort(byNewsAndCount)) {
      const line = rest.callers === 0 ? callerBlock(caller) : '';
      if (line && size + bytes(line) + 1 <= left) {
        lines.push(line);
        size += bytes(line) + 1;
      } else {
        rest.callers++;
        rest.attempts += caller.count;
      }
    }
    if (lines.length > 0) {
      shown.push([head, ...lines].join('\n'));
      left -= size;
    }
  }
  if (rest.callers === 0) return shown;
  return [
    ...shown,
    `… and ${plural(rest.callers, 'more caller')}, ${plural(rest.attempts, 'attempt')}.`,
  ];
}

const byNewsAndCount = (a: CallerDigest, b: CallerDigest) =>
  Number(isUnnamed(b)) - Number(isUnnamed(a)) || b.count - a.count;

function secretBlock({ secret, fate }: SummarizedSecret, now: Date): string {
  const { name, accountId, region, partition } = secret;
  const title = name ? identifier(name) : 'A secret that the records do not name';
  const where = [
    accountId && `account ${identifier(accountId, 64)}`,
    region && `Region ${identifier(region, 64)}`,
  ];
  const target: Target = { id: lookupId(secret), name, region, partition };
  return [
    wrap([title, ...where].filter(Boolean).join(', ')),
    wrap(fateLine(fate, now), '  Deletion: '),
    ...(fate.kind === 'restored' || fate.kind === 'gone'
      ? []
      : [`  Restore: ${restoreCommand(target)}`]),
  ].join('\n');
}

function fateLine(fate: Fate, now: Date): string {
  switch (fate.kind) {
    case 'not-looked-up':
      return 'not looked up: there was no time';
    case 'restored':
      return 'cancelled since';
    case 'gone':
      return doneText(fate.forced);
    default:
      return scheduleLine(fate, now);
  }
}

function callerBlock(caller: CallerDigest): string {
  const { callerName, count, first, last, heldBack } = caller;
  const address = addressLine(caller);
  const parts = [
    `${count} x ${callerName}`,
    sessionLine(caller),
    formatPeriod(first, last),
    address && `from ${address}`,
    reasons(heldBack),
  ];
  return wrap(oneLine(parts.filter(Boolean).join(', '), 1000), '  - ');
}

/** UTF-8, in which SNS counts. */
export function bytes(text: string): number {
  return Buffer.byteLength(text);
}

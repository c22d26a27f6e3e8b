import { restoreCommand, type Target } from '../message/commands.ts';
import { scheduleLine } from '../schedule.ts';
import { lookupId } from '../secret-id.ts';
import { identifier, oneLine, wrap } from '../text.ts';
import { formatPeriod, plural } from '../time.ts';
import { addressLine, type CallerDigest } from './digest.ts';
import type { Fate, SummarizedSecret } from './fate.ts';
import { reasons } from './held-back.ts';

/** A block for each secret until there is no more room, then one line for all that is left. */
export function renderBlocks(
  secrets: readonly SummarizedSecret[],
  room: number,
  now: Date,
): string[] {
  const shown: string[] = [];
  let left = room;
  const rest = { callers: 0, attempts: 0 };
  for (const secret of secrets) {
    const head = secretBlock(secret, now);
    const lines: string[] = [];
    let size = bytes(head) + 2;
    for (const caller of [...secret.callers.values()].sort((a, b) => b.count - a.count)) {
      const line = callerBlock(caller);
      if (rest.callers === 0 && size + bytes(line) + 1 <= left) {
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
    case 'restored':
      return 'cancelled since';
    case 'gone':
      return 'done, without a recovery window';
    default:
      return scheduleLine(fate, now);
  }
}

function callerBlock(caller: CallerDigest): string {
  const { callerName, count, first, last, heldBack } = caller;
  const address = addressLine(caller);
  const parts = [
    `${count} x ${callerName}`,
    formatPeriod(first, last),
    address && `from ${address}`,
    reasons(heldBack),
  ];
  return wrap(oneLine(parts.filter(Boolean).join(', '), 600), '  - ');
}

/** UTF-8, in which SNS counts. */
export function bytes(text: string): number {
  return Buffer.byteLength(text);
}

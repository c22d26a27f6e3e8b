import { renderAttributes } from '../message/attributes.ts';
import type { Message } from '../message/message.ts';
import { MAX_SUBJECT } from '../message/subject.ts';
import type { Severity } from '../schedule.ts';
import { cutMiddle, identifier, wrap } from '../text.ts';
import { plural } from '../time.ts';
import { bytes, renderBlocks } from './blocks.ts';
import { byNews, type Digest } from './digest.ts';
import { type SummarizedSecret, severityIn, urgency } from './fate.ts';
import { addCounts, noneHeldBack, reasons } from './held-back.ts';

/** SNS takes messages of 256 KiB: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html; some is left for attributes. */
const MAX_BODY_BYTES = 250 * 1024;

/**
 * Writes the summary of a digest whose secrets' fates are known: one mail. Secrets that nothing has named so come first,
 * so that they are not cut off, of these and of the others the soonest deletion.
 */
export function composeSummary(
  digest: Digest,
  secrets: readonly SummarizedSecret[],
  now: Date,
): Message {
  const sorted = [...secrets].sort(
    (a, b) => byNews(a, b) || urgency(a.fate, now) - urgency(b.fate, now),
  );
  const severity = highest(sorted.map(({ fate }) => severityIn(fate, now)));
  return {
    subject: subjectOf(digest, sorted, severity),
    body: bodyOf(digest, sorted, now),
    attributes: renderAttributes({ severity, action: 'summary' }),
  };
}

function highest(severities: readonly Severity[]): Severity {
  const order = ['critical', 'warning'] as const;
  return order.find((severity) => severities.includes(severity)) ?? 'notice';
}

function subjectOf(
  digest: Digest,
  [first, ...others]: readonly SummarizedSecret[],
  severity: Severity,
): string {
  const urgency = severity === 'notice' ? '' : `${severity.toUpperCase()}: `;
  const count = `${urgency}${plural(digest.attempts, 'more attempt')} on deleted`;
  const name = identifier(first?.secret.name ?? '(not named)');
  if (others.length > 0) return `${count} secrets: ${plural(others.length + 1, 'secret')}`;
  const full = `${count} secret ${name}`;
  return full.length <= MAX_SUBJECT
    ? full
    : `${count} secret ${cutMiddle(name, MAX_SUBJECT - count.length - 8)}`;
}

function bodyOf(digest: Digest, secrets: readonly SummarizedSecret[], now: Date): string {
  const attempts = plural(digest.attempts, 'attempt');
  const head = wrap(
    `${attempts} to read ${plural(secrets.length, 'secret')} scheduled for deletion went without an alert:`,
  );
  const foot = footOf(digest);
  const room = MAX_BODY_BYTES - bytes(head) - bytes(foot) - 200;
  return [head, ...renderBlocks(secrets, room, now), foot].join('\n\n');
}

function footOf({ attempts, secrets, ignored }: Digest): string {
  const callers = [...secrets.values()].flatMap((secret) => [...secret.callers.values()]);
  const heldBack = noneHeldBack();
  for (const caller of callers) addCounts(heldBack, caller.heldBack);
  const pairs = plural(callers.length, 'pair');
  const total = `Total: ${plural(attempts, 'attempt')} by ${pairs} of secret and caller; ${reasons(heldBack)}.`;
  const count = `${ignored.isLeast ? 'at least ' : ''}${plural(ignored.count, 'attempt')}`;
  const others = ignored.count > 0 ? [wrap(`Ignored callers made ${count} besides.`)] : [];
  return [wrap(total), ...others].join('\n');
}

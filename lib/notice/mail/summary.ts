import type { Severity } from '../../deletion/schedule.ts';
import { byNews, type Digest } from '../../incident/digest.ts';
import { joinForms, type SummarizedSecret, severityIn, urgency } from '../../incident/fate.ts';
import { addCounts, noneHeldBack, reasons } from '../../incident/held-back.ts';
import { identifier, joinParagraphs, shorten, wrap } from '../../text.ts';
import { plural } from '../../time.ts';
import { attributesSize, renderAttributes } from './attributes.ts';
import type { Message } from './message.ts';
import { MAX_SUBJECT } from './subject.ts';
import { bytes, renderBlocks } from './summary-blocks.ts';

/** In bytes, of text and attributes together: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_MESSAGE = 256 * 1024;

/** Bytes left for the subject and for what stands between and after the blocks. */
const RESERVE = 1024;

/**
 * Writes the summary of a digest whose secrets' fates are known: one mail. Secrets that nothing has named so come first,
 * so that they are not cut off, of these and of the others the soonest deletion.
 */
export function composeSummary(
  digest: Digest,
  secrets: readonly SummarizedSecret[],
  now: Date,
): Message {
  const sorted = joinForms(secrets).sort(
    (a, b) => byNews(a, b) || urgency(a.fate, now) - urgency(b.fate, now),
  );
  const severity = highest(sorted.map(({ fate }) => severityIn(fate, now)));
  const ids = sorted.map(({ secret }) => secret);
  const attributes = renderAttributes({
    secret: ids.map(({ name }) => name),
    caller: sorted.flatMap(({ callers }) => [...callers.keys()]),
    account: ids.map(({ accountId }) => accountId),
    region: ids.map(({ region }) => region),
    severity,
    action: 'summary',
  });
  return {
    subject: subjectOf(digest, sorted, severity),
    body: bodyOf(digest, sorted, MAX_MESSAGE - attributesSize(attributes) - RESERVE, now),
    attributes,
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
  const count = `${urgency}${plural(digest.attempts, 'more attempt')} on`;
  if (others.length > 0) return `${count} ${others.length + 1} deleted secrets`;
  const name = first?.secret.name ? identifier(first.secret.name) : '(not named)';
  const head = `${count} deleted secret `;
  return head + shorten(name, MAX_SUBJECT - head.length);
}

function bodyOf(
  digest: Digest,
  secrets: readonly SummarizedSecret[],
  maxBytes: number,
  now: Date,
): string {
  const attempts = plural(digest.attempts, 'attempt');
  const head = wrap(
    `${attempts} to read ${plural(secrets.length, 'secret')} scheduled for deletion went without an alert:`,
  );
  const foot = footOf(digest, secrets);
  const room = maxBytes - bytes(head) - bytes(foot);
  return joinParagraphs([head, ...renderBlocks(secrets, room, now), ...(foot ? [foot] : [])]);
}

/** Of one caller on one secret, its line has told all. */
function footOf({ attempts, ignored }: Digest, secrets: readonly SummarizedSecret[]): string {
  const pairs = secrets.flatMap((secret) => [...secret.callers]);
  const heldBack = noneHeldBack();
  for (const [, caller] of pairs) addCounts(heldBack, caller.heldBack);
  const callers = plural(new Set(pairs.map(([key]) => key)).size, 'caller');
  const total = `Total: ${plural(attempts, 'attempt')} on ${plural(secrets.length, 'secret')} by ${callers}, ${reasons(heldBack)}.`;
  const count = `${ignored.isLeast ? 'at least ' : ''}${plural(ignored.count, 'attempt')}`;
  const lines = [
    ...(pairs.length > 1 ? [total] : []),
    ...(ignored.count > 0 ? [`Ignored callers made ${count} besides.`] : []),
  ];
  return lines.map((line) => wrap(line)).join('\n');
}

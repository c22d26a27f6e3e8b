import { cutMiddle, identifier, joinParagraphs, oneLine, shorten, wrap } from '../../text.ts';
import { formatPeriod, plural } from '../../time.ts';
import { deletionLine } from '../deletion-text.ts';
import {
  addCounts,
  type CallerDigest,
  type DeferralCounts,
  isUnnamed,
  MAX_KEPT,
  noDeferrals,
  type SummarizedSecret,
  type SummaryNotice,
} from '../summary.ts';
import { attributesSize, type Mail, renderAttributes } from './mail.ts';
import { MAX_SUBJECT } from './subject.ts';

/** In bytes, of text and attributes together: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_MESSAGE = 256 * 1024;

/** Bytes left for the subject and for what stands between and after the blocks. */
const RESERVE = 1024;

/** How many addresses, and how many sessions, of a caller on a secret are named. */
const MAX_NAMED = 3;

/** The mail of a summary: one, with as many callers as there is room for. */
export function renderSummary(notice: SummaryNotice): Mail {
  const { secrets, severity } = notice;
  const ids = secrets.map(({ secret }) => secret);
  const attributes = renderAttributes({
    secret: ids.map(({ name }) => name),
    caller: secrets.flatMap(({ callers }) => [...callers.values()].map((one) => one.callerKey)),
    account: ids.map(({ accountId }) => accountId),
    region: ids.map(({ region }) => region),
    severity,
    action: 'summary',
  });
  return {
    subject: subjectOf(notice),
    body: bodyOf(notice, MAX_MESSAGE - attributesSize(attributes) - RESERVE),
    attributes,
  };
}

function subjectOf({ attempts, secrets, severity }: SummaryNotice): string {
  const [first, ...others] = secrets;
  const urgency = severity === 'notice' ? '' : `${severity.toUpperCase()}: `;
  const count = `${urgency}${plural(attempts, 'more attempt')} on`;
  if (others.length > 0) return `${count} ${others.length + 1} deleted secrets`;
  const name = first?.secret.name ? identifier(first.secret.name) : '(not named)';
  const head = `${count} deleted secret `;
  return head + shorten(name, MAX_SUBJECT - head.length);
}

function bodyOf(notice: SummaryNotice, maxBytes: number): string {
  const { attempts, secrets, now } = notice;
  const head = wrap(
    `${plural(attempts, 'attempt')} to read ${plural(secrets.length, 'secret')} scheduled for deletion went without an alert:`,
  );
  const foot = footOf(notice);
  const room = maxBytes - bytes(head) - bytes(foot);
  return joinParagraphs([head, ...renderBlocks(secrets, room, now), ...(foot ? [foot] : [])]);
}

/** Of one caller on one secret, its line has told all. */
function footOf({ attempts, secrets, ignored }: SummaryNotice): string {
  const pairs = secrets.flatMap((secret) => [...secret.callers]);
  const deferred = noDeferrals();
  for (const [, caller] of pairs) addCounts(deferred, caller.deferred);
  const callers = plural(new Set(pairs.map(([key]) => key)).size, 'caller');
  const total = `Total: ${plural(attempts, 'attempt')} on ${plural(secrets.length, 'secret')} by ${callers}, ${reasons(deferred)}.`;
  const count = `${ignored.isLeast ? 'at least ' : ''}${plural(ignored.count, 'attempt')}`;
  const lines = [
    ...(pairs.length > 1 ? [total] : []),
    ...(ignored.count > 0 ? [`Ignored callers made ${count} besides.`] : []),
  ];
  return lines.map((line) => wrap(line)).join('\n');
}

/** A block for each secret until there is no more room, then one line for all that is left: what is news comes first. */
function renderBlocks(secrets: readonly SummarizedSecret[], room: number, now: Date): string[] {
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

function secretBlock({ secret, state, remedy }: SummarizedSecret, now: Date): string {
  const { name, accountId, region } = secret;
  const title = name ? identifier(name) : 'A secret that the records do not name';
  const where = [
    accountId && `account ${identifier(accountId, 64)}`,
    region && `Region ${identifier(region, 64)}`,
  ];
  return [
    wrap([title, ...where].filter(Boolean).join(', ')),
    wrap(stateLine(state, now), '  Deletion: '),
    ...(remedy ? [`  Restore: ${remedy.command}`] : []),
  ].join('\n');
}

function stateLine(known: SummarizedSecret['state'], now: Date): string {
  if (known.state === 'not-looked-up') return 'not looked up: there was no time';
  return known.state === 'restored' ? 'cancelled since' : deletionLine(known, now);
}

function callerBlock(caller: CallerDigest): string {
  const { callerName, count, first, last, deferred } = caller;
  const address = addressLine(caller);
  const parts = [
    `${count} x ${callerName}`,
    sessionLine(caller),
    formatPeriod(first, last),
    address && `from ${address}`,
    reasons(deferred),
  ];
  return wrap(oneLine(parts.filter(Boolean).join(', '), 1000), '  - ');
}

/** UTF-8, in which SNS counts. */
function bytes(text: string): number {
  return Buffer.byteLength(text);
}

const REASONS: Readonly<Record<keyof DeferralCounts, string>> = {
  'quiet-window': 'in the quiet window',
  budget: 'over the budget',
  failed: 'whose alert failed',
};

const LIST = new Intl.ListFormat('en-GB');
const KINDS = Object.keys(REASONS) as (keyof DeferralCounts)[];

/** `450 in the quiet window and 49 over the budget`, or `in the quiet window` if there is no other reason. */
function reasons(counts: DeferralCounts): string {
  const kinds = KINDS.filter((kind) => counts[kind] > 0);
  const [only, ...others] = kinds;
  if (only && others.length === 0) return REASONS[only];
  return LIST.format(kinds.map((kind) => `${counts[kind]} ${REASONS[kind]}`));
}

/** `10.0.3.7, 10.0.3.8, 10.0.3.12 and 4 others`. */
function addressLine({ addresses }: CallerDigest): string {
  return named(addresses);
}

/** `session i-0abc`, or `sessions a, b, c and 4 others`; empty for a caller without sessions. */
function sessionLine({ sessions }: CallerDigest): string {
  return sessions.size === 0 ? '' : `session${sessions.size > 1 ? 's' : ''} ${named(sessions)}`;
}

const NUMERIC = new Intl.Collator('en', { numeric: true });

function named(values: ReadonlySet<string>): string {
  const sorted = [...values].sort(NUMERIC.compare);
  const first = sorted.slice(0, MAX_NAMED).map((value) => cutMiddle(value, 80));
  const others = sorted.length - MAX_NAMED;
  if (others <= 0) return first.join(', ');
  const atLeast = sorted.length < MAX_KEPT ? '' : 'at least ';
  return `${first.join(', ')} and ${atLeast}${others} other${others === 1 ? '' : 's'}`;
}

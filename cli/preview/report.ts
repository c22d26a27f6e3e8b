import type { Mail } from '../../lib/notice/mail/mail.ts';
import { defang, oneLine } from '../../lib/text.ts';
import type { Kind, NoticeOutcome, Outcome, Outcomes } from './mails.ts';

/**
 * The mails as text: that of a single record alone, those of several one after another, each under a heading. Records
 * in a row that cause no mail for the same reason share one line.
 */
export function previewText({ records, digest, clashes }: Outcomes): string {
  const [first] = records;
  if (first && records.length === 1) {
    const [clash] = clashes;
    return clash ? mailText(clash) : textOf(first);
  }
  const parts: string[] = [];
  for (let i = 0; i < records.length; i++) {
    const from = i;
    const outcome = records[i] as Outcome;
    while (isSameReason(outcome, records[i + 1])) i++;
    const which = from === i ? `${i + 1}` : `${from + 1} to ${i + 1}`;
    const heading = `=== ${which} of ${records.length}`;
    parts.push(
      isReason(outcome) ? `${heading}: ${textOf(outcome)}` : `${heading}\n\n${textOf(outcome)}`,
    );
  }
  const others = [...underHeadings('Digest', digest), ...underHeadings('Names taken', clashes)];
  return [...parts, ...others].join('\n\n');
}

/** The mails of a notice, as text: one alone, several each under a heading; or why there is none. */
export function noticeText(kind: Kind, { mails, reasons }: NoticeOutcome): string {
  const [first, second] = mails;
  if (!first) {
    const why = reasons.length > 0 ? reasons : [NOTHING[kind === 'clash' ? 'clash' : 'attempt']];
    return why.map((reason) => `No notice: ${defang(reason)}.`).join('\n');
  }
  return second ? underHeadings(kind, mails).join('\n\n') : mailText(first);
}

const NOTHING = {
  attempt: 'the records hold no attempt that one would report',
  clash: 'the records hold no creation that failed because of its name',
} as const;

function underHeadings(title: string, mails: readonly Mail[]): string[] {
  return mails.map((mail, i) => {
    const which = mails.length > 1 ? ` ${i + 1} of ${mails.length}` : '';
    return `=== ${title}${which}\n\n${mailText(mail)}`;
  });
}

function textOf(outcome: Outcome): string {
  if ('announcement' in outcome) return `${ANNOUNCED}\n\n${mailText(outcome.announcement)}`;
  if (isReason(outcome)) return `No alert: ${defang(oneLine(outcome.reason, 1000))}.`;
  const mail = mailText(outcome.alert);
  return outcome.ignoredBy === null ? `${NOT_IGNORED}\n\n${mail}` : mail;
}

const ANNOUNCED = 'With announceDeletions=true:';
const NOT_IGNORED = 'No pattern of ignoredCallers matches the caller:';

const mailText = ({ subject, body }: Mail) => `Subject: ${subject}\n\n${body}`;

type Reason = Extract<Outcome, { reason: string }>;
const isReason = (outcome: Outcome): outcome is Reason => 'reason' in outcome;

function isSameReason(one: Outcome, other: Outcome | undefined): boolean {
  return other !== undefined && isReason(one) && isReason(other) && one.reason === other.reason;
}

/** The mails as plain data for machines: an object for one record, an array for several. */
export function previewJson({ records, digest, clashes }: Outcomes) {
  const names = clashes.map((mail) => ({ clash: mail }));
  if (records.length === 1) return names[0] ?? records[0];
  return [...records, ...digest.map((mail) => ({ digest: mail })), ...names];
}

/** The mails of a notice as plain data for machines: an object for one, an array for any other number. */
export function noticeJson(kind: Kind, { mails }: NoticeOutcome) {
  const parts = mails.map((mail) => ({ [kind]: mail }));
  return parts.length === 1 ? parts[0] : parts;
}

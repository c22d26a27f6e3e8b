import type { Severity } from '../../lib/deletion/schedule.ts';
import type { ClashNotice } from '../../lib/notice/clash.ts';
import type { DigestNotice } from '../../lib/notice/digest.ts';
import type { Mail, RenderedMail } from '../../lib/notice/mail/mail.ts';
import { renderMail, renderNotice } from '../../lib/notice/mail/render.ts';
import { clashesOf } from './clashes.ts';
import { digestOf, laterIn } from './digests.ts';
import { stackOf } from './lookup.ts';
import { type Caused, crowdedIn, play, type Told, type View } from './play.ts';
import type { Found } from './records.ts';

/** The outcome of a record. `ignoredBy`: the pattern that ignores the caller; `null` if none does. */
export type Outcome =
  | { readonly alert: Mail & { readonly severity: Severity }; readonly ignoredBy?: null }
  | { readonly announcement: Mail }
  | Extract<Caused, { reason: string }>;

/** The outcomes of several records. `digest`: of the deferred attempts, `clashes`: of names that are taken; empty if there are none. `crowded`: as of {@link NoticeOutcome}. */
export interface Outcomes {
  readonly records: readonly Outcome[];
  readonly digest: readonly Mail[];
  readonly clashes: readonly Mail[];
  readonly crowded?: string;
}

/** The mails of a notice. `reasons`: why it names a secret not, half a sentence each. */
export interface NoticeOutcome {
  readonly mails: readonly Mail[];
  readonly reasons: readonly string[];
  /** As {@link crowdedIn} says it. */
  readonly crowded?: string;
}

/** The kinds of notices on incidents. */
export const KINDS = [
  'opened',
  'digest',
  'last-call',
  'over',
  'resolved',
  'gone',
  'clash',
] as const;
export type Kind = (typeof KINDS)[number];

/** The mails that the service sends of these records: what {@link play} says, and a digest of all other attempts. */
export function mailsOf(found: readonly Found[], view: View, now: Date): Outcomes {
  const played = play(found, view, now);
  return {
    records: played.records.map((caused) => outcomeOf(caused, view)),
    digest: mailsIn(digestOf('digest', played, view).notice, view),
    clashes: mailsIn(clashesOf(played, view).notice, view),
    crowded: crowdedIn(played.told),
  };
}

function outcomeOf(caused: Caused, view: View): Outcome {
  if ('announcement' in caused) {
    return { announcement: renderMail(caused.announcement, stackOf(view)) };
  }
  if (!caused.alert) return caused;
  const { alert, ...others } = caused;
  return {
    alert: { ...renderMail(alert, stackOf(view)), severity: alert.severity },
    ...others,
  };
}

/**
 * The mails of a notice of a kind on the incidents of these records: of all their attempts, in a digest of those that had no
 * alert.
 * @returns no mail if there is no attempt that anything reports, or of no secret that it can be sent for.
 */
export function noticeOf(
  found: readonly Found[],
  kind: Kind,
  view: View,
  now: Date,
): NoticeOutcome {
  const played = play(found, view, now);
  if (kind === 'clash') {
    const { notice, reasons } = clashesOf(played, view);
    return { mails: mailsIn(notice, view), reasons };
  }
  if (kind !== 'opened') {
    const { notice, alerted, reasons } = digestOf(kind, played, view);
    return { mails: [...alertsOf(alerted, view), ...mailsIn(notice, view)], reasons };
  }
  const opened = played.told.filter(({ fate }) => fate === 'opened');
  const reasons = laterIn(played, kind);
  return { mails: alertsOf(opened, view), reasons, crowded: crowdedIn(opened) };
}

const alertsOf = (told: readonly Told[], view: View): Mail[] =>
  told.flatMap(({ alert }) => (alert ? renderMail(alert, stackOf(view)) : []));

/** The mails of a notice, each with what it reports: more than one if one would be too large. */
export function partsOf(
  notice: DigestNotice | undefined,
  view: View,
): { readonly mail: Mail; readonly part: DigestNotice }[] {
  const parts: ReturnType<typeof partsOf> = [];
  const stack = stackOf(view, notice?.secrets.find(({ elsewhere }) => !elsewhere)?.secret);
  for (let left = notice; left; ) {
    const { mail, rest }: RenderedMail<DigestNotice> = renderNotice(left, stack);
    const shown = left.secrets.length - (rest?.secrets.length ?? 0);
    parts.push({ mail, part: { ...left, secrets: left.secrets.slice(0, shown) } });
    left = rest;
  }
  return parts;
}

/** All mails of a notice. */
function mailsIn(notice: DigestNotice | ClashNotice | undefined, view: View): Mail[] {
  if (notice?.kind !== 'clash') return partsOf(notice, view).map(({ mail }) => mail);
  const mails: Mail[] = [];
  const stack = stackOf(view, notice.clashes.find(({ secret }) => !secret.elsewhere)?.secret);
  for (let left: ClashNotice | undefined = notice; left; ) {
    const { mail, rest }: RenderedMail<ClashNotice> = renderNotice(left, stack);
    mails.push(mail);
    left = rest;
  }
  return mails;
}

import { type SecretId, secretKey } from '../../lib/cloudtrail/secret-id.ts';
import { isDrill } from '../../lib/drill.ts';
import { pairPartition } from '../../lib/incident/pairs.ts';
import type { DigestNotice } from '../../lib/notice/digest.ts';
import { type IncidentMarks, ofAlert, ofAnnouncement, ofDigest } from '../../lib/notice/hand-on.ts';
import type { HandedOn, IncidentNotice } from '../../lib/notice/incident-notice.ts';
import { clashesOf } from './clashes.ts';
import { digestOf } from './digests.ts';
import { SHOWN_LAST_CALL } from './due.ts';
import { stackOf } from './lookup.ts';
import { type Kind, partsOf } from './mails.ts';
import { play, type Told, type View } from './play.ts';
import type { Found } from './records.ts';

/** What is handed on to the channels beside the mail of records: of each that has a mail, and of their digest. */
export function handedOnOf(found: readonly Found[], view: View, now: Date): HandedOn[] {
  const played = play(found, view, now);
  const told = new Map(played.told.map((one) => [one.alert, one]));
  const notices = played.records.flatMap((caused) => {
    if ('announcement' in caused) return ofAnnouncement(caused.announcement);
    const alerted = caused.alert && told.get(caused.alert);
    return alerted ? noticeOf(alerted, played.told) : [];
  });
  const digest = digestOf('digest', played, view).notice;
  const { notice: names } = clashesOf(played, view);
  return [
    ...notices.map((notice) => handedOn([notice], view)),
    ...(digest ? ofParts(digest, played.told, view) : []),
    ...(names ? [handedOn(names.clashes, view)] : []),
  ];
}

/** What is handed on of a notice of a kind on the incidents of records. */
export function handedOnOfKind(
  found: readonly Found[],
  kind: Kind,
  view: View,
  now: Date,
): HandedOn[] {
  const played = play(found, view, now);
  if (kind === 'opened') {
    const opened = played.told.filter(({ fate }) => fate === 'opened');
    return ofAlerts(opened, played.told, view);
  }
  if (kind === 'clash') {
    const { notice } = clashesOf(played, view);
    return notice ? [handedOn(notice.clashes, view)] : [];
  }
  const { notice, alerted } = digestOf(kind, played, view);
  return [
    ...ofAlerts(alerted, played.told, view),
    ...(notice ? ofParts(notice, played.told, view) : []),
  ];
}

/** Of each attempt that had an alert. */
const ofAlerts = (alerted: readonly Told[], told: readonly Told[], view: View): HandedOn[] =>
  alerted.flatMap((one) => noticeOf(one, told)).map((one) => handedOn([one], view));

/** Of an attempt that had an alert. */
function noticeOf({ attempt, alert, fate }: Told, told: readonly Told[]): IncidentNotice[] {
  if (!alert) return [];
  const { secret, time } = attempt;
  const incident = isDrill(secret.name) ? undefined : marksOf(secret, told, time);
  return [ofAlert(alert, incident, fate === 'opened' ? 'opened' : 'caller')];
}

/** Of each mail of a notice. */
function ofParts(notice: DigestNotice, told: readonly Told[], view: View): HandedOn[] {
  const lastCall = notice.kind === 'last-call' ? SHOWN_LAST_CALL : undefined;
  return partsOf(notice, view).map(({ part }) => {
    const notices = ofDigest(part, ({ forms }) => {
      const incidents = forms.map(({ secret }) => marksOf(secret, told, notice.now));
      // As of a secret that was read under several forms of its id the service takes the first.
      const [first] = incidents.toSorted((a, b) => a.openedAt.getTime() - b.openedAt.getTime());
      return { ...(first as IncidentMarks), lastCall };
    });
    return handedOn(notices, view);
  });
}

/** The incident of a secret at a time. */
function marksOf(secret: SecretId, told: readonly Told[], time: Date) {
  const pk = pairPartition(secret);
  const opened = told.findLast(
    ({ fate, pair, attempt }) => fate === 'opened' && pair.pk === pk && attempt.time <= time,
  );
  return { key: secretKey(secret), openedAt: opened?.attempt.time ?? time };
}

function handedOn(notices: readonly IncidentNotice[], view: View): HandedOn {
  return { notices, isMailed: true, stack: stackOf(view, notices[0]?.secret) };
}

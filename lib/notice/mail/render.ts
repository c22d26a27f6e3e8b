import type { OwnStack } from '../commands.ts';
import type { AlertNotice, AnnouncementNotice, Notice } from '../notice.ts';
import { renderAlert } from './alert.ts';
import { renderAnnouncement } from './announcement.ts';
import { type DigestMail, renderDigest } from './digest.ts';
import type { Mail } from './mail.ts';

/** The next mail of any notice. Its commands are for the default stage if none is given, as those of all here. */
export function renderNotice(notice: Notice, stack: OwnStack = {}): DigestMail {
  const isOne = notice.kind === 'alert' || notice.kind === 'announcement';
  return isOne ? { mail: renderMail(notice, stack) } : renderDigest(notice, stack);
}

/** The mail of a notice that always is one mail. */
export function renderMail(notice: AlertNotice | AnnouncementNotice, stack: OwnStack = {}): Mail {
  return notice.kind === 'alert' ? renderAlert(notice, stack) : renderAnnouncement(notice);
}

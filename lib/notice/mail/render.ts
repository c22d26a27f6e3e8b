import type { OwnStack } from '../commands.ts';
import type { AlertNotice, AnnouncementNotice } from '../notice.ts';
import { renderAlert } from './alert.ts';
import { renderAnnouncement } from './announcement.ts';
import { renderClashes } from './clash.ts';
import { renderDigest } from './digest.ts';
import type { Mail, Notice, RenderedMail } from './mail.ts';

/** The next mail of any notice. Its commands are for the default stage if none is given, as those of all here. */
export function renderNotice<One extends Notice>(
  notice: One,
  stack: OwnStack = {},
): RenderedMail<One> {
  // What has no room is a notice of the same kind.
  return renderAny(notice, stack) as RenderedMail<One>;
}

function renderAny(notice: Notice, stack: OwnStack): RenderedMail<Notice> {
  switch (notice.kind) {
    case 'alert':
    case 'announcement':
      return { mail: renderMail(notice, stack) };
    case 'clash':
      return renderClashes(notice, stack);
    default:
      return renderDigest(notice, stack);
  }
}

/** The mail of a notice that always is one mail. */
export function renderMail(notice: AlertNotice | AnnouncementNotice, stack: OwnStack = {}): Mail {
  return notice.kind === 'alert' ? renderAlert(notice, stack) : renderAnnouncement(notice);
}

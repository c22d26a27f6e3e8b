import type { Notice } from '../notice.ts';
import { renderAlert } from './alert.ts';
import { renderAnnouncement } from './announcement.ts';
import type { Mail } from './mail.ts';
import { renderSummary } from './summary.ts';

/** The mail of a notice. */
export function renderMail(notice: Notice): Mail {
  switch (notice.kind) {
    case 'alert':
      return renderAlert(notice);
    case 'announcement':
      return renderAnnouncement(notice);
    case 'summary':
      return renderSummary(notice);
  }
}

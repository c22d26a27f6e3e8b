import type { Notice } from '../notice.ts';
import { renderAlert } from './alert.ts';
import { renderAnnouncement } from './announcement.ts';
import type { Attributes } from './attributes.ts';
import { renderSummary } from './summary.ts';

/** A mail, ready to publish. */
export interface Mail {
  /** ASCII, at most 99 characters. */
  readonly subject: string;
  readonly body: string;
  readonly attributes: Attributes;
}

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

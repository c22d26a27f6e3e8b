import { secretKey } from '../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../lib/deletion/change.ts';
import type { Lookup } from '../../lib/deletion/describe.ts';
import type { ChatMessage } from '../../lib/notice/chat/message.ts';
import { type DigestNotice, digestNotice, type KnownAttempts } from '../../lib/notice/digest.ts';
import { ofAlert, ofAnnouncement, ofDigest } from '../../lib/notice/hand-on.ts';
import type { IncidentNotice } from '../../lib/notice/incident-notice.ts';
import type { AlertInput } from '../../lib/notice/notice.ts';
import { alertNotice, announcementNotice } from '../../lib/notice/notice.ts';
import { attempt, deletion, found, HOME, NOW } from './attempts.ts';

/** Where the stack is whose notices these are. */
export const STACK = { ...HOME, stage: 'prod' };

const TAG_KEYS = { owner: ['owner'], replacement: ['replaced-by'] };

const PENDING: AlertInput['state'] = {
  state: 'pending',
  schedule: { kind: 'exact', date: deletion().date },
  deletion: deletion(),
};

/** The notice of an attempt that is reported at once. */
export function opened(
  overrides: Partial<AlertInput> = {},
  lookup: Lookup = found({ tags: { owner: 'payments' } }),
  kind: 'opened' | 'caller' = 'opened',
): IncidentNotice {
  const input: AlertInput = {
    attempt: attempt(),
    state: PENDING,
    action: { kind: 'none' },
    perhapsByUs: false,
    now: NOW,
    ...overrides,
  };
  const alert = alertNotice(input, lookup, TAG_KEYS);
  return ofAlert(alert, { key: secretKey(input.attempt.secret), openedAt: NOW }, kind);
}

/** The notice of an announced change. */
export function announced(change: Change, lookup: Lookup = found()): IncidentNotice {
  return ofAnnouncement(announcementNotice(change, lookup, TAG_KEYS, NOW));
}

/** The notices of a digest, a last call or an end. */
export function digested(
  kind: DigestNotice['kind'],
  known: readonly KnownAttempts[],
  now = NOW,
): IncidentNotice[] {
  const notice = digestNotice(kind, known, now);
  return ofDigest(notice, ({ secret }) => ({ key: secretKey(secret), openedAt: NOW }));
}

/** A message as a person reads it, and what else it has. */
export function shown({ content, metadata }: ChatMessage): string {
  const { title, description, nextSteps = [], keywords } = content;
  return [
    title,
    '',
    description,
    ...(nextSteps.length > 0 ? ['', ...nextSteps.map((step) => `> ${step}`)] : []),
    '',
    `[${keywords.join('] [')}]`,
    `buttons: ${Object.keys(metadata.additionalContext ?? {}).join(', ') || 'none'}`,
  ].join('\n');
}

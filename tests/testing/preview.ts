import type { View } from '../../cli/preview/play.ts';
import { failedGetSecretValue } from './records.ts';

/** A view of which nothing is looked up. */
export const VIEW: View = {
  described: { kind: 'unavailable', reason: 'Not asked.' },
  deletions: [],
  action: { kind: 'none' },
};

/** An attempt at a minute after 17 h, by default of one caller on one secret. */
export const attempt = (minute: number, overrides: Readonly<Record<string, unknown>> = {}) =>
  failedGetSecretValue({
    eventTime: `2026-11-22T${17 + Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}:00Z`,
    eventID: `attempt-${minute}`,
    ...overrides,
  });

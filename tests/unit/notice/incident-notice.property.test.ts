import fc from 'fast-check';
import { secretKey } from '../../../lib/cloudtrail/secret-id.ts';
import { digestNotice } from '../../../lib/notice/digest.ts';
import { ofAlert, ofAnnouncement, ofDigest } from '../../../lib/notice/hand-on.ts';
import { decode, encode, type IncidentNotice } from '../../../lib/notice/incident-notice.ts';
import { alertNotice, announcementNotice } from '../../../lib/notice/notice.ts';
import { attempt, cancellation, deletion, found, NOW } from '../../testing/attempts.ts';
import { EXACT, known, role } from '../../testing/digests.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom('{"$date":"2026-11-22"}', '\ud800', '"\\', '__proto__', '<!channel>', '\u0000'),
);
const times = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') });
const TAG_KEYS = { owner: ['owner'], replacement: [] };

const alerts = fc.record({ text: hostile, time: times }).map(({ text, time }) => {
  const caller = { ...attempt().caller, key: text, session: text };
  const one = attempt({ id: text, time, userAgent: text, sourceAddress: text, caller });
  const about = { attempt: one, action: { kind: 'none' }, perhapsByUs: true, now: NOW } as const;
  const state = { state: 'pending', schedule: { kind: 'exact', date: time } } as const;
  const lookup = found({ tags: { owner: text } });
  return ofAlert(alertNotice({ ...about, state }, lookup, TAG_KEYS), undefined, 'opened');
});
const announcements = fc.record({ text: hostile, time: times }).map(({ text, time }) => {
  const call = { id: text, requestedAt: time, sourceAddress: text };
  const change = text.length % 2 ? deletion({ ...call, date: time }) : cancellation(call);
  return ofAnnouncement(announcementNotice(change, found(), TAG_KEYS, time));
});
const digests = fc
  .record({ text: hostile, last: times, until: fc.option(times, { nil: undefined }) })
  .map(({ text, last, until }) => {
    const muted = [{ by: text, reason: text, until, count: 1, news: 1 }];
    const callers = [role(text, { last, addresses: new Set([text]), sessions: new Set([text]) })];
    const notice = digestNotice('digest', [known(callers, { muted, state: EXACT })], last);
    const marks = { key: secretKey(attempt().secret), openedAt: last };
    return ofDigest(notice, () => marks)[0] as IncidentNotice;
  });

/** As JSON knows it: what is `undefined` is absent. */
const present = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, present(one)]));
};

test('whatever is handed on is read as it was written, its dates included', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(alerts, announcements, digests), { maxLength: 4 }),
      hostile,
      fc.boolean(),
      fc.option(fc.boolean(), { nil: undefined }),
      (notices, stage, isMailed, isContinued) => {
        const handedOn = { notices, isMailed, isContinued, stack: { stage, region: stage } };
        expect(decode(encode(handedOn))).toEqual({ version: 1, ...(present(handedOn) as object) });
      },
    ),
  );
});

test.each([
  ['no JSON', 'notices'],
  ['no object', '"version notices"'],
  ['null', 'null'],
  ['something else', '{"version":1}'],
  ['another version', '{"version":2,"notices":[]}'],
  ['notices that are no list', '{"version":1,"notices":{"length":1}}'],
])('%s is refused, with what was expected', (_, text) => {
  expect(() => decode(text)).toThrow(
    `Expected notices of version 1, as this service hands them on, got ${text}.`,
  );
});

test('a long text that is refused is named by its beginning', () => {
  expect(() => decode('x'.repeat(5000))).toThrow(`got ${'x'.repeat(100)}.`);
});

import { handedOnOf, handedOnOfKind } from '../../../../cli/preview/handed-on.ts';
import { KINDS, type Kind } from '../../../../cli/preview/mails.ts';
import type { View } from '../../../../cli/preview/play.ts';
import { readRecords } from '../../../../cli/preview/records.ts';
import { NOW } from '../../../testing/attempts.ts';
import {
  deleteSecret,
  failedGetSecretValue,
  getSecretValue,
  restoreSecret,
} from '../../../testing/records.ts';

const VIEW: View = {
  described: { kind: 'unavailable', reason: 'Not asked.' },
  deletions: [],
  action: { kind: 'none' },
};

const attempt = (minute: number, overrides: Readonly<Record<string, unknown>> = {}) =>
  failedGetSecretValue({
    eventTime: `2026-11-22T17:${String(minute).padStart(2, '0')}:00Z`,
    eventID: `attempt-${minute}`,
    ...overrides,
  });
const by = (user: string) => ({
  userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::111122223333:user/${user}` },
});
const of = (secretId: string) => ({ requestParameters: { secretId } });

const found = (records: readonly unknown[]) => readRecords(Buffer.from(JSON.stringify(records)));
const handedOn = (records: readonly unknown[], view: Partial<View> = {}) =>
  handedOnOf(found(records), { ...VIEW, ...view }, NOW);
const ofKind = (kind: Kind, records: readonly unknown[], view: Partial<View> = {}) =>
  handedOnOfKind(found(records), kind, { ...VIEW, ...view }, NOW);

/** The notices of each message, in a word. */
const kinds = (messages: ReturnType<typeof handedOn>) =>
  messages.map(({ notices }) => notices.map(({ kind }) => kind).join(' '));

const restored = restoreSecret({ eventTime: '2026-11-22T17:30:00Z', eventID: 'r' });
const story = [deleteSecret(), attempt(0), attempt(1), attempt(2, by('bob')), attempt(3)];

test('what has a mail is handed on: announcements, alerts, and a digest of all others', () => {
  const messages = handedOn([...story, getSecretValue(), restored]);
  expect(kinds(messages)).toEqual(['announced', 'opened', 'caller', 'announced', 'digest']);
  expect(messages.every(({ isMailed }) => isMailed)).toBe(true);
  expect(kinds(handedOn([getSecretValue()]))).toEqual([]);
});

test.each(KINDS)('a notice of a kind is handed on: %s', (kind) => {
  const view: Partial<View> = kind === 'digest' ? {} : { now: new Date('2026-11-22T18:00:00Z') };
  expect(kinds(ofKind(kind, story, view))).toEqual([kind]);
});

test('all of one incident have its id, and no id of another notice', () => {
  const messages = [
    ...handedOn(story).slice(1),
    ...(['last-call', 'over', 'resolved', 'gone'] as const).flatMap((kind) => ofKind(kind, story)),
  ];
  const notices = messages.flatMap((message) => message.notices);
  expect(notices).toHaveLength(7);
  expect(new Set(notices.map(({ incident }) => incident)).size).toBe(1);
  expect(new Set(notices.map(({ id }) => id)).size).toBe(7);
});

test('a secret that is deleted anew has a new incident', () => {
  const again = deleteSecret({ eventTime: '2026-11-22T17:40:00Z', eventID: 'again' });
  const [, first, , , second, digest] = handedOn([
    deleteSecret(),
    attempt(0),
    restored,
    again,
    attempt(50),
    attempt(51),
  ]).map(({ notices: [notice] }) => notice);
  expect([first?.kind, second?.kind, digest?.kind]).toEqual(['opened', 'opened', 'digest']);
  expect(second?.incident).not.toBe(first?.incident);
  expect(digest?.incident).toBe(second?.incident);
});

test('a drill has an incident of its own, and each secret has', () => {
  const drill = of('deleted-secret-notifier-drill-1');
  const notices = handedOn([
    attempt(0),
    attempt(1, of('other')),
    attempt(2, drill),
    attempt(3, { ...drill, ...by('bob') }),
  ]).flatMap((message) => message.notices);
  expect(notices.map(({ kind }) => kind)).toEqual(['opened', 'opened', 'opened', 'caller']);
  const [one, other, ofDrill, again] = notices.map(({ incident }) => incident);
  expect(new Set([one, other, ofDrill]).size).toBe(3);
  expect(again).toBe(ofDrill);
});

test('a digest is one message for each of its mails', () => {
  const many = Array.from({ length: 400 }, (_, i) =>
    attempt(0, {
      ...of(`${i}/${'s'.repeat(500)}`),
      ...by('u'.repeat(60)),
      eventID: `many-${i}`,
    }),
  );
  const again = many.map((record) => ({ ...record, eventID: `${record.eventID}-again` }));
  const messages = ofKind('digest', [...many, ...again]);
  expect(messages.length).toBeGreaterThan(1);
  const names = messages.flatMap(({ notices }) => notices.map(({ secret }) => secret.name));
  expect(new Set(names).size).toBe(400);
  expect(names).toHaveLength(400);
});

test('the stack is where --home says, else where the secret is', () => {
  const stack = (view: Partial<View>) => handedOn([attempt(0)], view)[0]?.stack;
  expect(stack({})).toMatchObject({
    stage: 'dev',
    accountId: '111122223333',
    region: 'eu-west-1',
    hasSpokes: false,
  });
  const home = { accountId: '444455556666', region: 'us-east-1' };
  expect(stack({ home })).toMatchObject(home);
});

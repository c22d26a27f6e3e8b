import { handedOnOf, handedOnOfKind } from '../../../../cli/preview/handed-on.ts';
import { KINDS, type Kind } from '../../../../cli/preview/mails.ts';
import type { View } from '../../../../cli/preview/play.ts';
import { readRecords } from '../../../../cli/preview/records.ts';
import { NOW, found as secretFound } from '../../../testing/attempts.ts';
import { attempt, VIEW } from '../../../testing/preview.ts';
import {
  deleteSecret,
  failedCreateSecret,
  getSecretValue,
  notFoundGetSecretValue,
  restoreSecret,
} from '../../../testing/records.ts';
import { ARN_PREFIX } from '../../../testing/secrets-manager.ts';

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
  const records = [...story, failedCreateSecret({ eventTime: '2026-11-22T17:10:00Z' })];
  expect(kinds(ofKind(kind, records, view))).toEqual([kind]);
});

test('of what was deleted by force, the alert of its first read is the notice that it is gone', () => {
  const forced = deleteSecret({
    responseElements: undefined,
    requestParameters: { secretId: 'prod/db-password', forceDeleteWithoutRecovery: true },
  });
  const read = notFoundGetSecretValue({ eventTime: '2026-11-23T02:00:07Z', eventID: 'gone' });
  const messages = ofKind('gone', [forced, read]);
  expect(kinds(messages)).toEqual(['gone']);
  expect(messages).toEqual(handedOn([forced, read]).slice(1));
  expect(messages[0]?.notices[0]?.attempt?.isNotFound).toBe(true);
});

describe('by default each is of the time at which it would be sent:', () => {
  /** The times of a notice of a kind. */
  const times = (kind: Kind, records: readonly unknown[], view: Partial<View> = {}) =>
    ofKind(kind, records, view).map(({ notices: [notice] }) => notice?.now.toISOString());
  const dated = restoreSecret({ eventTime: '2026-11-28T09:30:00Z', eventID: 'r' });

  test.each<[kind: Kind, records: readonly unknown[], time: string]>([
    ['opened', story, '2026-11-22T17:00:00.000Z'],
    ['digest', story, '2026-11-22T18:03:00.000Z'],
    ['last-call', story, '2026-11-27T14:03:00.000Z'],
    ['over', story, '2026-11-29T15:03:00.000Z'],
    ['gone', story, '2026-11-29T15:03:00.000Z'],
    ['resolved', [...story, dated], '2026-11-28T09:32:00.000Z'],
    // Of a restore that no record tells, only that it was after the last attempt.
    ['resolved', story, '2026-11-22T17:05:00.000Z'],
    // Without a date, by the latest possible one.
    ['last-call', story.slice(1), '2026-12-20T17:03:00.000Z'],
    ['over', story.slice(1), '2026-12-22T18:03:00.000Z'],
    ['gone', story.slice(1), '2026-12-22T18:03:00.000Z'],
  ])('%s', (kind, records, time) => {
    expect(times(kind, records)).toEqual([time]);
  });

  test('the clock is of no account', () => {
    for (const kind of KINDS) {
      const of = (now: Date) =>
        handedOnOfKind(found([...story, ...(kind === 'resolved' ? [dated] : [])]), kind, VIEW, now);
      expect(of(new Date('2020-01-01T00:00:00Z'))).toEqual(of(new Date('2040-01-01T00:00:00Z')));
    }
  });

  test('a restore before the last attempt has not ended its incident', () => {
    const [
      {
        notices: [notice],
      } = { notices: [] },
    ] = ofKind('resolved', [
      ...story,
      restored,
      deleteSecret({ eventTime: '2026-11-22T17:40:00Z', eventID: 'again' }),
      attempt(50),
    ]);
    expect(notice?.now).toEqual(new Date('2026-11-22T17:52:00Z'));
    expect(notice?.state).toEqual({ state: 'restored' });
  });

  test('a last call is of what was read before it, of several secrets those that were', () => {
    const late = attempt(4, { eventTime: '2026-11-28T10:00:00Z' });
    const [{ notices } = { notices: [] }] = ofKind('last-call', [...story, late]);
    expect(notices.map(({ counts }) => counts.attempts)).toEqual([4]);
    expect(times('last-call', [deleteSecret(), late])).toEqual([]);
    const other = attempt(5, { ...of('other'), eventTime: '2026-11-28T11:00:00Z' });
    expect(times('last-call', [deleteSecret(), late, other])).toEqual(['2026-12-26T11:00:00.000Z']);
  });

  test('what is read after the nearest possible end is told to be gone later', () => {
    const described = secretFound({
      arn: `${ARN_PREFIX}prod/db-password-AbCdEf`,
      name: 'prod/db-password',
      deletedDate: new Date('2026-11-15T12:00:00Z'),
    });
    expect(times('gone', [attempt(0)], { described })).toEqual(['2026-11-22T19:30:00.000Z']);
  });
});

test('none is resolved before its restore', () => {
  const now = new Date('2026-11-22T17:20:00Z');
  expect(ofKind('resolved', [...story, restored], { now })).toEqual([]);
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

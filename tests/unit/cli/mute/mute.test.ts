import {
  listJson,
  listText,
  mutedJson,
  mutedText,
  removedText,
} from '../../../../cli/mute/report.ts';
import { identifySecret, type SecretId, secretKey } from '../../../../lib/cloudtrail/secret-id.ts';
import type { Change } from '../../../../lib/deletion/change.ts';
import type { Lookup } from '../../../../lib/deletion/describe.ts';
import { changeItem, partitionKey } from '../../../../lib/deletion/ledger.ts';
import type { Incident, Mute } from '../../../../lib/incident/incident.ts';
import {
  listMutes,
  type MutePorts,
  makerOf,
  muteSecret,
  removeMutes,
} from '../../../../lib/incident/mute.ts';
import { addDays } from '../../../../lib/time.ts';
import {
  ACCOUNT,
  cancellation,
  deletion,
  found,
  NOW,
  SECRET_ARN,
} from '../../../testing/attempts.ts';
import { links } from '../../../testing/links.ts';

const WHERE = { accountId: ACCOUNT, region: 'eu-west-1' };
const SECRET = identifySecret(SECRET_ARN, {});
const KEY = secretKey(SECRET);
const END = new Date('2026-11-29T14:03:00Z');
const REQUEST = { kind: 'mute', secret: 'prod/db/password', reason: 'we know' } as const;
const BATCH = 'arn:aws:iam::*:role/batch';
const ALICE = `arn:aws:sts::${ACCOUNT}:assumed-role/admin/alice`;

const mute = (overrides: Partial<Mute> = {}): Mute => ({
  id: 'earlier',
  by: 'bob',
  byArn: `arn:aws:iam::${ACCOUNT}:user/bob`,
  reason: 'for now',
  from: new Date('2026-11-22T15:00:00Z'),
  until: END,
  ...overrides,
});

interface Scene {
  lookup?: Lookup;
  mutes?: readonly Mute[];
  /** What the ledger knows. */
  change?: Change | undefined;
  arn?: string;
  hasSpokes?: boolean;
  /** The secret of the mutes and of the attempts. */
  secret?: SecretId;
  newsAt?: Date;
  ended?: Incident['ended'];
}

/** A secret whose deletion the ledger knows, and the incidents' store in memory. */
function scene(given: Scene = {}) {
  const {
    lookup = found({ deletedDate: new Date('2026-11-22T14:03:00Z') }),
    mutes = [],
    arn = ALICE,
    hasSpokes,
    secret = SECRET,
    newsAt,
    ended,
  } = given;
  const change = 'change' in given ? given.change : deletion();
  const incidents = new Map<string, Incident>();
  const key = secretKey(secret);
  const endedAt = ended && addDays(NOW, -1);
  const counts = { alerts: 0, notices: 0, isEndReported: false };
  const incident = { key, secret, ...counts, mutes, newsAt, ended, endedAt };
  if (mutes.length > 0 || newsAt) incidents.set(key, incident);
  const calls: string[] = [];
  const ports: MutePorts = {
    now: () => NOW,
    newId: () => 'new',
    hasSpokes,
    describeSecret: async (id, place) => {
      calls.push(place ? `${id} in ${place.accountId} ${place.region}` : id);
      return lookup;
    },
    getItems: async (pk) =>
      change && pk === partitionKey(change.secret) ? [changeItem(change, pk)] : [],
    maker: async () => makerOf(arn),
    incidents: {
      all: async () => [...incidents.values()],
      find: async (key: string) => incidents.get(key),
      mute: async (secret: SecretId, added: Mute) => {
        const key = secretKey(secret);
        const old = incidents.get(key) ?? { ...incident, key, secret, mutes: [] };
        incidents.set(key, { ...old, mutes: [...old.mutes, added] });
      },
      end: async (key: string, how: Incident['ended'], at: Date) => {
        const old = incidents.get(key);
        if (old && !old.ended) incidents.set(key, { ...old, ended: how, endedAt: at });
        return old !== undefined && !old.ended;
      },
      endMutes: async (key: string, at: Date) => {
        const old = incidents.get(key) as Incident;
        const ended = old.mutes.map((one) => (one.from < at ? { ...one, endedAt: at } : one));
        incidents.set(key, { ...old, mutes: ended });
      },
      unmute: async (key: string, ids: readonly string[], endedAt: Date) => {
        const old = incidents.get(key) as Incident;
        const ended = old.mutes.map((one) => (ids.includes(one.id) ? { ...one, endedAt } : one));
        incidents.set(key, { ...old, mutes: ended });
      },
    } as Partial<MutePorts['incidents']> as MutePorts['incidents'],
  };
  return { ports, calls, mutesOf: (key = KEY) => incidents.get(key)?.mutes };
}

describe('a secret is muted', () => {
  test('until its deletion ends, by name, with who and why', async () => {
    const { ports, mutesOf } = scene();
    await muteSecret(REQUEST, WHERE, ports);
    expect(mutesOf()).toEqual([
      { id: 'new', by: 'alice', byArn: ALICE, reason: 'we know', from: NOW, until: undefined },
    ]);
  });

  test.each([
    ['earlier than the end', '2026-11-25T00:00:00Z', new Date('2026-11-25T00:00:00Z'), undefined],
    [
      'later than the end, which cuts it',
      '2026-12-25T00:00:00Z',
      undefined,
      new Date('2026-12-25T00:00:00Z'),
    ],
  ])('until a time %s', async (_, asked, until, cutFrom) => {
    const request = { ...REQUEST, until: new Date(asked) };
    const muted = await muteSecret(request, WHERE, scene().ports);
    expect(muted.mute.until).toEqual(until);
    expect(muted.cutFrom).toEqual(cutFrom);
  });

  test('until the latest possible end, if only a range is known', async () => {
    const cutFrom = new Date('2026-12-22T14:04:00Z');
    const until = new Date('2026-12-22T14:02:00Z');
    const { ports } = scene({ change: undefined });
    expect(await muteSecret({ ...REQUEST, until: cutFrom }, WHERE, ports)).toMatchObject({
      cutFrom,
    });
    expect((await muteSecret({ ...REQUEST, until }, WHERE, ports)).mute.until).toEqual(until);
  });

  test('by its ARN', async () => {
    const { ports, calls } = scene();
    await muteSecret({ ...REQUEST, secret: SECRET_ARN }, WHERE, ports);
    expect(calls).toEqual([SECRET_ARN]);
  });

  test('in place of what the same callers were muted by', async () => {
    const others = [mute({ id: 'of others', caller: BATCH }), mute({ id: 'over', endedAt: NOW })];
    const { ports, mutesOf } = scene({ mutes: [mute(), ...others] });
    const { replaced } = await muteSecret(REQUEST, WHERE, ports);
    expect(replaced).toEqual([mute()]);
    expect(mutesOf()).toEqual([
      mute({ endedAt: NOW }),
      ...others,
      expect.objectContaining({ id: 'new' }),
    ]);
  });
});

test.each([
  [`arn:aws:iam::${ACCOUNT}:user/team/alice`, 'alice'],
  [ALICE, 'alice'],
  [`arn:aws:iam::${ACCOUNT}:root`, 'root user'],
])('%s is named %s', async (arn, name) => {
  const muted = await muteSecret(REQUEST, WHERE, scene({ arn }).ports);
  expect(muted.mute).toMatchObject({ by: name, byArn: arn });
});

describe('nothing is muted, and the next step is said, of a secret that', () => {
  test.each<[what: string, lookup: Lookup, code: string, message: RegExp]>([
    [
      'is not scheduled for deletion',
      found({ deletedDate: undefined }),
      'NOT_PENDING',
      /^Expected prod\/db\/password to be scheduled .+ one that is not scheduled .+npm run status/,
    ],
    [
      'never was',
      { kind: 'not-found' },
      'NOT_PENDING',
      /^Expected a secret prod\/db\/password in account \d+, Region eu-west-1, got none, nor a record .+status/,
    ],
    [
      'nobody can tell of',
      { kind: 'unavailable', reason: 'DescribeSecret was refused (AccessDeniedException).' },
      'AWS_REFUSED',
      /^Expected to find out about .+ refused \(AccessDeniedException\)\. Nothing was muted\.$/,
    ],
  ])('%s', async (_, lookup, code, message) => {
    const { ports, mutesOf } = scene({ lookup, change: undefined });
    await expect(muteSecret(REQUEST, WHERE, ports)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(mutesOf()).toBeUndefined();
  });

  test('has been deleted by now', async () => {
    const { ports } = scene();
    const later = { ...ports, now: () => END };
    await expect(muteSecret(REQUEST, WHERE, later)).rejects.toThrow(/was until 2026-11-29 14:03/);
  });
});

describe('a secret that is gone', () => {
  const GONE: Lookup = { kind: 'not-found' };
  const date = addDays(NOW, -2);
  const known = deletion({ requestedAt: date, date, forced: true, windowDays: 0 });

  test.each<[what: string, scene: Scene, end: Date]>([
    ['the ledger knows it', { lookup: GONE, change: known }, addDays(date, 60)],
    [
      'its incident says so',
      { lookup: GONE, change: undefined, newsAt: NOW, ended: 'gone' },
      addDays(NOW, 59),
    ],
    [
      'a new one has its name',
      { lookup: found({ deletedDate: undefined }), newsAt: NOW, ended: 'gone' },
      addDays(NOW, 59),
    ],
  ])('is muted until that is forgotten if %s', async (_, given, end) => {
    const { ports, mutesOf } = scene(given);
    const muted = await muteSecret(REQUEST, WHERE, ports);
    expect(muted.schedule).toBeUndefined();
    expect(mutesOf()).toMatchObject([{ from: NOW, until: end }]);
    const shorter = await muteSecret({ ...REQUEST, until: addDays(NOW, 3) }, WHERE, ports);
    expect(shorter.mute.until).toEqual(addDays(NOW, 3));
    const longer = await muteSecret({ ...REQUEST, until: addDays(NOW, 90) }, WHERE, ports);
    expect(longer).toMatchObject({ mute: { until: end }, cutFrom: addDays(NOW, 90) });
    expect(mutedText(longer, { stage: 'dev' }, WHERE)).toMatch(
      /\n\nIt is gone: only .+ all the same\.\nNot until 2027-02-20 17:05 UTC: by then its deletion is forgotten\.\n/,
    );
    expect(mutedJson(longer, NOW)).toMatchObject({ deletion: { kind: 'gone' } });
  });

  test('is muted beyond what is found out of its end, where nobody had yet', async () => {
    const given = { lookup: GONE, change: known, newsAt: NOW, mutes: [mute({ until: undefined })] };
    const { ports, mutesOf } = scene(given);
    const { replaced } = await muteSecret(REQUEST, WHERE, ports);
    expect(replaced).toEqual([]);
    expect(mutesOf()).toMatchObject([{ id: 'earlier', endedAt: NOW }, { id: 'new' }]);
    expect(await ports.incidents.find(KEY)).toMatchObject({ ended: 'gone', endedAt: NOW });
  });

  test('is not muted once that is forgotten', async () => {
    const long = { ...known, requestedAt: addDays(NOW, -60), date: addDays(NOW, -60) };
    const { ports } = scene({ lookup: GONE, change: long });
    await expect(muteSecret(REQUEST, WHERE, ports)).rejects.toMatchObject({ code: 'NOT_PENDING' });
  });
});

describe('a secret elsewhere', () => {
  const ARN = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db/password-AbC123';
  const FAR = identifySecret(ARN, {});
  const request = { ...REQUEST, secret: ARN };
  const deleted = deletion({ secret: FAR });
  const REFUSED = 'This stack may not assume the role.';
  const refused: Lookup = { kind: 'elsewhere', place: { notLookedUp: REFUSED } };
  const NOT_CHECKED = 'Whether it is scheduled for deletion now could not be checked.';

  test('is looked up there, and muted as one at home', async () => {
    const lookup = found({ arn: ARN, deletedDate: deletion().requestedAt });
    const { ports, calls, mutesOf } = scene({ lookup, change: deleted, hasSpokes: true });
    const muted = await muteSecret(request, WHERE, ports);
    expect(calls).toEqual([`${ARN} in 444455556666 us-east-1`]);
    expect(muted).toMatchObject({ secret: { arn: ARN }, unchecked: undefined });
    expect(mutesOf(secretKey(FAR))).toEqual([
      { id: 'new', by: 'alice', byArn: ALICE, reason: 'we know', from: NOW, until: undefined },
    ]);
    // A bare name is one of the stack's own account and Region.
    expect(mutesOf(KEY)).toBeUndefined();
    const { ports: home, calls: asked } = scene({ hasSpokes: true });
    await muteSecret(REQUEST, WHERE, home);
    expect(asked).toEqual([`arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:prod/db/password`]);
  });

  test.each<[what: string, lookup: Lookup, hasSpokes: boolean, why: string]>([
    [
      'this stack has no spokes',
      found(),
      false,
      'It is in account 444455556666, us-east-1, which was not looked into.',
    ],
    ['the role refuses', refused, true, REFUSED],
    ['DescribeSecret refuses', { kind: 'unavailable', reason: 'Refused.' }, true, 'Refused.'],
  ])('is muted by its ARN alone where %s, which says so', async (_, lookup, hasSpokes, why) => {
    const far = { lookup, hasSpokes, secret: FAR, newsAt: NOW, change: deleted };
    const { ports, mutesOf } = scene(far);
    const { unchecked, schedule } = await muteSecret(request, WHERE, ports);
    expect(unchecked).toBe(`${NOT_CHECKED} ${why}`);
    expect(schedule).toEqual({ kind: 'exact', date: END });
    expect(mutesOf(secretKey(FAR))).toEqual([expect.objectContaining({ until: undefined })]);
  });

  test('of which no record has come is muted for no longer than a deletion can last', async () => {
    const { ports } = scene({ lookup: refused, hasSpokes: true, change: undefined });
    const { mute: made, unchecked } = await muteSecret(request, WHERE, ports);
    expect(made.until).toEqual(addDays(NOW, 30));
    expect(unchecked).toMatch(/ Nor has an attempt to read it come: is it the right ARN\?$/);
    const until = addDays(NOW, 3);
    expect((await muteSecret({ ...request, until }, WHERE, ports)).mute.until).toEqual(until);
  });

  test.each<[what: string, sent: string, heard: string | undefined, muted: string]>([
    ['is the complete one of the name before it', 'app-config', undefined, 'app'],
    ['is a partial one, if an attempt says so', 'app-config', 'app-config', 'app-config'],
    ['is a partial one', 'app', undefined, 'app'],
  ])('has an ARN that %s', async (_, sent, heard, name) => {
    const [partial = ''] = ARN.split('prod/');
    const secret = { ...FAR, name: heard, arn: undefined };
    const news = heard ? { secret, newsAt: NOW } : {};
    const { ports, mutesOf } = scene({ lookup: refused, hasSpokes: true, ...news });
    await muteSecret({ ...request, secret: partial + sent }, WHERE, ports);
    expect(mutesOf(secretKey({ ...FAR, name }))).toHaveLength(1);
  });

  test.each<[what: string, scene: Scene, message: RegExp, code?: string]>([
    [
      'is not there',
      { lookup: { kind: 'not-found' }, hasSpokes: true },
      /^Expected a secret arn:.+ in account 444455556666, Region us-east-1, got none, nor a record of its deletion\. npm run status -- --all-accounts lists /,
    ],
    [
      'is not scheduled for deletion',
      { lookup: found({ arn: ARN, deletedDate: undefined }), hasSpokes: true },
      /got one that is not scheduled for deletion\./,
    ],
    [
      'was restored, by the records',
      { change: cancellation({ secret: FAR }) },
      /got one that is not scheduled for deletion\./,
    ],
    [
      'was restored after the last attempt, by the records',
      {
        change: cancellation({ secret: FAR, requestedAt: NOW }),
        secret: FAR,
        newsAt: new Date('2026-11-22T15:00:00Z'),
      },
      /got one that is not scheduled for deletion\./,
    ],
    [
      'was pending until a time before now, by the records',
      { change: deletion({ secret: FAR, date: new Date('2026-11-22T15:00:00Z') }) },
      /got one that was until 2026-11-22 15:00 UTC\./,
      'TIME_UP',
    ],
  ])('is not muted if it %s', async (_, given, message, code = 'NOT_PENDING') => {
    const { ports, mutesOf } = scene(given);
    await expect(muteSecret(request, WHERE, ports)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(mutesOf(secretKey(FAR)) ?? []).toEqual([]);
  });

  test('is not muted any more, by its ARN; one of its name at home stays so', async () => {
    const far = scene({ secret: FAR, mutes: [mute()] });
    await removeMutes({ secret: ARN }, WHERE, far.ports);
    expect(far.mutesOf(secretKey(FAR))).toEqual([mute({ endedAt: NOW })]);
    expect(far.calls).toEqual([]);
    const home = scene({ mutes: [mute()] });
    await expect(removeMutes({ secret: ARN }, WHERE, home.ports)).rejects.toThrow(
      /^Expected a mute of arn:.+ in force, got none\. /,
    );
    await expect(removeMutes({ secret: 'prod/db/password' }, WHERE, far.ports)).rejects.toThrow(
      /got none/,
    );
  });

  test('is named by its ARN where it is printed', async () => {
    const { ports } = scene({ change: undefined });
    const muted = await muteSecret(request, WHERE, ports);
    expect(mutedText(muted, { stage: 'dev', region: 'eu-west-1' }, WHERE)).toMatchInlineSnapshot(`
"Muted: prod/db/password, account 444455556666, Region us-east-1
  Caller:  all
  Until:   2026-12-22 17:05 UTC
  By:      alice (arn:aws:sts::111122223333:assumed-role/admin/alice), on 2026-11-22 17:05 UTC
  Reason:  we know

Whether it is scheduled for deletion now could not be checked. It is in account 444455556666, us-east-1, which was not looked into. Nor has an attempt to read it come: is it the right ARN?
Attempts are still recorded, and counted in digests and in npm run status.

To remove it: npm run mute -- --secret arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db/password-AbC123 --region eu-west-1 --remove"
`);
    expect(mutedJson(muted, NOW)).toMatchObject({
      muted: { secret: 'prod/db/password', accountId: '444455556666', region: 'us-east-1' },
      unchecked: expect.stringContaining(NOT_CHECKED),
    });
    expect(listText(await listMutes(ports), NOW, WHERE)).toMatchInlineSnapshot(`
"prod/db/password, account 444455556666, Region us-east-1
  Caller:  all
  Until:   2026-12-22 17:05 UTC
  By:      alice (arn:aws:sts::111122223333:assumed-role/admin/alice), on 2026-11-22 17:05 UTC
  Reason:  we know
  ARN:     arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db/password-AbC123"
`);
  });
});

describe('a removal', () => {
  const remove = { secret: 'prod/db/password' } as const;
  const batch = mute({ id: 'batch', caller: BATCH });

  test('ends all mutes of a secret, and asks AWS nothing', async () => {
    const { ports, calls, mutesOf } = scene({ mutes: [mute(), batch] });
    await removeMutes(remove, WHERE, ports);
    expect(mutesOf()).toEqual([mute({ endedAt: NOW }), { ...batch, endedAt: NOW }]);
    expect(calls).toEqual([]);
  });

  test('ends that of some callers alone', async () => {
    const { ports, mutesOf } = scene({ mutes: [mute(), batch] });
    await removeMutes({ ...remove, caller: BATCH }, WHERE, ports);
    expect(mutesOf()).toEqual([mute(), { ...batch, endedAt: NOW }]);
  });

  test.each([
    ['a secret without one', remove, []],
    ['a mute that has ended', remove, [mute({ endedAt: NOW })]],
    ['other callers', { ...remove, caller: BATCH }, [mute()]],
  ])('of %s is refused', async (_, request, mutes) => {
    await expect(removeMutes(request, WHERE, scene({ mutes }).ports)).rejects.toMatchObject({
      code: 'NO_MUTE',
      message: expect.stringMatching(/got none\. npm run mute -- --list shows all\.$/),
    });
  });
});

describe('what is printed', () => {
  test('says what is muted, until when, and how to remove it', async () => {
    const request = { ...REQUEST, caller: BATCH, until: new Date('2026-12-25T00:00:00Z') };
    const { ports } = scene({ mutes: [mute({ caller: BATCH })] });
    const muted = await muteSecret(request, WHERE, ports);
    expect(mutedText(muted, { stage: 'prod', region: 'eu-west-1' }, WHERE)).toMatchInlineSnapshot(`
"Muted: prod/db/password, account 111122223333, Region eu-west-1
  Caller:  arn:aws:iam::*:role/batch
  Until:   the end of the deletion
  By:      alice (arn:aws:sts::111122223333:assumed-role/admin/alice), on 2026-11-22 17:05 UTC
  Reason:  we know

Not until 2026-12-25 00:00 UTC: that is beyond the end of the deletion.
In place of the mute by bob of 2026-11-22 15:00 UTC: for now.
Attempts are still recorded, and counted in digests and in npm run status.

To remove it: npm run mute -- --secret prod/db/password --caller 'arn:aws:iam::*:role/batch' --stage prod --region eu-west-1 --remove"
`);
    expect(mutedJson(muted, NOW)).toMatchObject({
      muted: { secret: 'prod/db/password', caller: BATCH, until: undefined, isInForce: true },
      deletion: { kind: 'exact' },
      cutFrom: request.until,
      replaced: [{ reason: 'for now' }],
    });
  });

  test('lists what is in force, in the JSON also what has ended', async () => {
    const ended = mute({ id: 'ended', endedAt: NOW });
    const mutes = await listMutes(scene({ mutes: [mute(), ended] }).ports);
    expect(listText(mutes, NOW, WHERE)).toMatchInlineSnapshot(`
"prod/db/password, account 111122223333, Region eu-west-1
  Caller:  all
  Until:   2026-11-29 14:03 UTC
  By:      bob (arn:aws:iam::111122223333:user/bob), on 2026-11-22 15:00 UTC
  Reason:  for now"
`);
    expect(listJson(mutes, NOW).mutes.map(({ isInForce }) => isInForce)).toEqual([true, false]);
    expect(listText([], NOW, WHERE)).toBe('No mute is in force.');
  });

  test('makes no link of what people wrote, and cannot be broken into lines', async () => {
    const reason = 'https://evil.example/\n  By:  nobody\u001b[2J';
    const hostile = mute({
      reason,
      by: 'www.evil.example',
      caller: 'arn:aws:iam::*:role/a.example',
    });
    const mutes = await listMutes(scene({ mutes: [hostile] }).ports);
    for (const text of [listText(mutes, NOW, WHERE), removedText(mutes)]) {
      expect(links(text)).toEqual([]);
      expect(text).not.toMatch(/^\s+By: +nobody/m);
      expect(text).not.toContain('\u001b');
    }
  });
});

import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import type { AssumeRoleCommand, AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import fc from 'fast-check';
import {
  type AssumeRole,
  assumeRoleBy,
  createSpokes,
  type Place,
} from '../../../lib/aws/spokes.ts';
import { HOUR_MS, MINUTE_MS } from '../../../lib/time.ts';
import { answeringClient } from '../../testing/answering.ts';
import { NOW } from '../../testing/attempts.ts';

const ROLE =
  'arn:aws:iam::ACCOUNT:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-REGION';
const PLACE: Place = { accountId: '444455556666', region: 'us-east-1' };
const nth = (n: number): Place => ({ ...PLACE, accountId: String(100_000_000_000 + n) });

/** How AWS STS answers: by the n-th credentials that it lends, or by an error of this name. */
type Answer = 'lends' | 'AccessDenied' | 'ThrottlingException' | 'TimeoutError';

/** Spokes with a clock that a test moves; each AssumeRole, with when it came; and what clients were made of. */
function spokesOf(answer: (place: string) => Answer = () => 'lends', roleArn = ROLE) {
  let time = NOW.getTime();
  const asked: { readonly input: AssumeRoleCommandInput; readonly at: number }[] = [];
  const made: string[] = [];
  const assumeRole: AssumeRole = async (input) => {
    asked.push({ input, at: time });
    const { length: n } = asked;
    const name = answer(input.RoleArn ?? '');
    if (name !== 'lends') throw Object.assign(new Error('no'), { name });
    const lent = { AccessKeyId: `key-${n}`, SecretAccessKey: 'secret', SessionToken: 'token' };
    const Expiration = new Date(time + HOUR_MS + 20);
    return { $metadata: {}, Credentials: { ...lent, Expiration } };
  };
  const { at } = createSpokes({
    roleArn,
    session: 'notify',
    assumeRole,
    clientsOf({ accountId, region }, { accessKeyId, secretAccessKey, sessionToken }) {
      made.push(`${accountId} ${region}`);
      return [accessKeyId, secretAccessKey, sessionToken].join(' ');
    },
    now: () => new Date(time),
  });
  return {
    asked,
    made,
    at,
    /** The same, or what was thrown, by its code. */
    tryAt: (place: Place) => at(place).catch((error) => error.code),
    pass(ms: number) {
      time += ms;
    },
  };
}

test('the clients of a place have the credentials of its role', async () => {
  const { at, asked, made } = spokesOf();
  expect([await at(PLACE), await at({ ...PLACE })]).toEqual([
    'key-1 secret token',
    'key-1 secret token',
  ]);
  expect(made).toEqual(['444455556666 us-east-1']);
  expect(asked.map(({ input }) => input)).toEqual([
    {
      RoleArn:
        'arn:aws:iam::444455556666:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-us-east-1',
      RoleSessionName: 'notify',
      DurationSeconds: 3600,
    },
  ]);
});

test('each account and each Region has a role of its own, whatever the stage is called', async () => {
  const { at, asked } = spokesOf(undefined, 'arn:aws-cn:iam::ACCOUNT:role/x/ACCOUNT-REGION-REGION');
  await at({ accountId: '111122223333', region: 'cn-north-1' });
  await at({ accountId: '111122223333', region: 'cn-northwest-1' });
  await at({ accountId: '444455556666', region: 'cn-north-1' });
  expect(asked.map(({ input }) => input.RoleArn)).toEqual([
    'arn:aws-cn:iam::111122223333:role/x/ACCOUNT-REGION-cn-north-1',
    'arn:aws-cn:iam::111122223333:role/x/ACCOUNT-REGION-cn-northwest-1',
    'arn:aws-cn:iam::444455556666:role/x/ACCOUNT-REGION-cn-north-1',
  ]);
});

test.each<[Answer, unknown]>([
  ['lends', 'key-1 secret token'],
  ['AccessDenied', 'NO_SPOKE'],
  ['ThrottlingException', 'AWS_REFUSED'],
])('who asks meanwhile shares the AssumeRole that %s', async (answer, expected) => {
  const { tryAt, asked, made } = spokesOf(() => answer);
  const all = await Promise.all([1, 2, 3].map(() => tryAt(PLACE)));
  expect(all).toEqual([expected, expected, expected]);
  expect([asked.length, made.length]).toEqual([1, answer === 'lends' ? 1 : 0]);
});

test.each<[Answer, number]>([
  ['lends', HOUR_MS],
  ['AccessDenied', HOUR_MS],
  ['ThrottlingException', MINUTE_MS],
  ['TimeoutError', MINUTE_MS],
])('what %s means is asked again after %i ms, and no sooner', async (answer, pause) => {
  const { tryAt, asked, pass } = spokesOf(() => answer);
  await tryAt(PLACE);
  pass(pause - 1);
  await tryAt(PLACE);
  expect(asked).toHaveLength(1);
  pass(1);
  await tryAt(PLACE);
  expect(asked).toHaveLength(2);
});

test('credentials are replaced before they end, and the clients with them', async () => {
  const { at, made, pass } = spokesOf();
  expect(await at(PLACE)).toBe('key-1 secret token');
  // They end 20 ms later, by the time that it took to ask for them.
  pass(HOUR_MS);
  expect(await at(PLACE)).toBe('key-2 secret token');
  expect(made).toHaveLength(2);
});

describe('credentials that a place does not take', () => {
  /** Spokes whose places take credentials or do not; when each AssumeRole came, in ms since the beginning. */
  function placesThatTake() {
    let time = NOW.getTime();
    let answer = 'ok';
    const asked: number[] = [];
    const { at } = createSpokes({
      roleArn: ROLE,
      session: 'notify',
      assumeRole: async () => {
        asked.push(time - NOW.getTime());
        return { $metadata: {} };
      },
      clientsOf: (_place, _credentials, watch) => watch(answeringClient(() => answer)),
      now: () => new Date(time),
    });
    return {
      asked,
      /** Calls Secrets Manager in a place, which answers so. */
      async call(next: string) {
        answer = next;
        const client = await at(PLACE);
        await client.send(new ListSecretsCommand({})).catch(() => undefined);
      },
      pass(ms: number) {
        time += ms;
      },
    };
  }
  const REFUSED = 'UnrecognizedClientException';

  test('are replaced at most once a minute', async () => {
    const { asked, call, pass } = placesThatTake();
    for (let second = 0; second <= 150; second += 10) {
      await call(REFUSED);
      pass(10_000);
    }
    expect(asked).toEqual([0, MINUTE_MS, 2 * MINUTE_MS]);
  });

  test('are replaced at the next call where they are older, and then kept for an hour', async () => {
    const { asked, call, pass } = placesThatTake();
    await call('ok');
    pass(30 * MINUTE_MS);
    await call(REFUSED);
    await call('ok');
    pass(HOUR_MS - 1);
    await call('ok');
    expect(asked).toEqual([0, 30 * MINUTE_MS]);
  });

  test('are replaced once where several calls find them refused', async () => {
    const { asked, call, pass } = placesThatTake();
    await call('ok');
    pass(2 * MINUTE_MS);
    await Promise.all([call(REFUSED), call(REFUSED)]);
    pass(MINUTE_MS);
    await Promise.all([call('ok'), call('ok')]);
    pass(30 * MINUTE_MS);
    await call('ok');
    expect(asked).toEqual([0, 3 * MINUTE_MS]);
  });
});

test('a spoke that is deployed is found within the hour, and one that is slow within the minute', async () => {
  let answer: Answer = 'AccessDenied';
  const { tryAt, pass } = spokesOf(() => answer);
  expect(await tryAt(PLACE)).toBe('NO_SPOKE');
  answer = 'TimeoutError';
  pass(HOUR_MS);
  expect(await tryAt(PLACE)).toBe('AWS_REFUSED');
  answer = 'lends';
  pass(MINUTE_MS);
  expect(await tryAt(PLACE)).toBe('key-3 secret token');
});

test.each<[Answer, string]>([
  [
    'AccessDenied',
    'This stack may not assume the role deleted-secret-notifier-dev-us-east-1 of account 444455556666, by which it would look into us-east-1. Deploy the spoke there.',
  ],
  [
    'TimeoutError',
    'AWS STS did not let this stack assume the role deleted-secret-notifier-dev-us-east-1 of account 444455556666 (TimeoutError).',
  ],
])('what to do about %s is said in a sentence', async (answer, message) => {
  const { at } = spokesOf(() => answer);
  await expect(at(PLACE)).rejects.toThrow(message);
});

test('a place that refuses keeps nobody from another', async () => {
  const { tryAt } = spokesOf((role) =>
    role.includes('::444455556666:') ? 'AccessDenied' : 'lends',
  );
  const places = [PLACE, { ...PLACE, region: 'eu-west-1' }, nth(1)];
  expect(await Promise.all(places.map(tryAt))).toEqual([
    'NO_SPOKE',
    'NO_SPOKE',
    'key-3 secret token',
  ]);
});

test('clients are kept of the hundred places asked for last, and credentials beyond that', async () => {
  const { at, asked, made } = spokesOf();
  for (let n = 0; n < 100; n++) await at(nth(n));
  await at(nth(0));
  await at(nth(100));
  expect([asked.length, made.length]).toEqual([101, 101]);
  await at(nth(0));
  expect(made).toHaveLength(101);
  await at(nth(1));
  expect(made.at(-1)).toBe('100000000001 us-east-1');
  expect([asked.length, made.length]).toEqual([101, 102]);
});

test('credentials are kept of the five thousand places asked for last', async () => {
  const { at, asked } = spokesOf();
  for (let n = 0; n <= 5000; n++) await at(nth(n));
  await at(nth(1));
  expect(asked).toHaveLength(5001);
  await at(nth(0));
  expect(asked).toHaveLength(5002);
});

test('the client of AWS STS is made when it is first needed, and once', async () => {
  let made = 0;
  const assumeRole = assumeRoleBy(() => {
    made++;
    return { send: async ({ input }: AssumeRoleCommand) => input } as unknown as STSClient;
  });
  expect(made).toBe(0);
  const input = { RoleArn: ROLE, RoleSessionName: 'notify' };
  expect([await assumeRole(input), await assumeRole(input)]).toEqual([input, input]);
  expect(made).toBe(1);
});

test('whoever asks when, a place is asked at most once an hour, unless AWS STS did not answer: then once a minute', async () => {
  const ask = fc.record({
    wait: fc.oneof(fc.nat(100), fc.nat(2 * MINUTE_MS), fc.nat(2 * HOUR_MS)),
    places: fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
    answer: fc.constantFrom<Answer>('lends', 'AccessDenied', 'ThrottlingException'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(ask, { minLength: 2, maxLength: 30 }), async (asks) => {
      let answer: Answer = 'lends';
      const holds = new Map<unknown, number>();
      const { tryAt, asked, pass } = spokesOf(() => answer);
      for (const { wait, places, answer: next } of asks) {
        pass(wait);
        answer = next;
        const before = asked.length;
        await Promise.all(places.map((n) => tryAt(nth(n))));
        for (const { input, at } of asked.slice(before)) {
          expect(at).toBeGreaterThanOrEqual(holds.get(input.RoleArn) ?? 0);
          holds.set(input.RoleArn, at + (next === 'ThrottlingException' ? MINUTE_MS : HOUR_MS));
        }
      }
    }),
    { numRuns: 300 },
  );
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SNSClient } from '@aws-sdk/client-sns';
import fc from 'fast-check';
import { clientSettings } from '../../../lib/aws/clients.ts';
import { secretKey } from '../../../lib/cloudtrail/secret-id.ts';
import { digestNotice, type KnownAttempts } from '../../../lib/notice/digest.ts';
import { ofDigest } from '../../../lib/notice/hand-on.ts';
import { decode, type IncidentNotice } from '../../../lib/notice/incident-notice.ts';
import { createNoticeTopic, type LeftStore } from '../../../lib/notice/notice-topic.ts';
import { NOW } from '../../testing/attempts.ts';
import { fakeSns } from '../../testing/channels.ts';
import { known, named, role } from '../../testing/digests.ts';

const STACK = { stage: 'dev', region: 'eu-west-1', accountId: '111122223333' };
const ARN = 'arn:aws:sns:eu-west-1:111122223333:notices';
/** The most that a message may take, in bytes, as a text in the JSON of a function's event. */
const MAX_BYTES = 200_000;
const sizeOf = (text: string) => Buffer.byteLength(JSON.stringify(text));

function noticesOf(secrets: readonly KnownAttempts[]): IncidentNotice[] {
  const notice = digestNotice('digest', secrets, NOW);
  return ofDigest(notice, ({ secret }) => ({ key: secretKey(secret), openedAt: NOW }));
}

/** What is left, in memory: texts by keys in the order of time. */
function memoryLeft(texts: readonly string[] = []) {
  const kept = new Map(texts.map((text, n) => [`${n}`, text]));
  let reads = 0;
  const left: LeftStore = {
    put: async (text) => void kept.set(`${kept.size}`, text),
    async *list() {
      for (const [sk, text] of [...kept]) {
        reads++;
        yield { key: { pk: 'handed-on', sk }, text };
      }
    },
    delete: async ({ sk }) => void kept.delete(sk),
  };
  return { left, kept: () => [...kept.values()], reads: () => reads };
}

function topicWith(client: SNSClient, { left }: { left: LeftStore }, now = () => NOW) {
  const notTaken: unknown[] = [];
  const topic = createNoticeTopic(client, ARN, {
    left,
    stack: STACK,
    now,
    notTaken: (error) => notTaken.push(error),
  });
  if (!topic) throw new Error('Expected a topic.');
  return { ...topic, notTaken };
}

test('there is none without its ARN', () => {
  const ports = { ...memoryLeft(), stack: STACK, now: () => NOW, notTaken: () => undefined };
  expect(createNoticeTopic(fakeSns().client, undefined, ports)).toBeUndefined();
});

test('notices are handed on together, with whether they are mailed and by which stack', async () => {
  const sns = fakeSns();
  const { handOn, notTaken } = topicWith(sns.client, memoryLeft());
  const notices = noticesOf([known([role('a')]), known([role('b')], { secret: named('other') })]);
  await handOn(notices, true);
  expect(sns.taken()).toMatchObject([
    {
      isMailed: true,
      isContinued: false,
      stack: STACK,
      notices: notices.map(({ id }) => ({ id })),
    },
  ]);
  expect(notTaken).toEqual([]);
});

test('of nothing nothing is handed on', async () => {
  const sns = fakeSns();
  await topicWith(sns.client, memoryLeft()).handOn([], true);
  expect(sns.taken()).toEqual([]);
});

describe('many notices', () => {
  const many = () =>
    noticesOf(
      Array.from({ length: 300 }, (_, n) =>
        known(
          Array.from({ length: 20 }, (_, r) => role(`r${r}`)),
          { secret: named(`s${n}`) },
        ),
      ),
    );

  test('are handed on in as many messages as it takes, each once and in order', async () => {
    const sns = fakeSns();
    const left = memoryLeft();
    const { handOn } = topicWith(sns.client, left);
    const notices = many();
    await handOn(notices, true);
    const messages = sns.taken();
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.length).toBeLessThan(20);
    expect(messages.flatMap((message) => message.notices.map(({ id }) => id))).toEqual(
      notices.map(({ id }) => id),
    );
    expect(messages.map(({ isContinued }) => isContinued)).toEqual(
      messages.map((_, part) => part > 0),
    );
  });

  test('of a further mail all go on with the first', async () => {
    const sns = fakeSns();
    await topicWith(sns.client, memoryLeft()).handOn(many(), true, true);
    expect(sns.taken().every(({ isContinued }) => isContinued)).toBe(true);
  });

  test('are left as they are, from the first message on that the topic does not take', async () => {
    let calls = 0;
    const sns = fakeSns(() => (++calls > 1 ? new Error('down') : undefined));
    const left = memoryLeft();
    const { handOn, notTaken } = topicWith(sns.client, left);
    const notices = many();
    await handOn(notices, false);
    const all = [...sns.taken(), ...left.kept().map(decode)];
    expect(all.flatMap((message) => message.notices.map(({ id }) => id))).toEqual(
      notices.map(({ id }) => id),
    );
    expect(all.every(({ isMailed }) => !isMailed)).toBe(true);
    expect([calls, notTaken.length]).toEqual([2, 1]);
  });
});

test('whatever a record holds, each message finds room', async () => {
  const text = fc
    .tuple(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
      fc.constantFrom(1, 100, 3000, 70_000),
    )
    .map(([part, times]) => part.repeat(times));
  const secret = fc.record({ text, callers: fc.constantFrom(0, 1, 20) }).map((made) =>
    known(
      Array.from({ length: made.callers }, (_, n) =>
        role(`${n}${made.text}`, {
          addresses: new Set([made.text, 'x']),
          sessions: new Set([made.text]),
        }),
      ),
      {
        secret: { ...named('s'), sent: made.text, name: made.text },
        muted: [{ by: made.text, reason: made.text, count: 1, news: 1 }],
      },
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(secret, { minLength: 1, maxLength: 2 }), async (secrets) => {
      const left = memoryLeft();
      const down = fakeSns(() => new Error('down'));
      const notices = noticesOf(secrets);
      await topicWith(down.client, left).handOn(notices, true);
      for (const kept of left.kept()) expect(sizeOf(kept)).toBeLessThanOrEqual(MAX_BYTES);
      const read = left.kept().flatMap((kept) => decode(kept).notices);
      expect(read.map(({ id, kind, counts }) => ({ id, kind, counts }))).toEqual(
        notices.map(({ id, kind, counts }) => ({ id, kind, counts })),
      );
      // A command that is cut would do something else.
      expect(read.map(({ remedy }) => remedy)).toEqual(
        notices.map(({ remedy }) => JSON.parse(JSON.stringify({ remedy })).remedy),
      );
    }),
    { numRuns: 20 },
  );
});

test('a topic that hangs keeps a mail waiting for some three seconds at most, however many the messages', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  // As in the functions.
  const client = new SNSClient({
    ...clientSettings(4000),
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  });
  const left = memoryLeft();
  const secrets = Array.from({ length: 1000 }, (_, n) =>
    known([role('a')], { secret: named(`s${n}`) }),
  );
  const start = performance.now();
  await topicWith(client, left).handOn(noticesOf(secrets), true);
  const waited = performance.now() - start;
  client.destroy();
  server.closeAllConnections();
  server.close();
  expect(waited).toBeLessThan(3500);
  expect(left.kept().length).toBeGreaterThan(1);
});

describe('what was left', () => {
  const texts = Array.from({ length: 20 }, (_, n) => `{"version":1,"notices":[],"n":${n}}`);
  const numbers = (messages: unknown[]) => messages.map((one) => (one as { n: number }).n);

  test('is handed on, the oldest first, and forgotten', async () => {
    const sns = fakeSns();
    const left = memoryLeft(texts);
    await topicWith(sns.client, left).handOnLeft();
    expect(numbers(sns.taken())).toEqual(texts.map((_, n) => n));
    expect(left.kept()).toEqual([]);
  });

  test('stays where the topic does not take it, which is tried three times', async () => {
    const sns = fakeSns(() => new Error('down'));
    const left = memoryLeft(texts);
    const { handOnLeft, notTaken } = topicWith(sns.client, left);
    await handOnLeft();
    expect(left.kept()).toEqual(texts);
    expect(notTaken).toHaveLength(3);
  });

  test('is handed on behind what the topic refuses for good', async () => {
    let calls = 0;
    const sns = fakeSns(() => (++calls === 1 ? new Error('refused') : undefined));
    const left = memoryLeft(texts);
    await topicWith(sns.client, left).handOnLeft();
    expect(left.kept()).toEqual([texts[0]]);
  });

  test('takes half a minute of a run at most', async () => {
    let time = NOW.getTime();
    const sns = fakeSns(() => {
      time += 6000;
      return undefined;
    });
    const left = memoryLeft(texts);
    await topicWith(sns.client, left, () => new Date(time)).handOnLeft();
    expect(left.kept()).toHaveLength(15);
  });

  test('is no more in a run than the chat takes until the next', async () => {
    const sns = fakeSns();
    const left = memoryLeft(Array.from({ length: 130 }, () => '{"version":1,"notices":[]}'));
    await topicWith(sns.client, left).handOnLeft();
    expect(left.kept()).toHaveLength(30);
  });

  test('of which a run died before it had forgotten it is handed on again', async () => {
    const sns = fakeSns();
    const { left, kept } = memoryLeft(texts.slice(0, 2));
    const dying = { ...left, delete: () => Promise.reject(new Error('killed')) };
    await expect(topicWith(sns.client, { left: dying }).handOnLeft()).rejects.toThrow('killed');
    await topicWith(sns.client, { left }).handOnLeft();
    expect(numbers(sns.taken())).toEqual([0, 0, 1]);
    expect(kept()).toEqual([]);
  });
});

import { stripVTControlCharacters } from 'node:util';
import type { AlarmState, Traces } from '../../../../cli/drill/paths.ts';
import { hasPassed, reportJson, reportText } from '../../../../cli/drill/report.ts';
import { type DrillOptions, type DrillPorts, drill } from '../../../../cli/drill/run.ts';
import { addDays, MINUTE_MS } from '../../../../lib/time.ts';
import { NOW } from '../../../testing/attempts.ts';

const TARGET = { stage: 'prod', region: 'eu-west-3', profile: 'p' };
const NAME = 'deleted-secret-notifier-drill-1f3a9c0e';
const OPTIONS: DrillOptions = { name: NAME, paths: ['event', 'alarm'], timeout: 15 * MINUTE_MS };

/** A world with a clock that sleeping moves: alerts after 6 seconds, alarms after 5 minutes. */
function fakes(overrides: Partial<DrillPorts> = {}) {
  let time = NOW.getTime();
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(what);
  const passed = () => (time - NOW.getTime()) / 1000;
  const ports: DrillPorts = {
    now: () => new Date(time),
    sleep: async (ms) => {
      time += ms / 2; // two paths sleep at a time
    },
    leftovers: async () => [],
    create: note('create'),
    schedule: async () => {
      done.push('schedule');
      return addDays(NOW, 7);
    },
    deletedDate: async () => NOW,
    isRefused: async () => {
      done.push('read');
      return true;
    },
    isNameTaken: async () => {
      done.push('create another');
      return true;
    },
    remove: async (id) => void done.push(`remove ${id}`),
    ruleState: async () => 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    alarm: async () => ({ value: passed() >= 300 ? 'ALARM' : 'OK' }),
    traces: async () =>
      passed() >= 6 ? { attempt: { alertedAt: NOW.toISOString() }, pair: {} } : {},
    runTasks: async (tasks) => {
      const ignore = () => undefined;
      await Promise.all(tasks.map(({ run }) => run({ retitle: ignore, note: ignore })));
    },
    ...overrides,
  };
  return { ports, done };
}

/** Before the drill the alarm is in one state, then in the other. */
const looksAt = (before: AlarmState, after: AlarmState) => {
  let looks = 0;
  return async () => (looks++ === 0 ? before : after);
};

test('a secret is created, scheduled for deletion, read in vain, and removed', async () => {
  const { ports, done } = fakes();
  const result = await drill(OPTIONS, ports);
  expect(done).toEqual(['create', 'schedule', 'read', `remove ${NAME}`]);
  expect(hasPassed(result)).toBe(true);
  expect(stripVTControlCharacters(reportText(result, TARGET))).toMatchInlineSnapshot(`
"ok  event  alerted after 6 s
ok  alarm  in ALARM after 301 s

DeleteSecret, requested at 2026-11-22T17:05:00.000Z, returned the
DeletionDate 2026-11-29T17:05:00.000Z; DescribeSecret the DeletedDate
2026-11-22T17:05:00.000Z. So it is the time of the request, as expected of
AWS.

The rule is in state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, and the
read arrived. So this state works. Whether a plain ENABLED would do, which
AWS denies, this does not show."
`);
  expect(reportJson(result)).toMatchObject({
    secret: NAME,
    passed: true,
    paths: [
      { path: 'event', answered: true },
      { path: 'alarm', answered: true },
    ],
    dates: { deletedDateIs: 'requested' },
    rule: { readArrived: true },
  });
});

test.each([
  [
    'suppressed',
    "The alarm's mail was suppressed: within the last hour the trail path has brought the function an",
  ],
  [
    'sent',
    "The alarm's mail was sent: within the last hour the trail path has brought the function no",
  ],
] as const)('what became of the mail of the alarm is said: %s', async (mail, words) => {
  const { ports } = fakes({
    alarm: looksAt({ value: 'OK', mail: 'waiting' }, { value: 'ALARM', mail }),
  });
  const result = await drill({ ...OPTIONS, paths: ['alarm'] }, ports);
  expect(hasPassed(result)).toBe(true);
  expect(reportText(result, TARGET).replaceAll('\n', ' ')).toContain(words);
  expect(reportJson(result).paths).toMatchObject([{ path: 'alarm', answered: true, mail }]);
});

test('an alarm whose mail is not decided on in time has not answered', async () => {
  const ALARM = { value: 'ALARM', mail: 'waiting' } as const;
  const { ports } = fakes({ alarm: looksAt({ value: 'OK' }, ALARM) });
  const { answers } = await drill({ ...OPTIONS, paths: ['alarm'] }, ports);
  expect(answers).toMatchObject([
    { isAnswered: false, text: expect.stringMatching(/^in ALARM, /) },
  ]);
});

test('what an earlier drill has left is removed first', async () => {
  const { ports, done } = fakes({ leftovers: async () => ['arn:1', 'arn:2'] });
  await drill(OPTIONS, ports);
  expect(done.slice(0, 3)).toEqual(['remove arn:1', 'remove arn:2', 'create']);
});

test('a path that does not answer in time fails, and says what was seen last', async () => {
  const { ports, done } = fakes({ traces: async () => ({}) });
  const result = await drill({ ...OPTIONS, paths: ['event'], timeout: MINUTE_MS }, ports);
  expect(hasPassed(result)).toBe(false);
  expect(stripVTControlCharacters(reportText(result, TARGET))).toMatch(
    /^fail {2}event {2}no attempt recorded, after 60 s\n[\s\S]+ did not arrive\.[\s\S]+ read docs\/operations\.md, "Prove that it\nworks", or run\n\nnpm run doctor -- --stage prod --region eu-west-3 --profile p$/,
  );
  expect(done.at(-1)).toBe(`remove ${NAME}`);
});

/** The traces of an attempt that is alerted at once, and of what each channel has noted since. */
const tracesWith = (sent: Traces['sent']) => async () => ({
  attempt: { alertedAt: NOW.toISOString() },
  pair: {},
  notice: 'alert/9f1c2d6e',
  sent,
});
const DRILLED = {
  ...TARGET,
  functions: { chat: 'notifier-prod-chat', bus: 'notifier-prod-bus' },
  eventBusName: 'security',
};
const WITH_CHANNELS: DrillOptions = {
  ...{ ...OPTIONS, paths: ['event'], timeout: MINUTE_MS },
  channels: ['chat', 'bus'],
};

test('each channel is waited for, and what it has sent, when, and where to look is said', async () => {
  const sentAt = '2026-11-22T17:05:08.000Z';
  const traces = tracesWith({ chat: { sentAt }, bus: { sentAt } });
  const result = await drill(WITH_CHANNELS, fakes({ traces }).ports);
  expect(hasPassed(result)).toBe(true);
  const [table, ...texts] = stripVTControlCharacters(reportText(result, DRILLED)).split('\n\n');
  expect([table, ...texts.slice(0, 2)].join('\n\n')).toMatchInlineSnapshot(`
"ok  event  alerted after 0 s
ok  chat   sent after 0 s
ok  bus    sent after 0 s

chat has sent the notice alert/9f1c2d6e at 2026-11-22T17:05:08.000Z. Look
into the chat: the title of its message has DRILL in it, and it opens a
thread. That it was published does not show that it has come there.

bus has sent the notice alert/9f1c2d6e at 2026-11-22T17:05:08.000Z. Look at
what your rules on the event bus security have made of it: an event of the
source deleted-secret-notifier, in whose detail isDrill is true."
`);
  expect(reportJson(result).channels).toEqual(
    ['chat', 'bus'].map((channel) => ({
      channel,
      sent: true,
      seconds: 0,
      text: 'sent',
      notice: 'alert/9f1c2d6e',
      sentAt,
    })),
  );
});

test('a channel that has not sent in time fails, though the mail was sent, and where the reason is is said', async () => {
  const traces = tracesWith({ chat: { token: 'a', leaseUntil: 1 } });
  const result = await drill(WITH_CHANNELS, fakes({ traces }).ports);
  expect(hasPassed(result)).toBe(false);
  const text = stripVTControlCharacters(reportText(result, DRILLED));
  expect(text.slice(0, text.indexOf('DeleteSecret'))).toMatchInlineSnapshot(`
"ok    event  alerted after 0 s
fail  chat   is at work, or has failed and is tried again, after 60 s
fail  bus    not sent, after 60 s

The channel chat has not sent the alert. Why is in the log of its function
notifier-prod-chat, or else the doctor shows it; what has failed for good is
in the dead-letter queue, and replay sends it by this channel alone:

aws logs tail /aws/lambda/notifier-prod-chat --since 1h --region eu-west-3 --profile p
npm run doctor -- --stage prod --region eu-west-3 --profile p
npm run replay -- --stage prod --region eu-west-3 --profile p

The channel bus has not sent the alert. Why is in the log of its function
notifier-prod-bus, or else the doctor shows it; what has failed for good is
in the dead-letter queue, and replay sends it by this channel alone:

aws logs tail /aws/lambda/notifier-prod-bus --since 1h --region eu-west-3 --profile p
npm run doctor -- --stage prod --region eu-west-3 --profile p
npm run replay -- --stage prod --region eu-west-3 --profile p

"
`);
  expect(text).not.toContain('To see why a path has not answered');
  expect(reportJson(result)).toMatchObject({
    passed: false,
    paths: [{ path: 'event', answered: true }],
    channels: [
      { channel: 'chat', sent: false, notice: undefined },
      { channel: 'bus', sent: false },
    ],
  });
});

test('without channels nothing is said of them', async () => {
  const result = await drill(OPTIONS, fakes().ports);
  expect(Object.keys(reportJson(result))).toEqual(['secret', 'passed', 'paths', 'dates', 'rule']);
  expect(reportText(result, TARGET)).not.toMatch(/chat|bus/);
});

test('the alarm alone alerts nobody by a channel', async () => {
  const { channels } = await drill({ ...WITH_CHANNELS, paths: ['alarm'] }, fakes().ports);
  expect(channels).toEqual([]);
});

test('only the chosen path is observed', async () => {
  const never = () => Promise.reject(new Error('looked at'));
  const alarm = await drill(
    { ...OPTIONS, paths: ['alarm'] },
    fakes({ traces: never, ruleState: never }).ports,
  );
  expect(alarm.answers).toMatchObject([{ path: 'alarm', isAnswered: true }]);
  expect(reportJson(alarm).rule).toBeUndefined();
  const event = await drill({ ...OPTIONS, paths: ['event'] }, fakes({ alarm: never }).ports);
  expect(event.answers).toMatchObject([{ path: 'event', isAnswered: true }]);
});

test('an alarm that was in ALARM before is not waited for', async () => {
  const { ports } = fakes({ alarm: async () => ({ value: 'ALARM' }) });
  const { answers } = await drill(OPTIONS, ports);
  expect(answers).toMatchObject([
    { isAnswered: true },
    { isAnswered: false, text: expect.stringMatching(/^was in ALARM already/) },
  ]);
});

test('of a name that is taken another creation is tried, and its mail and channels are waited for', async () => {
  const sentAt = '2026-11-22T17:06:40.000Z';
  const notice = 'clash/0123/4567';
  const recorded = { clash: { calls: [{ id: '1', time: NOW }] }, notice, sent: {} };
  const mailed = { clash: { calls: [], toldAt: NOW }, notice, sent: { chat: { sentAt } } };
  let looks = 0;
  const { ports, done } = fakes({
    traces: async () => [{}, recorded][looks++ - 1] ?? mailed,
    alarm: () => Promise.reject(new Error('looked at')),
    ruleState: () => Promise.reject(new Error('looked at')),
  });
  const result = await drill({ ...OPTIONS, paths: ['name'], channels: ['chat'] }, ports);
  expect(done).toEqual(['create', 'schedule', 'create another', `remove ${NAME}`]);
  expect(hasPassed(result)).toBe(true);
  expect(stripVTControlCharacters(reportText(result, DRILLED))).toMatch(
    /^ok {2}name {2}mailed after [\d.]+ s\nok {2}chat {2}sent after [\d.]+ s\n\nchat has sent the notice clash\/0123\/4567 at /,
  );
  expect(reportJson(result)).toMatchObject({ paths: [{ path: 'name', answered: true }] });
  expect(reportJson(result).rule).toBeUndefined();
});

test('a name that AWS goes on not to refuse ends the drill', async () => {
  const { ports, done } = fakes({ isNameTaken: async () => false });
  await expect(drill({ ...OPTIONS, paths: ['name'] }, ports)).rejects.toMatchObject({
    code: 'NOT_SETTLED',
    message: expect.stringContaining('to refuse a secret of a name that is taken, got it'),
  });
  expect(done.at(-1)).toBe(`remove ${NAME}`);
});

test('what AWS does not show yet is read again', async () => {
  let reads = 0;
  const { ports } = fakes({
    isRefused: async () => ++reads > 3,
    deletedDate: async () => (++reads > 1 ? NOW : undefined),
  });
  const { dates } = await drill(OPTIONS, ports);
  expect(dates.deletedDate).toEqual(NOW);
});

test('a value that AWS goes on to return ends the drill', async () => {
  const { ports, done } = fakes({ isRefused: async () => false });
  await expect(drill(OPTIONS, ports)).rejects.toMatchObject({ code: 'NOT_SETTLED' });
  expect(done.at(-1)).toBe(`remove ${NAME}`);
});

test.each<[keyof DrillPorts]>([['alarm'], ['ruleState'], ['traces']])(
  'a first look, of %s, that hangs is given up when the time is up, and nothing is made',
  async (port) => {
    const timeout = import.meta.jest
      .spyOn(AbortSignal, 'timeout')
      .mockReturnValue(AbortSignal.abort());
    const { ports, done } = fakes({
      [port]: (late: AbortSignal) =>
        late.aborted ? Promise.reject(late.reason) : new Promise(() => undefined),
    });
    await expect(drill(OPTIONS, ports)).rejects.toMatchObject({
      code: 'OUT_OF_TIME',
      message: expect.stringContaining('nothing was made'),
    });
    expect(timeout).toHaveBeenCalledWith(OPTIONS.timeout);
    expect(done).toEqual([]);
    timeout.mockRestore();
  },
);

describe('the secret is removed', () => {
  const failing = () => Promise.reject(new Error('AWS is down'));
  test.each<[keyof DrillPorts]>([
    ['create'],
    ['schedule'],
    ['deletedDate'],
    ['isRefused'],
    ['sleep'],
  ])('also when %s fails', async (name) => {
    const { ports, done } = fakes({ [name]: failing });
    await expect(drill(OPTIONS, ports)).rejects.toThrow('AWS is down');
    expect(done.at(-1)).toBe(`remove ${NAME}`);
  });

  test('also when the table cannot be read any more', async () => {
    const { ports, done } = fakes();
    const traces = async () => (done.length > 0 ? failing() : {});
    await expect(drill(OPTIONS, { ...ports, traces })).rejects.toThrow('AWS is down');
    expect(done.at(-1)).toBe(`remove ${NAME}`);
  });

  test('or what is left is named', async () => {
    const { ports } = fakes({ remove: failing });
    await expect(drill(OPTIONS, ports)).rejects.toThrow(
      `The secret ${NAME} could not be removed (Error: AWS is down). The next drill`,
    );
  });

  test.each<[keyof DrillPorts]>([['ruleState'], ['alarm'], ['traces']])(
    'but nothing is made if %s fails before',
    async (name) => {
      const { ports, done } = fakes({ [name]: failing });
      await expect(drill(OPTIONS, ports)).rejects.toThrow('AWS is down');
      expect(done).toEqual([]);
    },
  );
});

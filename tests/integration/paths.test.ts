import { subscriptionEvent } from '../../emulators/cloudtrail.ts';
import { sortBatch, unpackBatch } from '../../lib/cloudtrail/batch.ts';
import { asEvent, deleteSecret, failedGetSecretValue } from '../testing/records.ts';
import { type Service, useService } from '../testing/service.ts';

const start = useService();

/** The metrics that the functions have counted, each with its sum; all but that of the time. */
function counted({ log }: Service): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const line of log().split('\n').filter(Boolean)) {
    const { _aws, service: _, ...values } = JSON.parse(line);
    if (!_aws) continue;
    for (const [name, value] of Object.entries<number>(values)) {
      sums[name] = (sums[name] ?? 0) + value;
    }
  }
  return sums;
}

const BY_TRAIL = { path: 'trail' };
const read = failedGetSecretValue();
const OTHER = {
  awsRegion: 'us-east-1',
  recipientAccountId: '444455556666',
  eventID: 'elsewhere',
};

/** The subjects of all mails. */
async function subjects({ aws }: Service): Promise<string[]> {
  const found: string[] = [];
  for (let mail = await aws.nextMail(); mail; mail = await aws.nextMail()) found.push(mail.subject);
  return found;
}

test('an attempt that the rule told first is no news by the trail', async () => {
  const service = await start();
  await service.notify(asEvent(read));
  await service.notify(asEvent(read, BY_TRAIL));
  expect(await subjects(service)).toHaveLength(1);
  expect(counted(service)).toMatchObject({ Attempts: 1, Alerts: 1, AlertDelay: expect.anything() });
  expect(counted(service)).not.toHaveProperty('AttemptsByTrail');
});

test.each<[string, Record<string, string>, Record<string, string>[]]>([
  ['the rule alone brings', {}, [{}]],
  ['both bring', {}, [{}, BY_TRAIL]],
  ['the trail brings first', {}, [BY_TRAIL, {}]],
  ['the trail brings twice', {}, [BY_TRAIL, BY_TRAIL]],
  ['an ignored caller makes', { IGNORED_CALLERS: '*' }, [{}, BY_TRAIL]],
])(
  'an attempt that %s is counted as heard by the trail as often as it came that way',
  async (_, env, envelopes) => {
    const service = await start(env);
    for (const envelope of envelopes) await service.notify(asEvent(read, envelope));
    const times = envelopes.filter((envelope) => envelope === BY_TRAIL).length;
    expect(counted(service).HeardByTrail ?? 0).toBe(times);
  },
);

test('what is no attempt, and one that could not be mailed, is not counted as heard by the trail', async () => {
  const service = await start();
  const other = failedGetSecretValue({ errorCode: 'AccessDenied', errorMessage: 'no' });
  await service.notify(asEvent(other, BY_TRAIL));
  const unmailed = await start({ ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:missing' });
  await expect(unmailed.notify(asEvent(read, BY_TRAIL))).rejects.toThrow();
  for (const one of [service, unmailed]) {
    expect(counted(one)).not.toHaveProperty('HeardByTrail');
  }
});

test('one that the trail told first is counted as missed by the rule, once, and not as slow', async () => {
  const service = await start();
  await service.notify(asEvent(read, BY_TRAIL));
  await service.notify(asEvent(read));
  expect(await subjects(service)).toHaveLength(1);
  const sums = counted(service);
  expect(sums).toMatchObject({ Attempts: 1, Alerts: 1, AttemptsByTrail: 1, MissedByRule: 1 });
  expect(sums).not.toHaveProperty('AlertDelay');
});

test('what is handed on of the log group comes by the trail', async () => {
  const service = await start();
  const { handOns } = sortBatch(unpackBatch(subscriptionEvent([read])), true);
  for (const { payload } of handOns) await service.notify(JSON.parse(payload));
  expect(counted(service)).toMatchObject({ Attempts: 1, AttemptsByTrail: 1, MissedByRule: 1 });
});

test('one that is deferred is counted by its path too', async () => {
  const service = await start();
  await service.notify(asEvent(read));
  await service.notify(asEvent(failedGetSecretValue({ eventID: 'second' }), BY_TRAIL));
  expect(counted(service)).toMatchObject({
    Attempts: 2,
    Deferred: 1,
    AttemptsByTrail: 1,
    MissedByRule: 1,
  });
});

test.each([
  ['another Region', { ...OTHER, recipientAccountId: read.recipientAccountId }],
  ['another account', { ...OTHER, awsRegion: read.awsRegion }],
])('no rule could have told one of %s, which is alerted without any look', async (_, place) => {
  const service = await start({ AUTO_CANCEL_DELETION: 'all' });
  await service.notify(asEvent(failedGetSecretValue(place), BY_TRAIL));
  const [subject = ''] = await subjects(service);
  expect(subject).toMatch(/Deleted secret prod\/db-password wanted by app-server/);
  expect(service.calls()).toEqual([]);
  expect(service.aws.eventHistory.calls()).toBe(0);
  const sums = counted(service);
  expect(sums).toMatchObject({ Attempts: 1, AttemptsByTrail: 1 });
  expect(sums).not.toHaveProperty('MissedByRule');
  expect(sums).not.toHaveProperty('EnrichmentFailures');
});

test('a path that nobody knows counts as the rule', async () => {
  const service = await start();
  await service.notify(asEvent(read, { path: { trail: true } }));
  expect(counted(service)).not.toHaveProperty('AttemptsByTrail');
});

test('a deletion of another account is announced without any look, once by both paths', async () => {
  const service = await start({ ANNOUNCE_DELETIONS: 'true' });
  const arn = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-password-AbCdEf';
  const record = deleteSecret({ ...OTHER, responseElements: { arn } });
  for (const envelope of [BY_TRAIL, {}]) await service.trackDeletion(asEvent(record, envelope));
  expect(await subjects(service)).toEqual([
    expect.stringMatching(/^Secret prod\/db-password scheduled for deletion by app-server/),
  ]);
  expect(service.calls()).toEqual([]);
});

import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeSubscriptionFiltersCommand,
  PutLogEventsCommand,
  PutSubscriptionFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ACCOUNT, HOME, REGION } from '../../../emulators/client.ts';
import { type CloudTrailRecord, subscriptionEvent } from '../../../emulators/cloudtrail.ts';
import { trailPattern } from '../../../stack/functions.ts';
import { defaultOf } from '../../../stack/settings.ts';
import { putOnBus } from '../bus.ts';
import { expectGap } from '../canary.ts';
import { clearDeadLetters, countDeadLetters } from '../dead-letters.ts';
import { eventually } from '../eventually.ts';
import { countRuns, handOver, lambda } from '../functions.ts';
import { useMailbox } from '../mailbox.ts';
import { admin, app, attempt, createPending } from '../secrets.ts';
import { changeOf } from '../table.ts';
import { aws, deployed, LOG_GROUP } from '../world.ts';

const logs = new CloudWatchLogsClient(aws);

const ELSEWHERE = { recipientAccountId: '444455556666', awsRegion: 'us-west-2' };

/** The same attempt in another account and Region. */
const abroad = (record: CloudTrailRecord) => {
  return { ...record, ...ELSEWHERE, eventID: `${record.eventID}-elsewhere` };
};

/** What the ledger knows of the secret of that name, here and there. */
async function changes() {
  const there = { accountId: ELSEWHERE.recipientAccountId, region: ELSEWHERE.awsRegion };
  const found = [HOME, there].map((place) => changeOf('prod/trail-path', place));
  return (await Promise.all(found)).filter((change) => change !== undefined);
}

/** That of the stack, which is deployed with the default of each setting. */
const PATTERN = trailPattern({
  watchGoneSecrets: defaultOf('watchGoneSecrets'),
  watchNameClashes: defaultOf('watchNameClashes'),
});

describe("The trail's log group is heard", () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('by one subscription filter', async () => {
    const { ReadTrailFunctionName } = await deployed();
    const { subscriptionFilters } = await logs.send(
      new DescribeSubscriptionFiltersCommand({ logGroupName: LOG_GROUP }),
    );
    expect(subscriptionFilters).toMatchObject([
      {
        filterPattern: PATTERN,
        destinationArn: expect.stringMatching(`:function:${ReadTrailFunctionName}$`),
      },
    ]);
  });

  test('of a batch of five two attempts are mailed, a deletion is in the ledger, garbage is kept', async () => {
    const { ReadTrailFunctionName } = await deployed();
    await createPending('prod/trail-path');
    const deletion = admin.lastRecord();
    const record = await attempt('prod/trail-path');
    await admin.create('prod/trail-path-unrelated');
    await app.read('prod/trail-path-unrelated');
    const batch = [record, abroad(record), deletion, '{"eventSource":', app.lastRecord()];
    await handOver(ReadTrailFunctionName, subscriptionEvent(batch));

    const mails = [await mailbox().next(), await mailbox().next()];
    const places = mails.map(({ attributes: { account, region } }) => `${account} ${region}`);
    expect(places.sort()).toEqual(
      [`${ACCOUNT} ${REGION}`, `${ELSEWHERE.recipientAccountId} ${ELSEWHERE.awsRegion}`].sort(),
    );
    await eventually(changes, (found) => found.length === 1);
    expect(await changes()).toMatchObject([{ kind: 'deletion', windowDays: 7 }]);
    await eventually(countDeadLetters, (count) => count === 1);
    await clearDeadLetters();
    expect(await mailbox().rest()).toEqual([]);
  });

  test.each(['before', 'after'])(
    'and what EventBridge delivers %s is mailed once',
    async (when) => {
      const { ReadTrailFunctionName, NotifyFunctionName } = await deployed();
      const name = `prod/trail-path-${when}`;
      await createPending(name);
      const record = await attempt(name);
      const paths = [
        () => putOnBus(record),
        () => handOver(ReadTrailFunctionName, subscriptionEvent([record])),
      ];
      if (when === 'after') paths.reverse();
      const [first, second] = paths;
      await first?.();
      expect((await mailbox().next()).subject).toContain(name);

      const before = await countRuns(NotifyFunctionName);
      await second?.();
      await eventually(
        () => countRuns(NotifyFunctionName),
        (runs) => runs === before + 1,
      );
      expect(await mailbox().rest()).toEqual([]);
    },
  );
});

describe('Gaps of the emulator: subscription filters', () => {
  test('a pattern of JSON passes nothing', async () => {
    const { ReadTrailFunctionName: FunctionName } = await deployed();
    const { FunctionArn } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName }),
    );
    const put = async (logGroupName: string, filterPattern: string, message: string) => {
      const logStreamName = 'canary';
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
      await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
      const filter = { filterName: 'canary', destinationArn: FunctionArn };
      await logs.send(new PutSubscriptionFilterCommand({ logGroupName, filterPattern, ...filter }));
      const logEvents = [{ timestamp: Date.now(), message }];
      await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    };
    const before = await countRuns(FunctionName);
    const call = { eventSource: 'secretsmanager.amazonaws.com', eventName: 'RestoreSecret' };
    await put('canary/pattern', PATTERN, JSON.stringify(call));
    await put('canary/none', '', JSON.stringify({ ...call, eventName: 'canary' }));
    const runs = await eventually(
      () => countRuns(FunctionName),
      (count) => count > before,
    );
    expectGap(runs === before + 1, 'Let the scenario put log events instead of batches.');
  });
});

import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { readAttempt } from '../../../lib/attempt/attempt.ts';
import { attemptItem } from '../../../lib/attempt/item.ts';
import { putItem, type Table } from '../../../lib/aws/table.ts';
import { parseRecord } from '../../../lib/cloudtrail/record.ts';
import { countAttempts } from '../../../simulation/cloud.ts';
import { lambda, runFunction } from '../functions.ts';
import { letHoursPass } from '../hours.ts';
import { useMailbox } from '../mailbox.ts';
import { attempt, createPending } from '../secrets.ts';
import { deployedTable } from '../table.ts';
import { aws, deployed, TAGGED } from '../world.ts';

const sns = new SNSClient(aws);
const NAME = 'prod/before';

/** An attempt as the version before kept it: deferred to a summary. */
async function itemOfBefore() {
  const now = new Date();
  const { attempt: made } = readAttempt(parseRecord(await attempt(NAME)), now);
  if (!made) throw new Error('The record of an attempt was not understood');
  return { ...attemptItem(made, now), recordedAt: undefined, tell: 'untold' };
}

describe('A second deployment updates in place', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);
  let table: Table;

  test('other settings, the same resources with what they hold', async () => {
    const before = await deployed();
    const { SummarizeFunctionName: FunctionName } = before;
    table = await deployedTable();
    await createPending(NAME);
    await putItem(table, await itemOfBefore());
    const attempts = await countAttempts(table);
    expect(attempts).toBeGreaterThan(1);

    expect(await deployed(TAGGED)).toEqual(before);
    expect(await countAttempts(table)).toBe(attempts);
    const configuration = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(configuration.Environment?.Variables).toMatchObject({
      MAX_DIGEST_PAUSE_HOURS: TAGGED.maxDigestPauseHours,
    });
  });

  test('and reports what the version before left', async () => {
    const { SummarizeFunctionName } = await deployed(TAGGED);
    await runFunction(SummarizeFunctionName);
    await letHoursPass(table, NAME);
    await runFunction(SummarizeFunctionName);
    const { subject, body } = await mailbox().next();
    expect(subject).toBe(`WARNING: 1 attempt on deleted secret ${NAME}, 7 days left`);
    expect(body).toMatch(/^ {2}- new: 1 x role app-server, /m);
  });

  test('and subscribes a new address', async () => {
    const { AlertTopicArn: TopicArn } = await deployed(TAGGED);
    const { Subscriptions = [] } = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn }),
    );
    expect(Subscriptions.map(({ Endpoint }) => Endpoint)).toContain('second@example.com');
  });
});

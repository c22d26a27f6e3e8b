import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { countAttempts } from '../../../simulation/cloud.ts';
import { putOnBus } from '../bus.ts';
import { eventually } from '../eventually.ts';
import { runFunction } from '../functions.ts';
import { useMailbox } from '../mailbox.ts';
import { attempt, createPending } from '../secrets.ts';
import { aws, deployed } from '../world.ts';

const client = new DynamoDBClient(aws);

describe('200 repeats make two mails', () => {
  const mailbox = useMailbox(async () => (await deployed()).AlertTopicArn);

  test('one alert, then one summary of 199', async () => {
    const { TableName: name = '', SummarizeFunctionName } = await deployed();
    const recorded = () => countAttempts({ client, name });
    await createPending('prod/repeats');
    const record = await attempt('prod/repeats');
    const before = await recorded();
    // Ten at a time, because each of these is a process of its own.
    for (let count = 10; count <= 200; count += 10) {
      const records = Array.from({ length: 10 }, () => ({ ...record, eventID: randomUUID() }));
      await putOnBus(...records);
      await eventually(recorded, (found) => found === before + count);
    }
    expect((await mailbox().next()).subject).toContain('prod/repeats wanted by app-server');

    await runFunction(SummarizeFunctionName);
    const { subject, body } = await mailbox().next();
    expect(subject).toBe('WARNING: 199 more attempts on deleted secret prod/repeats');
    expect(body).toMatch(/^199 attempts to read 1 secret/);
    expect(await mailbox().rest()).toEqual([]);
  });
});

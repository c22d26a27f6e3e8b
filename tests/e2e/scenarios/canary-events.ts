import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  AddPermissionCommand,
  GetFunctionConfigurationCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { take } from '../../../emulators/messaging.ts';
import { expectGap } from '../canary.ts';
import { clearDeadLetters, countDeadLetters } from '../dead-letters.ts';
import { eventually } from '../eventually.ts';
import { countRuns, handOver, lambda } from '../functions.ts';
import { createReceivingQueue } from '../mailbox.ts';
import { useRules } from '../rules.ts';
import { admin, app, createPending } from '../secrets.ts';
import { aws, deployed } from '../world.ts';

const eventBridge = new EventBridgeClient(aws);
const sqs = new SQSClient(aws);
const cloudTrail = new CloudTrailClient(aws);

const pattern = { source: ['canary'] };

async function putEvent(Source = 'canary', DetailType = 'canary'): Promise<void> {
  const Entries = [{ Source, DetailType, Detail: '{}' }];
  await eventBridge.send(new PutEventsCommand({ Entries }));
}

async function arnOf(FunctionName: string | undefined): Promise<string | undefined> {
  const command = new GetFunctionConfigurationCommand({ FunctionName });
  return (await lambda.send(command)).FunctionArn;
}

describe('Gaps of the emulator: events', () => {
  const addRule = useRules();

  test('calls make no events', async () => {
    const { arn: target, url } = await createReceivingQueue();
    await addRule({ pattern: { source: ['aws.secretsmanager'] }, target });
    await admin.create('canary/recorded');
    await putEvent('aws.secretsmanager', 'at last');
    const events = (await take(sqs, { url }, 10, 20)) as { 'detail-type': string }[];
    const types = events.map((event) => event['detail-type']);
    expect(types).toContain('at last');
    const isOpen = !types.includes('AWS API Call via CloudTrail');
    expectGap(isOpen, 'Let the scenarios make their calls only, without tests/e2e/bus.ts.');
  });

  test('the event history has no errors', async () => {
    await createPending('canary/history');
    await expect(app.read('canary/history')).rejects.toThrow(/marked for deletion/);
    const LookupAttributes = [
      { AttributeKey: 'EventName' as const, AttributeValue: 'GetSecretValue' },
    ];
    const { Events = [] } = await cloudTrail.send(new LookupEventsCommand({ LookupAttributes }));
    const records = Events.map(({ CloudTrailEvent = '{}' }) => JSON.parse(CloudTrailEvent));
    const record = records.find(({ requestParameters: { SecretId, secretId } }) =>
      [SecretId, secretId].includes('canary/history'),
    );
    expect(record).toMatchObject({ eventName: 'GetSecretValue' });
    const isOpen = record.errorCode === undefined;
    expectGap(isOpen, 'Take the records of tests/e2e/secrets.ts from the event history.');
  });

  test('a function that fails for a rule is not tried again, and its event is not kept', async () => {
    const { NotifyFunctionName: name } = await deployed();
    const before = await countRuns(name);
    const input = { bad: 'event' };
    const permission = { FunctionName: name, StatementId: 'canary' };
    await lambda.send(
      new AddPermissionCommand({
        ...permission,
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
      }),
    );
    await addRule({ pattern, target: await arnOf(name), input });
    await putEvent();
    await eventually(
      () => countRuns(name),
      (count) => count > before,
    );
    // That it is done for this one shows that there was time for the other.
    await handOver(name, input);
    await eventually(countDeadLetters, (count) => count > 0);
    const isOpen = (await countRuns(name)) === before + 1 + 3 && (await countDeadLetters()) === 1;
    await clearDeadLetters();
    await lambda.send(new RemovePermissionCommand(permission));
    expectGap(isOpen, 'Put the event on the bus in scenarios/dead-letters.ts, without handOver.');
  });
});

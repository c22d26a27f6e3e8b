import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type CloudTrailRecord, eventBridgeEvent } from '../../emulators/cloudtrail.ts';
import { awsAt } from './world.ts';

/** Puts the event of a record on the default bus of the account and Region of the call, as CloudTrail does. */
async function putOne(record: CloudTrailRecord): Promise<void> {
  const { account, region, ...event } = eventBridgeEvent(record);
  const eventBridge = new EventBridgeClient(awsAt({ accountId: account, region }));
  const entry = {
    Source: event.source,
    DetailType: event['detail-type'],
    Time: new Date(event.time),
    Detail: JSON.stringify(event.detail),
  };
  const { FailedEntryCount } = await eventBridge.send(new PutEventsCommand({ Entries: [entry] }));
  expect(FailedEntryCount).toBe(0);
}

/** Puts the events of records on their buses, one after the other. */
export async function putOnBus(...records: CloudTrailRecord[]): Promise<void> {
  for (const record of records) await putOne(record);
}

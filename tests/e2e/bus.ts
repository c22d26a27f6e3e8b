import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type CloudTrailRecord, eventBridgeEvent } from '../../emulators/cloudtrail.ts';
import { aws } from './world.ts';

const eventBridge = new EventBridgeClient(aws);

/** Puts the events of records on the default bus, as CloudTrail does: ten at most. */
export async function putOnBus(...records: CloudTrailRecord[]): Promise<void> {
  const Entries = records.map(eventBridgeEvent).map((event) => ({
    Source: event.source,
    DetailType: event['detail-type'],
    Time: new Date(event.time),
    Detail: JSON.stringify(event.detail),
  }));
  const { FailedEntryCount } = await eventBridge.send(new PutEventsCommand({ Entries }));
  expect(FailedEntryCount).toBe(0);
}

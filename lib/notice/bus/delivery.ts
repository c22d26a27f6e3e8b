import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { NotifierError } from '../../errors.ts';
import type { BusEvent } from './event.ts';

/**
 * What puts an event on a bus. EventBridge answers 200 for an event that it has not taken, too, and says so in the entry; the
 * SDK tries none of these again. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 * @returns a function that resolves to EventBridge's id of the event, and throws whatever the SDK throws, after its own
 * retries, and NotifierError `AWS_REFUSED` for an event that was not taken.
 */
export function busChannel(client: EventBridgeClient, eventBusName: string) {
  return async (event: BusEvent): Promise<string> => {
    const Entries = [{ ...event, EventBusName: eventBusName }];
    const answer = await client.send(new PutEventsCommand({ Entries }));
    const { EventId, ErrorCode, ErrorMessage } = answer.Entries?.[0] ?? {};
    if (EventId && !answer.FailedEntryCount) return EventId;
    const why = ErrorCode ? `${ErrorCode}: ${ErrorMessage ?? 'no message'}` : 'no event id';
    throw new NotifierError(
      'AWS_REFUSED',
      `Expected the event bus ${eventBusName} to take an event, got ${why}. Lambda tries again; then it is in the dead-letter queue, for npm run replay.`,
    );
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { AskHistory } from './history.ts';

/** CloudTrail takes 2 calls of LookupEvents a second in an account and Region. */
const CALL_INTERVAL_MS = 500;

/**
 * Asks LookupEvents for pages of 50, two a second, until `signal` is aborted.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 * @throws whatever the SDK throws, an AbortError included.
 */
export function lookupEvents(client: CloudTrailClient, signal: AbortSignal): AskHistory {
  let calls = 0;
  return async ({ attribute, value, from }, NextToken) => {
    if (calls++ > 0) await sleep(CALL_INTERVAL_MS, undefined, { signal });
    const { Events = [], NextToken: token } = await client.send(
      new LookupEventsCommand({
        LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }],
        StartTime: from,
        MaxResults: 50,
        NextToken,
      }),
      { abortSignal: signal },
    );
    return { records: Events.map((event) => event.CloudTrailEvent ?? ''), token };
  };
}

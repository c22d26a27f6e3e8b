import { randomUUID } from 'node:crypto';
import type { LookupAttribute } from '@aws-sdk/client-cloudtrail';
import type { Place } from '../lib/aws/spokes.ts';
import { authorize, type Callers, placeOf } from './access.ts';
import type { CloudTrailRecord, JsonObject } from './cloudtrail.ts';
import { ServiceError, type StandIn, serve } from './service.ts';

export interface EventHistoryOptions {
  /**
   * How an event names the secret that its call changed: by name, as AWS documents, by ARN, or not at all.
   * Default `name`.
   */
  readonly resource?: 'name' | 'arn' | 'none';
  /** Whether an event names the secret that its call read, as the caller sent it: AWS documents neither. Default `false`. */
  readonly hasReadResource?: boolean;
  /** The delay until a call appears, in ms. Default 0, on AWS some minutes. */
  readonly historyDelay?: number;
  /** Is called with the number of calls so far, before each is answered. */
  readonly onCall?: (calls: number) => void;
}

export interface EventHistory extends StandIn {
  /** The number of calls, failed ones included. */
  calls(): number;
}

/** A request of LookupEvents; its times are seconds since 1970. */
interface Query {
  readonly LookupAttributes?: readonly LookupAttribute[];
  readonly StartTime?: number;
  readonly EndTime?: number;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/**
 * Starts a fake of CloudTrail's event history: LookupEvents over those of these records, which may grow, that are of the
 * caller's account and the Region of the signature.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export async function startEventHistory(
  records: readonly CloudTrailRecord[],
  now: () => Date,
  callers: Callers,
  {
    resource = 'name',
    hasReadResource = false,
    historyDelay = 0,
    onCall,
  }: EventHistoryOptions = {},
): Promise<EventHistory> {
  let calls = 0;
  const known = new WeakMap<CloudTrailRecord, Event>();

  function event(record: CloudTrailRecord): Event {
    const found = known.get(record) ?? eventOf(record, resource, hasReadResource);
    known.set(record, found);
    return found;
  }

  function eventsAt({ accountId, region }: Place): Event[] {
    const shownUntil = now().getTime() - historyDelay;
    return records
      .filter((record) => record.recipientAccountId === accountId && record.awsRegion === region)
      .filter(({ eventTime }) => Date.parse(eventTime) <= shownUntil)
      .map(event);
  }

  const standIn = await serve(
    (call) => {
      const place = placeOf(authorize(call, 'cloudtrail', callers, now()), call);
      return lookUp(eventsAt(place), call.operation, call.request);
    },
    () => {
      calls++;
      onCall?.(calls);
      return randomUUID();
    },
  );
  return { ...standIn, calls: () => calls };
}

type Event = ReturnType<typeof eventOf>;

/** Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html */
function eventOf(
  record: CloudTrailRecord,
  resource: 'name' | 'arn' | 'none',
  hasReadResource: boolean,
) {
  const { eventID, eventName, eventSource, eventTime, readOnly, responseElements } = record;
  const changed = resource === 'none' ? undefined : responseElements?.[resource];
  const ResourceName =
    changed ?? (hasReadResource ? record.requestParameters?.secretId : undefined);
  return {
    EventId: eventID,
    EventName: eventName,
    EventSource: eventSource,
    EventTime: Date.parse(eventTime) / 1000,
    ReadOnly: String(readOnly),
    Resources: ResourceName ? [{ ResourceType: 'AWS::SecretsManager::Secret', ResourceName }] : [],
    CloudTrailEvent: JSON.stringify(record),
  };
}

function lookUp(events: readonly Event[], operation: string, query: Query): JsonObject {
  if (operation !== 'LookupEvents') throw new ServiceError('UnknownOperationException', operation);
  const { StartTime = 0, EndTime = Number.POSITIVE_INFINITY, MaxResults = 50 } = query;
  if (StartTime > EndTime) throw new ServiceError('InvalidTimeRangeException', 'Start after end');
  if (MaxResults < 1 || MaxResults > 50) {
    throw new ServiceError('InvalidMaxResultsException', 'MaxResults must be from 1 to 50');
  }
  const hasAttribute = attributeTest(query);
  const found = events
    .filter((event) => event.EventTime >= StartTime && event.EventTime <= EndTime)
    .filter(hasAttribute)
    .toReversed()
    .sort((one, other) => other.EventTime - one.EventTime);
  const from = positionOf(query);
  const to = from + MaxResults;
  return {
    Events: found.slice(from, to),
    NextToken: to < found.length ? tokenFor(to, query) : undefined,
  };
}

/** AWS accepts one attribute at most; here only those that this project looks up. */
function attributeTest({ LookupAttributes = [] }: Query): (event: Event) => boolean {
  const [attribute, ...more] = LookupAttributes;
  if (!attribute) return () => true;
  const { AttributeKey: key, AttributeValue: value } = attribute;
  if (more.length === 0 && key === 'EventName') return ({ EventName }) => EventName === value;
  if (more.length === 0 && key === 'ResourceName') {
    return ({ Resources }) => Resources.some(({ ResourceName }) => ResourceName === value);
  }
  const attributes = JSON.stringify(LookupAttributes);
  throw new ServiceError('InvalidLookupAttributesException', attributes);
}

/** A token is valid for its own query only. */
function tokenFor(position: number, { NextToken, ...query }: Query): string {
  return Buffer.from(`${position} ${JSON.stringify(query)}`).toString('base64');
}

function positionOf(query: Query): number {
  const { NextToken: token } = query;
  if (token === undefined) return 0;
  const position = Number.parseInt(Buffer.from(token, 'base64').toString(), 10);
  if (tokenFor(position, query) === token) return position;
  throw new ServiceError('InvalidNextTokenException', 'The token is of another query');
}

import { randomUUID } from 'node:crypto';
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { timeOf } from './access.ts';
import { FAULT_HEADER, RUN_HEADER } from './faults.ts';
import { type Call, ServiceError, type StandIn, serve } from './service.ts';

/** An event that a bus has taken. */
interface PutEvent {
  /** The name of the bus. */
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly resources: readonly string[];
  /** When it happened, as its sender says; and when it was put there. */
  readonly time: Date;
  readonly putAt: Date;
  /** The simulated run of a function that has put it. */
  readonly run?: number;
  /** The answer got lost, so that the sender put it again. */
  readonly isLost: boolean;
}

export interface EventBuses extends StandIn {
  /** All so far, the oldest first. */
  readonly events: readonly PutEvent[];
  /** Makes the next `times` entries fail, by default as if AWS had, in an answer that is no error. */
  failEntries(times: number, ErrorCode?: string): void;
  /** Makes all requests fail at those times, in ms since 1970, simulated if the sender's are. */
  failWhile(isDown: (time: number) => boolean): void;
}

/** An entry of a request; dates are seconds since 1970. */
type Entry = Omit<PutEventsRequestEntry, 'Time'> & { readonly Time?: number };
type Failure = { readonly ErrorCode: string; readonly ErrorMessage: string };

/**
 * Sources: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html,
 * https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb
 */
const MAX_ENTRIES = 10;
const MAX_BYTES = 1024 * 1024;

/**
 * Starts a fake of EventBridge's PutEvents. Whatever bus an entry names takes it: of one that is not there AWS answers as if it
 * had taken the event too (https://github.com/aws/aws-cli/issues/9186).
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export async function startEventBuses(now: () => Date): Promise<EventBuses> {
  const events: PutEvent[] = [];
  const planned: string[] = [];
  let isDown = (_time: number) => false;

  function put(entry: Entry, call: Call) {
    const failure = failureOf(entry, planned.shift());
    if (failure) return failure;
    const { Source = '', DetailType = '', Detail = '', Resources = [], Time } = entry;
    const putAt = timeOf(call, now());
    const run = call.headers[RUN_HEADER];
    events.push({
      bus: entry.EventBusName?.replace(/^arn:.*:event-bus\//, '') ?? 'default',
      source: Source,
      detailType: DetailType,
      detail: JSON.parse(Detail),
      resources: Resources,
      time: Time === undefined ? putAt : new Date(Time * 1000),
      putAt,
      run: run === undefined ? undefined : Number(run),
      isLost: FAULT_HEADER in call.headers,
    });
    return { EventId: randomUUID() };
  }

  const standIn = await serve((call) => {
    if (call.operation !== 'PutEvents') {
      throw new ServiceError('UnknownOperationException', `No operation ${call.operation}`);
    }
    if (isDown(timeOf(call, now()).getTime())) {
      throw new ServiceError('InternalException', 'Planned');
    }
    const { Entries: entries = [] } = call.request as { Entries?: Entry[] };
    checkEntries(entries);
    const Entries = entries.map((entry) => put(entry, call));
    return { FailedEntryCount: Entries.filter((one) => 'ErrorCode' in one).length, Entries };
  });
  return {
    ...standIn,
    events,
    failEntries: (times, ErrorCode = 'InternalFailure') =>
      void planned.push(...Array(times).fill(ErrorCode)),
    failWhile(isDownThen) {
      isDown = isDownThen;
    },
  };
}

/** @throws ServiceError for what fails the whole request. */
function checkEntries(entries: readonly Entry[]): void {
  if (entries.length < 1 || entries.length > MAX_ENTRIES) {
    throw new ServiceError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MAX_ENTRIES}`,
    );
  }
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_BYTES) {
    const message = 'Total size of the entries in the request is over the limit.';
    throw new ServiceError('ValidationException', message);
  }
}

/** In bytes. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: Entry) {
  const texts = [Source, DetailType, Detail, ...Resources];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return bytes + (Time === undefined ? 0 : 14);
}

/** Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html */
function failureOf(entry: Entry, planned: string | undefined): Failure | undefined {
  if (planned) return { ErrorCode: planned, ErrorMessage: 'Planned' };
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((name) => !entry[name]);
  if (missing) {
    const ErrorMessage = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`;
    return { ErrorCode: 'InvalidArgument', ErrorMessage };
  }
  if (!isObject(entry.Detail ?? '')) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  if (entry.Source?.startsWith('aws.')) {
    const ErrorMessage = `Not authorized for the source ${entry.Source}.`;
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage };
  }
  return undefined;
}

function isObject(json: string): boolean {
  try {
    const read: unknown = JSON.parse(json);
    return typeof read === 'object' && read !== null && !Array.isArray(read);
  } catch {
    return false;
  }
}

import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { NotifierError } from '../errors.ts';
import { cut, oneLine } from '../text.ts';
import {
  API_CALL,
  CHANGES,
  type CloudTrailRecord,
  parseRecord,
  SECRETS_MANAGER,
} from './record.ts';

/**
 * What CloudWatch Logs sends to a function for a subscription filter, and what is packed in it.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
 */
const Packed = v.object({ awslogs: v.object({ data: v.string() }) });
const text = v.fallback(v.string(), '');
const Batch = v.object({
  messageType: v.picklist(['DATA_MESSAGE', 'CONTROL_MESSAGE']),
  logGroup: v.string(),
  logStream: v.string(),
  // What is odd of one log event must not lose the others.
  logEvents: v.array(v.fallback(v.object({ id: text, message: text }), { id: '', message: '' })),
});

/** A batch of log events, each of which should be a CloudTrail record as JSON text. */
export type Batch = v.InferOutput<typeof Batch>;
type LogEvent = Batch['logEvents'][number];

/** The most that a batch may hold, in bytes: what the function has memory for, and far more than CloudWatch Logs sends. */
const MAX_UNPACKED = 32 * 1024 * 1024;

/**
 * Unpacks what a subscription filter has sent.
 * @throws NotifierError `INVALID_EVENT` for anything else.
 */
export function unpackBatch(event: unknown): Batch {
  if (!v.is(Packed, event)) throw noBatch('awslogs.data is missing');
  const result = v.safeParse(Batch, unpack(event.awslogs.data));
  if (result.success) return result.output;
  const [{ path, expected, received }] = result.issues;
  const where = path?.map(({ key }) => key).join('.') ?? 'the whole';
  throw noBatch(`${where}: expected ${expected}, got ${oneLine(received, 100)}`);
}

function unpack(data: string): unknown {
  try {
    const bytes = gunzipSync(Buffer.from(data, 'base64'), { maxOutputLength: MAX_UNPACKED });
    return JSON.parse(bytes.toString());
  } catch (error) {
    throw noBatch(oneLine((error as Error).message, 100), error);
  }
}

const noBatch = (why: string, cause?: unknown) =>
  new NotifierError(
    'INVALID_EVENT',
    `Expected a batch of a subscription filter of CloudWatch Logs, which is JSON packed by gzip and base64; ${why}.`,
    { cause },
  );

/** The function that is to handle a record; what is for `siftReads` waits in its queue. */
type Handler = 'notify' | 'trackDeletion' | 'siftReads';

/** What is handed on; `payload`: the event as JSON text. */
export interface HandOn {
  readonly to: Handler;
  readonly payload: string;
}

/** What became of a batch's log events. Each is handed on, or `unrelated`. */
export interface Sorted {
  readonly handOns: readonly HandOn[];
  /** How many are records of calls that nothing here handles. */
  readonly unrelated: number;
  /** Those that are no record, as one harmless line each. They are handed on too: to a function that refuses them. */
  readonly unreadable: readonly { readonly id: string; readonly text: string }[];
}

/**
 * Sorts the log events of a batch; reads of secrets that AWS does not find only if `isSifting`. What is no record, or one of nobody knows where, is handed on to `notify`, which refuses it, so that Lambda keeps it in
 * the dead-letter queue: alone, while the others of its batch are handled.
 */
export function sortBatch(batch: Batch, isSifting: boolean): Sorted {
  // A message of CloudWatch Logs' own, which checks whether the function can be reached.
  const logEvents = batch.messageType === 'CONTROL_MESSAGE' ? [] : batch.logEvents;
  const handOns: HandOn[] = [];
  const unreadable: { id: string; text: string }[] = [];
  const refuse = (logEvent: LogEvent) => {
    unreadable.push({ id: logEvent.id, text: oneLine(logEvent.message, 200) });
    handOns.push({ to: 'notify', payload: refusedPayload(batch, logEvent) });
  };
  for (const logEvent of logEvents) {
    const { id, message } = logEvent;
    const read = readMessage(message);
    if (!read) {
      refuse(logEvent);
      continue;
    }
    const to = handlerOf(read.record);
    if (!to || (to === 'siftReads' && !isSifting)) continue;
    const account = read.record.recipientAccountId ?? accountOfStream(batch.logStream);
    if (isPlaced(read.record, account)) {
      handOns.push({ to, payload: payloadOf(read, id, account, MAX_PAYLOAD[to]) });
    } else {
      refuse(logEvent);
    }
  }
  return { handOns, unrelated: logEvents.length - handOns.length, unreadable };
}

/**
 * The account whose records a log stream of a trail holds, by its name: `111122223333_CloudTrail_eu-west-1`, of an organization's
 * trail with its id and an underscore before that. `undefined` if it is called otherwise. The Region may be the trail's own.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-log-group-log-stream-naming-for-cloudtrail.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
 */
export const accountOfStream = (name: string): string | undefined =>
  /^(?:o-[a-z\d]+_)?(\d{12})_CloudTrail_/.exec(name)?.[1];

/** Whether it is known where its secret is: by its name alone it would pass for the one of that name at home. */
function isPlaced(record: CloudTrailRecord, account: string | undefined): boolean {
  const { awsRegion, requestParameters, responseElements } = record;
  const sent = [responseElements?.arn, responseElements?.aRN, requestParameters?.secretId];
  return Boolean(account && awsRegion) || sent.some((id) => id?.startsWith('arn:'));
}

/** A record as it was logged, and as far as this service reads it. */
interface Read {
  readonly logged: unknown;
  readonly record: CloudTrailRecord;
}

function readMessage(message: string): Read | undefined {
  try {
    const logged = JSON.parse(message);
    return { logged, record: parseRecord(logged).detail };
  } catch {
    return undefined;
  }
}

/**
 * As the rules in `stack/functions.ts`, in broad terms: the functions check further. Network activity events bear the name
 * of the call too, but EventBridge gives them another detail-type.
 */
function handlerOf(record: CloudTrailRecord): Handler | undefined {
  const { eventSource, eventCategory = 'Management', eventName, errorCode, errorMessage } = record;
  if (eventSource !== SECRETS_MANAGER || eventCategory !== 'Management') return undefined;
  const hasFailed = errorCode !== undefined || errorMessage !== undefined;
  if (eventName === 'GetSecretValue') {
    if (!hasFailed) return undefined;
    return errorCode?.includes('ResourceNotFound') ? 'siftReads' : 'notify';
  }
  if (eventName === 'CreateSecret') return hasFailed ? 'trackDeletion' : undefined;
  return CHANGES.has(eventName) && !hasFailed ? 'trackDeletion' : undefined;
}

/**
 * In bytes. An asynchronous invocation takes 1 MB; ten messages to a queue, which go by one request, 256 KiB together, or 1 MiB where
 * Amazon SQS has raised that.
 * Sources: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
 */
const MAX_PAYLOAD: Readonly<Record<Handler, number>> = {
  notify: 1_000_000,
  trackDeletion: 1_000_000,
  siftReads: 25_000,
};

/** The most characters of what is no record that are handed on; the trail's log group has all of it. */
const MAX_REFUSED = 10_000;

/** Of a record that is larger than `most` bytes, or too deep to be written again, only what this service reads is handed on. */
function payloadOf(
  { logged, record }: Read,
  id: string,
  account: string | undefined,
  most: number,
): string {
  const { eventTime, awsRegion, eventID } = record;
  const whole = (detail: unknown) =>
    eventText({
      id: eventID ?? id,
      account,
      time: eventTime,
      region: awsRegion,
      detail,
    });
  try {
    const payload = whole(logged);
    if (Buffer.byteLength(payload) <= most) return payload;
  } catch {
    // JSON.parse takes deeper nesting than JSON.stringify.
  }
  return whole(record);
}

const refusedPayload = ({ logGroup, logStream }: Batch, { id, message }: LogEvent) =>
  eventText({ id, detail: { logGroup, logStream, id, message: cut(message, MAX_REFUSED) } });

/** What differs from one event to the other. */
interface Varying {
  readonly id: string;
  readonly account?: string | undefined;
  readonly time?: string | undefined;
  readonly region?: string | undefined;
  readonly detail: unknown;
}

/**
 * The event that EventBridge would have made of a record, and by which path it has come instead. It has no character that Amazon
 * SQS does not take: that would refuse the other messages of its request too.
 * Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const eventText = ({ id, account, time, region, detail }: Varying) =>
  JSON.stringify({
    version: '0',
    id,
    'detail-type': API_CALL,
    source: 'aws.secretsmanager',
    account,
    time,
    region,
    resources: [],
    path: 'trail',
    detail,
  }).replace(/[\uFFFE\uFFFF]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`);

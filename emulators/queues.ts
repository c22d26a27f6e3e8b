import { createHash } from 'node:crypto';
import { timeOf } from './access.ts';
import { ACCOUNT, REGION } from './client.ts';
import { type Call, ServiceError, type StandIn, serve } from './service.ts';

export interface Queues extends StandIn {
  /** Makes the next `times` entries fail, in an answer that is no error. */
  failEntries(times: number): void;
}

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

/**
 * Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html,
 * https://aws.amazon.com/about-aws/whats-new/2025/08/amazon-sqs-max-payload-size-1mib
 */
const MAX_ENTRIES = 10;
const MAX_BYTES = 1024 * 1024;

/** The URL of a queue of a template, by its logical id. */
export const queueUrlOf = (logicalId: string) =>
  `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${logicalId}`;

/**
 * Starts a fake of SQS's SendMessageBatch.
 * @param send takes a message for the queue of that logical id, at a time in ms since 1970, simulated if its sender's is; returns
 * its id, or undefined if there is no such queue
 */
export async function startQueues(
  send: (logicalId: string, body: string, time: number) => string | undefined,
): Promise<Queues> {
  let toFail = 0;

  function sendEntry({ Id, MessageBody }: Entry, logicalId: string, call: Call) {
    if (toFail > 0) {
      toFail--;
      return { Id, SenderFault: false, Code: 'InternalError', Message: 'Planned' };
    }
    const MessageId = send(logicalId, MessageBody, timeOf(call, new Date()).getTime());
    if (!MessageId)
      throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
    const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
    return { Id, MessageId, MD5OfMessageBody };
  }

  const standIn = await serve((call) => {
    if (call.operation !== 'SendMessageBatch') {
      throw new ServiceError('UnknownOperationException', `No operation ${call.operation}`);
    }
    const { QueueUrl, Entries } = call.request as { QueueUrl: string; Entries: Entry[] };
    checkEntries(Entries);
    const logicalId = QueueUrl.split('/').at(-1) ?? '';
    const results = Entries.map((entry) => sendEntry(entry, logicalId, call));
    return {
      Successful: results.filter((one) => 'MessageId' in one),
      Failed: results.filter((one) => 'Code' in one),
    };
  });
  return {
    ...standIn,
    failEntries(times) {
      toFail = times;
    },
  };
}

/** @throws ServiceError for what fails the whole request. */
function checkEntries(entries: readonly Entry[]): void {
  if (entries.length === 0) {
    throw new ServiceError('EmptyBatchRequest', 'There should be at least one entry.');
  }
  if (entries.length > MAX_ENTRIES) {
    const message = `Maximum number of entries per request are ${MAX_ENTRIES}.`;
    throw new ServiceError('TooManyEntriesInBatchRequest', message);
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new ServiceError('BatchEntryIdsNotDistinct', 'Ids of entries must be distinct.');
  }
  if (entries.some(({ Id }) => !/^[\w-]{1,80}$/.test(Id))) {
    throw new ServiceError('InvalidBatchEntryId', 'An id has at most 80 letters, digits, - and _.');
  }
  const bytes = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
  if (bytes > MAX_BYTES) {
    throw new ServiceError(
      'BatchRequestTooLong',
      `Expected at most ${MAX_BYTES} bytes, got ${bytes}.`,
    );
  }
}

import { randomUUID } from 'node:crypto';

/** What a queue does with its messages; times in ms. */
export interface QueueSettings {
  /** How long a message is kept from its receivers at first. */
  readonly delay: number;
  /** How long one that has been received is kept from others. */
  readonly visibility: number;
  /** How often one may be received before it goes to the dead-letter queue. */
  readonly maxReceives: number;
}

/** A message of a queue; times in ms since 1970. */
export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  /** When it may be received, for the first time or again. */
  readonly visibleAt: number;
  /** How often it has been received. */
  readonly receives: number;
}

/** A queue in whatever time its users say it is. */
export interface Queue {
  /** @returns the message's id. */
  send(body: string, time: number): string;
  /** When messages may be received, the earliest first; at most `max`. */
  visibleAt(max: number): readonly number[];
  /** Takes messages of so many bytes and so many of them at most, for as long as they stay invisible. */
  receive(max: number, maxBytes: number, time: number): readonly QueueMessage[];
  /** Deletes the messages with these ids. */
  delete(ids: ReadonlySet<string>): void;
}

/**
 * A standard queue of SQS.
 * @param onDead takes the body of what was received too often, once somebody would have received it again, as SQS does
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
export function createQueue(
  { delay, visibility, maxReceives }: QueueSettings,
  onDead: (body: string) => void,
): Queue {
  let messages: QueueMessage[] = [];

  /** Most messages come in the order in which they become visible. */
  function add(message: QueueMessage): void {
    const before = messages.findLastIndex(({ visibleAt }) => visibleAt <= message.visibleAt);
    messages.splice(before + 1, 0, message);
  }

  function remove(removed: ReadonlySet<string>): void {
    messages = messages.filter(({ id }) => !removed.has(id));
  }

  function buryDead(time: number): void {
    const dead = messages.filter(
      ({ receives, visibleAt }) => visibleAt <= time && receives >= maxReceives,
    );
    if (dead.length === 0) return;
    remove(new Set(dead.map(({ id }) => id)));
    for (const { body } of dead) onDead(body);
  }

  return {
    send(body, time) {
      const id = randomUUID();
      add({ id, body, sentAt: time, visibleAt: time + delay, receives: 0 });
      return id;
    },
    visibleAt: (max) => messages.slice(0, max).map(({ visibleAt }) => visibleAt),
    receive(max, maxBytes, time) {
      buryDead(time);
      let bytes = 0;
      const end = messages.findIndex(({ visibleAt, body }, i) => {
        bytes += Buffer.byteLength(body);
        return i >= max || visibleAt > time || (i > 0 && bytes > maxBytes);
      });
      const found = end < 0 ? [...messages] : messages.slice(0, end);
      remove(new Set(found.map(({ id }) => id)));
      const received = found.map((message) => {
        return { ...message, receives: message.receives + 1, visibleAt: time + visibility };
      });
      for (const message of received) add(message);
      return received;
    },
    delete: remove,
  };
}

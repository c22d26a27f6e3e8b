import { createHash } from 'node:crypto';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Reporting } from '../aws/handler.ts';
import { deleteItem, expression, type Key, putItem, query, type Table } from '../aws/table.ts';
import { addDays, epochSeconds } from '../time.ts';
import { encode, type HandedOn, type IncidentNotice, LEFT_DAYS } from './incident-notice.ts';

/**
 * Hands notices on to the channels beside the mail, of which each has what the topic has taken: what it does not take is left
 * to `summarize`. Throws only if that cannot be noted.
 * @param isMailed whether a mail reports them too, or will once mails go out again
 * @param isContinued whether a mail before had no room for these
 */
export type HandOn = (
  notices: readonly IncidentNotice[],
  isMailed: boolean,
  isContinued?: boolean,
) => Promise<void>;

/** The partition of what is left to be handed on, the oldest first. */
const LEFT = 'handed-on';

/** What the topic did not take. */
export type LeftStore = ReturnType<typeof createLeftStore>;

/** Its functions throw whatever the SDK throws. */
export function createLeftStore(table: Table) {
  return {
    /** Keeps a text; the same text of the same time once. */
    async put(text: string, now: Date): Promise<void> {
      const digest = createHash('sha256').update(text).digest('hex');
      const expiresAt = epochSeconds(addDays(now, LEFT_DAYS));
      await putItem(table, { pk: LEFT, sk: `${now.toISOString()}#${digest}`, text, expiresAt });
    },

    /** The texts that are kept, the oldest first; what is none, such as an item changed by hand, stays. */
    async *list(): AsyncGenerator<{ readonly key: Key; readonly text: string }> {
      const pages = query(table, expression`pk = ${LEFT}`, { ConsistentRead: true });
      for await (const { items } of pages) {
        for (const { sk, text } of items) {
          if (typeof text === 'string') yield { key: { pk: LEFT, sk: String(sk) }, text };
        }
      }
    },

    async delete(key: Key): Promise<void> {
      await deleteItem(table, key, expression`attribute_exists(pk)`);
    },
  };
}

/** Dependencies of {@link createNoticeTopic}. */
export interface TopicPorts {
  readonly left: LeftStore;
  readonly stack: HandedOn['stack'];
  readonly now: () => Date;
  /** Logs that the topic did not take a message, and why. */
  readonly notTaken: (error: unknown) => void;
}

/** Logs and counts it, the same in each function that hands on: stack/watch.ts has an alarm on it. */
export const reportNotTaken =
  ({ logger, metrics }: Required<Pick<Reporting, 'logger' | 'metrics'>>): TopicPorts['notTaken'] =>
  (error) => {
    logger.warn('Notices not handed on to the channels yet', { error });
    metrics.addMetric('NoticesNotTaken', 'Count', 1);
  };

/** For how long a mail waits for the topic at most, in ms, and for one try. */
const MAX_DELAY_MS = 2500;
const TRY_MS = 1000;

/**
 * For how long a run hands on what was left at most, in ms, how many messages of it, and after how many failures it stops. The
 * runs are two minutes apart, in which the chat takes 120 messages: of more, many would wait for their second in vain.
 */
const MAX_AGAIN_MS = 30_000;
const MAX_AGAIN = 100;
const MAX_FAILURES = 3;

/** The topic that invokes the function of each channel beside the mail. */
export interface NoticeTopic {
  readonly handOn: HandOn;
  /** Hands on what was left, as far as the topic takes it and there is time. @throws what the store throws. */
  readonly handOnLeft: () => Promise<void>;
}

/** The topic with this ARN, if there is one. */
export function createNoticeTopic(
  client: SNSClient,
  topicArn: string | undefined,
  { left, stack, now, notTaken }: TopicPorts,
): NoticeTopic | undefined {
  if (topicArn === undefined) return undefined;
  const publish = (text: string, abortSignal: AbortSignal) =>
    client.send(new PublishCommand({ TopicArn: topicArn, Message: text }), {
      abortSignal,
      requestTimeout: TRY_MS,
    });

  const handOn: HandOn = async (notices, isMailed, isContinued = false) => {
    const texts = textsOf({ notices, isMailed, isContinued, stack });
    const deadline = AbortSignal.timeout(MAX_DELAY_MS);
    for (const [i, text] of texts.entries()) {
      try {
        await publish(text, deadline);
      } catch (error) {
        notTaken(error);
        for (const rest of texts.slice(i)) await left.put(rest, now());
        return;
      }
    }
  };

  async function handOnLeft(): Promise<void> {
    const stopsAt = now().getTime() + MAX_AGAIN_MS;
    let failures = 0;
    let taken = 0;
    for await (const { key, text } of left.list()) {
      if (failures === MAX_FAILURES || taken === MAX_AGAIN || now().getTime() >= stopsAt) return;
      try {
        await publish(text, AbortSignal.timeout(MAX_DELAY_MS));
      } catch (error) {
        notTaken(error);
        failures++;
        continue;
      }
      taken++;
      await left.delete(key);
    }
  }

  return { handOn, handOnLeft };
}

/**
 * The most bytes of a message, as it stands as a text in the event of a function: SNS takes 256 KiB, and what a function fails
 * on must find room in the dead-letter queue too.
 * Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
const MAX_BYTES = 200_000;

const sizeOf = (text: string) => Buffer.byteLength(JSON.stringify(text));

/** The texts of as many messages as it takes: all but the first go on with it. */
function textsOf(handedOn: HandedOn): string[] {
  const textOf = (notices: readonly IncidentNotice[], part = 0) =>
    encode({ ...handedOn, notices, isContinued: handedOn.isContinued || part > 0 });
  const messages: IncidentNotice[][] = [];
  let taken = Number.POSITIVE_INFINITY;
  for (const whole of handedOn.notices) {
    let notice = whole;
    let size = sizeOf(textOf([notice]));
    for (let max = MAX_VALUE; size > MAX_BYTES; max /= 2) {
      notice = cutTo(max, whole);
      size = sizeOf(textOf([notice]));
    }
    if (taken + size > MAX_BYTES) {
      messages.push([]);
      taken = 0;
    }
    messages.at(-1)?.push(notice);
    taken += size;
  }
  return messages.map((notices, part) => textOf(notices, part));
}

/** Longer than any value of AWS's own, in characters: to which texts are cut in a notice that would else find no room. */
const MAX_VALUE = 2048;

/** The notice with its texts cut, but not what identifies it, nor a command: that is no longer than a secret's name of AWS's. */
function cutTo(max: number, notice: IncidentNotice): IncidentNotice {
  const { id, kind, incident, remedy } = notice;
  return { ...(cutAll(notice, max) as IncidentNotice), id, kind, incident, remedy };
}

function cutAll(value: unknown, max: number): unknown {
  if (typeof value === 'string') return value.slice(0, max);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((one) => cutAll(one, max));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cutAll(one, max)]));
}

import type { Report as RunReport } from '../emulators/lambda.ts';
import type { Published } from '../emulators/messaging.ts';
import type { Channel } from '../lib/notice/channel.ts';
import { decode, type HandedOn, type IncidentNotice } from '../lib/notice/incident-notice.ts';
import { HOUR_MS } from '../lib/time.ts';
import { BUS, CHAT } from '../stack/names.ts';
import { readNotices } from './cast.ts';
import type { Cloud } from './cloud.ts';
import type { Places } from './places.ts';
import { type Pairs, tally } from './tally.ts';

/** The functions of the channels beside the mail, by their logical ids; each is there with its setting alone. */
export const CHANNEL_FUNCTIONS = {
  chat: CHAT.function,
  bus: BUS.function,
} as const satisfies Record<Channel, string>;

/** A notice that a channel has sent. */
interface Sending {
  /** Of the notice. */
  readonly id: string;
  /** In simulated ms since 1970. */
  readonly time: number;
  readonly run?: number;
  readonly isLost: boolean;
}

/** What came of the notices of a storm on a channel. */
export interface ChannelTally {
  /** Attempts that the channel does not report, and callers that it does not name. */
  readonly lost: number;
  /** How often a notice was sent again after a run that was sure to have noted that. */
  readonly toldTwice: number;
}

/** Records what is handed on to the channels of a storm, and what they send. */
export function openChannels(cloud: Cloud, places: Places) {
  /** By the id of each. */
  const handedOn = new Map<
    string,
    { readonly notice: IncidentNotice; readonly isMailed: boolean }
  >();
  const chat: Published[] = [];
  const runs = new Map<number | undefined, HandedOn>();
  const unsure = new Set<number | undefined>();

  cloud.onPublished(cloud.chatTopicArn, (published) => chat.push(published));
  cloud.onPublished(cloud.noticeTopicArn, ({ message }) => {
    const { notices, isMailed } = decode(message);
    for (const notice of notices) {
      const wasMailed = handedOn.get(notice.id)?.isMailed ?? false;
      handedOn.set(notice.id, { notice, isMailed: isMailed || wasMailed });
    }
  });

  /** Each message of the chat stands in the thread of a notice that its run was given, or else has a line for each of several. */
  function chatSendings(): Sending[] {
    const given = chat.map((published) => {
      const { thread, description } = readChat(published.message);
      const notices = runs.get(published.run)?.notices ?? [];
      const own = notices.filter(({ incident }) => incident === thread);
      return { published, description, notices, own };
    });
    return given.flatMap(({ published, description, notices, own }) => {
      const lines = description.split('\n');
      const others = notices.filter((notice) => lines.some((line) => isLineOf(line, notice)));
      const named = own.length > 0 ? own : others;
      return named.map(({ id }) => ({ ...published, id }));
    });
  }

  const busSendings = (): Sending[] =>
    cloud.eventBuses.events.map(({ detail, putAt, run, isLost }) => {
      const id = String((detail as { idempotencyKey?: unknown }).idempotencyKey);
      return { id, time: putAt.getTime(), run, isLost };
    });

  return {
    /** Records a run of a channel's function: one that ended well, and whose notes were taken, is sure of what it has sent. */
    noteRun(run: number, event: unknown, { outcome, faults }: RunReport): void {
      runs.set(run, handedOnIn(event));
      if (outcome !== 'done' || faults.DynamoDB) unsure.add(run);
    },

    /** Counts what a channel reports, as {@link tally} counts mails. */
    tallyOf(channel: Channel, storm: Pairs): ChannelTally {
      const sendings = channel === 'chat' ? chatSendings() : busSendings();
      const sent = new Set(sendings.map(({ id }) => id));
      // What was not mailed at once is in a digest too, which must name it.
      const reported = [...handedOn.values()]
        .filter(({ notice, isMailed }) => isMailed && sent.has(notice.id))
        .map(({ notice }) => notice);
      const { lost, unnamedCallers } = tally(storm, readNotices(reported, places));
      const isSure = ({ run, isLost }: Sending) => !isLost && !unsure.has(run);
      return { lost: lost + unnamedCallers, toldTwice: countTwice(sendings, isSure) };
    },

    /**
     * The most messages of the chat in an hour, without one for each mail of which it was handed what that reports, and without
     * those of which SNS's answer got lost, so that the SDK sent them again.
     */
    maxChatMessagesPerHour(): number {
      const answered = chat.filter(({ isLost }) => !isLost);
      const hours = Map.groupBy(answered, ({ time }) => Math.floor(time / HOUR_MS));
      const counts = [...hours.values()].map((messages) => {
        const mailed = [...new Set(messages.map(({ run }) => runs.get(run)))];
        return messages.length - mailed.filter((one) => one?.isMailed).length;
      });
      return Math.max(0, ...counts);
    },
  };
}

export type Channels = ReturnType<typeof openChannels>;

/** What SNS has brought. */
function handedOnIn(event: unknown): HandedOn {
  const { Records } = event as { Records: { Sns: { Message: string } }[] };
  return decode(Records[0]?.Sns.Message ?? '');
}

/** @throws Error for a message that Amazon Q Developer would show nothing of. */
function readChat(message: string): { readonly thread: unknown; readonly description: string } {
  const { version, source, content, metadata } = JSON.parse(message);
  if (version === '1.0' && source === 'custom') {
    return { thread: metadata?.threadId, description: String(content.description) };
  }
  throw new Error(`Expected a custom notification, got ${message}`);
}

/** Whether a line of a message of several is that of a notice: a secret elsewhere stands there with its account and Region. */
function isLineOf(line: string, { kind, secret }: IncidentNotice): boolean {
  const { name, accountId, region, elsewhere } = secret;
  const where = elsewhere ? `account ${accountId}, ${region}` : '';
  return line.startsWith(`- ${kind}: ${name}, `) && line.endsWith(where);
}

function countTwice(sendings: readonly Sending[], isSure: (sending: Sending) => boolean): number {
  const inOrder = sendings.toSorted((a, b) => a.time - b.time);
  const sure = new Set<string>();
  let count = 0;
  for (const sending of inOrder) {
    if (sure.has(sending.id)) count++;
    if (isSure(sending)) sure.add(sending.id);
  }
  return count;
}

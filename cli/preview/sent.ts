import { type ChatPorts, tellChat } from '../../lib/incident/chat.ts';
import { renderEvent } from '../../lib/notice/bus/event.ts';
import type { Channel } from '../../lib/notice/channel.ts';
import type { HandedOn } from '../../lib/notice/incident-notice.ts';
import { defaultOf } from '../../stack/settings.ts';

/** The JSON of each message that a channel sends of what it is handed, in their order, as if there were always budget. */
export async function sentBy(channel: Channel, handedOn: readonly HandedOn[]): Promise<string[]> {
  const sent = await Promise.all(handedOn.map(channel === 'chat' ? messagesOf : entriesOf));
  return sent.flat();
}

const POLICY = {
  chatButtons: defaultOf('chatButtons'),
  maxChatMessagesPerHour: defaultOf('maxChatMessagesPerHour'),
};

/** The custom notifications, as the topic of the chat gets them. */
async function messagesOf(handedOn: HandedOn): Promise<string[]> {
  const messages: string[] = [];
  const ports: ChatPorts = {
    token: 'preview',
    // Before any notice: none is late.
    now: () => new Date(0),
    leaseUntil: 0,
    timeLeft: () => Number.POSITIVE_INFINITY,
    sleep: async () => {},
    sent: { claim: async () => 'claimed', note: async () => {}, release: async () => {} },
    budget: { takeTurn: async () => 'taken' },
    publish: async (message) => void messages.push(JSON.stringify(message)),
  };
  await tellChat(handedOn, POLICY, ports);
  return messages;
}

/** In the place of a bus's name, for the reader to fill in. */
const BUS = 'EVENT-BUS-NAME';

/** The entries of PutEvents, as the SDK writes them: a time in seconds since 1970. */
async function entriesOf({ notices, stack }: HandedOn): Promise<string[]> {
  return notices.map((notice) => {
    const { Time, ...event } = renderEvent(notice, stack);
    return JSON.stringify({ ...event, Time: Time.getTime() / 1000, EventBusName: BUS });
  });
}

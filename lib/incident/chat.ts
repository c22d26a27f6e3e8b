import { NotifierError } from '../errors.ts';
import { type DeliverPorts, deliver, deliverTogether, type Sending } from '../notice/channel.ts';
import type { ChatMessage } from '../notice/chat/message.ts';
import { renderOverview } from '../notice/chat/overview.ts';
import { renderChat } from '../notice/chat/render.ts';
import type { HandedOn, IncidentNotice } from '../notice/incident-notice.ts';
import { awaitTurn, type BudgetPorts, type Limit } from './budget.ts';

export interface ChatPolicy {
  readonly maxChatMessagesPerHour: number;
  /** Whether the stack has buttons. */
  readonly hasButtons: boolean;
}

/** Dependencies of {@link tellChat}; `budget` is the chat's. */
export interface ChatPorts extends DeliverPorts, BudgetPorts {
  /** Publishes a message of these notices. */
  readonly publish: (message: ChatMessage, notices: readonly IncidentNotice[]) => Promise<void>;
}

/** How many incidents of one mail get a message each, in its thread; the others share one. */
const MAX_THREADS = 12;

/**
 * Sends the notices that one mail reports, or would have, to the chat, each once, as far as anybody can tell. Those of many
 * incidents go out one by one while the hour has room, the most urgent first, and the others together in one message, whatever
 * the budget: so an hour has `maxChatMessagesPerHour` messages, and one more a mail, or each time that none can be sent. What no mail reports waits for the digest
 * that will name it where there is no room.
 * @returns the notices that are left to a digest
 * @throws as {@link deliver}: Lambda then tries again, and what has been sent is not sent again. One that fails keeps no other
 * from being sent.
 */
export async function tellChat(
  { notices, isMailed, stack }: HandedOn,
  policy: ChatPolicy,
  ports: ChatPorts,
): Promise<IncidentNotice[]> {
  const [first] = notices;
  const options = { stack, hasButtons: policy.hasButtons };
  const send = (message: ChatMessage, of: readonly IncidentNotice[], limit: Limit) =>
    sendInTurn(message, of, limit, ports);
  const each = (some: readonly IncidentNotice[], limit: Limit) =>
    deliver('chat', some, (one) => send(renderChat(one, options), [one], limit), ports);

  const max = policy.maxChatMessagesPerHour;
  if (!isMailed) return each(notices, max);
  if (first && notices.length === 1) return each([first], 'whatever');

  const failures: unknown[] = [];
  const failed = (error: unknown) => {
    failures.push(error);
    return [];
  };
  const left = await each(notices.slice(0, MAX_THREADS), max).catch(failed);
  const others = [...left, ...notices.slice(MAX_THREADS)];
  await deliverTogether(
    'chat',
    others,
    (some) => {
      const [only] = some.length === 1 ? some : [];
      const message = only ? renderChat(only, options) : renderOverview(some, options);
      return send(message, some, 'whatever');
    },
    ports,
  ).catch(failed);
  if (failures.length > 0) throw failures[0];
  return [];
}

/** @throws NotifierError `OUT_OF_TIME` for what goes out whatever the budget, if the run has no second for it. */
async function sendInTurn(
  message: ChatMessage,
  notices: readonly IncidentNotice[],
  limit: Limit,
  ports: ChatPorts,
): Promise<Sending> {
  if (await awaitTurn(limit, ports)) {
    await ports.publish(message, notices);
    return 'sent';
  }
  if (limit !== 'whatever') return 'left';
  throw new NotifierError(
    'OUT_OF_TIME',
    'Expected a second in which the chat takes a message, got none in the time of this run. Lambda tries again in a minute.',
  );
}

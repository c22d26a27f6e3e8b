import { createHash } from 'node:crypto';
import { NotifierError } from '../errors.ts';
import { type DeliverPorts, deliver, type Group } from '../notice/channel.ts';
import type { ChatMessage, ChatOptions } from '../notice/chat/message.ts';
import { overviewsOf, renderOverview } from '../notice/chat/overview.ts';
import { renderChat } from '../notice/chat/render.ts';
import type { HandedOn, IncidentNotice } from '../notice/incident-notice.ts';
import { awaitTurn, type BudgetPorts, type Limit } from './budget.ts';

export interface ChatPolicy {
  readonly maxChatMessagesPerHour: number;
  /** Whether the stack has buttons. */
  readonly chatButtons: boolean;
}

/**
 * The longest pause between two looks for a second in which the chat takes a message, in seconds. Each message of the topic is
 * a run of its own, and hundreds may come at once: each waits up to the five minutes that it has. For 200 of them that is 0.25 GB x
 * 100 s x 200, some 7 cents, and 200 of the account's concurrent executions, of which there are 1,000 unless the account is new.
 * If all of them asked each second, the hour's item would be written 200 times in it: 20,000 writes in all instead of some 3,500.
 * Sources: https://aws.amazon.com/lambda/pricing/ and https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_PAUSE = 16;

/** Dependencies of {@link tellChat}; `budget` is the chat's. */
export interface ChatPorts extends DeliverPorts, BudgetPorts {
  /** Publishes a message of these notices. */
  readonly publish: (message: ChatMessage, notices: readonly IncidentNotice[]) => Promise<void>;
}

/** How many incidents of one mail get a message each, in its thread; the others share as few as it takes. */
const MAX_THREADS = 12;

/**
 * Sends the notices that one mail reports, or would have, or a part of them, to the chat, each once, as far as anybody can tell.
 * Of many incidents the first go out one by one while the hour has room, the most urgent first; all others, and those of each
 * further part, are named in overviews, whatever the budget: so an hour has `maxChatMessagesPerHour` messages, and as many
 * overviews as it takes to name all that is mailed, a hundred secrets or so in each. Without room what no mail reports is left
 * out: an attempt the digest will name, an announcement nobody.
 * @returns the notices that are left out
 * @throws as {@link deliver}: Lambda then tries again, and what has been sent is not sent again. One that fails keeps no other
 * from being sent, by a message of its own or in an overview.
 */
export async function tellChat(
  { notices, isMailed, isContinued = false, stack }: HandedOn,
  policy: ChatPolicy,
  ports: ChatPorts,
): Promise<IncidentNotice[]> {
  const { chatButtons } = policy;
  const left: IncidentNotice[] = [];
  const tell = (groups: readonly (readonly IncidentNotice[])[], limit: Limit) =>
    deliver(
      'chat',
      groups,
      async (group) => {
        const hasTurn = await takesTurn(group, limit, ports);
        if (!hasTurn) left.push(...group);
        else await ports.publish(render(group, { stack, chatButtons, now: ports.now() }), group);
        return hasTurn ? 'sent' : 'left';
      },
      ports,
    );

  const each = notices.map((notice) => [notice]);
  const max = policy.maxChatMessagesPerHour;
  if (!isMailed || notices.length === 1) {
    await tell(each, isMailed ? 'whatever' : max);
    return left;
  }
  const failures: unknown[] = [];
  const failed = (error: unknown) => void failures.push(error);
  const threads = isContinued ? 0 : MAX_THREADS;
  await tell(each.slice(0, threads), max).catch(failed);
  // Whatever has failed, or those that are left would go to the dead-letter queue with it.
  const others = [...left, ...notices.slice(threads)];
  await tell(overviewsOf(others), 'whatever').catch(failed);
  if (failures.length > 0) throw failures[0];
  return [];
}

const render = (group: Group, options: ChatOptions): ChatMessage =>
  group.length === 1 ? renderChat(group[0], options) : renderOverview(group, options);

/**
 * Waits for a second in which the chat takes a message.
 * @returns whether the hour has room for it
 * @throws NotifierError `OUT_OF_TIME` for what goes out whatever the budget, if the run has no second for it.
 */
async function takesTurn(group: Group, limit: Limit, ports: ChatPorts): Promise<boolean> {
  const hasTurn = await awaitTurn(limit, { ...ports, pause: pauseOf(ports.token, group) });
  if (hasTurn || limit !== 'whatever') return hasTurn;
  throw new NotifierError(
    'OUT_OF_TIME',
    'Expected a second in which the chat takes a message, got none in the time of this run. Lambda tries again in a minute.',
  );
}

/** The next second first, because a run that is alone finds it free; then one of twice as many each time, up to the longest. */
function pauseOf(token: string, [first]: Group) {
  return (found: number): number => {
    const text = [token, first.id, found].join();
    const spread = createHash('sha256').update(text).digest().readUInt32BE();
    return 1 + (spread % Math.min(2 ** (found - 1), MAX_PAUSE));
  };
}

import assert from 'node:assert/strict';
import { buttonsOf } from '../emulators/custom-actions.ts';
import type { Template } from '../emulators/template.ts';
import type { ChatMessage } from '../lib/notice/chat/message.ts';
import type { Scene } from './story.ts';

/** The threads of a chat, by their ids: their numbers, in the order in which they have begun. */
export type Threads = Map<string, number>;

/** The messages that the chat has got since it was last asked: as many as mails. */
export function chatOf({ step, aws, notifier }: Scene, count: number): Promise<ChatMessage[]> {
  return step('The chat has it too', async (note) => {
    await notifier.settled();
    const messages = (await aws.takeChat()).map(({ message }) => message as ChatMessage);
    assert.equal(messages.length, count, 'messages of the chat');
    note(`${count} sent to the topic of the Slack channel`);
    return messages;
  });
}

/** A message as text, as it stands in the chat, and in which thread. */
export function chatText(message: ChatMessage, threads: Threads, template: Template): string {
  const { threadId } = message.metadata;
  const isReply = threads.has(threadId);
  if (!isReply) threads.set(threadId, threads.size + 1);
  const where = `${isReply ? 'in' : 'which begins'} thread ${threads.get(threadId)}`;
  const buttons = Object.keys(buttonsOf(message, template.Resources)).map((text) => `[ ${text} ]`);
  const lines = [...contentOf(message), ...(buttons.length > 0 ? ['', buttons.join('  ')] : [])];
  const bar = isReply ? '    | ' : '| ';
  return [`In the chat, ${where}:`, ...lines.map((line) => `${bar}${line}`.trimEnd())].join('\n');
}

function contentOf({ content }: ChatMessage): string[] {
  const { title, description, nextSteps = [] } = content;
  const paragraphs = [title, description, nextSteps.map((step) => `- ${step}`).join('\n')];
  return paragraphs
    .filter((paragraph) => paragraph !== '')
    .flatMap((paragraph, i) => [...(i > 0 ? [''] : []), ...paragraph.split('\n').flatMap(wrapped)]);
}

/** In characters. */
const WIDTH = 72;

/** A line, without the marks of bold, broken at spaces, but not in code: a command is for pasting. */
function wrapped(line: string): string[] {
  const shown = line.replace(/\*([^*]+)\*/g, '$1').replaceAll('&amp;', '&');
  const indent = shown.startsWith('- ') ? '  ' : '';
  const lines: string[] = [];
  let last = '';
  for (const word of shown.match(/`[^`]+`|\S+/g) ?? []) {
    if (last !== '' && last.length + 1 + word.length > WIDTH) {
      lines.push(last);
      last = indent + word;
    } else {
      last += last === '' ? word : ` ${word}`;
    }
  }
  return [...lines, last];
}

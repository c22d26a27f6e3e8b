import { identifier } from '../../text.ts';
import { plural } from '../../time.ts';
import type { Step } from '../alert-text.ts';
import type { HandedOn } from '../incident-notice.ts';
import type { NoticeSecret } from '../notice.ts';
import { isReplaced, plainWithin } from './markdown.ts';
import type { ButtonVariables } from './variables.ts';

/**
 * A custom notification of Amazon Q Developer in chat applications, which posts it in Slack or Teams.
 * Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export interface ChatMessage {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps?: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    /** Messages of one id stand in one thread. */
    readonly threadId: string;
    readonly summary: string;
    readonly enableCustomActions: boolean;
    readonly additionalContext?: ButtonVariables;
  };
}

/** The last line of a description, if something is not written as it is. */
export const NOTE =
  '- Characters that could ping, link or format are replaced, as in [.]; only code is exact.';

/**
 * How long each may be, in characters; a description 8000, with room for the note:
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export const MAX_TITLE = 250;
export const MAX_DESCRIPTION = 8000 - NOTE.length - 1;
export const MAX_STEP = 350;
const MAX_KEYWORD = 75;

/** What a kind of notice says of its own. */
export interface Parts {
  /** Harmless; `mark`: how urgent it is; `name`: of the secret, harmless. */
  readonly title: (mark: string, name: string) => string;
  /** Harmless lines. */
  readonly lines: readonly string[];
  readonly steps: readonly Step[];
  /** Whether the secret can be read again. */
  readonly isGood: boolean;
}

export interface ChatOptions {
  readonly stack: HandedOn['stack'];
  /** Whether the stack has buttons. */
  readonly chatButtons: boolean;
  /** When the message is sent. */
  readonly now: Date;
}

/** How urgent it is, as Slack and Teams both show it; a code such as `:red_circle:` Teams would not. */
export const ICONS = {
  critical: '🔴',
  warning: '🟠',
  notice: '🔵',
  good: '✅',
  drill: '🧪',
} as const;

/** The longest parts of a title that records choose, in characters: beside all else there is room for an account. */
export const MAX_NAME = 100;
const MAX_CALLER = 60;

/** The name of a secret for a title or a line, in at most `max` characters. */
export const nameText = (name: string | undefined, max = MAX_NAME): string =>
  name ? plainWithin(identifier(name), max) : '(not named)';

export const callerName = (name: string): string => plainWithin(name, MAX_CALLER);

/** Words to filter by, each once; what is unknown is left out. */
export function keywordsOf(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.flatMap((value) => (value ? [plainWithin(value, MAX_KEYWORD)] : [])))];
}

/** Where a secret is, its name and its owner, each behind a word of ours: what begins with a mark would be a list, say. */
export function secretKeywords({ accountId, region, name, owners: [owner] }: NoticeSecret) {
  return [
    accountId && `account ${accountId}`,
    region && `Region ${region}`,
    name && `secret ${identifier(name)}`,
    owner && `owner ${owner.value}`,
  ];
}

/** As many lines as there is room for in `max` characters, and how many have none. */
export function fitLines(lines: readonly string[], max: number): string {
  const size = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const shown: string[] = [];
  let left = size <= max ? max : max - ROOM_FOR_MORE;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    shown.push(line);
  }
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`- and ${plural(more, 'more line')}`] : [])].join('\n');
}

const ROOM_FOR_MORE = 40;

/** A message of these parts in the thread `threadId`; says so if a character is replaced in them. */
export function chatMessage(
  content: Omit<ChatMessage['content'], 'textType'>,
  threadId: string,
  variables: ButtonVariables = {},
): ChatMessage {
  const { title, description, nextSteps, keywords } = content;
  const hasButtons = Object.keys(variables).length > 0;
  const hasNote = [title, description, ...(nextSteps ?? [])].some(isReplaced);
  return {
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title,
      description: hasNote ? `${description}\n${NOTE}` : description,
      ...(nextSteps && nextSteps.length > 0 && { nextSteps }),
      keywords,
    },
    metadata: {
      threadId,
      summary: title,
      enableCustomActions: hasButtons,
      ...(hasButtons && { additionalContext: variables }),
    },
  };
}

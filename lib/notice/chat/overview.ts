import { mostUrgent } from '../../deletion/schedule.ts';
import { isDrill } from '../../drill.ts';
import { identifier } from '../../text.ts';
import { plural } from '../../time.ts';
import { times } from '../clash-text.ts';
import { IN_CHECKOUT, statusCommand } from '../commands.ts';
import { standing } from '../digest-text.ts';
import { hash, type IncidentNotice } from '../incident-notice.ts';
import { countText } from './digest.ts';
import { LATE_LINE, lateness } from './late.ts';
import { copyableStart } from './markdown.ts';
import {
  type ChatMessage,
  type ChatOptions,
  chatMessage,
  ICONS,
  keywordsOf,
  MAX_DESCRIPTION,
  nameText,
} from './message.ts';
import { renderSteps } from './steps.ts';

const HEADLINE = 'There was no room for a message on each of these:';

/** How long a line may be behind the secret's name, in characters. */
const MAX_LINE = 200;

/** Those of each message of {@link renderOverview}, in their order: as many as have room in it. */
export function overviewsOf(notices: readonly IncidentNotice[]): IncidentNotice[][] {
  const messages: IncidentNotice[][] = [];
  let left = 0;
  for (const notice of notices) {
    const size = lineOf(notice).length + 1;
    if (size > left) {
      messages.push([]);
      left = MAX_DESCRIPTION - HEADLINE.length - LATE_LINE;
    }
    messages.at(-1)?.push(notice);
    left -= size;
  }
  return messages;
}

/**
 * The message of many incidents, a line each, in a thread of its own: those that the chat has no room for one by one.
 * @param notices of {@link overviewsOf}, or some of them: all are named
 */
export function renderOverview(
  notices: readonly IncidentNotice[],
  { stack, now }: Pick<ChatOptions, 'stack' | 'now'>,
): ChatMessage {
  const real = notices.filter(({ secret }) => !isDrill(secret.name));
  const late = lateness(oldest(notices), now);
  const severity = mostUrgent(real.map((notice) => notice.severity));
  const command = statusCommand(
    stack,
    notices.some(({ secret }) => secret.elsewhere),
  );
  const { nextSteps } = renderSteps([{ text: `More of them, ${IN_CHECKOUT}:`, command }], 0);
  return chatMessage(
    {
      title: `${ICONS[severity]} ${plural(notices.length, 'more secret')}, a line each${late.tail}`,
      description: [...late.lines, HEADLINE, ...notices.map(lineOf)].join('\n'),
      nextSteps,
      keywords: keywordsOf([severity, 'overview', ...new Set(notices.map(({ kind }) => kind))]),
    },
    threadOf(notices),
  );
}

const oldest = (notices: readonly IncidentNotice[]) =>
  new Date(Math.min(...notices.map(({ now }) => now.getTime())));

/**
 * `- last-call: prod/old, 12 attempts by 5 callers, 6 days left`, `- clash: prod/old, role deploy, 2 times, 6 days left`; of a
 * secret elsewhere with its account and Region.
 */
function lineOf(notice: IncidentNotice): string {
  const { kind, secret, state, counts, clash, now } = notice;
  const { accountId, region, elsewhere } = secret;
  const by = counts.callers > 0 ? ` by ${plural(counts.callers, 'caller')}` : '';
  const where = elsewhere && [accountId && `account ${identifier(accountId, 64)}`, region];
  const what = clash ? `${clash.caller.name}, ${times(clash)}` : countText(notice) + by;
  const parts = [what, standing(state, now), ...(where ?? [])];
  const mark = isDrill(secret.name) ? 'DRILL, ' : '';
  const text = copyableStart(parts.filter(Boolean).join(', '), MAX_LINE);
  return `- ${mark}${kind}: ${nameText(secret.name)}, ${text}`;
}

/** The same for the same notices. */
const threadOf = (notices: readonly IncidentNotice[]): string => hash(notices.map(({ id }) => id));

import { createHash } from 'node:crypto';
import type { Severity } from '../../deletion/schedule.ts';
import { isDrill } from '../../drill.ts';
import { identifier } from '../../text.ts';
import { plural } from '../../time.ts';
import { IN_CHECKOUT, statusCommand } from '../commands.ts';
import { LIST, standing } from '../digest-text.ts';
import type { IncidentNotice } from '../incident-notice.ts';
import { countText } from './digest.ts';
import { plainStart } from './markdown.ts';
import {
  type ChatMessage,
  type ChatOptions,
  chatMessage,
  fitLines,
  ICONS,
  keywordsOf,
  MAX_DESCRIPTION,
  nameText,
} from './message.ts';
import { renderSteps } from './steps.ts';

const HEADLINE = 'There was no room for a message on each of these:';

/** How many callers a line names, and how long it may be, in characters. */
const MAX_NAMED = 2;
const MAX_LINE = 240;

/** The message of many incidents, a line each, in a thread of its own: those that the chat has no room for one by one. */
export function renderOverview(
  notices: readonly IncidentNotice[],
  { stack }: Pick<ChatOptions, 'stack'>,
): ChatMessage {
  const real = notices.filter(({ secret }) => !isDrill(secret.name));
  const severity = mostUrgent(real.map((notice) => notice.severity));
  const command = statusCommand(
    stack,
    notices.some(({ secret }) => secret.elsewhere),
  );
  const { nextSteps } = renderSteps([{ text: `More of them, ${IN_CHECKOUT}:`, command }], 0);
  return chatMessage(
    {
      title: `${ICONS[severity]} ${plural(notices.length, 'more secret')}, a line each`,
      description: fitLines([HEADLINE, ...notices.map(lineOf)], MAX_DESCRIPTION, 'secret'),
      nextSteps,
      keywords: keywordsOf([severity, 'overview', ...new Set(notices.map(({ kind }) => kind))]),
    },
    threadOf(notices),
  );
}

const mostUrgent = (severities: readonly Severity[]): Severity =>
  (['critical', 'warning'] as const).find((one) => severities.includes(one)) ?? 'notice';

/** `- last-call: prod/old, account 111122223333, eu-west-1, 6 days left: 12 attempts, role a, role b and 3 others`. */
function lineOf(notice: IncidentNotice): string {
  const { kind, secret, state, callers, counts, now } = notice;
  const { accountId, region } = secret;
  const where = [accountId && `account ${identifier(accountId, 64)}`, region];
  const names = callers.slice(0, MAX_NAMED).map((caller) => caller.callerName);
  const others = counts.callers - names.length;
  const who = LIST.format(others > 0 ? [...names, plural(others, 'other')] : names);
  const title = [...where, standing(state, now)].filter(Boolean).join(', ');
  const what = [countText(notice), who].filter(Boolean).join(', ');
  const mark = isDrill(secret.name) ? 'DRILL, ' : '';
  return `- ${mark}${kind}: ${nameText(secret.name)}, ${plainStart(`${title}: ${what}`, MAX_LINE)}`;
}

/** The same for the same notices. */
function threadOf(notices: readonly IncidentNotice[]): string {
  const ids = JSON.stringify(notices.map(({ id }) => id));
  return createHash('sha256').update(ids).digest('hex').slice(0, 32);
}

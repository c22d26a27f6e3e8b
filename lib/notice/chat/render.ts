import type { Severity } from '../../deletion/schedule.ts';
import { isDrill } from '../../drill.ts';
import { DRILL, markOf } from '../alert-text.ts';
import type { HandedOn, IncidentNotice } from '../incident-notice.ts';
import { alertParts } from './alert.ts';
import { announcementParts } from './announcement.ts';
import { digestParts } from './digest.ts';
import {
  type ChatMessage,
  type ChatOptions,
  chatMessage,
  fitLines,
  ICONS,
  keywordsOf,
  MAX_DESCRIPTION,
  type Parts,
  secretKeywords,
} from './message.ts';
import { renderSteps } from './steps.ts';
import { buttonVariables } from './variables.ts';

/** The message of a notice, in the thread of its incident. */
export function renderChat(
  notice: IncidentNotice,
  { stack, hasButtons }: ChatOptions,
): ChatMessage {
  const { secret, severity, kind, incident, state } = notice;
  const { title, lines, steps, isGood } = partsOf(notice, stack);
  const isOfDrill = isDrill(secret.name);
  const text = fitLines([...(isOfDrill ? [DRILL] : []), ...lines], MAX_DESCRIPTION);
  const { nextSteps, blocks } = renderSteps(steps, MAX_DESCRIPTION - text.length);
  return chatMessage(
    {
      title: titled(title, severity, isOfDrill, isGood),
      description: [text, ...blocks].join('\n'),
      nextSteps,
      keywords: keywordsOf([isOfDrill ? 'drill' : severity, kind, ...secretKeywords(secret)]),
    },
    incident,
    // Of a deletion that this notifier has cancelled, the state is that of before.
    hasButtons ? buttonVariables({ kind, secret, state: isGood ? RESTORED : state }, stack) : {},
  );
}

const RESTORED = { state: 'restored' } as const;

function titled(title: Parts['title'], severity: Severity, isOfDrill: boolean, isGood: boolean) {
  if (isOfDrill) return `${ICONS.drill} ${markOf(severity, true)}${title('')}`;
  return `${ICONS[isGood ? 'good' : severity]} ${title(markOf(severity, false))}`;
}

function partsOf(notice: IncidentNotice, stack: HandedOn['stack']): Parts {
  switch (notice.kind) {
    case 'opened':
    case 'caller':
      return alertParts(notice, stack);
    case 'announced':
      return announcementParts(notice);
    default:
      return digestParts(notice, notice.kind, stack);
  }
}

import type { Elsewhere } from '../../deletion/describe.ts';
import type { Severity } from '../../deletion/schedule.ts';
import { isDrill } from '../../drill.ts';
import { DRILL, markOf } from '../alert-text.ts';
import { placesShort } from '../deletion-text.ts';
import type { HandedOn, IncidentNotice } from '../incident-notice.ts';
import { alertParts } from './alert.ts';
import { announcementParts } from './announcement.ts';
import { digestParts } from './digest.ts';
import { plain } from './markdown.ts';
import {
  type ChatMessage,
  type ChatOptions,
  chatMessage,
  fitLines,
  ICONS,
  keywordsOf,
  MAX_DESCRIPTION,
  MAX_TITLE,
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
      title: withPlace(titled(title, severity, isOfDrill, isGood), secret.elsewhere),
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

/** With the secret's place, or as much of it as has room: a push shows the title alone, and a hub hears many of one name. */
function withPlace(title: string, elsewhere: Elsewhere = {}): string {
  if (!elsewhere.accountId && !elsewhere.region) return title;
  const titles = placesShort(elsewhere).map((place) => `${title}, ${plain(place)}`);
  return titles.find(({ length }) => length <= MAX_TITLE) ?? title;
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

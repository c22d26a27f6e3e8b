import type { Elsewhere } from '../../deletion/describe.ts';
import { isDrill } from '../../drill.ts';
import { DRILL, markOf } from '../alert-text.ts';
import { placesShort } from '../deletion-text.ts';
import type { HandedOn, IncidentNotice } from '../incident-notice.ts';
import { alertParts } from './alert.ts';
import { announcementParts } from './announcement.ts';
import { clashParts } from './clash.ts';
import { digestParts } from './digest.ts';
import { lateness } from './late.ts';
import { plain } from './markdown.ts';
import {
  type ChatMessage,
  type ChatOptions,
  chatMessage,
  fitLines,
  ICONS,
  keywordsOf,
  MAX_DESCRIPTION,
  MAX_NAME,
  MAX_TITLE,
  nameText,
  type Parts,
  secretKeywords,
} from './message.ts';
import { renderSteps } from './steps.ts';
import { buttonVariables } from './variables.ts';

/** The message of a notice, in the thread of its incident. */
export function renderChat(
  notice: IncidentNotice,
  { stack, chatButtons, now }: ChatOptions,
): ChatMessage {
  const { secret, severity, kind, incident, state } = notice;
  const { title, lines, steps, isGood } = partsOf(notice, stack);
  const isOfDrill = isDrill(secret.name);
  const late = lateness(notice.now, now);
  const name = nameText(secret.name, MAX_NAME - late.tail.length);
  const all = [...late.lines, ...(isOfDrill ? [DRILL] : []), ...lines];
  const heading = isOfDrill
    ? `${ICONS.drill} ${markOf(severity, true)}${title('', name)}`
    : `${ICONS[isGood ? 'good' : severity]} ${title(markOf(severity, false), name)}`;
  const text = fitLines(all, MAX_DESCRIPTION);
  const { nextSteps, blocks } = renderSteps(steps, MAX_DESCRIPTION - text.length);
  return chatMessage(
    {
      title: withPlace(heading, late.tail, secret.elsewhere),
      description: [text, ...blocks].join('\n'),
      nextSteps,
      keywords: keywordsOf([isOfDrill ? 'drill' : severity, kind, ...secretKeywords(secret)]),
    },
    incident,
    // Of a deletion that this notifier has cancelled, the state is that of before.
    chatButtons ? buttonVariables({ kind, secret, state: isGood ? RESTORED : state }, stack) : {},
  );
}

const RESTORED = { state: 'restored' } as const;

/**
 * With the secret's place before the end, or as much of it as has room: a push shows the title alone, and a hub hears many of
 * one name.
 */
function withPlace(title: string, tail: string, elsewhere: Elsewhere = {}): string {
  const isNamed = elsewhere.accountId || elsewhere.region;
  const places = isNamed ? placesShort(elsewhere).map((place) => `, ${plain(place)}`) : [];
  const titles = places.map((place) => title + place + tail);
  return titles.find(({ length }) => length <= MAX_TITLE) ?? title + tail;
}

function partsOf(notice: IncidentNotice, stack: HandedOn['stack']): Parts {
  switch (notice.kind) {
    case 'opened':
    case 'caller':
      return alertParts(notice, stack);
    case 'announced':
      return announcementParts(notice);
    case 'clash':
      return clashParts(notice, stack);
    case 'gone':
      return notice.attempt ? alertParts(notice, stack) : digestParts(notice, 'gone', stack);
    default:
      return digestParts(notice, notice.kind, stack);
  }
}

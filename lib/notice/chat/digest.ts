import { plural } from '../../time.ts';
import { found, type Step } from '../alert-text.ts';
import { muteAdvice, muteCommand, type OwnStack, type Remedy, statusCommand } from '../commands.ts';
import type { DigestNotice } from '../digest.ts';
import {
  attemptsText,
  COUNTED,
  callerText,
  deletionRows,
  digestFrame,
  digestHeadlines,
  goneIn,
  isMutable,
  LEAST,
  mutedText,
  standing,
  stateLine,
} from '../digest-text.ts';
import { type IncidentNotice, MAX_SOURCES } from '../incident-notice.ts';
import { copyableStart } from './markdown.ts';
import type { Parts } from './message.ts';
import { knownRows, row, secretRows } from './rows.ts';

type Kind = DigestNotice['kind'];

/** How many callers and mutes are named, and how long the line of one may be, in characters. */
const MAX_NAMED = 8;
const MAX_MUTES = 3;
const MAX_ITEM = 300;

/** What is said of an incident in a digest, a last call or the report of its end. */
export function digestParts(notice: IncidentNotice, kind: Kind, stack: OwnStack): Parts {
  const { secret, state, muted, now } = notice;
  const count = countText(notice);
  return {
    title(mark, name) {
      const [head, tail] = digestFrame(kind, mark, count, standing(state, now));
      return `${head}${name}${tail}`;
    },
    lines: [
      ...digestHeadlines(kind, {
        count,
        secrets: 1,
        ...goneIn([state]),
        hasMuted: muted.length > 0,
        other: 'mail',
      }),
      ...row('Deletion', stateLine(state, now)),
      ...deletionRows(state).flatMap(([label, value]) => row(label, value)),
      ...secretRows(secret),
      ...knownRows(secret),
      ...itemsOf(notice),
    ],
    steps: stepsOf(notice, kind, stack),
    isGood: state.state === 'restored',
  };
}

/** Of the callers that are neither muted nor ignored, unless there are no others. */
export function countText({ counts }: IncidentNotice): string {
  const { attempts, muted, ignored, isLeast } = counts;
  return attemptsText(attempts || muted + ignored, isLeast);
}

/** A line each: those who read it, and those whom somebody has muted. */
function itemsOf({ callers, muted, counts }: IncidentNotice): string[] {
  const named = callers.slice(0, MAX_NAMED);
  const others = counts.callers - named.length;
  const rest = counts.attempts - named.reduce((sum, { count }) => sum + count, 0);
  const otherMutes = muted.slice(MAX_MUTES).reduce((sum, { count }) => sum + count, 0);
  const lines = [
    ...named.map((one) => `${one.isNew ? 'new to the mail: ' : ''}${callerText(one, MAX_SOURCES)}`),
    ...(others > 0 ? [`and ${plural(others, 'more caller')} (${plural(rest, 'attempt')})`] : []),
    ...muted.slice(0, MAX_MUTES).map(mutedText),
    ...(otherMutes > 0 ? [`${otherMutes} muted by other mutes`] : []),
    ...(counts.ignored > 0 ? [`${counts.ignored} by ignored callers`] : []),
    ...(counts.isLeast ? [LEAST] : []),
  ];
  return lines.map((line) => `- ${copyableStart(line, MAX_ITEM)}`);
}

const ADVICE: Readonly<Record<Remedy['act'], string>> = {
  restore: 'Restore it:',
  delete: 'Delete it:',
  create: 'Make a new secret of this name:',
  replicate: 'Replicate it again:',
};

function stepsOf(notice: IncidentNotice, kind: Kind, stack: OwnStack): Step[] {
  const { secret, remedy, callers, counts } = notice;
  const isAsked = kind === 'digest' || kind === 'last-call';
  const [most] = callers;
  const which = callers.length > 1 ? ', such as the one with the most attempts' : '';
  const isCounted = counts.callers > Math.min(callers.length, MAX_NAMED);
  return [
    ...(remedy ? [{ text: `Still needed? ${found(remedy, ADVICE[remedy.act])}`, remedy }] : []),
    ...(kind === 'digest' && isMutable(notice) && most
      ? [
          {
            text: muteAdvice(`the caller${which}`),
            command: muteCommand(secret, most.callerKey, stack),
          },
        ]
      : []),
    ...(isAsked && isCounted
      ? [{ text: COUNTED, command: statusCommand(stack, secret.elsewhere !== undefined) }]
      : []),
  ];
}

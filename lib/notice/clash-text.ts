import { cutMiddle, identifier, oneLine } from '../text.ts';
import { formatPeriod, plural } from '../time.ts';
import { adoptionBy } from './adopt-text.ts';
import { found, type Step, sentence } from './alert-text.ts';
import type { IncidentClash } from './clash.ts';
import {
  backfillCommand,
  forceDeleteCommand,
  IN_CHECKOUT,
  muteAdvice,
  muteCommand,
  type OwnStack,
  readersCommand,
} from './commands.ts';
import { attemptsText, LIST, standing } from './digest-text.ts';

// What is said of a name that is taken, in whatever channel: plain lines, of words that are not defanged.

/**
 * What stands before the secret's name in a subject or a title, behind the mark, between it and the name of who could not create
 * one, and at the end.
 */
export const clashFrame = ({ state, now }: IncidentClash, mark: string) =>
  [`${mark}Deleted secret`, 'blocks a new one of', standing(state, now)] as const;

/** As {@link clashFrame}, of several, of which the first and how many more are named. */
export const clashesFrame = ({ state, now }: IncidentClash, mark: string, count: number) =>
  [
    `${mark}Deleted secrets`,
    `and ${count - 1} more block new ones, ${standing(state, now)}`,
  ] as const;

/** What has happened, in a sentence or two. */
export const clashHeadline = (notice: IncidentClash): string =>
  `${triedText(notice)}, and could not: the secret of that name is scheduled for deletion, and keeps the name until AWS has deleted it, at some time after the end of its window.`;

/** What has happened to several, in a sentence or two. */
export const clashesHeadline = (count: number): string =>
  `${count} secrets could not be created: those of their names are scheduled for deletion, and keep the names until AWS has deleted them, at some time after the end of their windows.`;

/** Who tried to create what, as the beginning of a sentence. */
export function triedText({ secret, clash }: IncidentClash): string {
  const name = secret.name ? cutMiddle(identifier(secret.name), 120) : '(not named)';
  return `${sentence(oneLine(clash.caller.name, 160))} tried ${times(clash)} to create a secret of the name ${name}`;
}

/** `2 times`. */
export const times = ({ count, isLeast }: IncidentClash['clash']): string =>
  `${isLeast ? 'at least ' : ''}${count === 1 ? 'once' : plural(count, 'time')}`;

/** `2 times, 2026-11-22 16:55 UTC to 2026-11-22 16:59 UTC`. */
export const triesLine = ({ clash }: IncidentClash): string =>
  `${times(clash)}, ${formatPeriod(clash.first, clash.last)}`;

/** `Terraform or OpenTofu`. */
export const toolLine = ({ clash }: IncidentClash): string => adoptionBy(clash.tool).tool;

/** How many who read the secret are named. */
const MAX_READERS = 3;

/** Who has tried to read the secret since its deletion: whether it can be deleted at once. */
export function readersLine(notice: IncidentClash): string {
  const { callers, counts } = notice;
  const { attempts, muted, ignored, isLeast } = counts;
  if (!isRead(notice)) {
    return areReadsKnown(notice)
      ? 'nobody since its deletion, as far as is known here'
      : 'not known here, for lack of records since its deletion';
  }
  const names = callers.slice(0, MAX_READERS).map(({ callerName }) => oneLine(callerName, 160));
  const others = counts.callers - names.length;
  const all = others > 0 ? [...names, plural(others, 'other')] : names;
  const parts = [
    attempts > 0 && `${attemptsText(attempts, isLeast)} since its deletion, by ${LIST.format(all)}`,
    muted > 0 && `${muted} muted`,
    ignored > 0 && `${ignored} by ignored callers`,
  ];
  return parts.filter(Boolean).join('; ');
}

const isRead = ({ counts: { attempts, muted, ignored } }: IncidentClash) =>
  attempts + muted + ignored > 0;

/** Whether all who have read the secret since its deletion are known here. */
const areReadsKnown = ({ clash, counts }: IncidentClash) => clash.isWatched && !counts.isLeast;

/** What the reader can do, in the order in which it is to be thought of: keep the old secret, free its name, or take another. */
export const clashSteps = (notice: IncidentClash, stack: OwnStack): Step[] => [
  ...ownSteps(notice),
  ...commonSteps([notice], stack),
];

/** Those of {@link clashSteps} that are about the old secret. */
export function ownSteps(notice: IncidentClash): Step[] {
  const { secret, clash, remedy } = notice;
  const { adopt, command } = adoptionBy(clash.tool);
  return [
    ...(remedy
      ? [{ text: `Is it the old secret that is wanted? ${found(remedy, 'Restore it:')}`, remedy }]
      : []),
    { text: `To go on with it, ${adopt}`, command: command(secret) },
    freeing(notice),
  ];
}

/** The others, which are the same for several, but for the caller to mute: the command is that of the first. */
export function commonSteps(notices: readonly IncidentClash[], stack: OwnStack): Step[] {
  const [first, ...others] = notices;
  if (!first) return [];
  const missed = notices.filter((one) => !isRead(one) && !areReadsKnown(one));
  const isOfOneTool = others.every(({ clash }) => clash.tool === first.clash.tool);
  const { rename } = adoptionBy(isOfOneTool ? first.clash.tool : 'other');
  const which = others.length > 0 ? 'a caller, such as that of the first' : 'this caller';
  return [
    ...(missed.length > 0
      ? [
          {
            text: `Have the reads looked for that the notifier has missed, ${IN_CHECKOUT}:`,
            command: backfillCommand(
              stack,
              missed.some(({ secret }) => secret.elsewhere),
            ),
          },
        ]
      : []),
    { text: `${others.length > 0 ? 'Give each' : 'Or give the'} new one another name${rename}` },
    {
      text: muteAdvice(which),
      command: muteCommand(first.secret, first.clash.caller.key, stack),
    },
  ];
}

/**
 * How to free the name at once. Whether DeleteSecret without a window takes a secret that has one, AWS does not say: people do it
 * (https://github.com/aws-controllers-k8s/community/issues/2969), emulators refuse it, and a restore before helps in any case. It
 * is done some time after the call: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
 */
function freeing(notice: IncidentClash): Step {
  if (isRead(notice)) {
    return {
      text: 'Or free the name by deleting the old secret at once, but NOT YET: it is still read, as said above, and its value would be lost for good. Have those who read it changed first.',
    };
  }
  if (!areReadsKnown(notice)) {
    return {
      text: `Or free the name by deleting the old secret at once, but NOT YET: nobody can undo that, and who has read it since its deletion is not known here. Find out, ${IN_CHECKOUT}:`,
      command: readersCommand(notice.secret),
    };
  }
  const before = notice.remedy ? ' (the command of step 1)' : '';
  return {
    text: `Or free the name within minutes: nothing is known to read the old secret, so delete it at once, which nobody can undo. Should AWS refuse that, restore it first${before}, then delete it:`,
    command: forceDeleteCommand(notice.secret),
  };
}

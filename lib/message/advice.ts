import { oneLine, wrap } from '../text.ts';
import { consoleLink, deleteCommand, restoreCommand, type Target } from './commands.ts';
import type { MessageFacts } from './facts.ts';

/** What the reader can do, with the commands and links to do it. */
export function renderAdvice(facts: MessageFacts): string {
  const { situation, action, target } = facts;
  if (action.kind === 'restored' || situation.state === 'restored') return againAdvice(target);
  if (situation.state === 'gone') return goneAdvice(facts);
  const failed =
    action.kind === 'restore-failed'
      ? [
          wrap(
            `This notifier tried to cancel the deletion and could not: ${oneLine(action.reason, 400)}`,
            '! ',
          ),
        ]
      : [];
  return [
    ...failed,
    'WHAT TO DO',
    wrap(
      `Still needed? ${target.id ? 'Restore it:' : 'Find it in this list, and restore it:'}`,
      '1. ',
    ),
    ...commandAndLink(restoreCommand(target), target),
    wrap(replacedAdvice(facts), '2. '),
    wrap('Truly unused? Do nothing. AWS deletes it at the end of the window.', '3. '),
  ].join('\n\n');
}

function replacedAdvice({ attempt, replacements }: MessageFacts): string {
  const successor =
    replacements.length > 0 ? 'the secret named above under "Replaced by"' : 'the new secret';
  return `Replaced? Tell the owner of ${attempt.caller.name} to ask for ${successor}.`;
}

function againAdvice(target: Target): string {
  return [
    'WHAT TO DO',
    wrap('Still needed? Nothing. Tell its owner that it is in use.', '1. '),
    wrap('To be deleted all the same? Mend the caller first, then schedule it again:', '2. '),
    ...commandAndLink(deleteCommand(target), target),
  ].join('\n\n');
}

function goneAdvice({ attempt, target }: MessageFacts): string {
  return [
    'WHAT TO DO',
    wrap('Not deleted after all (another Region, a moment of inconsistency)? Restore it:', '1. '),
    ...commandAndLink(restoreCommand(target), target),
    wrap('Gone? Make a new secret with a value from its source, under the same name.', '2. '),
    wrap(`Not needed? Tell the owner of ${attempt.caller.name} to stop asking.`, '3. '),
  ].join('\n\n');
}

function commandAndLink(command: string, target: Target): string[] {
  const link = consoleLink(target);
  return link ? [command, link] : [command];
}

import { identifier, oneLine, wrap } from '../../text.ts';
import { consoleLink, deleteCommand, isNameable, restoreCommand, type Target } from './commands.ts';
import type { MessageFacts } from './facts.ts';

/** What the reader can do, with the commands and links to do it. */
export function renderAdvice(facts: MessageFacts): string {
  const { situation, action, target } = facts;
  if (action.kind === 'restored' || situation.state === 'restored') return againAdvice(target);
  if (situation.state === 'gone') return goneAdvice(facts);
  const tried =
    action.kind === 'none'
      ? 'This notifier did not cancel the deletion'
      : 'This notifier tried to cancel the deletion and could not';
  return [
    ...(action.reason ? [wrap(`${tried}: ${oneLine(action.reason, 400)}`, '! ')] : []),
    'WHAT TO DO',
    wrap(`Still needed? ${found(target, 'Restore it:')}`, '1. '),
    ...commandAndLink(restoreCommand(target), target),
    wrap(replacedAdvice(facts), '2. '),
    wrap('Truly unused? Do nothing. AWS deletes it at the end of the window.', '3. '),
  ].join('\n\n');
}

function replacedAdvice({ attempt, replacements: [replacement] }: MessageFacts): string {
  // A tag may hold any text; only what can pass for nothing else stands in a sentence.
  const isName = replacement && replacement.value === identifier(replacement.value, 128);
  const named = isName ? replacement.value : 'the secret named above under "Replaced by"';
  const successor = replacement ? named : 'the new secret';
  return `Replaced? Tell the owner of ${attempt.caller.name} to ask for ${successor} instead.`;
}

function againAdvice(target: Target): string {
  const again = found(target, 'Schedule it again:');
  return [
    'WHAT TO DO',
    wrap('Still needed? Nothing. Tell its owner that it is in use.', '1. '),
    wrap(`To be deleted all the same? Mend the caller first. ${again}`, '2. '),
    ...commandAndLink(deleteCommand(target), target),
  ].join('\n\n');
}

function goneAdvice({ attempt, target }: MessageFacts): string {
  return [
    'WHAT TO DO',
    wrap('Still needed? Make a new secret of this name, with a value from its source.', '1. '),
    wrap(`Not needed? Tell the owner of ${attempt.caller.name} to stop asking.`, '2. '),
    wrap(`It exists all the same? ${found(target, 'Restore it:')}`, '3. '),
    ...commandAndLink(restoreCommand(target), target),
  ].join('\n\n');
}

/** What to do with the secret, which must be found first if no command can name it. */
function found(target: Target, advice: string): string {
  if (isNameable(target)) return advice;
  return `Find it in this list. ${advice.replace(/:$/, '.')}`;
}

function commandAndLink(command: string, target: Target): string[] {
  const link = consoleLink(target);
  return link ? [command, link] : [command];
}

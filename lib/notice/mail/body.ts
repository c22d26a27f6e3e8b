import { isDrill } from '../../drill.ts';
import { cutMiddle, identifier, joinParagraphs, wrap } from '../../text.ts';
import { renderAdvice } from './advice.ts';
import type { MessageFacts } from './facts.ts';
import { renderFields } from './fields.ts';

/**
 * The mail's text. Values from a record stand only in indented fields or, as words without a space or colon,
 * in a sentence: no value can pass for a line of the mail.
 */
export function renderBody(facts: MessageFacts): string {
  return joinParagraphs([
    ...(isDrill(facts.target.name) ? [wrap(DRILL)] : []),
    headline(facts),
    renderFields(facts),
    renderAdvice(facts),
  ]);
}

const DRILL =
  'This is a drill, by the name of its secret: `npm run drill` makes a secret, deletes it, and asks for it. There is nothing to do. Nobody runs a drill now? Then take what follows for real.';

function headline({ attempt, situation, action, target, perhapsByUs }: MessageFacts): string {
  const caller = attempt.caller.name;
  const name = target.name
    ? `the secret ${cutMiddle(identifier(target.name), 120)}`
    : 'a secret that the record does not name';
  if (action.kind === 'restored') {
    return wrap(
      `The deletion of ${name} is CANCELLED: ${caller} still asks for it. It can be read again.`,
    );
  }
  switch (situation.state) {
    case 'pending':
      return wrap(
        `${sentence(caller)} asks for ${name}, which is scheduled for deletion. Every request for its value fails until it is restored.`,
      );
    case 'restored':
      return wrap(
        `${sentence(caller)} asked for ${name} while it was scheduled for deletion. It has been restored since${perhapsByUs ? ', perhaps by an earlier try of this notifier,' : ''} and can be read again.`,
      );
    case 'gone':
      return wrap(
        `${sentence(caller)} asks for ${name}, which was scheduled for deletion and which AWS does not find any more. It can probably not be restored.`,
      );
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

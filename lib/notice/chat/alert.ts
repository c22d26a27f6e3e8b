import { shortNameBeside } from '../../cloudtrail/caller.ts';
import { NotifierError } from '../../errors.ts';
import { formatUtc } from '../../time.ts';
import {
  type AlertFacts,
  alertDeletion,
  alertFrame,
  alertHeadline,
  alertSteps,
  callLabel,
  fromLine,
  notCancelled,
} from '../alert-text.ts';
import type { OwnStack } from '../commands.ts';
import { changeLine } from '../deletion-text.ts';
import type { IncidentNotice } from '../incident-notice.ts';
import { copyableStart } from './markdown.ts';
import { callerName, type Parts } from './message.ts';
import { knownRows, row, secretRows } from './rows.ts';

/** Of the sentence that says what has happened, in characters. */
const MAX_HEADLINE = 600;

/** What is said of an attempt that is reported at once. */
export function alertParts(notice: IncidentNotice, stack: OwnStack): Parts {
  const facts = factsOf(notice);
  const { attempt, secret, state, action } = facts;
  const { caller } = attempt;
  const warning = notCancelled(facts);
  return {
    title(mark, name) {
      const [head, tail] = alertFrame(facts, mark);
      const by = callerName(shortNameBeside(attempt.secret.accountId, caller));
      return `${head} ${name} wanted by ${by}, ${tail}`;
    },
    lines: [
      copyableStart(alertHeadline(facts), MAX_HEADLINE),
      ...(warning ? [copyableStart(warning, MAX_HEADLINE)] : []),
      ...row('Deletion', alertDeletion(facts)),
      ...row('Asked by', caller.description),
      ...row('From', fromLine(attempt)),
      ...row('At', formatUtc(attempt.time)),
      ...row(callLabel(state), state.state === 'restored' ? undefined : changeLine(state.deletion)),
      ...row('Restored', state.state === 'restored' ? changeLine(state.cancellation) : undefined),
      ...secretRows(secret, caller.accountId),
      ...knownRows(secret),
    ],
    steps: alertSteps(facts, stack),
    isGood: action.kind === 'restored' || isReadable(state),
  };
}

/** Whether a secret of the name can be read: restored, or made anew. */
const isReadable = (state: AlertFacts['state']): boolean =>
  state.state === 'restored' || (state.state === 'gone' && state.anew !== undefined);

/** An alert's notice has all of these: `ofAlert` in lib/notice/hand-on.ts. */
function factsOf(notice: IncidentNotice): AlertFacts {
  const { attempt, state, secret, action = { kind: 'none' }, perhapsByUs, remedy, now } = notice;
  if (!attempt || state.state === 'not-looked-up') {
    throw new NotifierError(
      'INVALID_EVENT',
      `Expected the notice ${notice.id} to have an attempt and a state, as lib/notice/hand-on.ts makes it, got none.`,
    );
  }
  return { attempt, state, secret, action, perhapsByUs, remedy, now };
}

import { shortNameBeside } from '../../cloudtrail/caller.ts';
import { NotifierError } from '../../errors.ts';
import { formatUtc } from '../../time.ts';
import {
  type AlertFacts,
  alertCall,
  alertDeletion,
  alertFrame,
  alertHeadline,
  alertSteps,
  fromLine,
  notCancelled,
} from '../alert-text.ts';
import type { OwnStack } from '../commands.ts';
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
      ...row(...alertCall(state)),
      ...secretRows(secret, caller.accountId),
      ...knownRows(secret),
    ],
    steps: alertSteps(facts, stack),
    // Restored, or made anew; but not for who reads it by the ARN of before.
    isGood:
      action.kind === 'restored' || (state.state !== 'pending' && notice.severity === 'notice'),
  };
}

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

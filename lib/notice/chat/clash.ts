import { shortNameBeside } from '../../cloudtrail/caller.ts';
import { NotifierError } from '../../errors.ts';
import type { IncidentClash } from '../clash.ts';
import {
  clashFrame,
  clashHeadline,
  clashSteps,
  readersLine,
  toolLine,
  triesLine,
} from '../clash-text.ts';
import type { OwnStack } from '../commands.ts';
import { changeLine } from '../deletion-text.ts';
import { stateLine } from '../digest-text.ts';
import type { IncidentNotice } from '../incident-notice.ts';
import { copyableStart } from './markdown.ts';
import { callerName, type Parts } from './message.ts';
import { knownRows, row, secretRows } from './rows.ts';

/** Of the sentences that say what has happened, in characters. */
const MAX_HEADLINE = 600;

/** What is said of a secret that could not be created because its name is taken. */
export function clashParts(notice: IncidentNotice, stack: OwnStack): Parts {
  const known = clashOf(notice);
  const { secret, state, clash, now } = known;
  const { caller, sourceAddress } = clash;
  const deletion = state.state === 'pending' ? state.deletion : undefined;
  return {
    title(mark, name) {
      const [head, verb, tail] = clashFrame(known, mark);
      const by = callerName(shortNameBeside(secret.accountId, caller));
      return `${head} ${name} ${verb} ${by}, ${tail}`;
    },
    lines: [
      copyableStart(clashHeadline(known), MAX_HEADLINE),
      ...row('Deletion', stateLine(state, now)),
      ...row('Scheduled', changeLine(deletion)),
      ...row('Read by', readersLine(known)),
      ...row('Created by', caller.description),
      ...row('Tool', toolLine(known)),
      ...row('From', sourceAddress),
      ...row('Tried', triesLine(known)),
      ...secretRows(secret, caller.accountId),
      ...knownRows(secret),
    ],
    steps: clashSteps(known, stack),
    isGood: false,
  };
}

/** The notice as one of a clash, which it has. */
export function clashOf(notice: IncidentNotice): IncidentClash {
  const { kind, clash } = notice;
  if (kind === 'clash' && clash) return { ...notice, kind, clash };
  throw new NotifierError(
    'INVALID_EVENT',
    `Expected the notice ${notice.id} to have a clash, as lib/notice/clash.ts says, got none.`,
  );
}

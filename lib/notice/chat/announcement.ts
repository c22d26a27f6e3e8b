import { nameBeside, shortNameBeside } from '../../cloudtrail/caller.ts';
import { NotifierError } from '../../errors.ts';
import { found, sentence } from '../alert-text.ts';
import { wordsOf } from '../announcement-text.ts';
import { changeRow } from '../deletion-text.ts';
import type { IncidentNotice } from '../incident-notice.ts';
import { copyableStart } from './markdown.ts';
import { callerName, nameText, type Parts } from './message.ts';
import { knownRows, row, secretRows } from './rows.ts';

/** What is said of a deletion, or of the cancellation of one, that is announced. */
export function announcementParts(notice: IncidentNotice): Parts {
  const { id, secret, change, lastUsed, remedy, now } = notice;
  if (!change) {
    throw new NotifierError(
      'INVALID_EVENT',
      `Expected the notice ${id} to have a change, as lib/notice/hand-on.ts makes it, got none.`,
    );
  }
  const { requestedBy } = change;
  const { noun, verb, tail, effect, deletion } = wordsOf(change, now);
  const by = nameBeside(secret.accountId, requestedBy);
  return {
    title: (mark, name) =>
      `${mark}${sentence(noun)} ${name} ${verb} by ${callerName(shortNameBeside(secret.accountId, requestedBy))}, ${tail}`,
    lines: [
      `The ${noun} ${nameText(secret.name)} was ${verb} by ${copyableStart(by, 200)}. ${effect}`,
      ...row('Deletion', deletion),
      ...row(...changeRow(change)),
      ...row('Last used', lastUsed && `on ${lastUsed} (UTC)`),
      ...secretRows(secret),
      ...knownRows(secret),
    ],
    steps: remedy ? [{ text: `Still needed? ${found(remedy, 'Restore it:')}`, remedy }] : [],
    isGood: change.kind === 'cancellation',
  };
}

import { nameBeside, shortNameBeside } from '../../cloudtrail/caller.ts';
import type { Change } from '../../deletion/change.ts';
import type { Lookup, Secret } from '../../deletion/describe.ts';
import { identifier, joinParagraphs, wrap } from '../../text.ts';
import { commandAndLink, withCredentials } from '../commands.ts';
import {
  changeLine,
  doneText,
  lastUsedDay,
  lastUsedLine,
  notLookedUp,
  placesShort,
  scheduleLine,
  timeLeft,
} from '../deletion-text.ts';
import type { AnnouncementNotice } from '../notice.ts';
import { type Mail, renderAttributes } from './mail.ts';
import { renderRows, secretRow, tagRow } from './rows.ts';
import { fitSubject } from './subject.ts';

/** The mail of an announcement. */
export function renderAnnouncement(notice: AnnouncementNotice): Mail {
  const { secret, change, lookup, remedy, severity, now } = notice;
  const { name, accountId, region, owners, elsewhere } = secret;
  const { requestedBy } = change;
  const text = wording(change, lookup.kind === 'found' ? lookup.secret : undefined, now);
  return {
    subject: fitSubject({
      head: 'Secret',
      secretName: name,
      verb: `${text.verb} by`,
      callerName: requestedBy.shortName,
      callerBeside: shortNameBeside(accountId, requestedBy),
      tail: text.tail,
      asides: elsewhere ? placesShort(elsewhere) : text.asides,
    }),
    body: joinParagraphs([
      wrap(
        `The secret ${identifier(name ?? '')} was ${text.verb} by ${nameBeside(accountId, requestedBy)}. ${text.effect}`,
      ),
      renderRows([
        secretRow(name),
        ['Account', accountId],
        ['Region', region],
        ['Deletion', text.deletion],
        [change.kind === 'deletion' ? 'Scheduled' : 'Restored', changeLine(change)],
        ['Last used', lastUsed(lookup)],
        ['Looked up', notLookedUp(elsewhere)],
        tagRow('Owner', owners),
      ]),
      ...(remedy
        ? [`Still needed? Restore it${withCredentials(remedy)}:`, ...commandAndLink(remedy)]
        : []),
    ]),
    attributes: renderAttributes({
      secret: name,
      caller: requestedBy.key,
      account: accountId,
      region,
      severity,
      owner: owners[0]?.value,
      action: text.action,
    }),
  };
}

function wording(change: Change, secret: Secret | undefined, now: Date) {
  if (change.kind === 'cancellation') {
    return {
      verb: 'restored',
      tail: 'its deletion is cancelled',
      effect: 'It can be read again.',
      deletion: 'not scheduled any more',
      action: 'cancelled',
    };
  }
  if (change.forced) {
    return {
      verb: 'deleted for good',
      tail: 'without a recovery window',
      effect: 'It cannot be restored.',
      deletion: doneText(true),
      action: 'deleted',
    };
  }
  const schedule = { kind: 'exact', date: change.date } as const;
  const day = secret && lastUsedDay(secret);
  return {
    verb: 'scheduled for deletion',
    tail: timeLeft(schedule, now),
    asides: day ? [`last used ${day}`] : [],
    effect: 'Every request for its value fails from now on.',
    deletion: scheduleLine(schedule, now),
    action: 'scheduled',
  };
}

function lastUsed(lookup: Lookup): string | undefined {
  if (lookup.kind === 'elsewhere') return undefined;
  if (lookup.kind === 'not-found') return 'unknown: AWS does not find the secret any more';
  if (lookup.kind === 'unavailable') return `unknown. ${lookup.reason}`;
  return lastUsedLine(lookup.secret);
}

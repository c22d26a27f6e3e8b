import { nameBeside, shortNameBeside } from '../../cloudtrail/caller.ts';
import type { Lookup } from '../../deletion/describe.ts';
import { identifier, joinParagraphs, wrap } from '../../text.ts';
import { sentence } from '../alert-text.ts';
import { wordsOf } from '../announcement-text.ts';
import { commandAndLink, withCredentials } from '../commands.ts';
import {
  changeRow,
  lastUsedDay,
  lastUsedLine,
  notLookedUp,
  placesShort,
  replicaRow,
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
  const text = wordsOf(change, now);
  const isPending = text.action === 'scheduled';
  return {
    subject: fitSubject({
      head: sentence(text.noun),
      secretName: name,
      verb: `${text.verb} by`,
      callerName: requestedBy.shortName,
      callerBeside: shortNameBeside(accountId, requestedBy),
      tail: text.tail,
      asides: elsewhere ? placesShort(elsewhere) : isPending ? lastUsedAside(lookup) : undefined,
    }),
    body: joinParagraphs([
      wrap(
        `The ${text.noun} ${identifier(name ?? '')} was ${text.verb} by ${nameBeside(accountId, requestedBy)}. ${text.effect}`,
      ),
      renderRows([
        secretRow(name),
        ['Account', accountId],
        ['Region', region],
        ['Deletion', text.deletion],
        changeRow(change),
        ['Last used', lastUsed(lookup)],
        ['Looked up', notLookedUp(elsewhere)],
        tagRow('Owner', owners),
        replicaRow(secret),
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

function lastUsedAside(lookup: Lookup): string[] {
  const day = lookup.kind === 'found' ? lastUsedDay(lookup.secret) : undefined;
  return day ? [`last used ${day}`] : [];
}

function lastUsed(lookup: Lookup): string | undefined {
  if (lookup.kind === 'elsewhere') return undefined;
  if (lookup.kind === 'not-found') return 'unknown: AWS does not find the secret any more';
  if (lookup.kind === 'unavailable') return `unknown. ${lookup.reason}`;
  return lastUsedLine(lookup.secret);
}

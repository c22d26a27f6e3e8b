import { RETENTION_DAYS } from '../attempt/item.ts';
import {
  identifySecret,
  readAsPartial,
  type SecretId,
  type Whereabouts,
} from '../cloudtrail/secret-id.ts';
import { type LookUpPorts, type Lookup, lookUp } from '../deletion/describe.ts';
import { type DeletionSchedule, farEnd } from '../deletion/schedule.ts';
import { type SecretState, secretState } from '../deletion/secret-state.ts';
import { NotifierError } from '../errors.ts';
import { identifier, oneLine } from '../text.ts';
import { addDays, formatUtc } from '../time.ts';
import { type Incident, isInForce, type Mute } from './incident.ts';
import { type IncidentStore, incidentKey } from './incidents.ts';

/** What is to be muted: a secret by name or ARN, of some callers or of all, until then or to the end of its deletion, and why. */
export interface MuteRequest {
  readonly secret: string;
  /** A pattern of ARNs, absent for all callers. */
  readonly caller?: string;
  readonly until?: Date;
  readonly reason: string;
  /** Whether a mute of the same callers stays that lasts as long, or longer. Default: what is asked for takes its place. */
  readonly keepsLonger?: boolean;
}

/** Who makes a mute. */
type Maker = Pick<Mute, 'by' | 'byArn'>;

/** What it takes to make, to list and to remove mutes; all but `describeSecret` may throw. */
export interface MutePorts extends Omit<LookUpPorts, 'home'> {
  readonly now: () => Date;
  readonly newId: () => string;
  /** The items of the ledger in a partition. */
  readonly getItems: (pk: string) => Promise<unknown[]>;
  readonly maker: () => Promise<Maker>;
  readonly incidents: IncidentStore;
}

/** A mute, and the secret whose it is. */
export interface SecretMute {
  readonly secret: SecretId;
  readonly mute: Mute;
}

/** A mute that was made, or kept. */
export interface Muted extends SecretMute {
  /** When the secret is deleted for good; absent of one that is gone. */
  readonly schedule?: DeletionSchedule;
  /** Until when it can be muted: the latest end of the deletion, or when that of one that is gone is forgotten. */
  readonly end: Date;
  /** What was asked for, where that was beyond it. */
  readonly cutFrom?: Date;
  /** The mutes of the same callers in whose place it is. */
  readonly replaced: readonly Mute[];
  /** What nobody could check of a secret elsewhere, in sentences. */
  readonly unchecked?: string;
  /** Whether it was in force before, and nothing was changed. */
  readonly isKept: boolean;
}

/**
 * Mutes a secret that is scheduled for deletion, at most until it is deleted, or one that is known as gone, at most until its
 * deletion is forgotten. Of one elsewhere the ARN is enough, if nobody can look there and no record has come that says otherwise.
 * @throws NotifierError `NOT_PENDING`, `TIME_UP` if its window is over, or `AWS_REFUSED` if nobody can tell; and what the ports throw.
 */
export async function muteSecret(
  { secret: given, caller, until, reason, keepsLonger }: MuteRequest,
  where: Whereabouts,
  ports: MutePorts,
): Promise<Muted> {
  const { secret, schedule, end, unchecked } = await findDeleted(given, where, ports);
  const from = ports.now();
  const isCut = until !== undefined && until > end;
  const isToTheEnd = isCut || until === undefined;
  const id = ports.newId();
  const { by, byArn } = await ports.maker();
  // AWS purges a secret some time after its date: what lasts to the end has no date. If that is not known, it may never come; and
  // what is gone has no end.
  const toTheEnd = !schedule || schedule.kind === 'unknown' ? end : undefined;
  const mute: Mute = { id, caller, by, byArn, reason, from, until: isToTheEnd ? toTheEnd : until };
  const key = incidentKey(secret);
  // Before: whoever found out later that it is gone would end this mute as one of before.
  if (!schedule && (await ports.incidents.end(key, 'gone', from, false))) {
    await ports.incidents.endMutes(key, from);
  }
  const replaced = mutesInForce(await ports.incidents.find(key), from).filter(
    (other) => other.caller === caller,
  );
  const longer = keepsLonger ? replaced.find((other) => isAsLong(other, mute)) : undefined;
  const muted = { secret, schedule, end, unchecked };
  if (longer) return { ...muted, mute: longer, replaced: [], isKept: true };
  // In this order, so that at no time none is in force.
  await ports.incidents.mute(secret, mute);
  if (replaced.length > 0) await ports.incidents.unmute(key, idsOf(replaced), from);
  const cutFrom = isCut ? until : undefined;
  return { ...muted, mute, cutFrom, replaced, isKept: false };
}

/** Whether a mute lasts as long as another; one without a date lasts to the end of the deletion. */
const isAsLong = ({ until }: Mute, other: Mute): boolean =>
  !until || (other.until !== undefined && until >= other.until);

/** What is to be muted. */
type Deleted = Pick<Muted, 'secret' | 'schedule' | 'end' | 'unchecked'>;

async function findDeleted(given: string, where: Whereabouts, ports: MutePorts): Promise<Deleted> {
  const asked = identifySecret(given, where);
  const name = oneLine(given, 300);
  const lookup = await lookUp(asked, { ...ports, home: where });
  const scope = lookup.place && ports.hasSpokes ? ' -- --all-accounts' : '';
  const list = `npm run status${scope} lists all that are scheduled for deletion.`;
  if (lookup.kind === 'unavailable' && !lookup.place) {
    throw new NotifierError(
      'AWS_REFUSED',
      `Expected to find out about ${name}. ${lookup.reason} Nothing was muted.`,
    );
  }
  const now = ports.now();
  const { secret, state, unchecked } = await standingOf(asked, lookup, ports);
  if (state.state === 'pending' && farEnd(state.schedule) > now) {
    const { schedule } = state;
    return { secret, schedule, end: farEnd(schedule), unchecked };
  }
  const gone = await incidentOf(asked, ({ ended }) => ended === 'gone', ports);
  const goneAt =
    (state.state === 'gone' ? state.deletion?.date : undefined) ?? gone?.incident.endedAt;
  const forgottenAt = goneAt && addDays(goneAt, RETENTION_DAYS);
  if (forgottenAt && forgottenAt > now) {
    return { secret: gone?.secret ?? secret, end: forgottenAt, unchecked };
  }
  if (state.state === 'gone') {
    const place = `account ${asked.accountId}, Region ${asked.region}`;
    throw notPending(`a secret ${name} in ${place}`, `none, nor a record of its deletion. ${list}`);
  }
  const expected = `${name} to be scheduled for deletion, or known as deleted`;
  if (state.state === 'restored') {
    throw notPending(expected, `one that is not scheduled for deletion. ${list}`);
  }
  const end = formatUtc(farEnd(state.schedule));
  throw new NotifierError(
    'TIME_UP',
    `Expected ${expected}, got one that was until ${end}. ${list}`,
  );
}

/** How a secret stands, and what nobody could check of it, in sentences. */
export interface Standing {
  readonly secret: SecretId;
  readonly state: SecretState;
  readonly unchecked?: string;
}

type StandingPorts = Pick<MutePorts, 'now' | 'getItems' | 'incidents'>;

/** How a secret stands now, by what came of looking it up. @throws what the ports throw. */
export async function standingOf(
  asked: SecretId,
  lookup: Lookup,
  ports: StandingPorts,
): Promise<Standing> {
  if (lookup.kind === 'elsewhere' || lookup.kind === 'unavailable') {
    return asHeard(asked, lookup, ports);
  }
  const secret = lookup.kind === 'found' ? identifySecret(lookup.secret.arn, asked) : asked;
  const { state } = await secretState({ secret, time: ports.now() }, lookup, ports);
  return { secret, state };
}

/** How a secret elsewhere stands, in which nobody can look, by the records that have come. */
async function asHeard(
  asked: SecretId,
  lookup: Extract<Lookup, { kind: 'elsewhere' | 'unavailable' }>,
  ports: StandingPorts,
): Promise<Standing> {
  const { place = {} } = lookup;
  const reason = lookup.kind === 'unavailable' ? lookup.reason : place.notLookedUp;
  const { secret = asked, incident } = (await incidentOf(asked, () => true, ports)) ?? {};
  const newsAt = incident?.newsAt;
  const time = newsAt ?? ports.now();
  const known = await secretState({ secret, time }, { kind: 'elsewhere', place }, ports);
  const isRestored = !newsAt && known.change?.kind === 'cancellation';
  const sentences = [
    'Whether it is scheduled for deletion now could not be checked.',
    reason,
    newsAt ? undefined : 'Nor has an attempt to read it come: is it the right ARN?',
  ];
  const unchecked = sentences.filter(Boolean).join(' ');
  return { secret, state: isRestored ? { state: 'restored' } : known.state, unchecked };
}

/** The first incident that passes, of those which an id may mean: an ARN may lack its suffix, and end as if it had one. */
export async function incidentOf(
  asked: SecretId,
  passes: (incident: Incident) => boolean,
  { incidents }: Pick<MutePorts, 'incidents'>,
): Promise<{ readonly secret: SecretId; readonly incident: Incident } | undefined> {
  for (const secret of [asked, readAsPartial(asked)]) {
    const incident = secret && (await incidents.find(incidentKey(secret)));
    if (incident && passes(incident)) return { secret, incident };
  }
  return undefined;
}

const notPending = (expected: string, got: string) =>
  new NotifierError('NOT_PENDING', `Expected ${expected}, got ${got}`);

const mutesInForce = (incident: Incident | undefined, time: Date): Mute[] =>
  (incident?.mutes ?? []).filter((mute) => isInForce(mute, time));

const idsOf = (mutes: readonly Mute[]) => mutes.map(({ id }) => id);

/** Who has this ARN, by the name of the user or of the session: what can stand in the sentence of a mail. */
export function makerOf(arn: string): Maker {
  const byArn = oneLine(arn, 2048);
  const by = byArn.endsWith(':root') ? 'root user' : identifier(byArn.replace(/^.*[/:]/s, ''), 128);
  return { by, byArn };
}

/**
 * Ends the mutes of a secret that are in force; if a caller is given, that of this caller alone. Whether the secret is still
 * pending, or there at all, does not matter.
 * @throws NotifierError `NO_MUTE` if there is none, and what the ports throw.
 */
export async function removeMutes(
  { secret: given, caller }: Pick<MuteRequest, 'secret' | 'caller'>,
  where: Whereabouts,
  ports: MutePorts,
): Promise<SecretMute[]> {
  const time = ports.now();
  const mutesOf = (incident: Incident) =>
    mutesInForce(incident, time).filter((mute) => caller === undefined || mute.caller === caller);
  const isMuted = (incident: Incident) => mutesOf(incident).length > 0;
  const found = await incidentOf(identifySecret(given, where), isMuted, ports);
  if (found) {
    const { key, secret } = found.incident;
    const removed = mutesOf(found.incident);
    await ports.incidents.unmute(key, idsOf(removed), time);
    return removed.map((mute) => ({ secret, mute: { ...mute, endedAt: time } }));
  }
  const of = caller === undefined ? '' : ` for ${oneLine(caller, 300)}`;
  const what = `Expected a mute of ${oneLine(given, 300)}${of} in force, got none.`;
  throw new NotifierError('NO_MUTE', `${what} npm run mute -- --list shows all.`);
}

/** All mutes, also those that have ended; by secret, the oldest first. @throws what the ports throw. */
export async function listMutes({ incidents }: MutePorts): Promise<SecretMute[]> {
  const all = await incidents.all();
  return all
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ secret, mutes }) =>
      mutes
        .toSorted((a, b) => a.from.getTime() - b.from.getTime())
        .map((mute) => ({ secret, mute })),
    );
}

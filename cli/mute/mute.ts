import { identifySecret, readAsPartial, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { type LookUpPorts, type Lookup, lookUp } from '../../lib/deletion/describe.ts';
import { type DeletionSchedule, farEnd } from '../../lib/deletion/schedule.ts';
import { type SecretState, secretState } from '../../lib/deletion/secret-state.ts';
import { NotifierError } from '../../lib/errors.ts';
import { type Incident, isInForce, type Mute } from '../../lib/incident/incident.ts';
import { type IncidentStore, incidentKey } from '../../lib/incident/incidents.ts';
import { identifier, oneLine } from '../../lib/text.ts';
import { formatUtc } from '../../lib/time.ts';
import type { Stack } from '../service.ts';
import type { Request } from './request.ts';

/** The dependencies of the command; all but `describeSecret` may throw. */
export interface MutePorts extends Omit<LookUpPorts, 'home'> {
  readonly now: () => Date;
  readonly newId: () => string;
  /** The items of the ledger in a partition. */
  readonly getItems: (pk: string) => Promise<unknown[]>;
  /** The ARN of whoever runs the command. */
  readonly ownArn: () => Promise<string>;
  readonly incidents: IncidentStore;
}

type Where = Pick<Stack, 'accountId' | 'region'>;

/** A mute, and the secret whose it is. */
export interface SecretMute {
  readonly secret: SecretId;
  readonly mute: Mute;
}

/** A mute that was made. */
export interface Muted extends SecretMute {
  /** When the secret is deleted for good. */
  readonly schedule: DeletionSchedule;
  /** What was asked for, where that was beyond the deletion. */
  readonly cutFrom?: Date;
  /** The mutes of the same callers in whose place it is. */
  readonly replaced: readonly Mute[];
  /** What nobody could check of a secret elsewhere, in sentences. */
  readonly unchecked?: string;
}

/**
 * Mutes a secret that is scheduled for deletion, at most until it is deleted. Of one elsewhere the ARN is enough, if nobody can
 * look there and no record has come that says otherwise.
 * @throws NotifierError `NOT_PENDING`, or `AWS_REFUSED` if nobody can tell; and what the ports throw.
 */
export async function muteSecret(
  { secret: given, caller, until, reason }: Extract<Request, { kind: 'mute' }>,
  where: Where,
  ports: MutePorts,
): Promise<Muted> {
  const { secret, schedule, unchecked } = await findPending(given, where, ports);
  const from = ports.now();
  const end = farEnd(schedule);
  const isCut = until !== undefined && until > end;
  const isToTheEnd = isCut || until === undefined;
  const id = ports.newId();
  const byArn = oneLine(await ports.ownArn(), 2048);
  const by = nameIn(byArn);
  // AWS purges a secret some time after its date: what lasts to the end has no date. If that is not known, it may never come.
  const toTheEnd = schedule.kind === 'unknown' ? end : undefined;
  const mute: Mute = { id, caller, by, byArn, reason, from, until: isToTheEnd ? toTheEnd : until };
  const key = incidentKey(secret);
  const replaced = mutesInForce(await ports.incidents.find(key), from).filter(
    (other) => other.caller === caller,
  );
  // In this order, so that at no time none is in force.
  await ports.incidents.mute(secret, mute);
  if (replaced.length > 0) await ports.incidents.unmute(key, idsOf(replaced), from);
  return { secret, mute, schedule, cutFrom: isCut ? until : undefined, replaced, unchecked };
}

async function findPending(given: string, where: Where, ports: MutePorts) {
  const asked = identifySecret(given, where);
  const name = oneLine(given, 300);
  const lookup = await lookUp(asked, { ...ports, home: where });
  const scope = lookup.place && ports.hasSpokes ? ' -- --all-accounts' : '';
  const list = `npm run status${scope} lists all that are scheduled for deletion.`;
  if (lookup.kind === 'not-found') {
    const place = `account ${asked.accountId}, Region ${asked.region}`;
    throw notPending(`a secret ${name} in ${place}`, `none. ${list}`);
  }
  if (lookup.kind === 'unavailable' && !lookup.place) {
    throw new NotifierError(
      'AWS_REFUSED',
      `Expected to find out about ${name}. ${lookup.reason} Nothing was muted.`,
    );
  }
  const now = ports.now();
  const { secret, state, unchecked } =
    lookup.kind === 'found'
      ? await asFound(asked, lookup, ports)
      : await asHeard(asked, lookup, ports);
  if (state.state !== 'pending') {
    const stands = state.state === 'gone' ? 'deleted' : 'not scheduled for deletion';
    throw notPending(`${name} to be scheduled for deletion`, `one that is ${stands}. ${list}`);
  }
  const { schedule } = state;
  if (farEnd(schedule) <= now) {
    const end = formatUtc(farEnd(schedule));
    throw notPending(`${name} to be scheduled for deletion`, `one that was until ${end}. ${list}`);
  }
  return { secret, schedule, unchecked };
}
/** How a secret stands, and what nobody could check of it. */
interface Standing {
  readonly secret: SecretId;
  readonly state: SecretState;
  readonly unchecked?: string;
}

async function asFound(
  asked: SecretId,
  lookup: Extract<Lookup, { kind: 'found' }>,
  ports: MutePorts,
): Promise<Standing> {
  const secret = identifySecret(lookup.secret.arn, asked);
  const { state } = await secretState({ secret, time: ports.now() }, lookup, ports);
  return { secret, state };
}

/** How a secret elsewhere stands, in which nobody can look, by the records that have come. */
async function asHeard(
  asked: SecretId,
  lookup: Extract<Lookup, { kind: 'elsewhere' | 'unavailable' }>,
  ports: MutePorts,
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
async function incidentOf(
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

/** The name of a user, or of a session, out of its ARN: what can stand in the sentence of a mail. */
const nameIn = (arn: string): string =>
  arn.endsWith(':root') ? 'root user' : identifier(arn.replace(/^.*[/:]/s, ''), 128);

/**
 * Ends the mutes of a secret that are in force; if a caller is given, that of this caller alone. Whether the secret is still
 * pending, or there at all, does not matter.
 * @throws NotifierError `NO_MUTE` if there is none, and what the ports throw.
 */
export async function removeMutes(
  { secret: given, caller }: Extract<Request, { kind: 'remove' }>,
  where: Where,
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

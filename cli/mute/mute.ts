import { identifySecret, readAsPartial, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { type Lookup, lookUp } from '../../lib/deletion/describe.ts';
import { type DeletionSchedule, farEnd } from '../../lib/deletion/schedule.ts';
import { secretState } from '../../lib/deletion/secret-state.ts';
import { NotifierError } from '../../lib/errors.ts';
import { type Incident, isInForce, type Mute } from '../../lib/incident/incident.ts';
import { type IncidentStore, incidentKey } from '../../lib/incident/incidents.ts';
import { identifier, oneLine } from '../../lib/text.ts';
import { formatUtc } from '../../lib/time.ts';
import type { Stack } from '../service.ts';
import type { Request } from './request.ts';

/** The dependencies of the command; all but `describeSecret` may throw. */
export interface MutePorts {
  readonly now: () => Date;
  readonly newId: () => string;
  readonly describeSecret: (id: string) => Promise<Lookup>;
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
}

/**
 * Mutes a secret that is scheduled for deletion, at most until it is deleted.
 * @throws NotifierError `NOT_PENDING`, or `AWS_REFUSED` if nobody can tell; and what the ports throw.
 */
export async function muteSecret(
  { secret: given, caller, until, reason }: Extract<Request, { kind: 'mute' }>,
  where: Where,
  ports: MutePorts,
): Promise<Muted> {
  const { secret, schedule } = await findPending(given, where, ports);
  const from = ports.now();
  const end = farEnd(schedule);
  const isCut = until !== undefined && until > end;
  const isToTheEnd = isCut || until === undefined;
  const id = ports.newId();
  const byArn = oneLine(await ports.ownArn(), 2048);
  const by = nameIn(byArn);
  // AWS purges a secret some time after its date: what lasts to the end has no date.
  const mute: Mute = { id, caller, by, byArn, reason, from, until: isToTheEnd ? undefined : until };
  const key = incidentKey(secret);
  const replaced = mutesInForce(await ports.incidents.find(key), from).filter(
    (other) => other.caller === caller,
  );
  // In this order, so that at no time none is in force.
  await ports.incidents.mute(secret, mute);
  if (replaced.length > 0) await ports.incidents.unmute(key, idsOf(replaced), from);
  return { secret, mute, schedule, cutFrom: isCut ? until : undefined, replaced };
}

async function findPending(given: string, where: Where, ports: MutePorts) {
  const asked = identifySecret(given, where);
  const name = oneLine(given, 300);
  const place = `account ${where.accountId}, Region ${where.region}`;
  const lookup = await lookUp(asked, { ...ports, home: where });
  if (lookup.kind === 'elsewhere') {
    const next = 'Run it with the credentials and the --region of the stack that watches it.';
    throw notPending(`a secret of ${place}, where the stack is`, `${name}. ${next}`);
  }
  if (lookup.kind === 'unavailable') {
    const next = 'Nothing was muted.';
    throw new NotifierError(
      'AWS_REFUSED',
      `Expected to find out about ${name}. ${lookup.reason} ${next}`,
    );
  }
  const LIST = 'npm run status lists all that are scheduled for deletion.';
  if (lookup.kind === 'not-found') {
    throw notPending(`a secret ${name} in ${place}`, `none. ${LIST}`);
  }
  const now = ports.now();
  const secret = identifySecret(lookup.secret.arn, asked);
  const { state } = await secretState({ secret, time: now }, lookup, ports);
  if (state.state !== 'pending') {
    const stands = state.state === 'gone' ? 'deleted' : 'not scheduled for deletion';
    throw notPending(`${name} to be scheduled for deletion`, `one that is ${stands}. ${LIST}`);
  }
  const { schedule } = state;
  if (farEnd(schedule) <= now) {
    const end = formatUtc(farEnd(schedule));
    throw notPending(`${name} to be scheduled for deletion`, `one that was until ${end}. ${LIST}`);
  }
  return { secret, schedule };
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
  { now, incidents }: MutePorts,
): Promise<SecretMute[]> {
  const asked = identifySecret(given, where);
  const time = now();
  for (const secret of [asked, readAsPartial(asked)]) {
    const incident = secret && (await incidents.find(incidentKey(secret)));
    const removed = mutesInForce(incident, time).filter(
      (mute) => caller === undefined || mute.caller === caller,
    );
    if (incident && removed.length > 0) {
      await incidents.unmute(incident.key, idsOf(removed), time);
      return removed.map((mute) => ({ secret: incident.secret, mute: { ...mute, endedAt: time } }));
    }
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

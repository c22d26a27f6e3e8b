import { isSameSecret, mistakenFor, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { isDrill } from '../../lib/drill.ts';
import {
  type Incident,
  isInForce,
  isMuted,
  isMuteOf,
  LAST_CALLS,
  type LastCall,
  MARK_CACHED_MS,
  type Mute,
} from '../../lib/incident/incident.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { addDays } from '../../lib/time.ts';
import { countOf, type Tally } from './tally.ts';

/** What has been told of the attempts on a pending secret, and what will be. */
export interface SecretIncident {
  /** Absent where there is but a mute. */
  readonly opened?: OpenIncident;
  /** Those in force. */
  readonly mutes: readonly CountedMute[];
}

/** `notices`: how many have named it; `alerts`: how many of its callers had an alert of their own, by mail or not. */
interface OpenIncident extends Pick<Incident, 'notices' | 'alerts'> {
  readonly at: Date;
  /** From when on a digest names it if there is news; absent while all its callers are muted. */
  readonly digestFrom?: Date;
  /** The next one; absent if there is none to come, or the secret is muted then. */
  readonly lastCall?: { readonly at: Date; readonly daysBefore: LastCall };
}

/** `attempts`: of its callers, since the deletion was scheduled. */
type CountedMute = Mute & { readonly attempts: number };

/** The incidents in a table by their keys. */
export type Incidents = ReadonlyMap<string, Incident>;

export const byKey = (incidents: readonly Incident[]): Incidents =>
  new Map(incidents.map((incident) => [incident.key, incident]));

/**
 * The incident of a secret under the deletion that was scheduled at `since`, if it has one that is open or muted.
 * @param attempts since then
 */
export function incidentOf(
  id: SecretId,
  since: Date,
  incidents: Incidents,
  attempts: Tally,
  now: Date,
): SecretIncident | undefined {
  const found = keysOf(id)
    .flatMap((key) => incidents.get(key) ?? [])
    // Under the second of the keys there may be another secret's.
    .filter(({ secret }) => isSameSecret(secret, id))
    .map((incident) => ({
      opened: isOpen(incident, since) ? openedOf(incident, now) : undefined,
      mutes: mutesOf(incident, attempts, now),
    }));
  return found.find(({ opened }) => opened) ?? found.find(({ mutes }) => mutes.length > 0);
}

/** Attempts by a partial ARN that looks like a complete one are of the incident of another name. */
function keysOf(id: SecretId): string[] {
  const looksLike = mistakenFor(id);
  return (looksLike ? [id, looksLike] : [id]).map(incidentKey);
}

/** One that was opened before belongs to an earlier deletion of the secret. */
function isOpen({ openedAt, ended }: Incident, since: Date): boolean {
  return openedAt !== undefined && openedAt >= since && ended === undefined;
}

function openedOf(incident: Incident, now: Date): OpenIncident {
  const { openedAt = now, notices, alerts, digestAt = now } = incident;
  const digestFrom = digestAt > now ? digestAt : now;
  return {
    at: openedAt,
    notices,
    alerts,
    digestFrom: isMuted(incident, now) ? undefined : digestFrom,
    lastCall: lastCallOf(incident, now),
  };
}

function lastCallOf(incident: Incident, now: Date): OpenIncident['lastCall'] {
  const { endsAt, lastCall = Number.POSITIVE_INFINITY } = incident;
  const daysBefore = LAST_CALLS.find((days) => days < lastCall);
  if (!endsAt || !daysBefore) return undefined;
  const due = addDays(endsAt, -daysBefore);
  const at = due > now ? due : now;
  return isMuted(incident, at) ? undefined : { at, daysBefore };
}

function mutesOf({ mutes }: Incident, attempts: Tally, now: Date): CountedMute[] {
  return mutes
    .filter((mute) => isInForce(mute, now))
    .map((mute) => {
      const callers = [...attempts.values()].filter(({ callerKey: key, issuerArn }) =>
        isMuteOf(mute, { key, issuerArn }),
      );
      return { ...mute, attempts: countOf(callers) };
    });
}

/** The incidents of secrets that are gone, and have been read since, those read last first. */
export function readThoughGone(incidents: Incidents): Incident[] {
  const lastRead = ({ newsAt }: Incident) => newsAt?.getTime() ?? 0;
  // A process notes news only every few minutes.
  const isRead = (incident: Incident) =>
    incident.ended === 'gone' &&
    lastRead(incident) + MARK_CACHED_MS > (incident.endedAt?.getTime() ?? 0);
  return [...incidents.values()]
    .filter((incident) => isRead(incident) && !isDrill(incident.secret.name))
    .sort((one, other) => lastRead(other) - lastRead(one));
}

/** The open incidents of all other secrets but those of drills. */
export function incidentsBeside(ids: readonly SecretId[], incidents: Incidents): Incident[] {
  const shown = new Set(
    ids.flatMap((id) =>
      keysOf(id).filter((key) => {
        const secret = incidents.get(key)?.secret;
        return secret !== undefined && isSameSecret(secret, id);
      }),
    ),
  );
  return [...incidents.values()].filter(
    ({ key, secret, openedAt, ended }) =>
      openedAt !== undefined && ended === undefined && !shown.has(key) && !isDrill(secret.name),
  );
}

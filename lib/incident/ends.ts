import { elsewhereOf, type LookUpPorts, lookUp } from '../deletion/describe.ts';
import { nearEnd } from '../deletion/schedule.ts';
import { type StateDependencies, secretState } from '../deletion/secret-state.ts';
import { inBatches } from '../in-batches.ts';
import type { DigestNotice, KnownAttempts } from '../notice/digest.ts';
import { type Incident, isInForce, isMuted, OVER } from './incident.ts';
import type { Change, IncidentStore } from './incidents.ts';
import {
  CLOSED_AFTER_MS,
  endOf,
  isCall,
  lastCallAt,
  lastCallMade,
  lastCallOf,
  laterCall,
  nextEnd,
  OVER_AFTER_MS,
} from './plan.ts';

/** Dependencies of looking at ends; all but `describeSecret` may throw. */
export interface EndPorts extends StateDependencies, LookUpPorts {
  readonly incidents: Pick<IncidentStore, 'note' | 'end' | 'endMutes'>;
}

/**
 * Looks at how the secrets stand whose end nears, or has passed, until `isLate`; the others are still due.
 * @returns the incidents whose last call is due, or of which it is to be told that their time is over, and those that have
 * ended and are to be reported.
 */
export async function lookAtEnds(
  incidents: readonly Incident[],
  isLate: () => boolean,
  ports: EndPorts,
): Promise<{ readonly calls: Incident[]; readonly ended: Incident[] }> {
  const calls: Incident[] = [];
  const ended: Incident[] = [];
  const look = async (incident: Incident) => {
    const { key, secret, newsAt, openedAt, endsAt, lastCall, mutes } = incident;
    const now = ports.now();
    const describe = () => lookUp(secret, ports);
    const time = newsAt ?? openedAt ?? now;
    // The ledger knows the date, but not whether AWS has purged the secret.
    const asked = endsAt && endsAt <= now ? await describe() : describe;
    const { state, lookup } = await secretState({ secret, time }, asked, ports);
    if (state.state !== 'pending') {
      const how = state.state === 'restored' ? 'restored' : 'gone';
      const at = state.state === 'restored' ? (state.cancellation?.requestedAt ?? now) : now;
      await ports.incidents.end(key, how, at, false);
      await ports.incidents.endMutes(key, at);
      ended.push({ ...incident, ended: how, endedAt: at });
      return;
    }
    const isUnknown = state.schedule.kind === 'unknown';
    const end = (isUnknown && endsAt) || nearEnd(state.schedule);
    const isClosed = end.getTime() + CLOSED_AFTER_MS <= now.getTime();
    // Of an end that the ledger alone has told, nobody has looked yet.
    const looked = end <= now ? (lookup ?? (await describe())) : undefined;
    const isUnseen = looked?.kind === 'elsewhere' || looked?.kind === 'unavailable';
    const isOver =
      isUnseen && looked.place && end.getTime() + OVER_AFTER_MS[looked.kind] <= now.getTime();
    const isSaid = !isOver || lastCall === OVER || mutes.some((mute) => isInForce(mute, now));
    if (isClosed && isUnseen && isSaid) {
      await ports.incidents.end(key, 'closed', now, true);
      await ports.incidents.endMutes(key, now);
      return;
    }
    const call = end > now ? lastCallAt(end, now) : isOver ? OVER : lastCall;
    // Whoever learns of the end only now needs no last call for a mark that has passed.
    const made = endsAt ? lastCallMade(end, lastCall, now) : call;
    const isDue = call !== undefined && (made === undefined || call < made);
    const called = { ...incident, endsAt: end, lastCall: call ?? made };
    if (isDue && isMuted(incident, now)) {
      await ports.incidents.note(key, laterCall(called, now));
    } else if (isDue) calls.push(called);
    else await ports.incidents.note(key, nextEnd(called, now, !isUnknown));
  };
  await inBatches(incidents.toSorted(byLook(ports)), look, isLate);
  return { calls, ended };
}

/** First those at home, which need not wait for what hangs elsewhere, then those whose look is due for longest. */
function byLook({ home }: EndPorts) {
  const rank = ({ secret }: Incident) => (elsewhereOf(secret, home) ? 1 : 0);
  const due = ({ lookAt }: Incident) => lookAt?.getTime() ?? 0;
  return (one: Incident, other: Incident) => rank(one) - rank(other) || due(one) - due(other);
}

/** The ended incidents that are to be reported; that of a muted one need not be. */
export async function reportable(
  incidents: readonly Incident[],
  ports: EndPorts,
): Promise<Incident[]> {
  const wasMuted = (one: Incident) =>
    isMuted(one, new Date((one.endedAt ?? ports.now()).getTime() - 1));
  await inBatches(incidents.filter(wasMuted), ({ key }) =>
    ports.incidents.note(key, { isEndReported: true }),
  );
  return incidents.filter((one) => !wasMuted(one));
}

/** What a notice finds out of an incident's end. */
export function ending(
  kind: DigestNotice['kind'],
  state: KnownAttempts['state'],
  incident: Incident,
  now: Date,
): Change {
  const { endsAt, lastCall, lookAt = now, endedAt = now } = incident;
  if (state.state === 'not-looked-up') {
    if (kind === 'digest') return { lookAt };
    return isCall(kind) ? nextEnd(incident, now) : { isEndReported: true };
  }
  if (state.state !== 'pending') {
    const ended = state.state === 'restored' ? 'restored' : 'gone';
    return { ended, endedAt, isEndReported: true };
  }
  // Where nothing is found out, what was known before holds.
  if (state.schedule.kind === 'unknown' && endsAt) {
    return isCall(kind) ? nextEnd(incident, now, false) : {};
  }
  if (isCall(kind)) return endOf(state, now, lastCall);
  return endsAt ? endOf(state, now, lastCall) : lastCallOf(state, now);
}

import { callerIdentity } from '../../lib/cloudtrail/caller.ts';
import { secretKey } from '../../lib/cloudtrail/secret-id.ts';
import type { Clash } from '../../lib/deletion/clash.ts';
import { incidentClash, type NewClash } from '../../lib/incident/clashes.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { pairPartition } from '../../lib/incident/pairs.ts';
import { type ClashNotice, clashNotice, type IncidentClash } from '../../lib/notice/clash.ts';
import { identifier } from '../../lib/text.ts';
import { formatUtc, MINUTE_MS } from '../../lib/time.ts';
import { laterIn, sums } from './digests.ts';
import { stateOf, TAG_KEYS } from './lookup.ts';
import type { Play, View } from './play.ts';

/** How long after a call the run that reports it is shown, in ms: they are two minutes apart. */
const RUN_MS = 2 * MINUTE_MS;

/** The notice of the names that are taken; `reasons`: why it has one not, half a sentence each. */
export interface Clashed {
  readonly notice?: ClashNotice;
  readonly reasons: readonly string[];
}

/** What the service reports of creations that failed because of their names, as if one run found all of them. */
export function clashesOf(played: Play, view: View): Clashed {
  const all = perCaller(played.clashes);
  const later = laterIn(played, 'clash');
  if (all.length === 0) return { reasons: later };
  const last = Math.max(...played.clashes.map(({ time }) => time.getTime()));
  const now = view.now ?? new Date(last + RUN_MS);
  const judged = all.map((clash) => newsOf(clash, played, view, now));
  const clashes = judged.filter((one) => typeof one !== 'string');
  const reasons = [...judged.filter((one) => typeof one === 'string'), ...later];
  if (clashes.length === 0) return { reasons };
  return { notice: clashNotice(clashes, now), reasons };
}

function newsOf(
  clash: NewClash,
  { told, past }: Play,
  view: View,
  now: Date,
): IncidentClash | string {
  const { secret } = clash;
  const time = clash.calls.at(-1)?.time ?? now;
  const { lookup, state, arn } = stateOf({ secret, time }, past, view, now);
  const name = identifier(secret.name ?? '');
  if (state.state === 'restored') {
    const at = state.cancellation?.requestedAt;
    return `${name} was restored${at ? ` on ${formatUtc(at)}` : ''}, so that it is no name of a deleted secret any more`;
  }
  if (state.state !== 'pending') return `${name} is deleted for good, so that its name is free`;
  const since = state.deletion?.requestedAt ?? new Date(0);
  const own = told.filter(
    ({ pair, attempt }) => pair.pk === pairPartition(secret) && attempt.time >= since,
  );
  const attempts = sums(own, 'last-call');
  const found = lookup.kind === 'found' ? lookup.secret : undefined;
  const openedAt = own.find(({ fate }) => fate === 'opened')?.attempt.time;
  const marks = { key: incidentKey(secret), openedAt };
  const isWatched = state.deletion !== undefined;
  const known = { attempts, isWatched, state, elsewhere: lookup.place, arn, found };
  return incidentClash(clash, known, marks, TAG_KEYS, now) ?? `${name} is not named`;
}

/** The calls of each caller for each name, each call once. */
function perCaller(clashes: readonly Clash[]): NewClash[] {
  const groups = Map.groupBy(clashes, ({ secret, caller }) =>
    JSON.stringify([secretKey(secret), callerIdentity(caller.key)]),
  );
  return [...groups.values()].flatMap((calls) => {
    const [first] = calls;
    return first ? { ...first, calls, isLeast: false } : [];
  });
}

import {
  type Elsewhere,
  elsewhereOf,
  type LookUpPorts,
  type Lookup,
  lookUp,
} from '../deletion/describe.ts';
import { nearEnd } from '../deletion/schedule.ts';
import { type SecretState, type StateDependencies, secretState } from '../deletion/secret-state.ts';
import { inBatches } from '../in-batches.ts';
import {
  type DigestNotice,
  type KnownAttempts,
  lastAttemptOn,
  MAX_DETAILED,
  type SecretAttempts,
  type SecretNews,
} from '../notice/digest.ts';
import { type TagKeys, taggedBy } from '../notice/tags.ts';
import type { Incident } from './incident.ts';
import { lastCallAt } from './plan.ts';

/** How much of the run's time is kept to send, in ms, when it looks nothing up any more. */
export const TIME_TO_SEND_MS = 60_000;

/** Dependencies of finding out how the secrets of a notice stand; all but `describeSecret` may throw. */
export interface StandingPorts extends StateDependencies, LookUpPorts {
  /** How much of the run's time is left, in ms. */
  readonly timeLeft: () => number;
}

/** How the secret of attempts stands, as far as there is time to find out. */
export async function withState(
  { ended, newsAt }: Incident,
  attempts: SecretAttempts,
  ports: StandingPorts,
): Promise<KnownAttempts> {
  const { secret } = attempts;
  const elsewhere = elsewhereOf(secret, ports.home);
  if (ports.timeLeft() < TIME_TO_SEND_MS) {
    return { ...attempts, elsewhere, state: { state: 'not-looked-up' } };
  }
  const last = lastAttemptOn(attempts);
  const time = last.getTime() > 0 ? last : (newsAt ?? ports.now());
  const describe = () => lookUp(secret, ports);
  const { state, lookup, arn } = await secretState({ secret, time }, describe, ports);
  return {
    ...attempts,
    elsewhere: lookup?.place ?? elsewhere,
    state: asEnded(ended, state),
    arn,
  };
}

/** What is known to have ended is reported so, whatever can be found out of it now. */
function asEnded(ended: Incident['ended'], state: SecretState): SecretState {
  if (ended === 'restored' && state.state !== 'restored') return { state: 'restored' };
  if (ended !== 'gone' || state.state === 'gone') return state;
  return { state: 'gone', deletion: state.state === 'pending' ? state.deletion : undefined };
}

/** Whether a secret's end is near enough for a last call. */
export const isNear = (state: KnownAttempts['state'], now: Date): boolean =>
  state.state === 'pending' && lastCallAt(nearEnd(state.schedule), now) !== undefined;

/** Where a secret is whose spoke does not answer, with why, if that is said to be over for it. */
function whyOver({ kind }: DigestNotice, lookup: Lookup): Elsewhere | undefined {
  if (kind !== 'over' || lookup.kind !== 'unavailable' || !lookup.place) return undefined;
  return { ...lookup.place, notLookedUp: lookup.reason };
}

/** The notice with what the secrets that it reports in detail are found to be tagged with, as far as there is time to look. */
export async function withTags(
  notice: DigestNotice,
  tagKeys: TagKeys,
  ports: StandingPorts,
): Promise<DigestNotice> {
  const looked = new Map<SecretNews, Pick<SecretNews, 'elsewhere' | 'tagged'>>();
  const detailed = notice.secrets.slice(0, MAX_DETAILED);
  const look = async (news: SecretNews) => {
    const lookup = await lookUp(news.secret, ports);
    const tagged = lookup.kind === 'found' ? taggedBy(lookup.secret.tags, tagKeys) : undefined;
    looked.set(news, { elsewhere: whyOver(notice, lookup) ?? lookup.place, tagged });
  };
  await inBatches(
    detailed.filter(({ state }) => state.state === 'pending'),
    look,
    () => ports.timeLeft() < TIME_TO_SEND_MS,
  );
  const secrets = notice.secrets.map((news) => ({
    ...news,
    ...(looked.get(news) ?? lastTags(news, tagKeys)),
  }));
  return { ...notice, secrets };
}

/** What a secret that is gone was tagged with when it was deleted, if anybody looked. */
function lastTags({ state }: SecretNews, tagKeys: TagKeys): Pick<SecretNews, 'tagged'> {
  const tags = state.state === 'gone' ? state.deletion?.tags : undefined;
  return tags ? { tagged: taggedBy(tags, tagKeys) } : {};
}

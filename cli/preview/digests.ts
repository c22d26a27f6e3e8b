import { attemptItem, readAttemptItem } from '../../lib/attempt/item.ts';
import { callerIdentity } from '../../lib/cloudtrail/caller.ts';
import { isSameSecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { outOfSight } from '../../lib/deletion/describe.ts';
import { farEnd, nearEnd } from '../../lib/deletion/schedule.ts';
import type { SecretState } from '../../lib/deletion/secret-state.ts';
import { isDrill } from '../../lib/drill.ts';
import type { LastCall } from '../../lib/incident/incident.ts';
import { sumUp } from '../../lib/incident/news.ts';
import { OVER_AFTER_MS } from '../../lib/incident/plan.ts';
import {
  type DigestNotice,
  digestNotice,
  type KnownAttempts,
  lastAttemptOn,
  type SecretAttempts,
  type SecretNews,
} from '../../lib/notice/digest.ts';
import { taggedBy } from '../../lib/notice/tags.ts';
import { identifier } from '../../lib/text.ts';
import { addDays, formatUtc, HOUR_MS } from '../../lib/time.ts';
import { lookUp, type Past, stateOf, TAG_KEYS } from './lookup.ts';
import type { Play, Told, View } from './play.ts';

/** A notice on incidents. `reasons`: why it names a secret not, half a sentence each; it is absent if it names none. */
export interface Digested {
  readonly notice?: DigestNotice;
  readonly reasons: readonly string[];
}

/**
 * The notice of a kind on the incidents of attempts, those of drills apart: of all, in a digest of those that had no alert; none
 * if all callers are ignored.
 */
export function digestOf(
  kind: DigestNotice['kind'],
  { told, past }: Pick<Play, 'told' | 'past'>,
  view: View,
  now: Date,
): Digested {
  const all = sums(told, kind).filter(({ callers }) => callers.size > 0);
  if (all.length === 0) return { reasons: [] };
  const known = (until: Past, at?: Date) =>
    all.map((secret) => {
      const attempt = { secret: secret.secret, time: lastAttemptOn(secret) };
      const stands = stateOf(attempt, until, view, at ?? attempt.time);
      const state = ofKind(kind, stands.state, secret.secret, past);
      // The time is up of what nobody can look up alone: else AWS is asked whether it is gone.
      const isUnseen = kind === 'over' && !view.home;
      const { accountId, region } = secret.secret;
      const { place } = isUnseen ? outOfSight({ accountId, region }) : stands.lookup;
      return { ...secret, elsewhere: place, state, arn: stands.arn, stands };
    });
  const deletions = past.filter((one) => one.kind === 'deletion');
  const time = view.now ?? timeOfKind(kind, known(deletions), now);
  // By then nothing has been restored that is restored later.
  const until = past.filter((one) => one.kind !== 'cancellation' || one.requestedAt <= time);
  const judged = known(until, time).map((one) => ({ one, reason: reasonAgainst(kind, one, time) }));
  const reasons = judged.flatMap(({ reason }) => reason ?? []);
  const shown = judged.filter(({ reason }) => !reason).map(({ one }) => one);
  if (shown.length === 0) return { reasons };
  const notice = digestNotice(kind, shown, time);
  const secrets = notice.secrets.map((news) => withTags(news, view));
  return { notice: { ...notice, secrets }, reasons };
}

/** Why the service sends no notice of a kind on a secret at a time, if so, as half a sentence. */
function reasonAgainst(
  kind: DigestNotice['kind'],
  {
    secret,
    elsewhere,
    stands,
  }: Pick<KnownAttempts, 'secret' | 'elsewhere'> & { stands: ReturnType<typeof stateOf> },
  time: Date,
): string | undefined {
  const { state, isAutoCancelled } = stands;
  const name = secret.name ? identifier(secret.name) : 'a secret without a name';
  if (kind === 'digest' || (kind === 'resolved' && !isAutoCancelled)) return undefined;
  if (isAutoCancelled) return `${name} was restored by auto-cancel, as its alert says`;
  if (state.state === 'restored') {
    const { cancellation } = state;
    return `${name} was restored${cancellation ? ` on ${formatUtc(cancellation.requestedAt)}` : ''}`;
  }
  if (kind === 'over' && !elsewhere?.notLookedUp) {
    return `${name} can be looked up, so that AWS tells whether it is gone`;
  }
  if (kind !== 'last-call' || state.state !== 'pending') return undefined;
  const end = farEnd(state.schedule);
  return end <= time ? `the time of ${name} was up on ${formatUtc(end)}` : undefined;
}

/** The service looks up the tags of what is pending, where it can. */
function withTags(news: SecretNews, view: View): SecretNews {
  if (news.elsewhere?.notLookedUp) return news;
  const lookup = lookUp(news.secret, view);
  if (lookup.kind !== 'found' || news.state.state !== 'pending') return news;
  return { ...news, tagged: taggedBy(lookup.secret.tags, TAG_KEYS) };
}

/** The attempts by secret: in a digest those that had no alert, in any other notice all, as if digests had reported them. */
function sums(told: readonly Told[], kind: DigestNotice['kind']): SecretAttempts[] {
  const listed = told.filter(({ attempt }) => !isDrill(attempt.secret.name));
  const incidents = Map.groupBy(listed, ({ pair }) => pair.pk);
  return [...incidents.values()].flatMap((own) => {
    const named = own.filter(({ isNamed }) => isNamed);
    const callers = new Set(named.map(({ attempt }) => callerIdentity(attempt.caller.key)));
    const sum = sumUp({
      namedAt: named[0]?.attempt.time,
      mutes: [],
      isNamed: (identity) => callers.has(identity),
    });
    for (const { attempt, fate } of own) {
      const isAlerted = fate === 'opened' || fate === 'alerted';
      if (isAlerted && kind === 'digest') continue;
      const alertedAt = kind === 'digest' ? undefined : attempt.time.toISOString();
      const item = {
        ...attemptItem(attempt, attempt.time),
        alertedAt,
        ignored: fate === 'ignored',
      };
      const recorded = readAttemptItem(item);
      if (recorded) sum.add(recorded);
    }
    return sum.attempts();
  });
}

/** How the secret would stand for a notice of the kind. */
function ofKind(
  kind: DigestNotice['kind'],
  state: SecretState,
  secret: SecretId,
  past: Past,
): SecretState {
  const own = past.filter((one) => isSameSecret(one.secret, secret));
  if (kind === 'resolved') {
    const cancellation = own.findLast((change) => change.kind === 'cancellation');
    return { state: 'restored', cancellation };
  }
  const deletion = own.findLast((change) => change.kind === 'deletion');
  return kind === 'gone' ? { state: 'gone', deletion } : state;
}

/** How many days before the end a last call is shown. */
export const SHOWN_LAST_CALL: LastCall = 2;

/** When the service would send it, if that is known: a last call near the end, what reports the end not before it. */
function timeOfKind(kind: DigestNotice['kind'], known: readonly KnownAttempts[], now: Date): Date {
  if (kind === 'digest') {
    return new Date(Math.max(...known.map((one) => lastAttemptOn(one).getTime())) + HOUR_MS);
  }
  const ends = known.flatMap(({ state }) => {
    if (state.state === 'pending') return [nearEnd(state.schedule).getTime()];
    return state.state === 'gone' && state.deletion ? [state.deletion.date.getTime()] : [];
  });
  if (ends.length === 0) return now;
  if (kind === 'last-call') return addDays(new Date(Math.min(...ends)), -SHOWN_LAST_CALL);
  if (kind === 'over') return new Date(Math.max(...ends) + OVER_AFTER_MS.elsewhere);
  return kind === 'gone' ? new Date(Math.max(now.getTime(), ...ends)) : now;
}

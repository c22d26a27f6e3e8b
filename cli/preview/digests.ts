import type { Attempt } from '../../lib/attempt/attempt.ts';
import { attemptItem, readAttemptItem } from '../../lib/attempt/item.ts';
import { callerIdentity } from '../../lib/cloudtrail/caller.ts';
import { isSameSecret, type SecretId } from '../../lib/cloudtrail/secret-id.ts';
import { outOfSight } from '../../lib/deletion/describe.ts';
import { farEnd } from '../../lib/deletion/schedule.ts';
import type { SecretState } from '../../lib/deletion/secret-state.ts';
import { isDrill } from '../../lib/drill.ts';
import { sumUp } from '../../lib/incident/news.ts';
import {
  type DigestNotice,
  digestNotice,
  lastAttemptOn,
  type SecretAttempts,
  type SecretNews,
} from '../../lib/notice/digest.ts';
import { taggedBy } from '../../lib/notice/tags.ts';
import { identifier } from '../../lib/text.ts';
import { formatUtc } from '../../lib/time.ts';
import { dueAt, firstAttemptOn, type Standing } from './due.ts';
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
): Digested {
  const all = sums(told, kind);
  if (all.length === 0) return { reasons: [] };
  const known = (attempts: readonly SecretAttempts[], until: Past, at?: Date) =>
    attempts.map((secret) => {
      const isNotFound = isGone(secret.secret, told) || undefined;
      const attempt = { secret: secret.secret, time: lastAttemptOn(secret), isNotFound };
      const stands = stateOf(attempt, until, view, at ?? attempt.time);
      const state = ofKind(kind, stands.state, attempt, past);
      // The time is up of what nobody can look up alone: else AWS is asked whether it is gone.
      const isUnseen = kind === 'over' && !view.home;
      const { accountId, region } = secret.secret;
      const { place } = isUnseen ? outOfSight({ accountId, region }) : stands.lookup;
      return { ...secret, elsewhere: place, state, arn: stands.arn, stands };
    });
  const deletions = past.filter((one) => one.kind === 'deletion');
  const time = view.now ?? dueAt(kind, known(all, deletions));
  // By then nothing has been read that is read later: that is after a last call alone.
  const isLate = (at: Date) => !view.now && at > time;
  const heard = sums(
    told.filter(({ attempt }) => !isLate(attempt.time)),
    kind,
  );
  const late = all.filter((one) => isLate(firstAttemptOn(one))).map(lateness);
  // By then nothing has been restored that is restored later.
  const until = past.filter((one) => one.kind !== 'cancellation' || one.requestedAt <= time);
  const judged = known(heard, until, time).map((one) => ({
    one,
    reason: reasonAgainst(kind, one, time),
  }));
  const reasons = [...judged.flatMap(({ reason }) => reason ?? []), ...late];
  const shown = judged.filter(({ reason }) => !reason).map(({ one }) => one);
  if (shown.length === 0) return { reasons };
  const notice = digestNotice(kind, shown, time);
  const secrets = notice.secrets.map((news) => withTags(news, view));
  return { notice: { ...notice, secrets }, reasons };
}

/** Whether reads have shown that a secret is gone. */
const isGone = (secret: SecretId, told: readonly Told[]): boolean =>
  told.some(({ attempt }) => attempt.isNotFound && isSameSecret(attempt.secret, secret));

/** Why the service sends no notice of a kind on a secret at a time, if so, as half a sentence. */
function reasonAgainst(
  kind: DigestNotice['kind'],
  {
    secret,
    elsewhere,
    state: told,
    stands,
  }: Standing & { readonly stands: ReturnType<typeof stateOf> },
  time: Date,
): string | undefined {
  const { state, isAutoCancelled } = stands;
  const name = nameOf(secret);
  if (kind === 'digest') return undefined;
  if (isAutoCancelled) return `${name} was restored by auto-cancel, as its alert says`;
  if (kind === 'resolved') {
    const restoredAt = told.state === 'restored' ? told.cancellation?.requestedAt : undefined;
    const isLater = restoredAt && restoredAt > time;
    return isLater ? `${name} was restored later, on ${formatUtc(restoredAt)}` : undefined;
  }
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

const nameOf = ({ name }: SecretId) => (name ? identifier(name) : 'a secret without a name');

/** Why no last call names a secret that is first read after its time. */
const lateness = (one: SecretAttempts) =>
  `${nameOf(one.secret)} was first read on ${formatUtc(firstAttemptOn(one))}, after the last call`;

/** The service looks up the tags of what is pending, where it can. */
function withTags(news: SecretNews, view: View): SecretNews {
  if (news.elsewhere?.notLookedUp) return news;
  const lookup = lookUp(news.secret, view);
  if (lookup.kind !== 'found' || news.state.state !== 'pending') return news;
  return { ...news, tagged: taggedBy(lookup.secret.tags, TAG_KEYS) };
}

/** The attempts by secret: in a digest those that had no alert, in any other notice all, as if digests had reported them. */
export function sums(told: readonly Told[], kind: DigestNotice['kind']): SecretAttempts[] {
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
    return sum.attempts().filter(({ callers }) => callers.size > 0);
  });
}

/** How the secret would stand for a notice of the kind. */
function ofKind(
  kind: DigestNotice['kind'],
  state: SecretState,
  { secret, time }: Pick<Attempt, 'secret' | 'time'>,
  past: Past,
): SecretState {
  const own = past.filter((one) => isSameSecret(one.secret, secret));
  if (kind === 'resolved') {
    const cancellation = own
      .filter((change) => change.kind === 'cancellation')
      .find(({ requestedAt }) => requestedAt >= time);
    return { state: 'restored', cancellation };
  }
  const deletion = own.findLast((change) => change.kind === 'deletion');
  return kind === 'gone' ? { state: 'gone', deletion } : state;
}

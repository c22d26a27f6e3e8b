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
import { dueAt, firstAttemptOn, type Standing, timeOf } from './due.ts';
import { lookUp, type Past, stateOf, TAG_KEYS } from './lookup.ts';
import type { Kind } from './mails.ts';
import type { Play, Told, View } from './play.ts';
import { changeIn } from './readings.ts';

/** A notice on incidents. `reasons`: why it names a secret not, half a sentence each; it is absent if it names none. */
export interface Digested {
  readonly notice?: DigestNotice;
  /** The attempts whose alerts are in the place of the notice: on secrets of which they were the first to say that they are gone. */
  readonly alerted: readonly Told[];
  readonly reasons: readonly string[];
}

/** A secret, how it stands, and the attempt whose alert has said that it is gone, if one has. */
interface Judged extends Standing {
  readonly stands: ReturnType<typeof stateOf>;
  readonly saidBy?: Told;
}

/**
 * The notice of a kind on the incidents of attempts, those of drills apart: of all, in a digest of those that had no alert; none
 * if all callers are ignored.
 */
export function digestOf(kind: DigestNotice['kind'], played: Play, view: View): Digested {
  const { told, past } = played;
  const notYet = laterIn(played, kind);
  const all = sums(told, kind);
  if (all.length === 0) return { alerted: [], reasons: notYet };
  const known = (
    attempts: readonly SecretAttempts[],
    heard: readonly Told[],
    until: Past,
    at?: Date,
  ) =>
    attempts.map((secret): Judged => {
      const own = heard.filter(({ attempt }) => isSameSecret(attempt.secret, secret.secret));
      const isNotFound = own.at(-1)?.attempt.isNotFound;
      const lastFound = own.findLast(({ attempt }) => !attempt.isNotFound)?.attempt.time;
      const attempt = { secret: secret.secret, time: lastAttemptOn(secret), isNotFound };
      const stands = stateOf(attempt, until, view, at ?? attempt.time);
      const state = ofKind(kind, stands.state, attempt, played);
      // The time is up of what nobody can look up alone: else AWS is asked whether it is gone.
      const isUnseen = kind === 'over' && !view.home;
      const { accountId, region } = secret.secret;
      const { place } = isUnseen ? outOfSight({ accountId, region }) : stands.lookup;
      const one = { ...secret, elsewhere: place, state, arn: stands.arn, stands, lastFound };
      const first = saidBy(own, one);
      return { ...one, saidBy: first, saidAt: first?.attempt.time };
    });
  const deletions = past.filter((one) => one.kind === 'deletion');
  const time = view.now ?? dueAt(kind, known(all, told, deletions));
  // By then nothing has been read that is read later, nor restored that is restored later.
  const heard = told.filter(({ attempt }) => attempt.time <= time);
  const until = past.filter((one) => one.kind !== 'cancellation' || one.requestedAt <= time);
  const late = known(
    all.filter((one) => firstAttemptOn(one) > time),
    told,
    past,
  );
  const judged = known(sums(heard, kind), heard, until, time).map((one) => ({
    one,
    reason: reasonAgainst(kind, one, time),
  }));
  const tooLate = late.map((one) => {
    const reason = kind === 'last-call' ? withoutWindow(one) : reasonAgainst(kind, one, time);
    return reason ?? lateness(one);
  });
  const reasons = [...judged.flatMap(({ reason }) => reason ?? []), ...tooLate, ...notYet];
  const shown = judged.filter(({ reason }) => !reason).map(({ one }) => one);
  const alerted = kind === 'gone' ? shown.flatMap((one) => one.saidBy ?? []) : [];
  const named = shown.filter(({ saidBy }) => kind !== 'gone' || !saidBy);
  if (named.length === 0) return { alerted, reasons };
  const notice = digestNotice(kind, named, time);
  const secrets = notice.secrets.map((news) => withTags(news, view));
  return { notice: { ...notice, secrets }, alerted, reasons };
}

/**
 * The attempt whose alert says that a secret is gone before the notice of that kind does, and so in its place: its incident is noted
 * as ended, and reported.
 */
function saidBy(own: readonly Told[], one: Standing): Told | undefined {
  const opened = own.findLastIndex(({ fate }) => fate === 'opened');
  const incident = own.slice(Math.max(0, opened));
  const first = incident.find(
    ({ attempt, alert }) => attempt.isNotFound && alert?.state.state === 'gone',
  );
  if (!first || first.fate === 'opened') return first;
  const due = timeOf('gone', one);
  return due && due <= first.attempt.time ? undefined : first;
}

/** Why the service sends no notice of a kind on a secret at a time, if so, as half a sentence. */
function reasonAgainst(kind: DigestNotice['kind'], one: Judged, time: Date): string | undefined {
  const { secret, elsewhere, state: told, stands, saidBy } = one;
  const { state, isAutoCancelled } = stands;
  const name = nameOf(secret);
  if (kind === 'digest') return undefined;
  if (isAutoCancelled) return `${name} was restored by auto-cancel, as its alert says`;
  const restoredAt = told.state === 'restored' ? told.cancellation?.requestedAt : undefined;
  if (kind === 'resolved' && restoredAt) {
    const isLater = restoredAt > time;
    return isLater ? `${name} was restored later, on ${formatUtc(restoredAt)}` : undefined;
  }
  if (state.state === 'gone' && kind !== 'gone') {
    const since = saidBy ? `, as the alert of ${formatUtc(saidBy.attempt.time)} says` : '';
    return withoutWindow(one) ?? `${name} is deleted for good${since}`;
  }
  if (kind === 'resolved') return undefined;
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

/** Of a secret that was deleted by force: why it has no notice that looks to an end, or to a restore. */
function withoutWindow({ secret, stands: { state } }: Judged): string | undefined {
  if (state.state !== 'gone' || !state.deletion?.forced) return undefined;
  const at = formatUtc(state.deletion.requestedAt);
  return `${nameOf(secret)} was deleted for good on ${at}, without a recovery window`;
}

const nameOf = ({ name }: SecretId) => (name ? identifier(name) : 'a secret without a name');

/** Why no last call names a secret that is first read after its time. */
const lateness = (one: SecretAttempts) =>
  `${nameOf(one.secret)} was first read on ${formatUtc(firstAttemptOn(one))}, after the last call`;

/** Why a notice of a kind names a secret not, or a name, that is read, or created, only after the time that is shown. */
export function laterIn({ told, clashes, later }: Play, kind: Kind): string[] {
  const earlier = kind === 'clash' ? clashes : told.map(({ attempt }) => attempt);
  const calls = later.flatMap((one) => {
    if (kind === 'clash') return 'clash' in one ? one.clash : [];
    return 'attempt' in one ? one.attempt : [];
  });
  const isNew = ({ secret }: { readonly secret: SecretId }, i: number) =>
    ![...earlier, ...calls.slice(0, i)].some((one) => isSameSecret(one.secret, secret));
  const what = kind === 'clash' ? 'the first creation of' : 'the first read of';
  return calls
    .filter(isNew)
    .map(({ secret, time }) => `${what} ${nameOf(secret)} was later, on ${formatUtc(time)}`);
}

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
  { past, later }: Play,
): SecretState {
  const own = past.filter((one) => isSameSecret(one.secret, secret));
  if (kind === 'resolved') {
    const cancellation = [...past, ...later.flatMap(changeIn)]
      .filter((change) => change.kind === 'cancellation')
      .find((one) => isSameSecret(one.secret, secret) && one.requestedAt >= time);
    return { state: 'restored', cancellation };
  }
  const deletion = own.findLast((change) => change.kind === 'deletion');
  return kind === 'gone' ? { state: 'gone', deletion } : state;
}

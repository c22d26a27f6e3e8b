import type { Attempt } from '../../lib/attempt/attempt.ts';
import { isSameSecret, type SecretId, type Whereabouts } from '../../lib/cloudtrail/secret-id.ts';
import type { Change, Deletion } from '../../lib/deletion/change.ts';
import { about, elsewhereOf, type Lookup, outOfSight } from '../../lib/deletion/describe.ts';
import { assess, knownArn, type SecretState } from '../../lib/deletion/secret-state.ts';
import { DEFAULT_STAGE } from '../../lib/notice/commands.ts';
import type { HandedOn } from '../../lib/notice/incident-notice.ts';
import type { TagKeys } from '../../lib/notice/tags.ts';
import { defaultOf } from '../../stack/settings.ts';

/** What is given of the stack, and of what it finds out. */
export interface Given {
  /** What DescribeSecret says. */
  readonly described: Lookup;
  /** Where the stack is; absent: where each secret is. */
  readonly home?: Whereabouts;
  /** DeleteSecret calls that are not among the records. */
  readonly deletions: readonly Deletion[];
}

/** By which the tags of secrets are read. */
export const TAG_KEYS: TagKeys = {
  owner: defaultOf('ownerTagKeys'),
  replacement: defaultOf('replacementTagKeys'),
};

/** What happened to secrets up to a time, the newest last: changes, and what auto-cancel would have restored. */
export type Past = (Change | { readonly kind: 'auto-cancel'; readonly secret: SecretId })[];

const placeOf = (secret: SecretId, { home }: Given) => home && elsewhereOf(secret, home);

/** What a lookup finds: of a secret elsewhere what DescribeSecret says, if that is given, as a hub that has a spoke there. */
export function lookUp(secret: SecretId, given: Given): Lookup {
  const place = placeOf(secret, given);
  const lookup = about(secret, given.described);
  if (!place) return lookup;
  return given.described.kind === 'found' ? { ...lookup, place } : outOfSight(place);
}

/** What is found out for an announcement: its function may look into no other place. */
export function lookUpAtHome(secret: SecretId, given: Given): Lookup {
  const place = placeOf(secret, given);
  return place ? outOfSight(place) : about(secret, given.described);
}

/** The stack that reports, of the default stage; where this secret is if nobody knows. */
export const stackOf = (
  { home, described }: Given,
  secret?: Pick<SecretId, 'accountId' | 'region'>,
): HandedOn['stack'] => ({
  stage: DEFAULT_STAGE,
  accountId: home?.accountId ?? secret?.accountId,
  region: home?.region ?? secret?.region,
  hasSpokes: home !== undefined && described.kind === 'found',
});

/**
 * How a secret stands after what is past. `arn`: its complete ARN, where DescribeSecret or a change knows it.
 * `changes`: later ones too, of which DescribeSecret may tell already.
 */
export function stateOf(
  asked: Pick<Attempt, 'secret' | 'time' | 'isNotFound'>,
  past: Past,
  given: Given,
  now: Date,
  changes: readonly Change[] = [],
) {
  const isOwn = ({ secret }: Pick<Change, 'secret'>) => isSameSecret(secret, asked.secret);
  const isChange = (one: Past[number]) => one.kind !== 'auto-cancel';
  const own = past.filter(isOwn);
  const change =
    own.filter(isChange).at(-1) ??
    changes.findLast((later) => later.kind === 'deletion' && isOwn(later));
  const isOther = !change && given.deletions.length > 0;
  const missing = isOther ? 'The DeleteSecret given is of another secret.' : undefined;
  const answer = lookUp(asked.secret, given);
  const isRestored = change?.kind === 'cancellation' && change.requestedAt >= asked.time;
  // What DescribeSecret says may be from before a restore among the records.
  const lookup: Lookup =
    answer.kind === 'found' && isRestored
      ? { ...answer, secret: { ...answer.secret, deletedDate: undefined } }
      : answer;
  const arn = knownArn(lookup, { change });
  const isAutoCancelled =
    own.findLast(({ kind }) => kind !== 'cancellation')?.kind === 'auto-cancel';
  const state: SecretState = isAutoCancelled
    ? { state: 'restored' }
    : assess(asked, lookup, now, { change, missing });
  return { lookup, state, arn, isAutoCancelled };
}

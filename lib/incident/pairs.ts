import type { Attempt } from '../attempt/attempt.ts';
import { short } from '../attempt/item.ts';
import {
  allOf,
  anyOf,
  deleteItem,
  type Expression,
  expression,
  type Key,
  query,
  type Table,
  updateItem,
} from '../aws/table.ts';
import { callerIdentity } from '../cloudtrail/caller.ts';
import { mistakenFor, type SecretId, secretKey } from '../cloudtrail/secret-id.ts';
import { inBatches } from '../in-batches.ts';
import { DAY_MS, epochSeconds } from '../time.ts';

/** The partition of a secret's pairs. */
export function pairPartition(secret: SecretId): string {
  return `pair#${secretKey(secret)}`;
}

/** The key of a pair: a secret and a caller. */
export function pairKey({ secret, caller }: Attempt): Key {
  return { pk: pairPartition(secret), sk: short(callerIdentity(caller.key), 512) };
}

/** The key of a pair where `shared`, its {@link pairKey}, is in use by another secret whose id looks like one of this. */
export function pairKeyAsSent({ pk, sk }: Key, { sent = '' }: SecretId): Key {
  return { pk, sk: `${sk}#${short(sent, 400)}` };
}

/** The pairs of a partition whose quiet windows end; `sent`: only those of which the secret was read by this id. */
export interface Ending {
  readonly pk: string;
  readonly sent?: string;
}

/**
 * Whose quiet windows end when a secret is deleted anew: its own, and those of the reads by a partial ARN that looks like
 * a complete one of another secret.
 */
export function endingsOf(secret: SecretId): Ending[] {
  const own = { pk: pairPartition(secret) };
  const other = mistakenFor(secret);
  return other ? [own, { pk: pairPartition(other), sent: other.sent }] : [own];
}

/** Who claims a pair's alert, and on which terms; times and spans in ms. */
export interface ClaimTerms {
  /** Of this run of the function alone: a write repeated by the SDK passes again, another run does not. */
  readonly token: string;
  readonly now: number;
  /** When this run will have ended: until then no other run may claim the pair. */
  readonly leaseUntil: number;
  readonly quietWindow: number;
  /** The secret's id as it was sent. */
  readonly sent: string | undefined;
}

/** A claimed pair. */
export interface Claim {
  readonly key: Key;
  readonly token: string;
  /** In ms since 1970; the quiet window begins here. */
  readonly claimedAt: number;
}

/** The pair is quiet, as far as the table says. */
export interface Quiet {
  /** For how long at the least, in ms since 1970. */
  readonly until?: number;
  /** The id by which the secret of its claim was read, and the complete ARN that was found out by its alert. */
  readonly sent?: string;
  readonly arn?: string;
}

/** What an alert found out, for the time after it. */
export interface Confirmation {
  /** From when on the pair is claimed again even in its quiet window, in ms since 1970. */
  readonly renewAt?: number;
  /** The secret's complete ARN. */
  readonly arn?: string;
}

/**
 * Who may claim a pair when: at first whoever comes, then, from the claim on,
 *
 *     claimedAt            leaseUntil              renewAt, if any         quiet window is over
 *     │ its own run        │ nobody; but whoever    │ whoever comes         │ whoever comes
 *     │ alone              │ comes, if it was not   │                       │
 *     │                    │ confirmed              │                       │
 *
 * So what a claim replaces keeps nobody from claiming. A pair of a version that did not confirm counts as confirmed.
 */
function isClaimable({ token, now, quietWindow }: ClaimTerms): Expression {
  const isNew = expression`attribute_not_exists(pk)`;
  const isOurs = expression`#token = ${token}`;
  const quietWindowIsOver = expression`claimedAt <= ${now - quietWindow}`;
  const isToBeRenewed = expression`renewAt <= ${now}`;
  const runHasEnded = expression`leaseUntil < ${now}`;
  const alertIsUnconfirmed = expression`unconfirmed = ${true}`;
  const claimHasLapsed = allOf(runHasEnded, alertIsUnconfirmed);
  return anyOf(isNew, isOurs, quietWindowIsOver, isToBeRenewed, claimHasLapsed);
}

const isOf = ({ token }: Claim): Expression => expression`#token = ${token}`;

/** The pairs of secret and caller in a table, each of which says whether its next attempt is alerted. */
export type PairStore = ReturnType<typeof createPairStore>;

/** Its functions throw whatever the SDK throws. */
export function createPairStore(table: Table) {
  return {
    /** Claims the alert of a pair by one conditional write. */
    async claim(key: Key, terms: ClaimTerms): Promise<Claim | Quiet> {
      const { token, now, leaseUntil, quietWindow, sent = '' } = terms;
      const { passed, item } = await updateItem(table, key, {
        condition: isClaimable(terms),
        set: {
          token,
          leaseUntil,
          claimedAt: now,
          unconfirmed: true,
          sent: sent.slice(0, 2048),
          expiresAt: epochSeconds(new Date(now + quietWindow + DAY_MS)),
        },
        remove: ['renewAt', 'arn'],
      });
      if (passed) return { key, token, claimedAt: now };
      return item ? quietUntil(item, terms) : {};
    },

    /** Gives a claim back, so that anybody may claim the pair, as before. */
    async release(claim: Claim): Promise<void> {
      await deleteItem(table, claim.key, isOf(claim));
    },

    /**
     * Confirms a claim whose alert has gone out: the pair is now quiet, not only until the lease is over. A `renewAt` that
     * `endQuietWindows` has noted since the claim is earlier, and stays.
     */
    async confirm(claim: Claim, { renewAt, arn }: Confirmation): Promise<void> {
      const renewal =
        renewAt === undefined ? undefined : expression`if_not_exists(renewAt, ${renewAt})`;
      await updateItem(table, claim.key, {
        condition: isOf(claim),
        set: { renewAt: renewal, arn },
        remove: ['unconfirmed'],
      });
    },

    /**
     * Lets the pairs of a partition be claimed again whose quiet window began before `time`, when their secret was deleted
     * anew. A window that began since is left alone, so that doing this late or twice does no harm.
     */
    async endQuietWindows({ pk, sent }: Ending, time: Date): Promise<void> {
      const renewAt = time.getTime();
      const wasClaimedBefore = expression`claimedAt < ${renewAt}`;
      const filter = sent ? allOf(wasClaimedBefore, expression`sent = ${sent}`) : wasClaimedBefore;
      const options = { filter, attributes: ['pk', 'sk'], ConsistentRead: true };
      for await (const { items } of query(table, expression`pk = ${pk}`, options)) {
        await inBatches(items as unknown as Key[], (key) =>
          updateItem(table, key, { condition: wasClaimedBefore, set: { renewAt } }),
        );
      }
    },
  };
}

/**
 * A claim whose lease is not over may still be given back, so it says nothing for certain; nor, before it is confirmed,
 * of which secret it is.
 */
function quietUntil(
  pair: Readonly<Record<string, unknown>>,
  { now, quietWindow }: ClaimTerms,
): Quiet {
  const { claimedAt, leaseUntil, renewAt = Number.POSITIVE_INFINITY, sent, arn } = pair;
  const isKnown = sent !== undefined && !pair.unconfirmed;
  const of = isKnown ? { sent: String(sent), ...(arn ? { arn: String(arn) } : {}) } : {};
  if (Number(leaseUntil) >= now) return of;
  return { ...of, until: Math.min(Number(claimedAt) + quietWindow, Number(renewAt)) };
}

import type { Attempt } from '../attempt/attempt.ts';
import { expiryOf, short } from '../attempt/item.ts';
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
import { type SecretId, secretKey } from '../cloudtrail/secret-id.ts';
import { inBatches } from '../in-batches.ts';

/** The partition of a secret's pairs. */
export function pairPartition(secret: SecretId): string {
  return `pair#${secretKey(secret)}`;
}

/** The key of a pair: a secret and a caller. */
export function pairKey({ secret, caller }: Attempt): Key {
  return pairKeyOf(pairPartition(secret), callerIdentity(caller.key));
}

/** The key of the pair of a caller, by its identity, in a secret's partition. */
export const pairKeyOf = (pk: string, identity: string): Key => ({ pk, sk: short(identity, 512) });

/** Who claims a pair's alert, and on which terms; times in ms. */
export interface ClaimTerms {
  /** Of this run of the function alone: a write repeated by the SDK passes again, another run does not. */
  readonly token: string;
  readonly now: number;
  /** When this run will have ended: until then no other run may claim the pair. */
  readonly leaseUntil: number;
}

/** A claimed pair. */
export interface Claim {
  readonly key: Key;
  readonly token: string;
  /** Whether it was claimed only to try again to cancel the deletion: its caller has been named. */
  readonly isRetry: boolean;
}

/** The pair's caller has been named, is being named, or is left to a digest. */
export interface Known {
  /** For how long at the least, in ms since 1970. */
  readonly until?: number;
  /** Whether it is a digest that has to name the caller, or may be: the run that is naming it may die. */
  readonly isUnnamed?: boolean;
}

/**
 * Who may claim a pair when: at first whoever comes, then, from the claim on,
 *
 *     claimed              leaseUntil              renewAt, if any
 *     │ its own run        │ nobody; but whoever    │ whoever comes
 *     │ alone              │ comes, if it was not   │
 *     │                    │ confirmed, nor left    │
 *     │                    │ to a digest            │
 *
 * So what a claim replaces keeps nobody from claiming.
 */
function isClaimable({ token, now }: ClaimTerms): Expression {
  const isNew = expression`attribute_not_exists(pk)`;
  const isOurs = expression`#token = ${token}`;
  const isToBeRenewed = expression`renewAt <= ${now}`;
  return anyOf(isNew, isOurs, isToBeRenewed, hasLapsed(now));
}

/** The run that claimed it has ended without confirming. */
function hasLapsed(now: number): Expression {
  return allOf(expression`leaseUntil < ${now}`, expression`unconfirmed = ${true}`);
}

const isOf = ({ token }: Claim): Expression => expression`#token = ${token}`;

/** A pair as the table keeps it. */
export interface Pair {
  readonly key: Key;
  /** Whether no notice has named its caller, and no run is about to. */
  readonly isUnnamed: boolean;
}

/** The pairs of secret and caller in a table, each of which says who names its caller. */
export type PairStore = ReturnType<typeof createPairStore>;

/** Its functions throw whatever the SDK throws. */
export function createPairStore(table: Table) {
  return {
    /** Claims the alert of a pair by one conditional write. */
    async claim(key: Key, terms: ClaimTerms): Promise<Claim | Known> {
      const { token, now, leaseUntil } = terms;
      const { passed, item } = await updateItem(table, key, {
        condition: isClaimable(terms),
        set: {
          token,
          leaseUntil,
          claimedAt: now,
          unconfirmed: true,
          expiresAt: expiryOf(new Date(now)),
        },
        remove: ['renewAt'],
        returnsNew: true,
      });
      if (passed) return { key, token, isRetry: item?.retrying === true };
      return item ? knownOf(item, terms) : {};
    },

    /** Gives a claim back, so that anybody may claim the pair, as before: one whose caller is known stays so. */
    async release(claim: Claim): Promise<void> {
      if (!claim.isRetry) {
        await deleteItem(table, claim.key, isOf(claim));
        return;
      }
      const remove = ['unconfirmed', 'token', 'leaseUntil'];
      await updateItem(table, claim.key, { condition: isOf(claim), set: { renewAt: 0 }, remove });
    },

    /**
     * Confirms a claim whose alert has gone out: the caller is named, not only until the lease is over. A `renewAt` that
     * `renew` has noted since the claim is earlier, and stays.
     * @param retryAt when to try again to cancel the deletion, in ms since 1970
     */
    async confirm(claim: Claim, retryAt?: number): Promise<void> {
      const isRetrying = retryAt !== undefined;
      await updateItem(table, claim.key, {
        condition: isOf(claim),
        set: {
          renewAt: isRetrying ? expression`if_not_exists(renewAt, ${retryAt})` : undefined,
          retrying: isRetrying ? true : undefined,
        },
        remove: [
          'unconfirmed',
          ...(isRetrying ? [] : ['retrying']),
          ...(claim.isRetry ? [] : ['unnamed']),
        ],
      });
    },

    /** Leaves it to a digest to name the caller of a claim; the deletion may be tried again to cancel at `retryAt`. */
    async leave(claim: Claim, retryAt?: number): Promise<void> {
      await updateItem(table, claim.key, {
        condition: isOf(claim),
        set: {
          unnamed: true,
          renewAt: retryAt,
          retrying: retryAt === undefined ? undefined : true,
        },
        remove: ['unconfirmed', 'token', 'leaseUntil'],
      });
    },

    /** Notes that a notice has named the caller of a pair, which need not be there. */
    async name(key: Key, now: Date): Promise<void> {
      await updateItem(table, key, {
        set: {
          claimedAt: expression`if_not_exists(claimedAt, ${now.getTime()})`,
          expiresAt: expiryOf(now),
        },
        remove: ['unnamed', 'unconfirmed'],
      });
    },

    /** All pairs of a partition, as they are at the time of reading. */
    async list(partition: string, now: Date): Promise<Pair[]> {
      const pairs: Pair[] = [];
      const attributes = ['pk', 'sk', 'unnamed', 'unconfirmed', 'leaseUntil'];
      const key = expression`pk = ${partition}`;
      for await (const { items } of query(table, key, { attributes, ConsistentRead: true })) {
        for (const { pk, sk, unnamed, unconfirmed, leaseUntil } of items) {
          const hasLapsed = unconfirmed === true && Number(leaseUntil) < now.getTime();
          pairs.push({
            key: { pk: String(pk), sk: String(sk) },
            isUnnamed: unnamed === true || hasLapsed,
          });
        }
      }
      return pairs;
    },

    /**
     * Lets the pairs of a partition be claimed again that were claimed before `time`, when their secret was deleted anew.
     * One claimed since is left alone, so that doing this late or twice does no harm.
     */
    async renew(partition: string, time: Date): Promise<void> {
      const renewAt = time.getTime();
      const wasClaimedBefore = expression`claimedAt < ${renewAt}`;
      const key = expression`pk = ${partition}`;
      const attributes = ['pk', 'sk'];
      const options = { filter: wasClaimedBefore, attributes, ConsistentRead: true };
      for await (const { items } of query(table, key, options)) {
        await inBatches(items as unknown as Key[], (pair) =>
          updateItem(table, pair, {
            condition: wasClaimedBefore,
            set: { renewAt },
            remove: ['retrying'],
          }),
        );
      }
    },
  };
}

/** A claim whose lease is not over may still be given back, or its run die before it noted that somebody is to be named. */
function knownOf(pair: Readonly<Record<string, unknown>>, { now }: ClaimTerms): Known {
  const { leaseUntil, renewAt = Number.POSITIVE_INFINITY, unconfirmed, unnamed } = pair;
  if (unconfirmed && Number(leaseUntil) >= now) return { isUnnamed: true };
  return { until: Number(renewAt), isUnnamed: unnamed === true };
}

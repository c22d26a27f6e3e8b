import { secretKey } from '../../lib/cloudtrail/secret-id.ts';
import { DAY_MS } from '../../lib/time.ts';
import { countOf } from '../status/tally.ts';
import type { Readers, ReadersBySecret, Window } from './readers.ts';
import { UNNAMED } from './reads.ts';
import type { Asked } from './secrets.ts';
import { type Verdict, verdictOn } from './verdict.ts';

/** A secret with who reads it, and what follows. */
export interface Surveyed extends Asked {
  readonly readers: Readers;
  readonly verdict: Verdict;
  /** In US dollars a month, its replicas included. */
  readonly cost: number;
}

/** What was found out of one secret, or of all. */
export interface Survey {
  readonly accountId: string;
  readonly region: string;
  readonly window: Window;
  readonly days: number;
  /** The length of a bin of the tallies, in ms. */
  readonly step: number;
  /** Whether it is of all secrets of the account and Region. */
  readonly isOfAll: boolean;
  /** The one that was read longest ago first. */
  readonly secrets: readonly Surveyed[];
  /** The callers of BatchGetSecretValue whose calls choose secrets by filters, so that they name none. */
  readonly unnamed: Readers;
}

/** Judges and ranks the secrets. */
export function survey(
  secrets: readonly Asked[],
  readers: ReadersBySecret,
  scope: Pick<Survey, 'accountId' | 'region' | 'window' | 'days' | 'isOfAll'>,
): Survey {
  const { window, days } = scope;
  const found = secrets.map((asked) => {
    const own = readers.of(secretKey(asked.id));
    const verdict = verdictOn(asked, own, window);
    return { ...asked, readers: own, verdict, cost: costOf(asked, own, days) };
  });
  const lastOf = ({ verdict: { lastRead } }: Surveyed) => lastRead?.at.getTime() ?? 0;
  found.sort((a, b) => lastOf(a) - lastOf(b) || (a.secret.name < b.secret.name ? -1 : 1));
  return { ...scope, step: readers.step, secrets: found, unnamed: readers.of(UNNAMED) };
}

/**
 * AWS's list price, in US dollars: a month of a secret, and of each replica, and a call. One that is scheduled for deletion
 * costs nothing.
 * Sources: https://aws.amazon.com/secrets-manager/pricing/,
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
 */
const SECRET_MONTH = 0.4;
const CALL = 0.05 / 10_000;
const DAYS_OF_MONTH = 30;

/** @param days over which the reads were counted */
function costOf({ secret }: Asked, { tallies }: Readers, days: number): number {
  if (secret.deletedDate) return 0;
  const { length: replicas } = secret.replicas ?? [];
  const calls = countOf(tallies.read.values()) + countOf(tallies.failed.values());
  return SECRET_MONTH * (1 + replicas) + (CALL * calls * DAYS_OF_MONTH) / days;
}

/** The window of the last days. */
export const windowOf = (days: number, to: Date): Window => ({
  from: new Date(to.getTime() - days * DAY_MS),
  to,
});

import { secretKey } from '../../lib/cloudtrail/secret-id.ts';
import { DAY_MS } from '../../lib/time.ts';
import type { Readers, ReadersBySecret, Window } from './readers.ts';
import { UNNAMED } from './reads.ts';
import type { Asked } from './secrets.ts';
import { type Verdict, verdictOn } from './verdict.ts';

/** A secret with who reads it, and what follows. */
export interface Surveyed extends Asked {
  readonly readers: Readers;
  readonly verdict: Verdict;
  /** In US dollars a month: of the secret and its replicas, without calls. */
  readonly cost: number;
}

/** What was found out of one secret, or of all. */
export interface Survey {
  readonly accountId: string;
  readonly region: string;
  readonly window: Window;
  readonly days: number;
  /** The AWS profile with which was asked, for the commands. */
  readonly profile?: string | undefined;
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
  scope: Pick<Survey, 'accountId' | 'region' | 'window' | 'days' | 'profile' | 'isOfAll'>,
): Survey {
  const { window, profile } = scope;
  const found = secrets.map((asked) => {
    const own = readers.of(secretKey(asked.id));
    const verdict = verdictOn(asked, own, window, profile);
    return { ...asked, readers: own, verdict, cost: costOf(asked) };
  });
  const lastOf = ({ verdict: { lastRead } }: Surveyed) => lastRead?.at.getTime() ?? 0;
  found.sort((a, b) => lastOf(a) - lastOf(b) || (a.secret.name < b.secret.name ? -1 : 1));
  return { ...scope, step: readers.step, secrets: found, unnamed: readers.of(UNNAMED) };
}

/**
 * AWS's list price, in US dollars: a month of a secret, and of each replica. One that is scheduled for deletion costs nothing.
 * Sources: https://aws.amazon.com/secrets-manager/pricing/,
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
 */
const SECRET_MONTH = 0.4;

function costOf({ secret: { deletedDate, replicas = [] } }: Asked): number {
  return deletedDate ? 0 : SECRET_MONTH * (1 + replicas.length);
}

/** The window of the last days. */
export const windowOf = (days: number, to: Date): Window => ({
  from: new Date(to.getTime() - days * DAY_MS),
  to,
});

import type { Change } from '../deletion/change.ts';
import { type Lookup, lookUp } from '../deletion/describe.ts';
import { changeItem, type Ledger, partitionKey, readPage } from '../deletion/ledger.ts';
import { isDrill } from '../drill.ts';
import { NotifierError } from '../errors.ts';
import { type AnnouncementNotice, announcementNotice, type TagKeys } from '../notice/notice.ts';
import { alertsOf, awaitAnotherTurn, awaitTurn, type BudgetPorts } from './budget.ts';
import { endingsOf, type PairStore } from './pairs.ts';

/** Dependencies of {@link track}; all but `describeSecret` may throw. */
export interface TrackPorts extends BudgetPorts {
  readonly ledger: Pick<Ledger, 'getItems' | 'putIfNewer' | 'markAnnounced'>;
  readonly pairs: Pick<PairStore, 'endQuietWindows'>;
  readonly describeSecret: (secretId: string) => Promise<Lookup>;
  /** Awaits `beforeAgain` before each further try. */
  readonly publish: (
    notice: AnnouncementNotice,
    beforeAgain: () => Promise<void>,
  ) => Promise<unknown>;
}

/** How changes are announced. */
export interface AnnouncePolicy {
  readonly tagKeys: TagKeys;
  /** Of all messages. */
  readonly maxAlertsPerMinute: number;
}

/**
 * `recorded`: the newest known change of its secret; `outdated`: a repeated or late one, which changed nothing;
 * `over-budget`: recorded, but not announced, because too many messages have gone out in this minute.
 */
export type Tracking = 'recorded' | 'outdated' | 'over-budget';

/**
 * Keeps a change in the ledger, and announces it if `announce` says so. Late, repeated and out-of-order
 * changes end in the same ledger as those in order.
 * @throws NotifierError `INVALID_EVENT` for a change of a secret that is not named, and what the ports throw.
 */
export async function track(
  change: Change,
  announce: AnnouncePolicy | undefined,
  ports: TrackPorts,
): Promise<Tracking> {
  const pk = partitionKey(change.secret);
  if (!pk) {
    const sent = change.secret.sent?.slice(0, 100) ?? 'none';
    const expected = 'Expected the record to name its secret in requestParameters.secretId';
    throw new NotifierError('INVALID_EVENT', `${expected}, got ${sent}.`);
  }
  const item = changeItem(change, pk);
  const before = announce && readPage(await ports.ledger.getItems(pk), change.secret).change;
  if (!(await ports.ledger.putIfNewer(item))) return 'outdated';
  // A quiet window is of one deletion; whoever reads the secret under the next one is alerted at once.
  if (change.kind === 'deletion') {
    for (const ending of endingsOf(change.secret)) {
      await ports.pairs.endQuietWindows(ending, change.requestedAt);
    }
  }
  if (announce && isNews(change, before) && !isDrill(change.secret.name)) {
    if (!(await awaitTurn(alertsOf(announce), ports))) return 'over-budget';
    await announceChange(change, announce, ports);
    await ports.ledger.markAnnounced(pk, item.order);
  }
  return 'recorded';
}

/** A restore of what had been restored already is none. */
function isNews(change: Change, before: Change | undefined): boolean {
  return change.kind === 'deletion' || before?.kind !== 'cancellation' || before.id === change.id;
}

async function announceChange(
  change: Change,
  policy: AnnouncePolicy,
  ports: TrackPorts,
): Promise<void> {
  const lookup = await lookUp(change.secret, ports.describeSecret);
  const notice = announcementNotice(change, lookup, policy.tagKeys, ports.now());
  await ports.publish(notice, () => awaitAnotherTurn(alertsOf(policy), ports));
}

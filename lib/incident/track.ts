import type { Change } from '../deletion/change.ts';
import type { ClashStore } from '../deletion/clashes.ts';
import { type LookUpPorts, lookUp } from '../deletion/describe.ts';
import { changeItem, type Ledger, type Page, partitionKey, readPage } from '../deletion/ledger.ts';
import { CLOCK_TOLERANCE_MS } from '../deletion/schedule.ts';
import { isDrill } from '../drill.ts';
import { NotifierError } from '../errors.ts';
import { ofAnnouncement } from '../notice/hand-on.ts';
import { type AnnouncementNotice, announcementNotice } from '../notice/notice.ts';
import type { HandOn } from '../notice/notice-topic.ts';
import type { TagKeys } from '../notice/tags.ts';
import { DAY_MS, MINUTE_MS } from '../time.ts';
import {
  awaitAnotherTurn,
  awaitTurn,
  type BudgetPolicy,
  type BudgetPorts,
  renewTurn,
  shareOf,
} from './budget.ts';
import { type IncidentStore, incidentKey } from './incidents.ts';
import { type PairStore, pairPartition } from './pairs.ts';

/** Dependencies of {@link track}; all but `describeSecret` may throw. */
export interface TrackPorts extends BudgetPorts, LookUpPorts {
  readonly ledger: Pick<Ledger, 'getItems' | 'putIfNewer' | 'markAnnounced'>;
  readonly pairs: Pick<PairStore, 'renew'>;
  readonly clashes: Pick<ClashStore, 'tellAnew'>;
  readonly incidents: Pick<IncidentStore, 'end' | 'endMutes' | 'find' | 'lookAgain' | 'reopen'>;
  /** Awaits `beforeAgain` before each further try. */
  readonly publish: (
    notice: AnnouncementNotice,
    beforeAgain: () => Promise<void>,
  ) => Promise<unknown>;
  /** To the channels beside the mail; absent where there are none. */
  readonly handOn?: HandOn;
}

/** How changes are announced. */
export interface AnnouncePolicy extends BudgetPolicy {
  readonly tagKeys: TagKeys;
}

/**
 * `recorded`: the newest known change of its secret; `outdated`: a repeated or late one, which changed nothing;
 * `over-budget`: recorded, but not announced by mail, because too many messages have gone out in this hour.
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
  const page = readPage(await ports.ledger.getItems(pk), change.secret);
  if (!(await ports.ledger.putIfNewer(item))) return 'outdated';
  const isOfIncident = await turn(change, page, ports);
  // The incident's own notice reports its end.
  const isToAnnounce = !isOfIncident && isNews(change, page.change) && !isDrill(change.secret.name);
  if (announce && isToAnnounce && !(await announceChange(change, announce, ports))) {
    return 'over-budget';
  }
  // Nor is there anything left to announce where nobody is told: another delivery, by whatever path, changes nothing more.
  await ports.ledger.markAnnounced(pk, item.order);
  return 'recorded';
}

/** A restore this close to one that this service set out to do is that one, in ms. */
const OWN_RESTORE_MS = 2 * MINUTE_MS;

/**
 * Lets incidents and clashes begin anew with a deletion, and incidents end with a restore or a deletion without a window. Done late or twice, it
 * changes nothing more.
 * @returns whether an incident ended
 */
async function turn(change: Change, { restoringAt }: Page, ports: TrackPorts): Promise<boolean> {
  const { secret, requestedAt } = change;
  const isDeletion = change.kind === 'deletion' && !change.forced;
  const key = incidentKey(secret);
  // Who mutes right after the deletion may do so by a slow clock.
  const made = isDeletion ? requestedAt.getTime() - CLOCK_TOLERANCE_MS : requestedAt;
  await ports.incidents.endMutes(key, new Date(made));
  if (isDeletion) {
    await ports.incidents.reopen(secret, requestedAt);
    await ports.pairs.renew(pairPartition(secret), requestedAt);
    await ports.clashes.tellAnew(secret, requestedAt);
    // One that was opened since may not know its end.
    await ports.incidents.lookAgain(key, requestedAt);
    return false;
  }
  // Of what this service restored itself, the alert says so.
  const since = restoringAt && requestedAt.getTime() - restoringAt.getTime();
  const isOurs = since !== undefined && Math.abs(since) < OWN_RESTORE_MS;
  const how = change.kind === 'cancellation' ? 'restored' : 'gone';
  if (await ports.incidents.end(key, how, requestedAt, isOurs)) return true;
  if (change.kind === 'deletion') await beginAfterEnd(change, ports);
  return false;
}

/** Within which time one secret after another is deleted by force under a name without each being news, as a test's is, in ms. */
const SAME_AGAIN_MS = DAY_MS;

/** Lets an incident that had ended begin anew with a deletion without a window: that of another secret of the name. */
async function beginAfterEnd(
  { secret, requestedAt }: Change,
  { incidents, pairs }: TrackPorts,
): Promise<void> {
  const { ended, endedAt } = (await incidents.find(incidentKey(secret))) ?? {};
  if (!endedAt) return;
  const since = requestedAt.getTime() - endedAt.getTime();
  if (since <= (ended === 'gone' ? SAME_AGAIN_MS : 0)) return;
  // First: whoever dies before the next line does both again.
  await pairs.renew(pairPartition(secret), requestedAt);
  await incidents.reopen(secret, requestedAt);
}

/** A restore of what had been restored already is none. */
function isNews(change: Change, before: Change | undefined): boolean {
  return change.kind === 'deletion' || before?.kind !== 'cancellation' || before.id === change.id;
}

/** @returns whether there was budget for a mail; the channels beside it hear of the change all the same. */
async function announceChange(
  change: Change,
  policy: AnnouncePolicy,
  ports: TrackPorts,
): Promise<boolean> {
  const most = shareOf('opened', policy);
  const isMailed = await awaitTurn(most, ports);
  if (!isMailed && !ports.handOn) return false;
  const lookup = await lookUp(change.secret, ports);
  const notice = announcementNotice(change, lookup, policy.tagKeys, ports.now());
  const takenAt = ports.now();
  await ports.handOn?.([ofAnnouncement(notice)], isMailed);
  if (!isMailed) return false;
  await renewTurn(takenAt, most, ports);
  await ports.publish(notice, () => awaitAnotherTurn(most, ports));
  return true;
}

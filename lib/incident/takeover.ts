import { type RecordedAttempt, readAttemptItem } from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import type { Key } from '../aws/table.ts';
import { type LookUpPorts, type Lookup, lookUp } from '../deletion/describe.ts';
import { MAX_WINDOW_DAYS, nearEnd, requestedFrom } from '../deletion/schedule.ts';
import { type SecretState, type StateDependencies, secretState } from '../deletion/secret-state.ts';
import { isDrill } from '../drill.ts';
import { inBatches } from '../in-batches.ts';
import { addDays, MINUTE_MS } from '../time.ts';
import type { IncidentStore } from './incidents.ts';
import { endOf, lastCallAt } from './plan.ts';
import type { LeftBehind, RunStore } from './runs.ts';

/** Takes over what the version before has left in the table. It goes once no table holds anything of that version. */

interface TakeOverPorts extends StateDependencies, LookUpPorts {
  readonly timeLeft: () => number;
  readonly runs: Pick<RunStore, 'noteTakenOver' | 'noteSearched'>;
  readonly attempts: Pick<AttemptStore, 'read' | 'leftBehind' | 'takeOver' | 'ofVersionBefore'>;
  readonly incidents: Pick<IncidentStore, 'mark' | 'openSince'>;
}

/** How much of a run's time is kept for all else, in ms. */
const TIME_KEPT_MS = 150_000;

/** How long after the first run of this version functions of the one before may be at work, while a deployment is, in ms. */
const DEPLOYING_MS = 15 * MINUTE_MS;

/**
 * Takes over what there is time for; the rest is the next run's.
 * @throws what the ports throw.
 */
export async function takeOver(left: LeftBehind, ports: TakeOverPorts): Promise<void> {
  if (!(await takeUnreported(left, ports))) return;
  if (left.unsentSummary) await ports.runs.noteTakenOver();
  await openReported(left, ports);
}

/**
 * Attempts that no summary has reported are from now on attempts that have just been recorded, which the next digest reports.
 * @returns whether nothing is left.
 */
async function takeUnreported(
  { unsentSummary }: LeftBehind,
  { now, timeLeft, attempts, incidents }: TakeOverPorts,
): Promise<boolean> {
  const marked = new Set<string>();
  const isLate = () => timeLeft() < TIME_KEPT_MS;
  const take = async (item: Record<string, unknown>) => {
    const recordedAt = now();
    const attempt = readAttemptItem({ ...item, recordedAt: recordedAt.toISOString() });
    if (!attempt) return;
    const { pk } = attempt.key;
    if (!marked.has(pk)) {
      marked.add(pk);
      await incidents.mark(attempt.secret, recordedAt, false);
    }
    await attempts.takeOver(item as unknown as Key, unsentSummary, recordedAt);
  };
  for await (const page of attempts.leftBehind(unsentSummary)) {
    if ((await inBatches(page, take, isLate)).length > 0) return false;
  }
  return true;
}

/**
 * Opens the incidents of secrets that are pending, and of which the version before has reported attempts: for their last calls,
 * and what these count. One search of the whole table, which the next run goes on with where this one has no more time.
 */
async function openReported(
  { firstRunAt, searchedTo }: LeftBehind,
  ports: TakeOverPorts,
): Promise<void> {
  const now = ports.now();
  if (searchedTo === 'end' || now.getTime() < firstRunAt.getTime() + DEPLOYING_MS) return;
  const isLate = () => ports.timeLeft() < TIME_KEPT_MS;
  const since = addDays(now, -MAX_WINDOW_DAYS);
  for await (const { attempts, next } of ports.attempts.ofVersionBefore(since, searchedTo)) {
    const open = (first: RecordedAttempt) => openPending(first, now, ports);
    const firsts = firstOfEach(attempts);
    const rest = await inBatches(firsts, open, isLate);
    const searched = rest.length > 0 ? firsts.at(-1 - rest.length)?.key : (next ?? 'end');
    if (searched) await ports.runs.noteSearched(searched);
    if (rest.length > 0 || isLate()) return;
  }
}

/** The first attempt of each partition: a table is searched in their order. */
function firstOfEach(attempts: readonly RecordedAttempt[]): RecordedAttempt[] {
  const firsts = new Map<string, RecordedAttempt>();
  for (const attempt of attempts) {
    const { pk } = attempt.key;
    if (!firsts.has(pk)) firsts.set(pk, attempt);
  }
  return [...firsts.values()];
}

async function openPending(
  { key, secret, time: first }: RecordedAttempt,
  now: Date,
  ports: TakeOverPorts,
): Promise<void> {
  if (isDrill(secret.name)) return;
  const last = (await lastReported(key.pk, first, now, ports)) ?? first;
  const lookup = await lookUp(secret, ports);
  const { state } = await secretState({ secret, time: last }, lookup, ports);
  if (state.state !== 'pending') return;
  const since = requestOf(state, lookup, now) ?? first;
  if (last < since) return;
  // The last read was reported with the time that was left then: what was near enough by then needs no last call.
  const made = lastCallAt(nearEnd(state.schedule), last);
  const openedAt = first < since ? since : first;
  await ports.incidents.openSince(secret, openedAt, endOf(state, now, made), now);
}

/** When a secret was last read, of all that anybody was told. */
async function lastReported(
  partition: string,
  since: Date,
  until: Date,
  { attempts }: TakeOverPorts,
): Promise<Date | undefined> {
  for await (const page of attempts.read(partition, { since, until })) {
    const last = page.find(({ isIgnored }) => !isIgnored);
    if (last) return last.time;
  }
  return undefined;
}

/** When the deletion that is pending was requested, if that is known. */
function requestOf(
  { deletion }: Extract<SecretState, { state: 'pending' }>,
  lookup: Lookup,
  now: Date,
): Date | undefined {
  if (deletion) return deletion.requestedAt;
  const deletedDate = lookup.kind === 'found' ? lookup.secret.deletedDate : undefined;
  return deletedDate && requestedFrom(deletedDate, now);
}

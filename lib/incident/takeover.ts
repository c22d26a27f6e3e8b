import { readAttemptItem } from '../attempt/item.ts';
import type { AttemptStore } from '../attempt/store.ts';
import type { Key } from '../aws/table.ts';
import { inBatches } from '../in-batches.ts';
import type { IncidentStore } from './incidents.ts';

interface TakeOverPorts {
  readonly now: () => Date;
  readonly timeLeft: () => number;
  readonly attempts: Pick<AttemptStore, 'leftBehind' | 'takeOver'>;
  readonly incidents: Pick<IncidentStore, 'mark'>;
}

/** How much of a run's time is kept for all else, in ms. */
const TIME_KEPT_MS = 150_000;

/**
 * Takes over what the version before has left in the table: attempts that no summary has reported are from now on
 * attempts that have just been recorded, which the next digest reports. What there is no time for is the next run's.
 * @returns whether nothing is left. @throws what the ports throw.
 */
export async function takeOver(
  unsentSummary: string | undefined,
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

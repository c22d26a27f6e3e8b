/** How many of the items are worked on at a time. */
const BATCH = 25;

/**
 * Runs a task for each item, some at a time, until `isLate`: a batch that has begun is finished.
 * @returns the items that there was no time for.
 * @throws what the first task that failed threw, when no task is under way any more.
 */
export async function inBatches<T>(
  items: readonly T[],
  run: (item: T) => Promise<unknown>,
  isLate: () => boolean = () => false,
): Promise<readonly T[]> {
  for (let start = 0; start < items.length; start += BATCH) {
    if (isLate()) return items.slice(start);
    const results = await Promise.allSettled(items.slice(start, start + BATCH).map(run));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
  }
  return [];
}

/**
 * As {@link inBatches}, whatever becomes of the other tasks.
 * @returns the items whose tasks have failed, and those that there was no time for; and why the first failed, if any did.
 */
export async function tryInBatches<T>(
  items: readonly T[],
  run: (item: T) => Promise<unknown>,
  isLate: () => boolean,
): Promise<{ readonly left: readonly T[]; readonly cause?: unknown }> {
  const failed: T[] = [];
  const causes: unknown[] = [];
  const attempt = async (item: T) => {
    try {
      await run(item);
    } catch (error) {
      failed.push(item);
      causes.push(error);
    }
  };
  const noTime = await inBatches(items, attempt, isLate);
  return { left: [...failed, ...noTime], cause: causes[0] };
}

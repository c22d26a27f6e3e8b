/**
 * Runs a task for each item, `width` at a time: the next one begins as soon as any has ended, so that a slow one costs no
 * other its turn.
 * @throws what the first task that failed threw, at once.
 */
export async function inPool<T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const work = async () => {
    for (const item of rest) await run(item);
  };
  await Promise.all(Array.from({ length: width }, work));
}

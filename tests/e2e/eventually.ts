import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `ask` every 50 ms until `isRight` of its answer, for 20 seconds at most.
 * @returns the right answer. @throws Error with the last one.
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
): Promise<T> {
  const end = performance.now() + 20_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > end) {
      throw new Error(`Still not right after 20 seconds: ${JSON.stringify(answer)}`);
    }
    await sleep(50);
  }
}

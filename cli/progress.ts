import { Listr } from 'listr2';

const WIDTH = 40;

/**
 * Shows how far `run` is, as a bar in a terminal and not at all elsewhere. `run` tells it by calling its argument.
 * @throws what `run` throws.
 */
export async function withProgress<Result>(
  title: string,
  total: number,
  run: (advance: () => void) => Promise<Result>,
): Promise<Result> {
  let result: Result | undefined;
  const bar = {
    title,
    async task(_: unknown, task: { title: string }) {
      let done = 0;
      result = await run(() => {
        task.title = `${title} ${renderBar(++done, total)}`;
      });
    },
  };
  await new Listr([bar], { fallbackRenderer: 'silent' }).run();
  return result as Result;
}

/** `██████░░░░ 6 of 10`; a queue tells its size only roughly, so it may turn out to be larger. */
function renderBar(done: number, total: number): string {
  const all = Math.max(done, total);
  const filled = Math.round((WIDTH * done) / all);
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${done} of ${all}`;
}

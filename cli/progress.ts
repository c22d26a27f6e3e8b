import { Listr } from 'listr2';
import { formatSpan } from '../lib/time.ts';

const WIDTH = 24;

/**
 * Shows how far `run` is, as a bar in a terminal and not at all elsewhere. `run` tells it by calling its argument.
 * @throws what `run` throws.
 */
export function withProgress<Result>(
  title: string,
  total: number,
  run: (advance: () => void) => Promise<Result>,
): Promise<Result> {
  let done = 0;
  return withBar(title, (show) =>
    run(() => {
      // A queue tells its size only roughly, so it may turn out to be larger.
      const all = Math.max(++done, total);
      show(done / all, `${done} of ${all}`);
    }),
  );
}

/**
 * As {@link withProgress}, of what is not counted: `run` tells the part that is done, from 0 to 1, and a bar shows the
 * time that is left if it goes on like that. `now` in ms.
 */
export function withTimeLeft<Result>(
  title: string,
  now: () => number,
  run: (show: (part: number, text: string) => void) => Promise<Result>,
): Promise<Result> {
  const start = now();
  return withBar(title, (show) =>
    run((part, text) => {
      const left = part > 0 ? ((now() - start) * (1 - part)) / part : undefined;
      show(part, left === undefined ? text : `${text}, ${formatSpan(left)} left`);
    }),
  );
}

async function withBar<Result>(
  title: string,
  run: (show: (part: number, text: string) => void) => Promise<Result>,
): Promise<Result> {
  let result: Result | undefined;
  const bar = {
    title,
    async task(_: unknown, task: { title: string }) {
      result = await run((part, text) => {
        task.title = `${title} ${renderBar(part)} ${text}`;
      });
    },
  };
  // The command itself decides what a signal does.
  await new Listr([bar], { fallbackRenderer: 'silent', registerSignalListeners: false }).run();
  return result as Result;
}

/** `██████░░░░` */
function renderBar(part: number): string {
  const filled = Math.round(WIDTH * Math.min(1, Math.max(0, part)));
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
}

/** A line that shows what a task is at: `run` tells it, and in the end whether all went well. */
export interface Line {
  readonly title: string;
  readonly run: (show: (text: string) => void) => Promise<boolean>;
}

/** Runs all tasks at a time, each with its line, in a terminal; elsewhere without. @throws what the first one threw. */
export async function withLines(lines: readonly Line[], isSilent: boolean): Promise<void> {
  const errors: unknown[] = [];
  const tasks = lines.map(({ title, run }) => ({
    title,
    async task(_: unknown, task: { title: string }) {
      const isGood = await run((text) => {
        task.title = `${title}: ${text}`;
      }).catch((error: unknown) => {
        errors.push(error);
        throw error;
      });
      if (!isGood) throw new Error('in vain'); // shown, and no more
    },
  }));
  const options = { concurrent: true, exitOnError: false, registerSignalListeners: false } as const;
  const renderer = isSilent ? 'silent' : 'default';
  const rendererOptions = { showErrorMessage: false };
  await new Listr(tasks, {
    ...options,
    renderer,
    rendererOptions,
    fallbackRenderer: 'silent',
  }).run();
  if (errors.length > 0) throw errors[0];
}

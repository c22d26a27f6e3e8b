import { Listr } from 'listr2';
import { formatSpan } from '../lib/time.ts';
import { printableLine } from './print.ts';

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
  const bar = async ({ retitle }: Show) => {
    result = await run((part, text) => retitle(`${title} ${renderBar(part)} ${text}`));
  };
  await runTasks([{ title, run: bar }], 'silent');
  return result as Result;
}

/** `██████░░░░` */
function renderBar(part: number): string {
  const filled = Math.round(WIDTH * Math.min(1, Math.max(0, part)));
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
}

/** What a task shows of itself. */
interface Show {
  readonly retitle: (title: string) => void;
  /** Adds what came of it. */
  readonly note: (text: string) => void;
}

export interface Task {
  readonly title: string;
  /** Returns `false` to be marked as failed, and no more. */
  readonly run: (show: Show) => Promise<unknown>;
}

/**
 * Runs tasks at a time and shows them: animated in a terminal that knows its width, elsewhere as `fallbackRenderer` says.
 * @throws what the first one threw.
 */
export async function runTasks(
  tasks: readonly Task[],
  fallbackRenderer: 'silent' | 'simple',
  isSilent = false,
): Promise<void> {
  // A terminal that does not know its width says 0, at which each letter would have a line of its own.
  const animated = process.stdout.columns === 0 ? fallbackRenderer : 'default';
  const errors: unknown[] = [];
  const list = tasks.map(({ title, run }) => ({
    title: printableLine(title),
    async task(_: unknown, task: { title: string; output: string }) {
      const show: Show = {
        retitle(text) {
          task.title = printableLine(text);
        },
        note(text) {
          task.output = printableLine(text);
        },
      };
      const isGood = await run(show).catch((error: unknown) => {
        errors.push(error);
        return false;
      });
      // The list would show the message as it is: the error itself is for the caller.
      if (isGood === false) throw new Error('failed');
    },
    rendererOptions: { persistentOutput: true },
  }));
  await new Listr(list, {
    concurrent: true,
    exitOnError: false,
    // The command itself decides what a signal does.
    registerSignalListeners: false,
    renderer: isSilent ? 'silent' : animated,
    rendererOptions: { showErrorMessage: false },
    fallbackRenderer,
  }).run();
  if (errors.length > 0) throw errors[0];
}

import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { Listr } from 'listr2';
import { formatSpan } from '../lib/time.ts';
import { isInterruptible, SIGNALS } from './interruption.ts';
import { printableLine } from './print.ts';

const WIDTH = 24;

/**
 * Shows the progress of `run` as a bar in a terminal, and nothing elsewhere. `run` calls its argument after each step, or
 * with how many it has made.
 * @throws what `run` throws.
 */
export function withProgress<Result>(
  title: string,
  total: number,
  run: (advance: (steps?: number) => void) => Promise<Result>,
): Promise<Result> {
  let done = 0;
  return withBar(title, (show) =>
    run((steps = 1) => {
      done += steps;
      // The size of a queue or of a table is approximate, so there may be more.
      const all = Math.max(done, total);
      show(done / (all || 1), `${done} of ${all}`);
    }),
  );
}

/**
 * As {@link withProgress}, for work of unknown size: `run` reports the part that is done, from 0 to 1, and the bar shows
 * an estimate of the time left. `now` in ms; `begun`: the part that an earlier run has done.
 */
export function withTimeLeft<Result>(
  title: string,
  now: () => number,
  run: (show: (part: number, text: string) => void) => Promise<Result>,
  begun = 0,
): Promise<Result> {
  const start = now();
  return withBar(title, (show) =>
    run((part, text) => {
      const left = part > begun ? ((now() - start) * (1 - part)) / (part - begun) : undefined;
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

/** How a task changes what is shown of it. */
interface Show {
  readonly retitle: (title: string) => void;
  /** Adds its result. */
  readonly note: (text: string) => void;
}

export interface Task {
  readonly title: string;
  /** Returns `false` to be marked as failed without an error. */
  readonly run: (show: Show) => Promise<unknown>;
}

/**
 * Runs tasks concurrently and shows them: animated in a terminal that knows its width, elsewhere as `fallbackRenderer` says.
 * @throws the first error of a task, once all have ended.
 */
export async function runTasks(
  tasks: readonly Task[],
  fallbackRenderer: 'silent' | 'simple',
  isSilent = false,
): Promise<void> {
  // A terminal that does not know its width reports 0, which would put each letter on a line of its own.
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
      // Not the error itself, whose message the list would print unescaped.
      if (isGood === false) throw new Error('failed');
    },
    rendererOptions: { persistentOutput: true },
  }));
  using _cursor = showCursorAtSignals();
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

/** A signal that ends the process first shows the cursor, which a list hides. */
function showCursorAtSignals(): Disposable {
  const end = (signal: NodeJS.Signals) => {
    if (isInterruptible()) return;
    // At once, and past the list, which holds back what is written by other ways.
    if (process.stdout.isTTY) writeSync(process.stdout.fd, '\u001b[?25h');
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  return {
    [Symbol.dispose]() {
      for (const signal of SIGNALS) process.off(signal, end);
    },
  };
}

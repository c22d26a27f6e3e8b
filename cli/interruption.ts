import { constants } from 'node:os';

/** By which people and systems end a process. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let shared: AbortSignal | undefined;

/**
 * The signal of the process that is aborted by Ctrl-C, SIGTERM or a closed terminal. These then no longer end the process,
 * so that what is running can be stopped first. The exit code is set.
 */
export function interruption(): AbortSignal {
  shared ??= listen();
  return shared;
}

/** Whether the command itself ends after a signal, because it has asked for {@link interruption}. */
export const isInterruptible = (): boolean => shared !== undefined;

function listen(): AbortSignal {
  const controller = new AbortController();
  for (const signal of SIGNALS) {
    // Not `once`: a library that restores the cursor ends the process if it is the only listener.
    process.on(signal, () => {
      process.exitCode = 128 + constants.signals[signal];
      controller.abort(new Error(`Interrupted by ${signal}`));
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    // Writing to a closed terminal fails, which would end the process before anything is stopped.
    stream.on('error', () => {
      process.exitCode ??= 1;
    });
  }
  return controller.signal;
}

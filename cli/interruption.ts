import { constants } from 'node:os';

let shared: AbortSignal | undefined;

/**
 * The signal of the process that is aborted by Ctrl-C, SIGTERM or a closed terminal. These then no longer end the process,
 * so that what is running can be stopped first. The exit code is set.
 */
export function interruption(): AbortSignal {
  shared ??= listen();
  return shared;
}

function listen(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
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

import { constants } from 'node:os';

let shared: AbortSignal | undefined;

/**
 * Is aborted by Ctrl-C, by SIGTERM and by a terminal that is closed, which then no longer end the process: what
 * is running is to be stopped first. The exit code is set. There is one for the process.
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
    // A closed terminal takes no more output, which would end the process before anything is stopped.
    stream.on('error', () => {
      process.exitCode ??= 1;
    });
  }
  return controller.signal;
}

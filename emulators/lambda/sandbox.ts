import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { InvocationRequest, InvocationResponse } from './runtime.ts';

const RUNTIME = fileURLToPath(new URL('runtime.ts', import.meta.url));

export interface SandboxOptions {
  readonly taskRoot: string;
  /** All that the process sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** File descriptor of the log, for all that the process prints. */
  readonly log: number;
}

export interface Sandbox {
  /** Runs the function once. Not to be called again before that is done. */
  run(request: InvocationRequest): Promise<InvocationResponse>;
  stop(): Promise<void>;
}

/**
 * A Node.js process that serves one invocation after the other. One that exits or does not answer in time is
 * replaced at the next invocation.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export function createSandbox({ taskRoot, environment, log }: SandboxOptions): Sandbox {
  let child: ChildProcess | undefined;

  function start(): ChildProcess {
    const stdio = ['ignore' as const, log, log, 'ipc' as const];
    return fork(RUNTIME, { cwd: taskRoot, env: environment, execArgv: [], stdio });
  }

  async function stop(): Promise<void> {
    if (child && isAlive(child)) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    child = undefined;
  }

  async function run(request: InvocationRequest): Promise<InvocationResponse> {
    if (!child || !isAlive(child)) child = start();
    const outcome = await firstOf(child, request);
    if (outcome !== 'timeout') return outcome;
    await stop();
    return failure('Sandbox.Timedout', request, 'Task timed out');
  }

  return { run, stop };
}

async function firstOf(
  child: ChildProcess,
  request: InvocationRequest,
): Promise<InvocationResponse | 'timeout'> {
  const over = new AbortController();
  try {
    child.send(request);
    return await Promise.race([
      once(child, 'message', over).then(([response]) => response as InvocationResponse),
      once(child, 'exit', over).then(([code, signal]) => exitError(request, code ?? signal)),
      sleep(request.deadline - Date.now(), 'timeout' as const, over),
    ]);
  } finally {
    over.abort();
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function exitError(request: InvocationRequest, status: number | string): InvocationResponse {
  return failure('Runtime.ExitError', request, `Runtime exited with error: exit status ${status}`);
}

function failure(
  errorType: string,
  { requestId }: InvocationRequest,
  text: string,
): InvocationResponse {
  return {
    error: { errorType, errorMessage: `RequestId: ${requestId} Error: ${text}`, trace: [] },
  };
}

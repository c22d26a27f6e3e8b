import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Plan } from './environment/plan.ts';

/** One run of a function. */
export interface Invocation {
  readonly id: number;
  readonly event: unknown;
  /** When it begins, and after how long it is killed, in simulated ms. */
  readonly time: number;
  readonly timeout: number;
  readonly plan: Plan;
}

/** What came of a run. */
export interface Report {
  readonly outcome: 'done' | 'failed' | 'killed';
  /** What the function threw. */
  readonly error?: string;
  /** Calls to each service of AWS, tries of the SDK counted one by one. */
  readonly calls: Readonly<Record<string, number>>;
  /** Those of them that failed as planned. */
  readonly faults: Readonly<Record<string, number>>;
}

export interface EnvironmentConfig {
  /** Such as `functions/notify.handler`. */
  readonly handler: string;
  /** In MB. */
  readonly memorySize: number;
  /** Where its package is unpacked. */
  readonly taskRoot: string;
  readonly variables: Readonly<Record<string, string>>;
  /** By name of a service, such as `DynamoDB`, its endpoint. */
  readonly services: Readonly<Record<string, string>>;
}

/** A simulated Lambda environment, which serves one invocation after the other. */
export interface Environment {
  /** Not to be called again before it is done. */
  run(invocation: Invocation): Promise<Report>;
  stop(): Promise<void>;
}

/**
 * An environment in a thread of this process. One whose run was killed is replaced at once, by one that knows
 * nothing of what it kept in memory.
 */
export function createEnvironment(config: EnvironmentConfig): Environment {
  let worker: Worker | undefined;

  async function stop(): Promise<void> {
    await worker?.terminate();
    worker = undefined;
  }

  async function run(invocation: Invocation): Promise<Report> {
    worker ??= start(config);
    const report = await firstOf(worker, invocation);
    if (report.outcome === 'killed') {
      await stop();
      worker = start(config);
    }
    return report;
  }

  return { run, stop };
}

function start({ handler, taskRoot, variables, services, memorySize }: EnvironmentConfig): Worker {
  const [, module = '', handlerName = ''] = /^(.+)\.([^.]+)$/.exec(handler) ?? [];
  const handlerFile = pathToFileURL(join(taskRoot, `${module}.mjs`)).href;
  const hosts = Object.entries(services).map(([name, endpoint]) => [new URL(endpoint).host, name]);
  return new Worker(new URL('environment/worker.ts', import.meta.url), {
    // Many a thread starts after another was killed: they need not compile the same code again.
    env: { ...variables, NODE_COMPILE_CACHE: join(taskRoot, '.compile-cache') },
    execArgv: [],
    // Else each thread would keep much more garbage than it needs memory.
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: memorySize },
    workerData: { handlerFile, handlerName, services: Object.fromEntries(hosts) },
  });
}

/** The run's own report, or that it was killed because it took too long. */
function firstOf(worker: Worker, invocation: Invocation): Promise<Report> {
  return new Promise((resolve, reject) => {
    const timedOut: Report = { outcome: 'killed', calls: {}, faults: {} };
    const timer = setTimeout(settle, invocation.timeout, timedOut);
    function settle(report: Report): void {
      clearTimeout(timer);
      worker.off('message', settle).off('error', reject);
      resolve(report);
    }
    worker.on('message', settle).on('error', reject);
    worker.postMessage(invocation);
  });
}

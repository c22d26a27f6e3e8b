/**
 * The inside of a Lambda environment: a thread that loads the handler named by `_HANDLER` from `LAMBDA_TASK_ROOT`
 * and runs it for each invocation.
 */
import { registerHooks } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { Plan } from '../faults.ts';
import { type Counts, simulate } from './simulated.ts';

export interface RuntimeOptions {
  readonly functionArn: string;
  readonly isSimulated: boolean;
  /** Whether nobody reads what the function prints. */
  readonly isSilent: boolean;
}

/** A message to the thread. */
export interface InvocationRequest {
  readonly requestId: string;
  /** As JSON. */
  readonly event: string;
  /** In ms. */
  readonly timeout: number;
  /** Its beginning, in simulated ms since 1970, and its faults; only in simulated time. */
  readonly time?: number;
  readonly plan?: Plan;
}

/** The result of an invocation. Calls to AWS and metrics are counted in simulated time only. */
export interface Report extends Counts {
  readonly outcome: 'done' | 'failed' | 'killed';
  readonly result?: unknown;
  /** The error of the function, or how it ended. */
  readonly error?: FunctionError;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** A message of the thread: output of the function, or at the end a report. */
export type Message = { readonly printed: string } | Report;

type Handler = (event: unknown, context: object) => unknown;

const { LAMBDA_TASK_ROOT: taskRoot = '', _HANDLER: handlerName = '' } = process.env;
const { functionArn, isSimulated, isSilent } = workerData as RuntimeOptions;
const send = (message: Message) => parentPort?.postMessage(message);

const simulation = isSimulated
  ? simulate((counts) => {
      send({ outcome: 'killed', ...counts });
      process.exit();
    })
  : undefined;

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (text: string | Uint8Array) => {
    const printed = String(text);
    if (!isSilent) send({ printed });
    simulation?.notePrinted(printed);
    return true;
  };
}

/** A bundle on Lambda finds nothing but itself; here it could import from the project's own node_modules. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const outside = !resolved.url.startsWith(pathToFileURL(taskRoot + sep).href);
    if (outside && resolved.url.startsWith('file:')) {
      throw new Error(
        `Cannot find '${specifier}' in the package imported from ${context.parentURL}`,
      );
    }
    return resolved;
  },
});

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html */
async function loadHandler(): Promise<Handler> {
  const [, module = '', name = ''] = /^(.+)\.([^.]+)$/.exec(handlerName) ?? [];
  const handler = (await import(pathToFileURL(join(taskRoot, `${module}.mjs`)).href))[name];
  if (typeof handler !== 'function') throw new Error(`${handlerName} is no exported function`);
  return handler;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, timeout }: InvocationRequest) {
  const deadline = Date.now() + timeout;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

async function run(request: InvocationRequest): Promise<Omit<Report, keyof Counts>> {
  try {
    const handler = await loaded;
    const result = (await handler(JSON.parse(request.event), contextOf(request))) ?? null;
    return { outcome: 'done', result: JSON.parse(JSON.stringify(result)) };
  } catch (error) {
    return { outcome: 'failed', error: describe(error) };
  }
}

function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const { name, message, stack = '' } = error;
  return { errorType: name, errorMessage: message, trace: stack.split('\n') };
}

const loaded = loadHandler();
loaded.catch(() => {}); // each invocation reports it

parentPort?.on('message', async (request: InvocationRequest) => {
  await loaded.catch(() => {}); // on Lambda too, the time limit is for the handler alone
  simulation?.begin(request);
  const outcome = await run(request);
  send({ ...outcome, ...(simulation?.end() ?? { calls: {}, faults: {}, metrics: {} }) });
});

/**
 * The inside of a Lambda sandbox: a process that loads the handler named by `_HANDLER` from `LAMBDA_TASK_ROOT`
 * and runs it for each invocation that its parent sends. It imports nothing of this project.
 */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the parent sends. */
export interface InvocationRequest {
  readonly event: unknown;
  readonly requestId: string;
  readonly functionArn: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** What the parent gets. */
export type InvocationResponse = { readonly result: unknown } | { readonly error: FunctionError };

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

type Handler = (event: unknown, context: object) => unknown;

const { LAMBDA_TASK_ROOT: taskRoot = '', _HANDLER: handlerName = '' } = process.env;

/** A bundle on Lambda finds nothing but itself; here the project's own node_modules would help it out. */
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
  const candidates = ['.js', '.mjs', '.cjs'].map((extension) => join(taskRoot, module + extension));
  const file = candidates.find((candidate) => existsSync(candidate));
  if (!file) throw new Error(`Cannot find the handler's file, none of ${candidates.join(', ')}`);
  const handler = (await import(pathToFileURL(file).href))[name];
  if (typeof handler !== 'function') throw new Error(`${handlerName} is no exported function`);
  return handler;
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, functionArn, deadline }: InvocationRequest) {
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

async function run(request: InvocationRequest): Promise<InvocationResponse> {
  try {
    handler ??= await loadHandler();
    return { result: (await handler(request.event, contextOf(request))) ?? null };
  } catch (error) {
    return { error: describe(error) };
  }
}

function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const { name, message, stack = '' } = error;
  return { errorType: name, errorMessage: message, trace: stack.split('\n') };
}

let handler: Handler | undefined;
process.on('message', async (request: InvocationRequest) => process.send?.(await run(request)));
process.on('disconnect', () => process.exit());

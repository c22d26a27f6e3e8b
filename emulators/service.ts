import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { ApiError, JsonObject, Outcome } from './cloudtrail.ts';

/** A request in AWS JSON 1.1, read from the wire. */
export interface Call {
  /** Such as `GetSecretValue`. */
  readonly operation: string;
  readonly accessKeyId: string;
  readonly userAgent: string;
  readonly request: JsonObject;
}

export interface Server {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** A service that fails on demand. */
export interface StandIn extends Server {
  /**
   * Makes `times` calls of an operation, by default one, fail with an error, after `after` calls that do not, by default
   * none.
   */
  failNext(operation: string, error: ApiError, times?: number, after?: number): void;
}

/**
 * Serves AWS JSON 1.1 over HTTP on a free port of 127.0.0.1, without checking signatures and permissions.
 * Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 * @param execute answers a call, or throws a ServiceError; any other error is answered as an InternalServiceError
 * @param onOutcome is called with the outcome of each call, and returns the request id
 */
export async function serve(
  execute: (call: Call) => JsonObject,
  onOutcome: (call: Call, outcome: Outcome) => string = () => randomUUID(),
): Promise<StandIn> {
  const planned = new Map<string, { readonly error: ApiError; times: number; after: number }>();

  function perform(call: Call): Outcome {
    const failure = planned.get(call.operation);
    const isDue = failure && failure.after-- <= 0 && failure.times-- > 0;
    return isDue ? { error: failure.error } : outcomeOf(() => execute(call));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await read(request);
    const outcome = perform(call);
    send(response, outcome, onOutcome(call, outcome));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  return {
    ...(await listen(server)),
    failNext: (operation, error, times = 1, after = 0) =>
      void planned.set(operation, { error, times, after }),
  };
}

/** Thrown by an operation to answer with an error. */
export class ServiceError extends Error implements ApiError {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function outcomeOf(execute: () => JsonObject): Outcome {
  try {
    return { response: execute() };
  } catch (error) {
    if (error instanceof ServiceError) return { error };
    return { error: { code: 'InternalServiceError', message: String(error) } };
  }
}

/** Makes an HTTP server listen on a free port of 127.0.0.1. */
export async function listen(server: HttpServer): Promise<Server> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function read(request: IncomingMessage): Promise<Call> {
  const { headers } = request;
  return {
    operation: String(headers['x-amz-target']).replace(/^.*\./, ''),
    accessKeyId: /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '',
    userAgent: headers['user-agent'] ?? '',
    request: (await json(request)) as JsonObject,
  };
}

function send(response: ServerResponse, outcome: Outcome, requestId: string): void {
  response.setHeader('content-type', 'application/x-amz-json-1.1');
  response.setHeader('x-amzn-requestid', requestId);
  if ('response' in outcome) {
    response.end(JSON.stringify(outcome.response));
    return;
  }
  const { code, message } = outcome.error;
  response.statusCode = code === 'InternalServiceError' ? 500 : 400;
  response.setHeader('x-amzn-errortype', code);
  response.end(JSON.stringify({ __type: code, message }));
}

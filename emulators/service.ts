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

export interface Answer {
  readonly requestId: string;
  readonly outcome: Outcome;
}

export interface Server {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Serves AWS JSON 1.1 over HTTP on a free port of 127.0.0.1. What the handler throws is answered as an
 * InternalServiceError.
 * Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export async function serve(handle: (call: Call) => Answer): Promise<Server> {
  const server = createServer(async (request, response) => {
    try {
      send(response, handle(await read(request)));
    } catch (error) {
      const outcome = { error: { code: 'InternalServiceError', message: String(error) } };
      send(response, { requestId: randomUUID(), outcome });
    }
  });
  return listen(server);
}

/** Lets a server of HTTP listen on a free port of 127.0.0.1. */
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

function send(response: ServerResponse, { requestId, outcome }: Answer): void {
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

/** What an operation throws to be answered with an error. */
export class ServiceError extends Error implements ApiError {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What comes of an operation. @throws whatever it throws but a ServiceError. */
export function outcomeOf(execute: () => JsonObject): Outcome {
  try {
    return { response: execute() };
  } catch (error) {
    if (error instanceof ServiceError) return { error };
    throw error;
  }
}

/** The failures that a stand-in is told to have. */
export interface Failures {
  /**
   * Lets the next `times` calls of an operation, by default one, fail with an error whatever they ask for, after as
   * many that do not as `after` says, by default none.
   */
  failNext(operation: string, error: ApiError, times?: number, after?: number): void;
}

export interface PlannedFailures extends Failures {
  /** The failure of a call that is made now, if it is to fail. */
  take(operation: string): { readonly error: ApiError } | undefined;
}

export function planFailures(): PlannedFailures {
  const planned = new Map<string, { readonly error: ApiError; times: number; after: number }>();
  return {
    failNext: (operation, error, times = 1, after = 0) =>
      void planned.set(operation, { error, times, after }),
    take(operation) {
      const failure = planned.get(operation);
      if (!failure || failure.after-- > 0) return undefined;
      return failure.times-- > 0 ? failure : undefined;
    },
  };
}

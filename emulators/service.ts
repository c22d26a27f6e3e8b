import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type Server as HttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';
import type { ApiError, JsonObject, Outcome } from './cloudtrail.ts';

/** A request, read from the wire. */
export interface Call {
  /** Such as `GetSecretValue`. */
  readonly operation: string;
  readonly accessKeyId: string;
  /** The Region of the signature. */
  readonly region: string;
  readonly userAgent: string;
  readonly headers: IncomingHttpHeaders;
  readonly request: JsonObject;
}

/** How requests and answers are written. */
interface Protocol {
  readonly read: (request: IncomingMessage) => Promise<Pick<Call, 'operation' | 'request'>>;
  readonly write: (call: Call, outcome: Outcome, requestId: string) => Answer;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
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
 * Serves AWS's API over HTTP on a free port of 127.0.0.1, without checking signatures.
 * @param execute answers a call, or throws a ServiceError; any other error is answered as an InternalServiceError
 * @param onOutcome is called with the outcome of each call, and returns the request id
 * @param protocol default: AWS JSON 1.1
 */
export async function serve(
  execute: (call: Call) => JsonObject,
  onOutcome: (call: Call, outcome: Outcome) => string = () => randomUUID(),
  protocol: Protocol = AWS_JSON,
): Promise<StandIn> {
  const planned = new Map<string, { readonly error: ApiError; times: number; after: number }>();

  function perform(call: Call): Outcome {
    const failure = planned.get(call.operation);
    const isDue = failure && failure.after-- <= 0 && failure.times-- > 0;
    return isDue ? { error: failure.error } : outcomeOf(() => execute(call));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = callOf(request, await protocol.read(request));
    const outcome = perform(call);
    const requestId = onOutcome(call, outcome);
    const { status, headers, body } = protocol.write(call, outcome, requestId);
    response.writeHead(status, { 'x-amzn-requestid': requestId, ...headers }).end(body);
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

function callOf({ headers }: IncomingMessage, sent: Pick<Call, 'operation' | 'request'>): Call {
  const [, accessKeyId = '', region = ''] =
    /Credential=([^/]+)\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  return { ...sent, accessKeyId, region, userAgent: headers['user-agent'] ?? '', headers };
}

/** Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
const AWS_JSON: Protocol = {
  read: async (request) => ({
    operation: String(request.headers['x-amz-target']).replace(/^.*\./, ''),
    request: (await json(request)) as JsonObject,
  }),
  write(_call, outcome) {
    const type = { 'content-type': 'application/x-amz-json-1.1' };
    if ('response' in outcome) {
      return { status: 200, headers: type, body: JSON.stringify(outcome.response) };
    }
    const { code, message } = outcome.error;
    return {
      status: code === 'InternalServiceError' ? 500 : 400,
      headers: { ...type, 'x-amzn-errortype': code },
      body: JSON.stringify({ __type: code, message }),
    };
  },
};

/** Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export const AWS_QUERY: Protocol = {
  async read(request) {
    const { Action: operation = '', ...sent } = Object.fromEntries(
      new URLSearchParams(await text(request)),
    );
    return { operation, request: sent };
  },
  write({ operation }, outcome, requestId) {
    const headers = { 'content-type': 'text/xml' };
    if ('response' in outcome) {
      const body = {
        [`${operation}Response`]: {
          [`${operation}Result`]: outcome.response,
          ResponseMetadata: { RequestId: requestId },
        },
      };
      return { status: 200, headers, body: xml(body) };
    }
    const { code: Code, message: Message } = outcome.error;
    const body = {
      ErrorResponse: { Error: { Type: 'Sender', Code, Message }, RequestId: requestId },
    };
    return { status: Code === 'AccessDenied' ? 403 : 400, headers, body: xml(body) };
  },
};

function xml(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return String(value).replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
  }
  return Object.entries(value)
    .map(([name, inner]) => `<${name}>${xml(inner)}</${name}>`)
    .join('');
}

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { JsonObject, Outcome } from '../cloudtrail.ts';

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
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
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

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type Answer, answersAt } from './cases.ts';

/** A call to AWS, as received. */
interface Call {
  /** Such as `UpdateItem`. */
  readonly operation: string;
  /** When it arrived, in ms since 1970, with fractions. */
  readonly time: number;
  /** Of headers and body, before encryption. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export interface Endpoints {
  /** The variables that point a function's AWS SDK here. */
  readonly variables: Readonly<Record<string, string>>;
  /** The calls since this was last called. */
  takeCalls(): Call[];
  stop(): Promise<void>;
}

/**
 * Starts an AWS on 127.0.0.1 that answers every call at once, over TLS as the real one does.
 * @param directory where the certificate is put
 * @param answer what it answers. Default: that of a pending secret
 */
export async function startEndpoints(
  directory: string,
  answer: (operation: string, request: string) => Answer = answersAt(Date.now()),
): Promise<Endpoints> {
  const certificate = join(directory, 'certificate.pem');
  const { cert, key } = await certify(certificate);
  let calls: Call[] = [];

  const server = createServer({ cert, key }, async (request, response) => {
    const time = performance.timeOrigin + performance.now();
    const body = await text(request);
    const operation = operationOf(request, body);
    const answered = answer(operation, body);
    const bytesReceived = send(response, answered);
    calls.push({ operation, time, bytesSent: headBytes(request) + body.length, bytesReceived });
  });
  server.keepAliveTimeout = 60_000;
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    variables: {
      AWS_ENDPOINT_URL: `https://127.0.0.1:${port}`,
      NODE_EXTRA_CA_CERTS: certificate,
    },
    takeCalls() {
      const taken = calls;
      calls = [];
      return taken;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Node.js makes no certificates. @throws Error if there is no OpenSSL, from its version 1.1.1 on. */
async function certify(certificate: string): Promise<{ cert: Buffer; key: Buffer }> {
  const keyFile = `${certificate}.key`;
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1';
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', keyFile, '-out', certificate];
  await promisify(execFile)('openssl', [...request.split(' '), ...names, ...files]);
  return { cert: await readFile(certificate), key: await readFile(keyFile) };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
}

/** AWS JSON names the operation in a header, the query protocol of SNS in the body, Lambda in the path. */
function operationOf({ headers, url }: IncomingMessage, body: string): string {
  if (url?.endsWith('/invocations')) return 'Invoke';
  const target = headers['x-amz-target'];
  return target
    ? String(target).replace(/^.*\./, '')
    : (new URLSearchParams(body).get('Action') ?? '');
}

function headBytes({ method, url, rawHeaders }: IncomingMessage): number {
  // Each header is `name: value\r\n`, so two names and values take four characters more.
  const headers = rawHeaders.reduce((sum, part) => sum + part.length + 2, 0);
  return `${method} ${url} HTTP/1.1\r\n\r\n`.length + headers;
}

/** @returns its size in bytes, without headers that differ between servers. */
function send(response: ServerResponse, { status, type, body }: Answer): number {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': '00000000-0000-4000-8000-000000000000',
  });
  response.end(body);
  return Buffer.byteLength(body);
}

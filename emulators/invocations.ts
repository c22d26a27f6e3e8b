import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { TIME_HEADER } from './faults.ts';
import { listen, type Server } from './service.ts';

/** Lambda's API as functions call it: Invoke as `Event`. */
export interface Invocations extends Server {
  /** Makes the next `times` calls fail with this HTTP status, such as 429 or 500. */
  failNext(times: number, status?: number): void;
}

/**
 * Takes asynchronous invocations, on 127.0.0.1, without checking signatures and permissions.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 * @param invoke begins a run of the function of that name; returns whether there is one. `time`: when it was called, in ms since 1970,
 * which is simulated if the caller's is
 */
export async function startInvocations(
  invoke: (functionName: string, event: unknown, time: number) => boolean,
): Promise<Invocations> {
  const planned: number[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const event = await json(request);
    const [, name = ''] =
      /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? '') ?? [];
    const failure = planned.shift();
    if (failure) return refuse(response, failure, 'PlannedException');
    const time = Number(request.headers[TIME_HEADER] ?? Date.now());
    const isThere = invoke(decodeURIComponent(name), event, time);
    if (!isThere) return refuse(response, 404, 'ResourceNotFoundException');
    response.writeHead(202).end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  return {
    ...(await listen(server)),
    failNext: (times, status = 500) => void planned.push(...Array(times).fill(status)),
  };
}

function refuse(response: ServerResponse, status: number, type: string): void {
  response.writeHead(status, { 'x-amzn-errortype': type }).end(JSON.stringify({ Message: type }));
}

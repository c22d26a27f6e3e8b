import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import { FAULT_HEADER, type Fault } from './plan.ts';

/**
 * Lets every HTTP server of this thread fail as its clients' requests ask for, and tells of what it answers.
 * @param onAnswer gets each request that was handled, with the answer's body, also if the answer got lost.
 * @returns what ends that.
 */
export function injectFaults(
  onAnswer?: (request: IncomingMessage, body: string) => void,
): () => void {
  const emit = Server.prototype.emit;
  Server.prototype.emit = function (this: Server, event: string, ...rest: unknown[]) {
    if (event === 'request') {
      const [request, response] = rest as [IncomingMessage, ServerResponse];
      // The SDK would take the difference to its simulated time for a fault, and try again.
      response.sendDate = false;
      const fault = request.headers[FAULT_HEADER] as Fault | undefined;
      if (fault === 'refused' || fault === 'throttled') {
        request.resume().on('end', () => fail(response, fault));
        return true;
      }
      if (fault || onAnswer) intercept(response, fault, (body) => onAnswer?.(request, body));
    }
    return Reflect.apply(emit, this, [event, ...rest]) as boolean;
  } as typeof emit;
  return () => {
    Server.prototype.emit = emit;
  };
}

/** Replaces the answer of a request that is handled, if there is a fault. */
function intercept(
  response: ServerResponse,
  fault: Fault | undefined,
  onEnd: (body: string) => void,
): void {
  const end = response.end;
  response.end = ((body?: unknown, ...rest: unknown[]) => {
    onEnd(String(body ?? ''));
    response.end = end;
    if (fault) return fail(response, fault);
    return Reflect.apply(end, response, [body, ...rest]);
  }) as typeof end;
  if (!fault) return;
  const writeHead = response.writeHead;
  response.setHeader = () => response;
  response.writeHead = () => response;
  response.end = new Proxy(response.end, {
    apply(target, self, args) {
      response.writeHead = writeHead;
      return Reflect.apply(target, self, args);
    },
  });
}

/** Of the answers that an SDK takes for a passing fault: 429 for throttling, 503 for all else. */
function fail(response: ServerResponse, fault: Fault): ServerResponse {
  return response.writeHead(fault === 'throttled' ? 429 : 503).end();
}

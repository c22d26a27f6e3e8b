import { type IncomingMessage, Server, type ServerResponse } from 'node:http';

/** The planned faults of one run of a function. */
export interface Plan {
  /** By what the run is known where its requests arrive; default: the request's id, which its retries share. */
  readonly run?: number;
  /** Decides which calls fail. */
  readonly seed: number;
  /** The share of its calls to AWS that fail, 0 to 1; of these, about every other after it was applied. */
  readonly failures: number;
  /** From this call on, all fail; the first is 1. */
  readonly failFrom?: number;
  /** All calls to this service fail, such as `SNS`. */
  readonly down?: string;
  /** The run is killed as soon as this call is answered, or else at its end; the first is 1. */
  readonly killAfter?: number;
}

/** No fault. */
export const CALM: Plan = { seed: 0, failures: 0 };

/** How a call fails: `refused` was not applied; `lost` was, but its answer did not arrive. */
export type Fault = 'refused' | 'throttled' | 'lost';

/** The header by which a request causes a fault. */
export const FAULT_HEADER = 'x-local-fault';

/** The headers with the time, in simulated ms since 1970, the run, and the function's environment of a request. */
export const TIME_HEADER = 'x-local-time';
export const RUN_HEADER = 'x-local-run';
export const PROCESS_HEADER = 'x-local-process';

/** Makes every HTTP server of this thread fail as its clients' requests say. @returns a function that ends this. */
export function injectFaults(): () => void {
  const emit = Server.prototype.emit;
  Server.prototype.emit = function (this: Server, event: string, ...rest: unknown[]) {
    if (event === 'request') {
      const [request, response] = rest as [IncomingMessage, ServerResponse];
      // The SDK would take the difference to its simulated time for an error, and retry.
      response.sendDate = false;
      const fault = request.headers[FAULT_HEADER] as Fault | undefined;
      if (fault === 'refused' || fault === 'throttled') {
        request.resume().on('end', () => fail(response, fault));
        return true;
      }
      if (fault) intercept(response, fault);
    }
    return Reflect.apply(emit, this, [event, ...rest]) as boolean;
  } as typeof emit;
  return () => {
    Server.prototype.emit = emit;
  };
}

/** Replaces the answer of a request that is handled. */
function intercept(response: ServerResponse, fault: Fault): void {
  const { end, writeHead } = response;
  response.setHeader = () => response;
  response.writeHead = () => response;
  response.end = (() => {
    response.end = end;
    response.writeHead = writeHead;
    return fail(response, fault);
  }) as typeof end;
}

/** Answers that an SDK retries: 429 for throttling, 503 for all else. */
function fail(response: ServerResponse, fault: Fault): ServerResponse {
  return response.writeHead(fault === 'throttled' ? 429 : 503).end();
}

/** What is to go wrong in one run of a function. */
export interface Plan {
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

/** Nothing goes wrong. */
export const CALM: Plan = { seed: 0, failures: 0 };

/** How a call fails: `refused` has not been applied, `lost` has, only its answer did not arrive. */
export type Fault = 'refused' | 'throttled' | 'lost';

/** The header by which a request asks the service for a fault. */
export const FAULT_HEADER = 'x-storm-fault';

/** The headers that say when, in simulated ms since 1970, and in which run a request was sent. */
export const TIME_HEADER = 'x-storm-time';
export const RUN_HEADER = 'x-storm-run';

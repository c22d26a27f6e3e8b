import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';

/** Where the stack is. */
export interface Home {
  readonly accountId?: string;
  readonly region?: string;
}

/** A run of a function: where it is, its clock, and until when it may go on. */
export interface Run {
  /** Of the invocation: its retries have the same. */
  readonly id: string;
  readonly home: Home;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** When Lambda will have ended the run, in ms since 1970. */
  readonly leaseUntil: number;
  /** How much of the run's time is left, in ms. */
  readonly timeLeft: () => number;
}

/** What a function reports by; `failure`: what it logs where a run fails. */
export interface Reporting {
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly failure: string;
}

/**
 * A handler for Lambda: all that a run logs has its context, and what the run adds to the log's keys; a failure is logged
 * and thrown, so that Lambda tries again; the metrics are published at the end, whatever came of it.
 * @param handle what it returns is the answer to who waits for one
 */
export function createHandler<Answer = void>(
  { logger, metrics, failure }: Reporting,
  handle: (event: unknown, run: Run) => Promise<Answer>,
) {
  return async (event: unknown, context: Context): Promise<Answer> => {
    logger.resetKeys();
    logger.addContext(context);
    try {
      return await handle(event, runOf(context));
    } catch (error) {
      logger.error(failure, { error });
      throw error;
    } finally {
      if (metrics?.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };
}

function runOf(context: Context): Run {
  const timeLeft = () => context.getRemainingTimeInMillis();
  return {
    id: context.awsRequestId,
    home: homeOf(context),
    now: () => new Date(),
    sleep,
    leaseUntil: Date.now() + timeLeft(),
    timeLeft,
  };
}

/** `arn:aws:lambda:eu-west-1:111122223333:function:…`. */
function homeOf({ invokedFunctionArn }: Context): Home {
  const [, , , region, accountId] = invokedFunctionArn.split(':');
  return { accountId, region };
}

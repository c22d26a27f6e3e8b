import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { createHandler, type Run } from '../../../lib/aws/handler.ts';

const context = {
  awsRequestId: 'request-1',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:notify',
  getRemainingTimeInMillis: () => 45_000,
} as unknown as Context;

/** A function that does `handle`, and the lines that it has logged, metrics among them. */
function functionOf(
  handle: (event: unknown, run: Run, reporting: { logger: Logger; metrics: Metrics }) => void,
) {
  const lines: Record<string, unknown>[] = [];
  const logger = new Logger({ serviceName: 'test' });
  const metrics = new Metrics({ namespace: 'test', serviceName: 'test' });
  const write = (line: string) => lines.push(JSON.parse(line));
  // Powertools writes by a console of its own.
  Object.assign(logger, { console: { info: write, error: write } });
  Object.assign(metrics, { console: { log: write } });
  const handler = createHandler({ logger, metrics, failure: 'Not done' }, async (event, run) =>
    handle(event, run, { logger, metrics }),
  );
  return { handler, lines };
}

test('a run knows its event, its invocation, where it is and when it must have ended', async () => {
  const before = Date.now();
  let seen: unknown[] = [];
  const { handler, lines } = functionOf((event, { id, home, leaseUntil, timeLeft }) => {
    seen = [event, id, home, timeLeft()];
    expect(leaseUntil - before).toBeGreaterThanOrEqual(45_000);
    expect(leaseUntil - Date.now()).toBeLessThanOrEqual(45_000);
  });
  await handler({ detail: 1 }, context);
  const home = { accountId: '111122223333', region: 'eu-west-1' };
  expect(seen).toEqual([{ detail: 1 }, 'request-1', home, 45_000]);
  expect(lines).toEqual([]);
});

test('what a run returns is the answer to who waits for one', async () => {
  const handler = createHandler({ logger: new Logger(), failure: 'Not done' }, async () => 'done');
  expect(await handler({}, context)).toBe('done');
});

test('a failure is logged with what is known of it, and thrown', async () => {
  const failure = new Error('no table');
  const { handler, lines } = functionOf((_event, _run, { logger }) => {
    logger.appendKeys({ attempt: 'attempt-1' });
    throw failure;
  });
  await expect(handler({}, context)).rejects.toBe(failure);
  expect(lines).toMatchObject([
    {
      level: 'ERROR',
      message: 'Not done',
      attempt: 'attempt-1',
      function_request_id: 'request-1',
      error: { message: 'no table' },
    },
  ]);
});

test('what one run has added to the log is in no line of the next', async () => {
  const { handler, lines } = functionOf((event, _run, { logger }) => {
    if (event === 'first') logger.appendKeys({ attempt: 'attempt-1' });
    logger.info('Done');
  });
  await handler('first', context);
  await handler('second', context);
  expect(lines.map(({ attempt }) => attempt)).toEqual(['attempt-1', undefined]);
});

test.each([false, true])('metrics are published once, where the run fails: %s', async (fails) => {
  const { handler, lines } = functionOf((_event, _run, { metrics }) => {
    metrics.addMetric('Attempts', MetricUnit.Count, 1);
    metrics.addMetric('Alerts', MetricUnit.Count, 1);
    if (fails) throw new Error('no table');
  });
  await handler({}, context).catch(() => undefined);
  expect(lines.filter((line) => '_aws' in line)).toMatchObject([{ Attempts: 1, Alerts: 1 }]);
});

import { plural } from '../../../lib/time.ts';
import type { TableFacts } from '../read/table.ts';
import { aws, npm, redeploy } from '../remedy.ts';
import type { Stack } from '../stack.ts';
import { type Finding, fail, ok, warn } from '../verdict.ts';

/** Each message is an attempt that may be untold, or a deletion that may be unknown. */
export function judgeQueue(stack: Stack, url: string, messages: number | undefined): Finding {
  if (messages === undefined) return fail(`There is no queue ${url}.`, redeploy(stack));
  if (messages === 0) return ok('empty');
  const what = `It holds ${plural(messages, 'message')} that could not be handled.`;
  return fail(what, npm('replay', stack));
}

/** Whether the table can be used: without it no attempt is alerted. */
export function judgeTable(stack: Stack, name: string, facts: TableFacts | undefined): Finding {
  if (!facts) return fail(`There is no table ${name}.`, redeploy(stack));
  const table = ['--table-name', name];
  // What is UPDATING can be used: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
  const bad = Object.entries(facts.statuses).filter(
    ([, status]) => !/^(ACTIVE|UPDATING)$/.test(status),
  );
  if (bad.length > 0) {
    const list = bad.map(([part, status]) => `${part} is ${status}`).join(', ');
    return fail(`The ${list}.`, aws(stack, 'dynamodb', 'describe-table', ...table));
  }
  if (!facts.expires) {
    return warn(
      'Its items never expire.',
      aws(
        stack,
        ...['dynamodb', 'update-time-to-live', ...table],
        ...['--time-to-live-specification', 'Enabled=true,AttributeName=expiresAt'],
      ),
    );
  }
  if (!facts.recoverable) {
    return warn(
      'Point-in-time recovery is off.',
      aws(
        stack,
        ...['dynamodb', 'update-continuous-backups', ...table],
        ...['--point-in-time-recovery-specification', 'PointInTimeRecoveryEnabled=true'],
      ),
    );
  }
  return ok('ACTIVE, items expire, point-in-time recovery on');
}

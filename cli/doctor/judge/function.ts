import { plural } from '../../../lib/time.ts';
import type { FunctionFacts } from '../read/function.ts';
import { aws, consolePage, deploy, redeploy } from '../remedy.ts';
import type { Stack } from '../stack.ts';
import { type Finding, fail, ok, warn } from '../verdict.ts';

/**
 * Whether a function can run. One that nobody has needed for weeks is Inactive, and runs all the same when it is needed:
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
export function judgeFunction(
  stack: Stack,
  name: string,
  facts: FunctionFacts | undefined,
): Finding {
  if (!facts) return fail(`There is no function ${name}.`, redeploy(stack));
  const { configuration, concurrency } = facts;
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = configuration;
  if (LastUpdateStatus === 'Failed') {
    return fail(`Its last update failed: ${LastUpdateStatusReason}.`, deploy(stack, '--force'));
  }
  if (State !== 'Active' && State !== 'Inactive') {
    return fail(
      `It is ${State}${StateReason ? `: ${StateReason}` : ''}.`,
      deploy(stack, '--force'),
    );
  }
  // What the console's button Throttle does: no run at all.
  if (concurrency === 0) {
    return fail(
      'Its reserved concurrency is 0: it never runs.',
      aws(stack, 'lambda', 'delete-function-concurrency', '--function-name', name),
    );
  }
  if (LastUpdateStatus === 'InProgress') {
    const show = ['get-function-configuration', '--function-name', name];
    return warn('It is being updated right now.', aws(stack, 'lambda', ...show));
  }
  return ok(`${State}, last update ${LastUpdateStatus?.toLowerCase() ?? 'unknown'}`);
}

/** An error that a retry has made good has left nothing in the dead-letter queue, which is a check of its own. */
export function judgeErrors(stack: Stack, name: string, errors: number): Finding {
  if (errors === 0) return ok('none in the last day');
  const logGroup = encodeURIComponent(encodeURIComponent(`/aws/lambda/${name}`)).replaceAll(
    '%',
    '$',
  );
  return warn(
    `${plural(errors, 'error')} in the last day; its log says why.`,
    consolePage(stack, 'cloudwatch', `logsV2:log-groups/log-group/${logGroup}`) ??
      aws(stack, 'logs', 'filter-log-events', '--log-group-name', `/aws/lambda/${name}`),
  );
}

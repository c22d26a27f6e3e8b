import type { GetFunctionConfigurationCommandOutput, Lambda } from '@aws-sdk/client-lambda';
import { plural } from '../../lib/time.ts';
import type { FunctionNames } from '../../stack/names.ts';
import { ask, find } from './ask.ts';
import type { Context } from './context.ts';
import { countErrors } from './metrics.ts';
import { aws, consolePage, deploy, redeploy } from './remedy.ts';
import { physicalId, type Stack } from './stack.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

export function functionChecks({ clients, stack, now }: Context, names: FunctionNames): Checks {
  const functionName = () => physicalId(stack, names.function);
  return {
    [`${names.key}: function`]: async () =>
      judgeFunction(stack, functionName(), await readFunction(clients.lambda, functionName())),
    [`${names.key}: errors`]: async () =>
      judgeErrors(
        stack,
        functionName(),
        await countErrors(clients.cloudWatch, functionName(), now),
      ),
  };
}

interface FunctionFacts {
  readonly configuration: GetFunctionConfigurationCommandOutput;
  /** How many at a time at most; `undefined` without a limit of its own. */
  readonly concurrency: number | undefined;
}

/** `undefined` if there is no such function. */
export async function readFunction(
  client: Lambda,
  FunctionName: string,
): Promise<FunctionFacts | undefined> {
  const configuration = await find(
    'lambda:GetFunctionConfiguration',
    client.getFunctionConfiguration({ FunctionName }),
  );
  if (!configuration) return undefined;
  const { ReservedConcurrentExecutions: concurrency } = await ask(
    'lambda:GetFunctionConcurrency',
    client.getFunctionConcurrency({ FunctionName }),
  );
  return { configuration, concurrency };
}

/**
 * Whether a function can run. One that nobody has needed for weeks is Inactive, and runs all the same when it is needed:
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
function judgeFunction(stack: Stack, name: string, facts: FunctionFacts | undefined): Finding {
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
      aws(stack)`lambda delete-function-concurrency --function-name ${name}`,
    );
  }
  if (LastUpdateStatus === 'InProgress') {
    const show = aws(stack)`lambda get-function-configuration --function-name ${name}`;
    return warn('It is being updated right now.', show);
  }
  return ok(`${State}, last update ${LastUpdateStatus?.toLowerCase() ?? 'unknown'}`);
}

/** An error that a retry has made good has left nothing in the dead-letter queue, which is a check of its own. */
function judgeErrors(stack: Stack, name: string, errors: number): Finding {
  if (errors === 0) return ok('none in the last day');
  const logGroup = encodeURIComponent(encodeURIComponent(`/aws/lambda/${name}`)).replaceAll(
    '%',
    '$',
  );
  return warn(
    `${plural(errors, 'error')} in the last day; its log says why.`,
    consolePage(stack, 'cloudwatch', `logsV2:log-groups/log-group/${logGroup}`) ??
      aws(stack)`logs filter-log-events --log-group-name ${`/aws/lambda/${name}`}`,
  );
}

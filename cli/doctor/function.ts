import type { GetFunctionConfigurationCommandOutput, Lambda } from '@aws-sdk/client-lambda';
import { variableOf } from '../../lib/settings.ts';
import { plural } from '../../lib/time.ts';
import { TRACK_DELETION } from '../../stack/names.ts';
import { ask, find } from './ask.ts';
import type { Context } from './context.ts';
import { countErrors } from './metrics.ts';
import { aws, consolePage, deploy, redeploy } from './remedy.ts';
import { physicalId, type Stack } from './stack.ts';
import { type Checks, type Finding, fail, ok, warn } from './verdict.ts';

/** @param names key and logical id of the function */
export function functionChecks(
  { clients, stack, now }: Context,
  names: { readonly key: string; readonly function: string },
): Checks {
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

interface DescribedFunction {
  readonly configuration: GetFunctionConfigurationCommandOutput;
  /** Its reserved concurrency; `undefined` if it has none. */
  readonly concurrency: number | undefined;
}

/** `undefined` if there is no such function. */
async function readFunction(
  client: Lambda,
  FunctionName: string,
): Promise<DescribedFunction | undefined> {
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

/** Whether the stack is deployed such that it announces deletions. */
export async function announces(client: Lambda, stack: Stack): Promise<boolean> {
  const tracker = await readFunction(client, physicalId(stack, TRACK_DELETION.function));
  const variables = tracker?.configuration.Environment?.Variables ?? {};
  return variables[variableOf('announceDeletions')] === 'true';
}

/**
 * Whether a function can run. One that has not run for weeks is Inactive, but runs when it is invoked:
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
function judgeFunction(
  stack: Stack,
  name: string,
  described: DescribedFunction | undefined,
): Finding {
  if (!described) return fail(`There is no function ${name}.`, redeploy(stack));
  const { configuration, concurrency } = described;
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
  // The console's button Throttle sets this.
  if (concurrency === 0) {
    return fail(
      'Its reserved concurrency is 0: it never runs.',
      aws(stack)`lambda delete-function-concurrency --function-name ${name}`,
    );
  }
  if (LastUpdateStatus === 'InProgress') {
    const show = aws(stack)`lambda get-function-configuration --function-name ${name}`;
    return warn('An update is in progress.', show);
  }
  return ok(`${State}, last update ${LastUpdateStatus?.toLowerCase() ?? 'unknown'}`);
}

/** Only a warning: an event whose retries failed too is in the dead-letter queue, which is a check of its own. */
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

import type { FunctionKey } from '../lib/settings.ts';

/** The service of serverless.yml, and the namespace of the metrics that its functions write. */
export const SERVICE = 'deleted-secret-notifier';

/** The framework's name for the stack of a stage. */
export const stackNameOf = (stage: string) => `${SERVICE}-${stage}`;

/** The stage by default. */
export const DEFAULT_STAGE = 'dev';

/** The names of a function and of its resources in the template. */
export type FunctionNames = ReturnType<typeof functionNames>;

/** @param key the function's key in serverless.yml, from which osls derives two of the logical ids */
function functionNames(key: FunctionKey) {
  const prefix = key.charAt(0).toUpperCase() + key.slice(1);
  return {
    key,
    prefix,
    function: `${prefix}LambdaFunction`,
    logGroup: `${prefix}LogGroup`,
    role: `${prefix}Role`,
    rule: `${prefix}Rule`,
    permission: `${prefix}Permission`,
  };
}

export const NOTIFY = functionNames('notify');
export const TRACK_DELETION = functionNames('trackDeletion');
export const SUMMARIZE = functionNames('summarize');
export const FUNCTIONS = [NOTIFY, TRACK_DELETION, SUMMARIZE];

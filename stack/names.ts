import type { FunctionKey } from '../lib/settings.ts';

/** The service of serverless.yml, and the namespace of the metrics that its functions write. */
export const SERVICE = 'deleted-secret-notifier';

/** What the framework calls the stack of a stage. */
export const stackNameOf = (stage: string) => `${SERVICE}-${stage}`;

/** The stage that is meant where none is given. */
export const DEFAULT_STAGE = 'dev';

/** What a function and the resources around it are called in the template. */
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

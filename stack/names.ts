import type { FunctionKey } from '../lib/settings.ts';
import type { Settings } from './settings.ts';

/** The service of serverless.yml, and the namespace of the metrics that its functions write. */
export const SERVICE = 'deleted-secret-notifier';

/** The framework's name for the stack of a stage. */
export const stackNameOf = (stage: string) => `${SERVICE}-${stage}`;

/** The names of a function and of its resources in the template. */
export type FunctionNames = ReturnType<typeof functionNames>;

/** Those of a function that a rule of EventBridge starts. */
export type RuleFunctionNames = ReturnType<typeof ruleFunctionNames>;

/** @param key the function's key in serverless.yml, from which osls derives two of the logical ids */
function functionNames(key: FunctionKey) {
  const prefix = key.charAt(0).toUpperCase() + key.slice(1);
  return {
    key,
    prefix,
    function: `${prefix}LambdaFunction`,
    logGroup: `${prefix}LogGroup`,
    role: `${prefix}Role`,
    permission: `${prefix}Permission`,
  };
}

function ruleFunctionNames(key: FunctionKey) {
  const names = functionNames(key);
  return { ...names, rule: `${names.prefix}Rule` };
}

export const NOTIFY = ruleFunctionNames('notify');
export const TRACK_DELETION = ruleFunctionNames('trackDeletion');
export const SUMMARIZE = ruleFunctionNames('summarize');
export const RULE_FUNCTIONS = [NOTIFY, TRACK_DELETION, SUMMARIZE];

export const READ_TRAIL = functionNames('readTrail');
/** What hands it the records of the trail's log group. */
export const SUBSCRIPTION_FILTER = `${READ_TRAIL.prefix}SubscriptionFilter`;

/** All functions of the stack. */
export const functionsOf = ({ trailPath }: Pick<Settings, 'trailPath'>): FunctionNames[] =>
  trailPath === 'off' ? RULE_FUNCTIONS : [...RULE_FUNCTIONS, READ_TRAIL];

import * as v from 'valibot';
import { AUTO_CANCEL_MODES } from './deletion/auto-cancel.ts';
import { NotifierError } from './errors.ts';

/** A function's environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

// The message of each check is what it expects.
const text = v.optional(v.string(), '');
const count = v.pipe(text, v.regex(/^[1-9]\d*$/, 'a whole number above 0'), v.transform(Number));
const list = v.pipe(
  text,
  v.transform((items) => items.split(',').filter(Boolean)),
);
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  v.pipe(text, v.picklist(values, `one of ${values.join(', ')}`));
const trueOrFalse = v.pipe(
  oneOf(['true', 'false']),
  v.transform((value) => value === 'true'),
);

const common = {
  alertTopicArn: v.pipe(text, v.startsWith('arn:', 'the ARN of an SNS topic')),
  tableName: v.pipe(text, v.nonEmpty('the name of a table')),
  ownerTagKeys: list,
  replacementTagKeys: list,
  maxAlertsPerMinute: count,
};

/**
 * What the stack tells each function, by the function's key in serverless.yml: settings, by their names in
 * stack/settings.ts, and the names of resources.
 */
const TOLD = {
  notify: v.object({
    ...common,
    autoCancelDeletion: oneOf(AUTO_CANCEL_MODES),
    quietWindowMinutes: count,
    ignoredCallers: list,
  }),
  trackDeletion: v.object({ ...common, announceDeletions: trueOrFalse }),
  summarize: v.object(common),
};

export type FunctionKey = keyof typeof TOLD;
type Told = { [Key in FunctionKey]: keyof (typeof TOLD)[Key]['entries'] }[FunctionKey];

const namesIn = (schema: v.ObjectSchema<v.ObjectEntries, undefined>) =>
  Object.keys(schema.entries) as Told[];

/** The names of all that a function is told. */
export const toldTo = (key: FunctionKey): Told[] => namesIn(TOLD[key]);

/** The environment variable that tells a function something: `QUIET_WINDOW_MINUTES` for `quietWindowMinutes`. */
export const variableOf = (name: Told): string => name.replace(/[A-Z]/g, '_$&').toUpperCase();

/** What the stack tells every function. */
export type Settings = ReturnType<typeof readSettings>;

/**
 * Reads what the stack, which has checked it, tells every function: all that `summarize` needs.
 * @throws NotifierError `INVALID_ENVIRONMENT` naming every fault, for an environment changed by hand.
 */
export function readSettings(env: Environment) {
  return withTagKeys(read(TOLD.summarize, env));
}

/** Reads the environment of `notify`. @throws as {@link readSettings}. */
export function readNotifySettings(env: Environment) {
  const { autoCancelDeletion: autoCancel, ...told } = withTagKeys(read(TOLD.notify, env));
  return { ...told, autoCancel };
}

/** Reads the environment of `track-deletion`. @throws as {@link readSettings}. */
export function readTrackSettings(env: Environment) {
  return withTagKeys(read(TOLD.trackDeletion, env));
}

function withTagKeys<Values extends { ownerTagKeys: string[]; replacementTagKeys: string[] }>({
  ownerTagKeys: owner,
  replacementTagKeys: replacement,
  ...others
}: Values) {
  return { ...others, tagKeys: { owner, replacement } };
}

function read<Schema extends v.ObjectSchema<v.ObjectEntries, undefined>>(
  schema: Schema,
  env: Environment,
): v.InferOutput<Schema> {
  const told = Object.fromEntries(namesIn(schema).map((name) => [name, env[variableOf(name)]]));
  const result = v.safeParse(schema, told);
  if (result.success) return result.output;
  const faults = result.issues.map(
    ({ message, input, path }) =>
      `${variableOf(path?.[0].key as Told)} to be ${message}, got "${input}"`,
  );
  throw new NotifierError(
    'INVALID_ENVIRONMENT',
    `Expected ${faults.join('; expected ')}. Deploy the stack again to set the environment right.`,
  );
}

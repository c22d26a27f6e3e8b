import * as v from 'valibot';
import { AUTO_CANCEL_MODES, type AutoCancelMode } from './deletion/auto-cancel.ts';
import { NotifierError } from './errors.ts';
import type { GatePolicy } from './incident/gate.ts';
import type { TagKeys } from './notice/notice.ts';

/** A function's environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the stack tells every function. */
export interface Settings {
  readonly alertTopicArn: string;
  readonly tableName: string;
  readonly tagKeys: TagKeys;
  /** Of all messages, summaries included. */
  readonly maxAlertsPerMinute: number;
}

/** What the stack tells the function `notify`. */
export interface NotifySettings extends Settings, GatePolicy {
  readonly autoCancel: AutoCancelMode;
}

/** What the stack tells the function `track-deletion`. */
export interface TrackSettings extends Settings {
  readonly announceDeletions: boolean;
}

// The message of each check is what it expects.
const text = v.optional(v.string(), '');
const count = v.pipe(text, v.regex(/^[1-9]\d*$/, 'a whole number above 0'), v.transform(Number));
const list = v.pipe(
  text,
  v.transform((items) => items.split(',').filter(Boolean)),
);
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  v.pipe(text, v.picklist(values, `one of ${values.join(', ')}`));

const common = {
  ALERT_TOPIC_ARN: v.pipe(text, v.startsWith('arn:', 'the ARN of an SNS topic')),
  TABLE_NAME: v.pipe(text, v.nonEmpty('the name of a table')),
  OWNER_TAG_KEYS: list,
  REPLACEMENT_TAG_KEYS: list,
  MAX_ALERTS_PER_MINUTE: count,
};
const CommonEnvironment = v.object(common);
const NotifyEnvironment = v.object({
  ...common,
  AUTO_CANCEL_DELETION: oneOf(AUTO_CANCEL_MODES),
  QUIET_WINDOW_MINUTES: count,
  IGNORED_CALLERS: list,
});
const TrackEnvironment = v.object({ ...common, ANNOUNCE_DELETIONS: oneOf(['true', 'false']) });

/**
 * Reads the environment of `notify`, which the stack has written from checked settings.
 * @throws NotifierError `INVALID_ENVIRONMENT` naming every fault, for an environment changed by hand.
 */
export function readNotifySettings(env: Environment): NotifySettings {
  const values = read(NotifyEnvironment, env);
  return {
    ...settingsOf(values),
    autoCancel: values.AUTO_CANCEL_DELETION,
    quietWindowMinutes: values.QUIET_WINDOW_MINUTES,
    ignoredCallers: values.IGNORED_CALLERS,
  };
}

/** Reads the environment of `summarize`. @throws as {@link readNotifySettings}. */
export function readSummarizeSettings(env: Environment): Settings {
  return settingsOf(read(CommonEnvironment, env));
}

/** Reads the environment of `track-deletion`. @throws as {@link readNotifySettings}. */
export function readTrackSettings(env: Environment): TrackSettings {
  const values = read(TrackEnvironment, env);
  return { ...settingsOf(values), announceDeletions: values.ANNOUNCE_DELETIONS === 'true' };
}

function settingsOf(values: v.InferOutput<typeof CommonEnvironment>): Settings {
  return {
    alertTopicArn: values.ALERT_TOPIC_ARN,
    tableName: values.TABLE_NAME,
    tagKeys: { owner: values.OWNER_TAG_KEYS, replacement: values.REPLACEMENT_TAG_KEYS },
    maxAlertsPerMinute: values.MAX_ALERTS_PER_MINUTE,
  };
}

function read<Schema extends v.GenericSchema>(
  schema: Schema,
  env: Environment,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, env);
  if (result.success) return result.output;
  const faults = result.issues.map(
    ({ message, input, path }) => `${path?.[0].key} to be ${message}, got "${input}"`,
  );
  throw new NotifierError(
    'INVALID_ENVIRONMENT',
    `Expected ${faults.join('; expected ')}. Deploy the stack again to set the environment right.`,
  );
}

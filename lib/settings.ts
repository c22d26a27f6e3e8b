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

// Absent for the moment in which a deployment has replaced the code of a function, but not yet its environment.
const stage = v.optional(v.pipe(v.string(), v.regex(/^[a-z\d-]+$/i, 'a stage')));

// With spokes alone; ACCOUNT and REGION stand for those of a spoke: lib/aws/spokes.ts.
const lookupRoleArn = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^arn:[a-z-]+:iam::ACCOUNT:role\/.+-REGION$/, "the ARN of the spokes' lookup roles"),
  ),
);

// With channels beside the mail alone.
const noticeTopicArn = v.optional(
  v.pipe(v.string(), v.startsWith('arn:', 'the ARN of an SNS topic')),
);

// With `watchGoneSecrets` alone.
const readsQueueUrl = v.optional(
  v.pipe(v.string(), v.startsWith('https://', 'the URL of an SQS queue')),
);

const functionName = v.pipe(text, v.nonEmpty('the name of a function'));

const common = {
  alertTopicArn: v.pipe(text, v.startsWith('arn:', 'the ARN of an SNS topic')),
  tableName: v.pipe(text, v.nonEmpty('the name of a table')),
  ownerTagKeys: list,
  replacementTagKeys: list,
  maxMailsPerHour: count,
  noticeTopicArn,
};

/**
 * What each function reads, by its key in serverless.yml: settings, by their names in stack/settings.ts, and what the
 * stage, the topic, the table and other functions are called.
 */
const ENVIRONMENTS = {
  notify: v.object({
    ...common,
    stage,
    lookupRoleArn,
    autoCancelDeletion: oneOf(AUTO_CANCEL_MODES),
    ignoredCallers: list,
  }),
  trackDeletion: v.object({
    ...common,
    stage,
    lookupRoleArn,
    announceDeletions: trueOrFalse,
    ignoredCallers: list,
  }),
  summarize: v.object({ ...common, stage, lookupRoleArn, maxDigestPauseHours: count }),
  readTrail: v.object({
    notifyFunctionName: functionName,
    trackDeletionFunctionName: functionName,
    readsQueueUrl,
  }),
  siftReads: v.object({ tableName: common.tableName, notifyFunctionName: functionName }),
  chat: v.object({
    chatTopicArn: v.pipe(text, v.startsWith('arn:', 'the ARN of an SNS topic')),
    tableName: common.tableName,
    maxChatMessagesPerHour: count,
    chatButtons: trueOrFalse,
  }),
  bus: v.object({
    eventBusName: v.pipe(text, v.nonEmpty('the name of an event bus')),
    tableName: common.tableName,
  }),
  buttons: v.object({
    tableName: common.tableName,
    stage,
    lookupRoleArn,
    chatName: v.pipe(text, v.nonEmpty('what the chat is called')),
  }),
};

const COMMON = v.object({ ...common, lookupRoleArn });

export type FunctionKey = keyof typeof ENVIRONMENTS;
type Name = { [Key in FunctionKey]: keyof (typeof ENVIRONMENTS)[Key]['entries'] }[FunctionKey];

const namesIn = (schema: v.ObjectSchema<v.ObjectEntries, undefined>) =>
  Object.keys(schema.entries) as Name[];

/** The names of all that a function reads. */
export const readBy = (key: FunctionKey): Name[] => namesIn(ENVIRONMENTS[key]);

/** The environment variable that has it: `MAX_MAILS_PER_HOUR` for `maxMailsPerHour`. */
export const variableOf = (name: Name): string => name.replace(/[A-Z]/g, '_$&').toUpperCase();

/** What every function that mails reads, and how a hub reaches its spokes. */
export type Settings = ReturnType<typeof readSettings>;

/**
 * Reads what every function that mails has in its environment, which the stack has written from checked settings, and what
 * those alone have that look into spokes.
 * @throws NotifierError `INVALID_ENVIRONMENT` naming every fault, for an environment changed by hand.
 */
export function readSettings(env: Environment) {
  return withTagKeys(read(COMMON, env));
}

/** Reads the environment of `notify`. @throws as {@link readSettings}. */
export function readNotifySettings(env: Environment) {
  const { autoCancelDeletion: autoCancel, ...others } = withTagKeys(read(ENVIRONMENTS.notify, env));
  return { ...others, autoCancel };
}

/** Reads the environment of `track-deletion`. @throws as {@link readSettings}. */
export function readTrackSettings(env: Environment) {
  return withTagKeys(read(ENVIRONMENTS.trackDeletion, env));
}

/** Reads the environment of `summarize`. @throws as {@link readSettings}. */
export function readSummarizeSettings(env: Environment) {
  return withTagKeys(read(ENVIRONMENTS.summarize, env));
}

/** Reads the environment of `read-trail`. @throws as {@link readSettings}. */
export function readTrailSettings(env: Environment) {
  return read(ENVIRONMENTS.readTrail, env);
}

/** Reads the environment of `sift-reads`. @throws as {@link readSettings}. */
export function readSiftSettings(env: Environment) {
  return read(ENVIRONMENTS.siftReads, env);
}

/** Reads the environment of `chat`. @throws as {@link readSettings}. */
export function readChatSettings(env: Environment) {
  return read(ENVIRONMENTS.chat, env);
}

/** Reads the environment of `bus`. @throws as {@link readSettings}. */
export function readBusSettings(env: Environment) {
  return read(ENVIRONMENTS.bus, env);
}

/** Reads the environment of `buttons`. @throws as {@link readSettings}. */
export function readButtonsSettings(env: Environment) {
  return read(ENVIRONMENTS.buttons, env);
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
  const texts = Object.fromEntries(namesIn(schema).map((name) => [name, env[variableOf(name)]]));
  const result = v.safeParse(schema, texts);
  if (result.success) return result.output;
  const faults = result.issues.map(
    ({ message, input, path }) =>
      `${variableOf(path?.[0].key as Name)} to be ${message}, got "${input}"`,
  );
  throw new NotifierError(
    'INVALID_ENVIRONMENT',
    `Expected ${faults.join('; expected ')}. Deploy the stack again to set the environment right.`,
  );
}

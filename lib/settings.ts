import type { TagKeys } from './alert.ts';
import { AUTO_CANCEL_MODES, type AutoCancelMode } from './auto-cancel.ts';
import { NotifierError } from './errors.ts';
import type { GatePolicy } from './gate.ts';

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

/**
 * Reads the environment of `notify`, which the stack has written from checked settings.
 * @throws NotifierError `INVALID_ENVIRONMENT` naming every fault, for an environment changed by hand.
 */
export function readNotifySettings(env: Environment): NotifySettings {
  const choices = { autoCancel: ['AUTO_CANCEL_DELETION', AUTO_CANCEL_MODES] } as const;
  const numbers = { quietWindowMinutes: 'QUIET_WINDOW_MINUTES' } as const;
  return { ...read(env, choices, numbers), ignoredCallers: list(env.IGNORED_CALLERS) };
}

/** Reads the environment of `summarize`. @throws as {@link readNotifySettings}. */
export function readSummarizeSettings(env: Environment): Settings {
  return read(env, {}, {});
}

/** Reads the environment of `track-deletion`. @throws as {@link readNotifySettings}. */
export function readTrackSettings(env: Environment): TrackSettings {
  const choice = ['ANNOUNCE_DELETIONS', ['true', 'false']] as const;
  const { announceDeletions, ...settings } = read(env, { announceDeletions: choice }, {});
  return { ...settings, announceDeletions: announceDeletions === 'true' };
}

type Choices = Readonly<Record<string, readonly [variable: string, values: readonly string[]]>>;
type Chosen<C extends Choices> = { readonly [Name in keyof C]: C[Name][1][number] };

/** By name of the setting the variable that holds it. */
type Numbers = Readonly<Record<string, string>>;
type Counted<N extends Numbers> = { readonly [Name in keyof N]: number };

/**
 * Reads what all functions are told, one of several values for each of the `choices`, and a whole number above 0
 * for each of the `numbers`.
 */
function read<const C extends Choices, const N extends Numbers>(
  env: Environment,
  choices: C,
  numbers: N,
): Settings & Chosen<C> & Counted<N> {
  const counted = { maxAlertsPerMinute: 'MAX_ALERTS_PER_MINUTE', ...numbers };
  const { ALERT_TOPIC_ARN = '', TABLE_NAME = '' } = env;
  const checks: [variable: string, expected: string, isRight: boolean][] = [
    ['ALERT_TOPIC_ARN', 'the ARN of an SNS topic', ALERT_TOPIC_ARN.startsWith('arn:')],
    ['TABLE_NAME', 'the name of a table', TABLE_NAME !== ''],
    ...Object.values(choices).map(([name, values]): [string, string, boolean] => {
      return [name, `one of ${values.join(', ')}`, values.includes(env[name] ?? '')];
    }),
    ...Object.values(counted).map((name): [string, string, boolean] => {
      return [name, 'a whole number above 0', /^[1-9]\d*$/.test(env[name] ?? '')];
    }),
  ];
  const faults = checks.filter(([, , isRight]) => !isRight);
  if (faults.length > 0) {
    const list = faults.map(
      ([name, what]) => `expected ${name} to be ${what}, got "${env[name] ?? ''}"`,
    );
    const message = `${list.join('; ')}. Deploy the stack again to set the environment right.`;
    throw new NotifierError('INVALID_ENVIRONMENT', message.replace(/^e/, 'E'));
  }
  const chosen = Object.entries(choices).map(([name, [variable]]) => [name, env[variable]]);
  const counts = Object.entries(counted).map(([name, variable]) => [name, Number(env[variable])]);
  return {
    alertTopicArn: ALERT_TOPIC_ARN,
    tableName: TABLE_NAME,
    tagKeys: { owner: list(env.OWNER_TAG_KEYS), replacement: list(env.REPLACEMENT_TAG_KEYS) },
    ...(Object.fromEntries([...chosen, ...counts]) as Chosen<C> &
      Counted<N> &
      Pick<Settings, 'maxAlertsPerMinute'>),
  };
}

function list(value = ''): string[] {
  return value.split(',').filter(Boolean);
}

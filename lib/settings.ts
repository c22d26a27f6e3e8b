import type { TagKeys } from './alert.ts';
import { AUTO_CANCEL_MODES, type AutoCancelMode } from './auto-cancel.ts';
import { NotifierError } from './errors.ts';

/** A function's environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the stack tells every function. */
interface Settings {
  readonly alertTopicArn: string;
  readonly tableName: string;
  readonly tagKeys: TagKeys;
}

/** What the stack tells the function `notify`. */
export interface NotifySettings extends Settings {
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
  return read(env, { autoCancel: ['AUTO_CANCEL_DELETION', AUTO_CANCEL_MODES] });
}

/** Reads the environment of `track-deletion`. @throws as {@link readNotifySettings}. */
export function readTrackSettings(env: Environment): TrackSettings {
  const choice = ['ANNOUNCE_DELETIONS', ['true', 'false']] as const;
  const { announceDeletions, ...settings } = read(env, { announceDeletions: choice });
  return { ...settings, announceDeletions: announceDeletions === 'true' };
}

type Choices = Readonly<Record<string, readonly [variable: string, values: readonly string[]]>>;
type Chosen<C extends Choices> = { readonly [Name in keyof C]: C[Name][1][number] };

/** Reads what all functions are told, and one of several values for each of the `choices`. */
function read<const C extends Choices>(env: Environment, choices: C): Settings & Chosen<C> {
  const faults: string[] = [];
  const { ALERT_TOPIC_ARN = '', TABLE_NAME = '' } = env;
  if (!ALERT_TOPIC_ARN.startsWith('arn:')) {
    faults.push(`ALERT_TOPIC_ARN to be the ARN of an SNS topic, got "${ALERT_TOPIC_ARN}"`);
  }
  if (TABLE_NAME === '') faults.push('TABLE_NAME to be the name of a table, got ""');
  for (const [variable, values] of Object.values(choices)) {
    const value = env[variable] ?? '';
    if (!values.includes(value)) {
      faults.push(`${variable} to be one of ${values.join(', ')}, got "${value}"`);
    }
  }
  if (faults.length > 0) {
    const message = `Expected ${faults.join('; expected ')}. Deploy the stack again to set the environment right.`;
    throw new NotifierError('INVALID_ENVIRONMENT', message);
  }
  const chosen = Object.entries(choices).map(([name, [variable]]) => [name, env[variable]]);
  return {
    alertTopicArn: ALERT_TOPIC_ARN,
    tableName: TABLE_NAME,
    tagKeys: { owner: list(env.OWNER_TAG_KEYS), replacement: list(env.REPLACEMENT_TAG_KEYS) },
    ...(Object.fromEntries(chosen) as Chosen<C>),
  };
}

function list(value = ''): string[] {
  return value.split(',').filter(Boolean);
}

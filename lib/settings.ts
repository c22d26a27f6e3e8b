import type { TagKeys } from './alert.ts';
import { AUTO_CANCEL_MODES, type AutoCancelMode } from './auto-cancel.ts';
import { NotifierError } from './errors.ts';

/** What the stack tells the function by its environment. */
export interface Settings {
  readonly alertTopicArn: string;
  readonly autoCancel: AutoCancelMode;
  readonly tagKeys: TagKeys;
}

/**
 * Reads the function's environment, which the stack has written from checked settings.
 * @throws NotifierError `INVALID_ENVIRONMENT` naming every fault, for an environment changed by hand.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const faults: string[] = [];
  const alertTopicArn = env.ALERT_TOPIC_ARN ?? '';
  if (!alertTopicArn.startsWith('arn:')) {
    faults.push(`ALERT_TOPIC_ARN to be the ARN of an SNS topic, got "${alertTopicArn}"`);
  }
  const autoCancel = AUTO_CANCEL_MODES.find((mode) => mode === env.AUTO_CANCEL_DELETION);
  if (!autoCancel) {
    const modes = AUTO_CANCEL_MODES.join(', ');
    faults.push(
      `AUTO_CANCEL_DELETION to be one of ${modes}, got "${env.AUTO_CANCEL_DELETION ?? ''}"`,
    );
  }
  if (!autoCancel || faults.length > 0) {
    throw new NotifierError(
      'INVALID_ENVIRONMENT',
      `Expected ${faults.join('; expected ')}. Deploy the stack again to set the environment right.`,
    );
  }
  return {
    alertTopicArn,
    autoCancel,
    tagKeys: { owner: list(env.OWNER_TAG_KEYS), replacement: list(env.REPLACEMENT_TAG_KEYS) },
  };
}

function list(value = ''): string[] {
  return value.split(',').filter(Boolean);
}

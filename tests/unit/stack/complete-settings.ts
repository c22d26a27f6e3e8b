import type { Environment } from '../../../lib/settings.ts';
import { checkSettings, SettingsError } from '../../../stack/check-settings.ts';
import { functionDefinition } from '../../../stack/functions.ts';
import type { FunctionNames } from '../../../stack/names.ts';

/** The least that has to be given. */
export const COMPLETE = {
  alertEmails: 'a@example.com',
  cloudTrailLogGroup: 'CloudTrail/MyCloudWatchLogGroup',
};
export const REGION = 'us-east-1';
export const DEPLOYMENT = {
  stage: 'dev',
  region: REGION,
  functionNames: ['deleted-secret-notifier-dev-notify'],
};
export const TOPIC = 'arn:aws:sns:us-east-1:111122223333:alerts';
export const KEY = 'arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab';

export const CHAT = 'arn:aws:sns:us-east-1:444455556666:chat';
/** What names a channel, of either kind. */
export const SLACK = { slackWorkspaceId: 'T012ABCDEFG', slackChannelId: 'C012ABCDEFG' };
export const TEAMS = {
  teamsTenantId: '11111111-2222-4333-8444-555555555555',
  teamId: '22222222-2222-4333-8444-555555555555',
  teamsChannelId: '19%3Aabc-DEF_1%40thread.tacv2',
};

/** A function's environment as the stack writes it, with names for the topic and the table that only CloudFormation knows. */
export function environmentOf(
  names: FunctionNames,
  settings: Record<string, string> = {},
  stage = 'dev',
) {
  const checked = checkSettings({ ...COMPLETE, ...settings }, DEPLOYMENT);
  const { environment } = functionDefinition(names, checked, stage);
  return { ...(environment as Environment), ALERT_TOPIC_ARN: TOPIC, TABLE_NAME: 'table' };
}

/** What is wrong with these settings. */
export function faults(raw: Record<string, unknown>, deployment = DEPLOYMENT): string[] {
  try {
    checkSettings(raw, deployment);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

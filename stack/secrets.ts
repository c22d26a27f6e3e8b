import { allow, type Statement, sub } from './cloudformation.ts';
import type { Settings } from './settings.ts';

const SECRETS = sub(
  'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*',
);

/** Date, tags and last use; never a value. */
export const allowDescribe = allow('DescribeSecrets', 'secretsmanager:DescribeSecret', SECRETS);

/** Absent unless asked for, so that a template without it proves that nothing is ever restored. */
export function allowRestore({ autoCancelDeletion }: Settings): Statement[] {
  if (autoCancelDeletion === 'off') return [];
  const tagged = {
    StringEquals: { 'aws:ResourceTag/deleted-secret-notifier:auto-cancel': 'true' },
  };
  return [
    allow(
      'CancelDeletions',
      'secretsmanager:RestoreSecret',
      SECRETS,
      autoCancelDeletion === 'tagged' ? tagged : undefined,
    ),
  ];
}

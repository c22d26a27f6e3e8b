import { allow, type Resources } from './cloudformation.ts';
import { functionDefinition, functionNames, functionRole } from './function.ts';
import { type RecordRule, recordRule } from './rule.ts';
import { allowDescribe, allowRestore } from './secrets.ts';
import type { Settings } from './settings.ts';
import { allowOnTable } from './table.ts';
import { allowPublish } from './topic.ts';

export const NOTIFY = functionNames('notify');

export const notifyFunction = (settings: Settings) =>
  functionDefinition(NOTIFY, settings, {
    AUTO_CANCEL_DELETION: settings.autoCancelDeletion,
    QUIET_WINDOW_MINUTES: String(settings.quietWindowMinutes),
    IGNORED_CALLERS: settings.ignoredCallers.join(','),
  });

export const ATTEMPT_RULE: RecordRule = {
  Description: 'Failed requests for the values of secrets that are scheduled for deletion',
  // A rule that is merely ENABLED never sees a Get* call.
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
  State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
  detail: {
    eventName: ['GetSecretValue'],
    // In whatever form CloudTrail writes the code, but not that of a refusal by IAM, whose message quotes what the caller
    // sent. The function looks closer.
    errorCode: [{ wildcard: '*InvalidRequest*' }, { exists: false }],
    errorMessage: [{ wildcard: '*marked for deletion*' }],
  },
};

/** The rule that hands each attempt to the function `notify`, and what that function may do. */
export const notify = (settings: Settings): Resources => ({
  ...recordRule(NOTIFY, ATTEMPT_RULE),
  [NOTIFY.role]: functionRole(
    NOTIFY,
    allowOnTable('GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
    // Cannot be narrowed: LookupEvents knows no type of resource.
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html
    allow('SearchEventHistory', 'cloudtrail:LookupEvents', '*'),
    allowDescribe,
    ...allowRestore(settings),
    ...allowPublish(settings),
  ),
});

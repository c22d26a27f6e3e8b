import type { Resources } from './cloudformation.ts';
import { functionDefinition, functionNames, functionRole } from './function.ts';
import { type RecordRule, recordRule } from './rule.ts';
import { allowDescribe } from './secrets.ts';
import type { Settings } from './settings.ts';
import { allowOnTable } from './table.ts';
import { allowPublish } from './topic.ts';

export const TRACK_DELETION = functionNames('trackDeletion');

export const trackDeletionFunction = (settings: Settings) =>
  functionDefinition(TRACK_DELETION, settings, {
    ANNOUNCE_DELETIONS: String(settings.announceDeletions),
  });

export const CHANGE_RULE: RecordRule = {
  Description: 'Deletions of secrets, and cancellations of deletions, that succeeded',
  // Enough here: these are writes, and it is only read events that a plain ENABLED leaves out.
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
  State: 'ENABLED',
  detail: {
    eventName: ['DeleteSecret', 'RestoreSecret'],
    errorCode: [{ exists: false }],
  },
};

/**
 * The rule that hands each deletion, and each cancellation of one, to the function `trackDeletion`,
 * and what that function may do.
 */
export const trackDeletion = (settings: Settings): Resources => ({
  ...recordRule(TRACK_DELETION, CHANGE_RULE),
  [TRACK_DELETION.role]: functionRole(
    TRACK_DELETION,
    ...(settings.announceDeletions
      ? [
          allowOnTable('GetItem', 'Query', 'PutItem', 'UpdateItem'),
          allowDescribe,
          ...allowPublish(settings),
        ]
      : [allowOnTable('Query', 'PutItem', 'UpdateItem')]),
  ),
});

import { ALARM } from './alarm.ts';
import { type Outputs, ref } from './cloudformation.ts';
import { DASHBOARD } from './dashboard.ts';
import { DEAD_LETTER_QUEUE } from './dead-letter-queue.ts';
import { NOTIFY } from './notify.ts';
import type { Settings } from './settings.ts';
import { SUMMARIZE } from './summarize.ts';
import { TABLE } from './table.ts';
import { topicArn } from './topic.ts';
import { TRACK_DELETION } from './track-deletion.ts';

/** What an operator, or another stack, needs to find. */
export const outputs = (settings: Settings): Outputs => ({
  AlertTopicArn: {
    Description: 'Topic that alerts and the alarm are sent to',
    Value: topicArn(settings),
  },
  AlarmName: {
    Description: 'Alarm of the classic path: metric filter on the log group of CloudTrail',
    Value: ref(ALARM),
  },
  NotifyRuleName: {
    Description: 'Rule that hands each attempt to the function',
    Value: ref(NOTIFY.rule),
  },
  NotifyFunctionName: {
    Description: 'Function that writes the alerts',
    Value: ref(NOTIFY.function),
  },
  TrackDeletionRuleName: {
    Description: 'Rule that hands each deletion, and each cancellation of one, to the function',
    Value: ref(TRACK_DELETION.rule),
  },
  TrackDeletionFunctionName: {
    Description: 'Function that keeps the ledger of deletions',
    Value: ref(TRACK_DELETION.function),
  },
  SummarizeFunctionName: {
    Description: 'Function that sums up what no alert has told',
    Value: ref(SUMMARIZE.function),
  },
  TableName: {
    Description: 'Table that holds the attempts, and the ledger of deletions',
    Value: ref(TABLE),
  },
  DeadLetterQueueUrl: {
    Description: 'Queue that keeps for 14 days what could not be handled',
    Value: ref(DEAD_LETTER_QUEUE),
  },
  ...(settings.dashboard && {
    DashboardName: {
      Description: 'Dashboard of attempts, alerts and the health of the service',
      Value: ref(DASHBOARD),
    },
  }),
});

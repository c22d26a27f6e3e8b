import { alarm } from './alarm.ts';
import type { Resources } from './cloudformation.ts';
import { dashboard } from './dashboard.ts';
import { deadLetterQueue } from './dead-letter-queue.ts';
import { NOTIFY, notify, notifyFunction } from './notify.ts';
import { outputs } from './outputs.ts';
import type { Settings } from './settings.ts';
import { SUMMARIZE, summarize, summarizeFunction } from './summarize.ts';
import { table } from './table.ts';
import { topic } from './topic.ts';
import { TRACK_DELETION, trackDeletion, trackDeletionFunction } from './track-deletion.ts';
import { trail } from './trail.ts';
import { watch } from './watch.ts';

/** Everything of the stack that depends on the settings, as data. */
export const stack = (settings: Settings, stage: string) => {
  const alarms = { ...alarm(settings), ...watch(settings, stage) };
  return {
    template: {
      Description:
        'Tells who still asks for a Secrets Manager secret that is scheduled for deletion',
      Resources: {
        ...topic(settings, idsOfType(alarms, 'AWS::CloudWatch::Alarm')),
        ...table,
        ...deadLetterQueue([NOTIFY.rule, TRACK_DELETION.rule, SUMMARIZE.rule]),
        ...notify(settings),
        ...trackDeletion(settings),
        ...summarize(settings),
        ...alarms,
        ...trail(settings),
        ...dashboard(settings, stage),
      },
      Outputs: outputs(settings),
    },
    functions: {
      [NOTIFY.key]: notifyFunction(settings),
      [TRACK_DELETION.key]: trackDeletionFunction(settings),
      [SUMMARIZE.key]: summarizeFunction(settings),
    },
  };
};

const idsOfType = (resources: Resources, type: string): string[] =>
  Object.keys(resources).filter((id) => resources[id]?.Type === type);

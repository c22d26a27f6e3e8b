import { alarm } from './alarm.ts';
import { deadLetterQueue } from './dead-letter-queue.ts';
import { NOTIFY_RULE, notify, notifyFunction } from './notify.ts';
import { outputs } from './outputs.ts';
import type { Settings } from './settings.ts';
import { topic } from './topic.ts';
import { trail } from './trail.ts';

/** Everything of the stack that depends on the settings, as data. */
export const stack = (settings: Settings) => ({
  template: {
    Description: 'Tells who still asks for a Secrets Manager secret that is scheduled for deletion',
    Resources: {
      ...topic(settings),
      ...deadLetterQueue([NOTIFY_RULE]),
      ...notify(settings),
      ...alarm(settings),
      ...trail(settings),
    },
    Outputs: outputs(settings),
  },
  functions: {
    notify: notifyFunction(settings),
  },
});

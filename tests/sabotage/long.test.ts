import { CHANNELS_DIRECTORY } from '../stack/package-templates.ts';
import { instead, replaced, testStorm } from '../testing/sabotage.ts';

/** Storms for which CI has no time: of days, and of what comes again and again. */

/** One job that reads one secret, until a day after the first week of its incident. */
const ONE_JOB = { attempts: 150, secrets: 1, callers: 1, minutes: 8 * 24 * 60 };

/** Of days that pass with little to do the schedule is most of the work; what these storms count needs no more of it. */
const SELDOM = { interval: 30 };

testStorm('of one job', { ...ONE_JOB, ...SELDOM }, [
  [
    'digests without pauses',
    'maxMailsForOneIncident',
    instead('lib/incident/plan.ts', 'nextPause', '() => 0'),
  ],
  [
    'pauses that do not grow',
    'maxMailsForOneIncidentPerDay',
    instead('lib/incident/plan.ts', 'nextPause', '() => 4'),
  ],
  [
    'pauses that grow too long',
    'toldLate',
    instead('lib/incident/plan.ts', 'nextPause', '() => 72'),
  ],
]);

/** The mail takes nothing for eight hours; the chat has room for less than is mailed. */
const CHANNELS = {
  packageDirectory: CHANNELS_DIRECTORY,
  environment: { MAX_CHAT_MESSAGES_PER_HOUR: '6' },
  ...{ attempts: 40, secrets: 9, callers: 2, minutes: 30, interval: 8 },
  downHours: 8,
} as const;

// What is handed on is handed on again with each try to mail it.
testStorm('with mail that is down for eight hours', { ...CHANNELS, interval: 20, down: 'mail' }, [
  [
    'channels that send whatever they have sent',
    ['chatToldTwice', 'busToldTwice'],
    replaced(
      'lib/notice/channel.ts',
      "return item?.sentAt === undefined ? 'busy' : 'sent';",
      "return 'claimed';",
    ),
  ],
  [
    'a chat without a budget',
    ['maxChatMessagesPerHour'],
    replaced(
      'lib/incident/chat.ts',
      'const max = policy.maxChatMessagesPerHour;',
      'const max = 1000;',
    ),
  ],
]);

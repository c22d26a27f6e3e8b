import { CHANNELS_DIRECTORY } from '../stack/package-templates.ts';
import { replaced, testStorm } from '../testing/sabotage.ts';

/** The chat is down for as long as the storm lasts, and then has room for less than what is mailed. */
const CHANNELS = {
  packageDirectory: CHANNELS_DIRECTORY,
  environment: { MAX_CHAT_MESSAGES_PER_HOUR: '10' },
  ...{ attempts: 60, secrets: 20, callers: 2, minutes: 30, interval: 2 },
  down: 'chat',
  downHours: 1,
} as const;

testStorm('with a chat that is down, and an event bus', CHANNELS, [
  [
    'a channel that does not fail on what it could not send',
    'chatLost',
    replaced('lib/notice/channel.ts', 'if (failures.length > 0) throw failures[0];', ''),
  ],
  [
    'digests that are not handed on',
    'busLost',
    replaced('lib/incident/summarize.ts', 'await noticeTopic?.handOn(notices, true);', ''),
  ],
  [
    'a chat that sends all twice',
    'chatToldTwice',
    replaced(
      'lib/incident/chat.ts',
      'await ports.publish(message, notices);',
      'await ports.publish(message, notices); await ports.publish(message, notices);',
    ),
  ],
  [
    'a bus that gets all twice',
    'busToldTwice',
    replaced(
      'functions/bus.ts',
      'await putEvent(renderEvent(notice, stack));',
      'await putEvent(renderEvent(notice, stack)) && await putEvent(renderEvent(notice, stack));',
    ),
  ],
  [
    'a chat without a budget',
    'maxChatMessagesPerHour',
    replaced(
      'lib/incident/chat.ts',
      'const max = policy.maxChatMessagesPerHour;',
      'const max = 1000;',
    ),
  ],
]);

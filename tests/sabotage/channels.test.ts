import { CHANNELS_DIRECTORY } from '../stack/package-templates.ts';
import { replaced, testStorm } from '../testing/sabotage.ts';

/** The mail or the chat takes nothing for eight hours; the chat has room for less than is mailed. */
const CHANNELS = {
  packageDirectory: CHANNELS_DIRECTORY,
  environment: { MAX_CHAT_MESSAGES_PER_HOUR: '6' },
  ...{ attempts: 40, secrets: 9, callers: 2, minutes: 30, interval: 4 },
  downHours: 8,
} as const;

testStorm('with a chat that is down for eight hours', { ...CHANNELS, down: 'chat' }, [
  [
    'claims that are taken for what has been sent',
    ['chatLost', 'busLost'],
    replaced(
      'lib/notice/channel.ts',
      "if (passed) return 'claimed';",
      "if (passed) return 'sent';",
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
]);

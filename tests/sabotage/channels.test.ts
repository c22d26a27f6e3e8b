import { CHANNELS_DIRECTORY } from '../stack/package-templates.ts';
import { replaced, testStorm } from '../testing/sabotage.ts';

/** The chat takes nothing for eight hours, and has room for less than is mailed; without mail: long.test.ts. */
const CHANNELS = {
  packageDirectory: CHANNELS_DIRECTORY,
  environment: { MAX_CHAT_MESSAGES_PER_HOUR: '6' },
  ...{ attempts: 40, secrets: 9, callers: 2, minutes: 30, interval: 8 },
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
]);

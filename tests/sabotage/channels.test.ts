import { DOWN, replaced, testStorm } from '../testing/sabotage.ts';

// Without mail: long.test.ts.
testStorm('with a chat that is down for eight hours', { ...DOWN, down: 'chat' }, [
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

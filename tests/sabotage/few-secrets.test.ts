import { instead, LATE, replaced, testStorm } from '../testing/sabotage.ts';

testStorm('on few secrets, with events that EventBridge loses', { ...LATE, losses: 0.1 }, [
  [
    'no last calls',
    'wrongLastCalls',
    instead('lib/incident/plan.ts', 'lastCallAt', '() => undefined'),
  ],
  [
    'a trail path that hands nothing on',
    'lost',
    instead(
      'lib/cloudtrail/batch.ts',
      'sortBatch',
      '() => ({ handOns: [], unrelated: 0, unreadable: [] })',
    ),
  ],
  [
    'attempts that are others by another path',
    'toldTwice',
    replaced(
      'lib/cloudtrail/call.ts',
      'detail.sharedEventID ?? detail.addendum?.originalEventID ?? detail.eventID ?? id',
      'id',
    ),
  ],
]);

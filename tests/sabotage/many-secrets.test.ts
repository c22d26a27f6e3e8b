import { instead, MANY, replaced, testStorm } from '../testing/sabotage.ts';

testStorm('on many secrets', MANY, [
  [
    'attempts that are not recorded',
    'recorded',
    replaced(
      'lib/attempt/store.ts',
      'return putItem(table, item, isNew);',
      'return Promise.resolve(true);',
    ),
  ],
  [
    'digests that do not note what they have reported',
    'toldTwice',
    replaced('lib/incident/noting.ts', 'reportedUntil: until,\n    openedAt', 'openedAt'),
  ],
  [
    'mails that name nobody',
    'unnamedCallers',
    replaced(
      'lib/notice/digest-text.ts',
      '`${count} x ${oneLine(callerName, 160)}${since}`',
      '`${count} x somebody`',
    ),
  ],
  [
    'no budget by the hour',
    'maxMailsPerHour',
    instead('lib/incident/budget.ts', 'shareOf', '() => 1000'),
  ],
  [
    'no budget by the second',
    'maxMessagesPerSecond',
    replaced(
      'lib/incident/budget.ts',
      "isUrgent ? hasSecond : allOf(isBelow('taken', maxPerHour), hasSecond)",
      "isBelow('taken', 1000)",
    ),
  ],
  [
    'no catch-up for a secret that nothing has named',
    'newSecretLatestSeconds',
    replaced(
      'lib/incident/plan.ts',
      'namedAt ? MAX_CALLER_WAIT_MS : MAX_SECRET_WAIT_MS',
      'HOUR_MS',
    ),
  ],
  [
    'no catch-up at all',
    'newCallerLatestSeconds',
    replaced(
      'lib/incident/plan.ts',
      'unnamed.some((incident) => isToBeNamed(incident, pace, now))',
      'false',
    ),
  ],
  [
    'a first attempt that waits for a digest',
    'openedDelayed',
    replaced(
      'lib/incident/gate.ts',
      "if (claim.isRetry || !incident || policy.autoCancel !== 'off') return undefined;",
      "if (!incident) return undefined;\n  return 'many-callers';",
    ),
  ],
]);

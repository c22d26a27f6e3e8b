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
    'no budget by the hour',
    'maxMailsPerHour',
    instead('lib/incident/budget.ts', 'shareOf', '() => 1000'),
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
    'a first attempt that waits for a digest',
    'openedDelayed',
    replaced(
      'lib/incident/gate.ts',
      "if (claim.isRetry || !incident || policy.autoCancel !== 'off') return undefined;",
      "if (!incident) return undefined;\n  return 'many-callers';",
    ),
  ],
]);

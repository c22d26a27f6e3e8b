import { IN_VAIN, replaced, testStorm } from '../testing/sabotage.ts';

const DELETED = 'lib/deletion/deleted.ts';

/** What else is broken of it: long.test.ts. */

testStorm('of reads of what is gone, of probes and of names that are taken', IN_VAIN, [
  [
    'probes that are handed on',
    'probesHandedOn',
    replaced(DELETED, 'return key !== undefined && keys.has(key);', 'return true;'),
  ],
  [
    'reads of what is gone that are dropped',
    'lost',
    replaced(DELETED, 'return key !== undefined && keys.has(key);', 'return false;'),
  ],
]);

const ELSEWHERE = { ...IN_VAIN, secrets: 16, gone: 6, probes: 100, accounts: 2, regions: 2 };
const TROUBLE = { losses: 0.02, failures: 0.02, crashes: 0.01 };

testStorm('of the same over several places, where calls fail', { ...ELSEWHERE, ...TROUBLE }, [
  [
    'what is gone, and left to digests that do not catch up',
    'newSecretLatestSeconds',
    replaced(
      'lib/incident/plan.ts',
      'unnamed.some((incident) => isToBeNamed(incident, pace, now))',
      'false',
    ),
  ],
]);

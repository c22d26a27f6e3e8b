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

import { instead, PLACES, replaced, testStorm } from '../testing/sabotage.ts';

testStorm('over several accounts and Regions', PLACES, [
  [
    'one incident for a name in all Regions of an account',
    'mixedUp',
    instead(
      'lib/incident/incidents.ts',
      'incidentKey',
      '(secret) => real({ ...secret, region: undefined })',
    ),
  ],
  [
    'credentials that are not kept',
    'assumedTooOften',
    replaced('lib/aws/spokes.ts', 'grants.set(key, grant);', ''),
  ],
]);

import { instead, replaced, testStorm } from '../testing/sabotage.ts';

const PLACES = {
  accounts: 2,
  regions: 2,
  secrets: 8,
  callers: 2,
  attempts: 60,
  minutes: 60,
  interval: 4,
};

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
    'names that are taken for those of the own Region',
    'mixedUp',
    replaced(
      'lib/attempt/attempt.ts',
      'detail.awsRegion ?? event.region',
      'process.env.AWS_REGION',
    ),
  ],
  [
    'credentials that are not kept',
    'assumedTooOften',
    replaced('lib/aws/spokes.ts', 'grants.set(key, grant);', ''),
  ],
]);

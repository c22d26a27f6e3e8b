import { whyNoReads } from '../../../../cli/doctor/selectors.ts';

type Selectors = Parameters<typeof whyNoReads>[0];

const basic = (...EventSelectors: object[]): Selectors => ({ EventSelectors });
const advanced = (...selectors: Record<string, object>[]): Selectors => ({
  AdvancedEventSelectors: selectors.map((fields) => ({
    FieldSelectors: Object.entries(fields).map(([Field, operators]) => ({ Field, ...operators })),
  })),
});
const MANAGEMENT = { eventCategory: { Equals: ['Management'] } };
const NOT_OURS = { NotEquals: ['secretsmanager.amazonaws.com'] };

test.each<[string, Selectors, string | undefined]>([
  ['the default', basic({ ReadWriteType: 'All', IncludeManagementEvents: true }), undefined],
  ['reads only', basic({ ReadWriteType: 'ReadOnly' }), undefined],
  ['all but KMS', basic({ ExcludeManagementEventSources: ['kms.amazonaws.com'] }), undefined],
  ['writes only', basic({ ReadWriteType: 'WriteOnly' }), 'logs write events only'],
  ['data only', basic({ IncludeManagementEvents: false }), 'logs no management events'],
  [
    'all but Secrets Manager',
    basic({ ExcludeManagementEventSources: ['secretsmanager.amazonaws.com'] }),
    'excludes Secrets Manager',
  ],
  [
    'writes by one selector, data by another',
    basic({ IncludeManagementEvents: false }, { ReadWriteType: 'WriteOnly' }),
    'logs write events only',
  ],
  [
    'writes by one selector, reads by another',
    basic({ ReadWriteType: 'WriteOnly' }, { ReadWriteType: 'ReadOnly' }),
    undefined,
  ],
  ['none at all', {}, 'has no event selectors'],
  ['advanced: all management events', advanced(MANAGEMENT), undefined],
  ['advanced: reads', advanced({ ...MANAGEMENT, readOnly: { Equals: ['true'] } }), undefined],
  [
    'advanced: writes',
    advanced({ ...MANAGEMENT, readOnly: { Equals: ['false'] } }),
    'logs write events only',
  ],
  [
    'advanced: all but KMS',
    advanced({ ...MANAGEMENT, eventSource: { NotEquals: ['kms.amazonaws.com'] } }),
    undefined,
  ],
  [
    'advanced: all but Secrets Manager',
    advanced({ ...MANAGEMENT, eventSource: NOT_OURS }),
    'excludes Secrets Manager',
  ],
  [
    'advanced: all but what begins with secrets',
    advanced({ ...MANAGEMENT, eventSource: { NotStartsWith: ['secrets'] } }),
    'excludes Secrets Manager',
  ],
  [
    'advanced: what ends as all services do',
    advanced({ ...MANAGEMENT, eventSource: { EndsWith: ['.amazonaws.com'] } }),
    undefined,
  ],
  [
    'advanced: data events only',
    advanced({
      eventCategory: { Equals: ['Data'] },
      'resources.type': { Equals: ['AWS::S3::Object'] },
    }),
    'logs no management events of Secrets Manager',
  ],
  [
    'advanced: data events by one selector, management events by another',
    advanced({ eventCategory: { Equals: ['Data'] } }, MANAGEMENT),
    undefined,
  ],
  [
    'advanced: a caller whom nobody knows beforehand',
    advanced({ ...MANAGEMENT, 'userIdentity.arn': { Equals: ['arn:aws:iam::1:role/a'] } }),
    'logs no management events of Secrets Manager',
  ],
])('%s', (_, selectors, why) => {
  expect(whyNoReads(selectors)).toBe(why);
});

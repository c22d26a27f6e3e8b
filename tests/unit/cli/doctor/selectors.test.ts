import fc from 'fast-check';
import { whyNoReads, withReads } from '../../../../cli/doctor/selectors.ts';
import type { Settings } from '../../../../stack/settings.ts';
import { trail } from '../../../../stack/trail.ts';

type Selectors = Parameters<typeof whyNoReads>[0];

const basic = (...EventSelectors: object[]): Selectors => ({ EventSelectors });
const advanced = (...selectors: Record<string, object>[]): Selectors => ({
  AdvancedEventSelectors: selectors.map((fields) => ({
    FieldSelectors: Object.entries(fields).map(([Field, operators]) => ({ Field, ...operators })),
  })),
});
const MANAGEMENT = { eventCategory: { Equals: ['Management'] } };
const ownTrail = trail({ createTrail: true } as Settings).Trail?.Properties as Selectors;
const NOT_OURS = { NotEquals: ['secretsmanager.amazonaws.com'] };

test.each<[string, Selectors, string | undefined]>([
  ['the default', basic({ ReadWriteType: 'All', IncludeManagementEvents: true }), undefined],
  ['reads only', basic({ ReadWriteType: 'ReadOnly' }), undefined],
  ['all but KMS', basic({ ExcludeManagementEventSources: ['kms.amazonaws.com'] }), undefined],
  ['what the stack has its own trail log', ownTrail, undefined],
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

/** What a trail logs once the remedy has been run. */
function mended(selectors: Selectors): Selectors {
  const [option, json = ''] = withReads(selectors);
  const key = option === '--event-selectors' ? 'EventSelectors' : 'AdvancedEventSelectors';
  return { [key]: JSON.parse(json) };
}

test.each<[string, Selectors, Selectors]>([
  [
    'one that writes keys and databases out keeps them out',
    basic({
      ReadWriteType: 'WriteOnly',
      ExcludeManagementEventSources: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'],
    }),
    basic(
      {
        ReadWriteType: 'WriteOnly',
        ExcludeManagementEventSources: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'],
      },
      {
        ReadWriteType: 'ReadOnly',
        IncludeManagementEvents: true,
        ExcludeManagementEventSources: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'],
      },
    ),
  ],
  [
    'one on data events keeps them',
    basic({ IncludeManagementEvents: false }),
    basic(
      { IncludeManagementEvents: false },
      { ReadWriteType: 'ReadOnly', IncludeManagementEvents: true },
    ),
  ],
  [
    'five, the most that AWS takes, stay five',
    basic({ IncludeManagementEvents: false }, { ReadWriteType: 'WriteOnly' }, {}, {}, {}),
    basic(
      { IncludeManagementEvents: false },
      { ReadWriteType: 'All', IncludeManagementEvents: true },
      {},
      {},
      {},
    ),
  ],
  [
    'advanced: one that leaves keys out keeps them out, and takes Secrets Manager in',
    advanced({
      ...MANAGEMENT,
      eventSource: { NotEquals: ['kms.amazonaws.com', 'secretsmanager.amazonaws.com'] },
    }),
    {
      AdvancedEventSelectors: [
        ...(advanced({
          ...MANAGEMENT,
          eventSource: { NotEquals: ['kms.amazonaws.com', 'secretsmanager.amazonaws.com'] },
        }).AdvancedEventSelectors ?? []),
        {
          Name: 'Read management events',
          FieldSelectors: [
            { Field: 'eventCategory', Equals: ['Management'] },
            { Field: 'readOnly', Equals: ['true'] },
            { Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] },
          ],
        },
      ],
    },
  ],
])('the remedy for %s', (_, selectors, expected) => {
  expect(mended(selectors)).toEqual(expected);
});

const source = fc.constantFrom('kms.amazonaws.com', 'rdsdata.amazonaws.com');
const basicSelector = fc.record(
  {
    ReadWriteType: fc.constantFrom('All', 'ReadOnly', 'WriteOnly'),
    IncludeManagementEvents: fc.boolean(),
    ExcludeManagementEventSources: fc.uniqueArray(source),
  },
  { requiredKeys: [] },
);
const advancedSelector = fc.record(
  {
    eventCategory: fc.constantFrom({ Equals: ['Management'] }, { Equals: ['Data'] }),
    readOnly: fc.constantFrom({ Equals: ['true'] }, { Equals: ['false'] }),
    eventSource: fc
      .uniqueArray(fc.constantFrom('kms.amazonaws.com', 'secretsmanager.amazonaws.com'), {
        minLength: 1,
      })
      .map((NotEquals) => ({ NotEquals })),
  },
  { requiredKeys: ['eventCategory'] },
);

test('after the remedy a trail logs the reads, whatever it logged before', () => {
  const selectors = fc.oneof(
    fc.array(basicSelector, { minLength: 1, maxLength: 5 }).map((list) => basic(...list)),
    fc.array(advancedSelector, { minLength: 1 }).map((list) => advanced(...list)),
  );
  fc.assert(
    fc.property(selectors, (before) => {
      fc.pre(whyNoReads(before) !== undefined);
      const after = mended(before);
      expect(whyNoReads(after)).toBeUndefined();
      expect((after.EventSelectors ?? []).length).toBeLessThanOrEqual(5);
    }),
  );
});

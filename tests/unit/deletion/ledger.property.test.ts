import fc from 'fast-check';
import { parseRecord } from '../../../lib/cloudtrail/record.ts';
import { identifySecret, type SecretId } from '../../../lib/cloudtrail/secret-id.ts';
import { type Change, readChanges } from '../../../lib/deletion/change.ts';
import { changeItem, partitionKey, readPage } from '../../../lib/deletion/ledger.ts';
import { addDays } from '../../../lib/time.ts';
import { NOW } from '../../testing/attempts.ts';
import { memoryTable } from '../../testing/memory-table.ts';
import { deleteSecret, restoreSecret } from '../../testing/records.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbC123';
const NEW_ARN = ARN.replace('AbC123', 'xYz789');
const SECRET = identifySecret('prod/db', { accountId: '111122223333', region: 'eu-west-1' });

interface Step {
  readonly call: 'delete' | 'force' | 'restore';
  /** Days after the start of the story. */
  readonly day: number;
  readonly arn?: string;
}

function change({ call, day, arn = ARN }: Step, index: number): Change {
  const eventTime = addDays(NOW, day).toISOString();
  const common = { eventTime, eventID: `event-${index}` };
  const asked = {
    delete: { recoveryWindowInDays: 7 },
    force: { forceDeleteWithoutRecovery: true },
    restore: {},
  };
  const build = call === 'restore' ? restoreSecret : deleteSecret;
  const [read] = readChanges(
    parseRecord(
      build({
        ...common,
        requestParameters: { secretId: 'prod/db', ...asked[call] },
        responseElements: { arn },
      }),
    ),
  );
  if (!read) throw new Error('not a change');
  return read;
}

/** The state after the changes have been delivered in this order. */
async function stateAfter(changes: readonly Change[]) {
  const table = memoryTable();
  for (const delivered of changes) {
    const pk = partitionKey(delivered.secret) ?? '';
    await table.putIfNewer(changeItem(delivered, pk));
  }
  return readPage(await table.getItems(partitionKey(SECRET) ?? ''), SECRET).change;
}

const STORIES: [
  name: string,
  steps: Step[],
  state: Partial<Change> | { secret: Partial<SecretId> },
][] = [
  ['deleted', [{ call: 'delete', day: 0 }], { kind: 'deletion', requestedAt: NOW }],
  [
    'deleted and restored',
    [
      { call: 'delete', day: 0 },
      { call: 'restore', day: 1 },
    ],
    { kind: 'cancellation' },
  ],
  [
    'deleted, restored, deleted again',
    [
      { call: 'delete', day: 0 },
      { call: 'restore', day: 1 },
      { call: 'delete', day: 2 },
    ],
    { kind: 'deletion', date: addDays(NOW, 9) },
  ],
  [
    'deleted by force',
    [{ call: 'force', day: 0 }],
    { kind: 'deletion', forced: true, windowDays: 0 },
  ],
  [
    'deleted, restored, deleted by force, made again under the same name and deleted',
    [
      { call: 'delete', day: 0 },
      { call: 'restore', day: 1 },
      { call: 'force', day: 2 },
      { call: 'delete', day: 3, arn: NEW_ARN },
    ],
    { kind: 'deletion', date: addDays(NOW, 10), secret: expect.objectContaining({ arn: NEW_ARN }) },
  ],
  [
    'deleted and restored in the same second',
    [
      { call: 'delete', day: 0 },
      { call: 'restore', day: 0 },
    ],
    { kind: 'deletion' },
  ],
];

describe.each(STORIES)('a secret that was %s', (_, steps, expected) => {
  const changes = steps.map(change);

  test('is known as such', async () => {
    expect(await stateAfter(changes)).toMatchObject(expected);
  });

  test('is known as such in whatever order, and however often, the records arrive', async () => {
    const inOrder = await stateAfter(changes);
    const deliveries = fc.array(fc.constantFrom(...changes), { maxLength: 6 }).chain((repeats) =>
      fc.shuffledSubarray([...changes, ...repeats], {
        minLength: changes.length + repeats.length,
      }),
    );
    await fc.assert(
      fc.asyncProperty(deliveries, async (delivered) => {
        expect(await stateAfter(delivered)).toEqual(inOrder);
      }),
    );
  });
});

test('any changes at any times end in one state', async () => {
  const steps = fc.array(
    fc.record({
      call: fc.constantFrom('delete' as const, 'force' as const, 'restore' as const),
      day: fc.nat(5),
    }),
    { minLength: 1, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.infiniteStream(fc.nat()), async (story, random) => {
      const changes = story.map(change);
      const shuffled = changes
        .map((each) => [random.next().value, each] as const)
        .sort(([a], [b]) => a - b)
        .flatMap(([repeat, each]) => (repeat % 3 === 0 ? [each, each] : [each]));
      expect(await stateAfter(shuffled)).toEqual(await stateAfter(changes));
    }),
  );
});

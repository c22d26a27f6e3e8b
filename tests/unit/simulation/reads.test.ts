import type { EventSource } from '../../../emulators/event-source.ts';
import type { Lambda, Report } from '../../../emulators/lambda.ts';
import { attemptEvent, probeEvent } from '../../../simulation/cast.ts';
import { openReads, SIFTERS } from '../../../simulation/reads.ts';
import { NOW } from '../../testing/attempts.ts';

const MINUTE_MS = 60_000;

const open = () => openReads({ wait: 125_000 } as EventSource, {} as Lambda);

const attempt = (number: number) =>
  attemptEvent({ attempt: number, secret: 0, caller: 0, time: NOW, isGone: true });

const BATCH = {
  messages: ['a', 'b'].map((id, i) => ({
    ...{ id, sentAt: 0, visibleAt: 0, receives: 1 },
    body: JSON.stringify(attempt(i)),
  })),
  event: { Records: [] },
};

const report = (changes: Partial<Report>): Report => ({
  outcome: 'done',
  calls: { DynamoDB: 1 },
  faults: {},
  metrics: { GoneReads: 1, UnknownReads: 2 },
  ...changes,
});

test('what is handed on of probes is counted, and nothing else', () => {
  const reads = open();
  reads.noteHandOn(attempt(1));
  expect(reads.counts.probesHandedOn).toBe(0);
  reads.noteHandOn(probeEvent(1, NOW));
  expect(reads.counts.probesHandedOn).toBe(1);
});

test('each process may read the ledger once a minute, and one that has begun anew once more', () => {
  const reads = open();
  reads.noteRun(BATCH, 0, report({}));
  reads.noteRun(BATCH, MINUTE_MS - 1, report({}));
  expect(reads.maxLedgerReads()).toBe(SIFTERS);
  reads.noteRun(BATCH, MINUTE_MS, report({ outcome: 'killed' }));
  expect(reads.maxLedgerReads()).toBe(2 * SIFTERS + 1);
});

test('calls that failed read nothing', () => {
  const reads = open();
  reads.noteRun(BATCH, 0, report({ calls: { DynamoDB: 3 }, faults: { DynamoDB: 2 } }));
  expect(reads.counts).toMatchObject({ ledgerReads: 1, unknownReads: 2 });
});

test.each<[string, Partial<Report>, number[]]>([
  ['that ended well', {}, []],
  ['that left one', { result: { batchItemFailures: [{ itemIdentifier: 'b' }] } }, [1]],
  ['that was killed', { outcome: 'killed' }, [0, 1]],
])('of a run %s the attempts that come again are known', (_, changes, expected) => {
  expect(open().noteRun(BATCH, 0, report(changes))).toEqual(expected);
});

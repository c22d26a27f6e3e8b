import type { Results } from '../../bench/report/document.ts';
import type { Report } from '../../simulation/report.ts';

/** What a storm of so many attempts came to. */
export const stormReport = (attempts: number, overrides: Partial<Report> = {}): Report => ({
  attempts,
  delivered: attempts * 1.05,
  lostByEventBridge: attempts / 100,
  handedOn: attempts,
  missedByRule: attempts / 100,
  missedWrongly: 0,
  recorded: attempts,
  places: 1,
  assumedRoles: 0,
  assumedTooOften: 0,
  mails: attempts / 10 + 2,
  alerts: attempts / 10,
  digests: 2,
  lastCalls: 0,
  resolved: 0,
  gone: 0,
  maxMailsPerHour: 20,
  maxMessagesPerSecond: 8,
  maxMailsForOneIncident: 11,
  maxMailsForOneIncidentPerDay: 0,
  told: attempts,
  lost: 0,
  toldTwice: 0,
  toldTwiceAfterCrash: 0,
  unnamedCallers: 0,
  mixedUp: 0,
  newSecretLatestSeconds: 240,
  newCallerLatestSeconds: 1800,
  openedDelayed: 0,
  toldLate: 0,
  wrongLastCalls: 0,
  failedRuns: 0,
  failedNeedlessly: 0,
  killedRuns: 0,
  deadLettered: 0,
  replayed: 0,
  callsPerAttempt: { DynamoDB: 2, SecretsManager: 0.1, SNS: 0.1 },
  wallSeconds: attempts / 100,
  peakMemoryMb: 400,
  limits: {},
  broken: [],
  ...overrides,
});

const warm = (cpuMs: number, calls: readonly string[]) => ({
  cpuMs,
  wallMs: cpuMs * 1.5,
  calls,
  bytesSent: calls.length * 1000,
  bytesReceived: calls.length * 100,
  printedBytes: 800,
});

const coldLoad = (readyMs: number, zipBytes: number, publishMs?: number) => ({
  readyMs,
  zipBytes,
  publishMs,
});

const ours = { ours: coldLoad(60, 100_000), byDefault: coldLoad(120, 350_000), ready: 0.5 };

/** Made up, with each target met. */
export const RESULTS: Results = {
  machine: {
    date: '2026-11-22',
    processor: 'Example',
    processors: 2,
    memoryGb: 8,
    system: 'Linux 6.1, x64',
    versions: { 'Node.js': '24.21.0' },
  },
  runs: 15,
  warmUpCalls: 5000,
  warmEvents: 500,
  coldLoads: {
    floorMs: 25,
    plain: coldLoad(70, 250_000, 110),
    functions: {
      notify: {
        ours: coldLoad(65, 114_100, 150),
        byDefault: coldLoad(130, 401_000, 200),
        ready: 0.5,
        publish: 0.75,
      },
      'track-deletion': ours,
      summarize: ours,
      'read-trail': ours,
    },
  },
  warmRuns: {
    alert: warm(3, [
      'UpdateItem',
      'UpdateItem',
      'PutItem',
      'DescribeSecret',
      'Query',
      'UpdateItem',
      'Publish',
      'UpdateItem',
      'UpdateItem',
      'UpdateItem',
    ]),
    repeat: warm(0.5, ['UpdateItem', 'UpdateItem', 'PutItem']),
    known: warm(0.39, ['PutItem']),
    trail: warm(0.4, ['Invoke']),
    idle: warm(1, ['UpdateItem', 'Query', 'Query', 'UpdateItem']),
    plain: warm(0.3, ['Publish']),
  },
  digest: {
    attempts: 1_000_000,
    cpuSeconds: 50,
    wallSeconds: 60,
    peakMemoryMb: 400,
    pages: 700,
    readUnits: 180_000,
  },
  storms: [stormReport(1000), stormReport(10_000)],
  sideBySide: [
    {
      name: 'a busy day',
      attempts: 10_000,
      ways: {
        'this service': { mails: 1002, mostPerHour: 29, told: 1, firstMailAfter: 1.9 },
        'rule to topic': {
          mails: 28,
          mostPerHour: 28,
          told: 0.00028,
          firstMailAfter: 1.7,
          suspendedAfter: 3.4,
        },
        'function to topic': { mails: 10_500, mostPerHour: 132, told: 1, firstMailAfter: 1.8 },
        'classic alarm': { mails: 0, mostPerHour: 0, told: 0 },
      },
    },
  ],
  months: [],
};

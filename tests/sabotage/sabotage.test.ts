import { rm } from 'node:fs/promises';
import type { Report } from '../../simulation/report.ts';
import { runStorm, type StormOptions } from '../../simulation/run.ts';
import { instead, packageSabotaged, replaced, type Sabotage } from '../testing/sabotage.ts';

const CALM = {
  secrets: 30,
  callers: 4,
  minutes: 120,
  duplicates: 0.02,
  failures: 0,
  crashes: 0,
  seed: 7,
};

/** One caller that goes on reading one secret. */
const ONE_JOB = { secrets: 1, callers: 1 };

const ONE_DAY = 24 * 60; // minutes

/** What must be broken, and how the product is sabotaged for it. */
const SABOTAGES: [
  name: string,
  counter: keyof Report,
  sabotage: Sabotage,
  storm: Pick<StormOptions, 'attempts'> & Partial<StormOptions>,
][] = [
  [
    'attempts that are not recorded',
    'recorded',
    replaced(
      'lib/attempt/store.ts',
      'return putItem(table, item, isNew);',
      'return Promise.resolve(true);',
    ),
    { attempts: 250 },
  ],
  [
    'digests that do not note what they have reported',
    'toldTwice',
    replaced('lib/incident/summarize.ts', 'reportedUntil: until,\n    openedAt', 'openedAt'),
    { attempts: 250 },
  ],
  [
    'digests that read nothing',
    'lost',
    replaced('lib/incident/summarize.ts', 'unreportedAfter: reportedUntil', 'unreportedAfter: now'),
    { attempts: 250 },
  ],
  [
    'mails that name nobody',
    'unnamedCallers',
    replaced(
      'lib/notice/mail/digest-secret.ts',
      '`${count} x ${oneLine(callerName, 160)}${sinceLast(news, kind)}`',
      '`${count} x somebody`',
    ),
    { attempts: 250 },
  ],
  [
    'no budget by the hour',
    'maxMailsPerHour',
    instead('lib/incident/budget.ts', 'shareOf', '() => 1000'),
    { attempts: 250 },
  ],
  [
    'no budget by the second',
    'maxMessagesPerSecond',
    replaced(
      'lib/incident/budget.ts',
      "isUrgent ? hasSecond : allOf(isBelow('taken', maxPerHour), hasSecond)",
      "isBelow('taken', 1000)",
    ),
    { attempts: 100, minutes: 30 },
  ],
  [
    'no catch-up for a secret that nothing has named',
    'newSecretLatestSeconds',
    replaced(
      'lib/incident/plan.ts',
      'namedAt ? MAX_CALLER_WAIT_MS : MAX_SECRET_WAIT_MS',
      'HOUR_MS',
    ),
    { attempts: 600, callers: 10 },
  ],
  [
    'no catch-up at all',
    'newCallerLatestSeconds',
    replaced(
      'lib/incident/plan.ts',
      'unnamed.some((incident) => isToBeNamed(incident, pace, now))',
      'false',
    ),
    { attempts: 250 },
  ],
  [
    'a first attempt that waits for a digest',
    'openedDelayed',
    replaced(
      'lib/incident/gate.ts',
      "if (isRetry || !incident || policy.autoCancel !== 'off') return undefined;",
      "if (!incident) return undefined;\n  return 'many-callers';",
    ),
    { attempts: 250 },
  ],
  [
    'digests without pauses',
    'maxMailsForOneIncident',
    instead('lib/incident/plan.ts', 'nextPause', '() => 0'),
    { attempts: 300, ...ONE_JOB, minutes: 960 },
  ],
  [
    'pauses that do not grow',
    'maxMailsForOneIncidentPerDay',
    instead('lib/incident/plan.ts', 'nextPause', '() => 4'),
    { attempts: 600, ...ONE_JOB, minutes: 9 * ONE_DAY },
  ],
  [
    'pauses that grow too long',
    'toldLate',
    instead('lib/incident/plan.ts', 'nextPause', '() => 72'),
    { attempts: 200, ...ONE_JOB, minutes: 4 * ONE_DAY },
  ],
  [
    'no last calls',
    'wrongLastCalls',
    instead('lib/incident/plan.ts', 'lastCallAt', '() => undefined'),
    { attempts: 200, secrets: 9, callers: 1 },
  ],
  [
    'last calls that are not noted',
    'wrongLastCalls',
    replaced('lib/incident/ends.ts', 'lastCall: call ?? made', 'lastCall'),
    { attempts: 200, secrets: 9, callers: 1 },
  ],
  [
    'a failed DescribeSecret that fails the alert',
    'failedNeedlessly',
    instead(
      'lib/deletion/describe.ts',
      'describeSecret',
      "async (...args) => { const found = await real(...args); if (found.kind === 'unavailable') throw new Error('refused'); return found; }",
    ),
    { attempts: 250, failures: 0.1 },
  ],
];

test.each(SABOTAGES)('a storm notices %s', async (name, counter, sabotage, storm) => {
  const packageDirectory = await packageSabotaged(name.replaceAll(/\W/g, '-'), sabotage);
  try {
    const report = await runStorm({ ...CALM, ...storm, packageDirectory });
    expect(report.broken).toEqual(
      expect.arrayContaining([expect.stringMatching(`^Expected ${counter} to be`)]),
    );
  } finally {
    await rm(packageDirectory, { recursive: true });
  }
});

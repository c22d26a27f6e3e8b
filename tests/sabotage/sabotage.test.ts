import { rm } from 'node:fs/promises';
import type { Report } from '../../simulation/report.ts';
import { runStorm, type StormOptions } from '../../simulation/run.ts';
import { instead, packageSabotaged, replaced, type Sabotage } from '../testing/sabotage.ts';

const CALM = {
  secrets: 30,
  callers: 4,
  minutes: 90,
  duplicates: 0.02,
  failures: 0,
  crashes: 0,
  seed: 7,
};

/** What must be broken, and how the product is sabotaged for it. */
const SABOTAGES: [
  name: string,
  counter: keyof Report,
  sabotage: Sabotage,
  storm: Pick<StormOptions, 'attempts'> & Partial<StormOptions>,
][] = [
  [
    'a quiet window that never ends',
    'alertsDelayed',
    instead(
      'lib/settings.ts',
      'readNotifySettings',
      '(env) => ({ ...real(env), quietWindowMinutes: 1e6 })',
    ),
    { attempts: 250 },
  ],
  [
    'no quiet window',
    'alertsTooSoon',
    instead(
      'lib/settings.ts',
      'readNotifySettings',
      '(env) => ({ ...real(env), quietWindowMinutes: 0 })',
    ),
    { attempts: 250 },
  ],
  [
    'no renewal as the end nears',
    'alertsDelayed',
    instead('lib/deletion/schedule.ts', 'nextSeverityAt', '() => undefined'),
    { attempts: 300, secrets: 9 },
  ],
  [
    'a claim that is not confirmed',
    'alertsTooSoon',
    instead(
      'lib/incident/pairs.ts',
      'createPairStore',
      '(table) => ({ ...real(table), confirm: async () => {} })',
    ),
    { attempts: 250 },
  ],
  [
    'two of three summaries that do nothing',
    'toldLate',
    instead(
      'lib/incident/summarize.ts',
      'summarize',
      "async (policy, ports) => ports.now().getUTCHours() % 3 === 1 ? real(policy, ports) : { outcome: 'nothing' }",
    ),
    { attempts: 250 },
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
  [
    'no budget by the second',
    'maxMessagesPerSecond',
    replaced('lib/incident/budget.ts', 'MAX_PER_SECOND = 8', 'MAX_PER_SECOND = 1000'),
    { attempts: 100, minutes: 30 },
  ],
  [
    '16 messages a second',
    'maxMessagesPerSecond',
    replaced('lib/incident/budget.ts', 'MAX_PER_SECOND = 8', 'MAX_PER_SECOND = 16'),
    { attempts: 100, minutes: 30 },
  ],
  [
    'no message kept for the summary',
    'maxAlertsPerMinute',
    instead('lib/incident/budget.ts', 'alertsOf', '({ maxAlertsPerMinute }) => maxAlertsPerMinute'),
    { attempts: 600, secrets: 40, callers: 10, minutes: 61 },
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

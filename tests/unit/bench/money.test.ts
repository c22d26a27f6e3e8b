import { readFileSync } from 'node:fs';
import { costOfTrail, PRICES, reckon } from '../../../bench/money.ts';
import { checkSettings } from '../../../stack/check-settings.ts';
import type { Settings } from '../../../stack/settings.ts';
import { spokeTemplate } from '../../../stack/spoke.ts';
import { stack } from '../../../stack/stack.ts';
import { RESULTS, stormReport } from '../../testing/bench-results.ts';

const resource = (Type: string, Properties = {}) => ({ Type, Properties });

const template = {
  Resources: {
    NotifyLambdaFunction: resource('AWS::Lambda::Function', { MemorySize: 256 }),
    SummarizeLambdaFunction: resource('AWS::Lambda::Function', { MemorySize: 1769 }),
    ReadTrailLambdaFunction: resource('AWS::Lambda::Function', { MemorySize: 256 }),
    FirstAlarm: resource('AWS::CloudWatch::Alarm'),
    SecondAlarm: resource('AWS::CloudWatch::Alarm'),
    CompositeAlarm: resource('AWS::CloudWatch::CompositeAlarm'),
    Dashboard: resource('AWS::CloudWatch::Dashboard'),
    Mapping: resource('AWS::Lambda::EventSourceMapping'),
  },
};

const measured = {
  template,
  coldLoads: RESULTS.coldLoads,
  warm: RESULTS.warmRuns,
  storms: [stormReport(1000), stormReport(100_000)],
};

/** GB seconds of an attempt by the trail's log group: a batch, and a repeat. */
const BY_TRAIL = (((0.4 + 0.5) * (1769 / 256) + (1 + 3) * 10) / 1000) * 0.25;

test('a month without attempts costs what is there, and the runs that find nothing due', () => {
  const [month] = reckon([0], measured);
  expect(month?.costs).toMatchObject({
    alarms: 0.2,
    compositeAlarms: 0.5,
    dashboards: 3,
    metrics: 0.3,
    emails: 0,
    snsPublications: 0,
    secretsManagerCalls: 0,
    tableGb: 0,
  });
  expect(month?.costs.lambdaRequests).toBeCloseTo(21_900 * 0.2e-6, 8);
  // Five pollers, which ask an empty queue three times a minute.
  expect(month?.costs.queueRequests).toBeCloseTo((657_000 * 0.4) / 1e6, 8);
  // Four calls, every two minutes.
  expect(month?.costs.tableWriteUnits).toBeCloseTo((21_900 * 4 * 0.625) / 1e6, 8);
  expect(month?.total).toBe(month?.idle);
});

describe('The documents say what an idle month costs', () => {
  const page = (name: string) =>
    readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
  const costs = page('costs.md');
  const settings = checkSettings(
    { alertEmails: 'a@example.com', cloudTrailLogGroup: 'main' },
    { region: 'us-east-1', functionNames: [], stage: 'dev' },
  );
  const costOf = (changed: Partial<Settings>) => {
    const { Resources } = stack({ ...settings, ...changed }, 'dev').template;
    const { FirstAlarm, SecondAlarm, CompositeAlarm, Dashboard, Mapping, ...functions } =
      template.Resources;
    const packaged = { Resources: { ...Resources, ...functions } };
    const [month] = reckon([0], { ...measured, template: packaged });
    return `$${month?.total.toFixed(1)}0`;
  };

  test('with the defaults, with and without the dashboard', () => {
    const [all, plain] = [costOf({}), costOf({ dashboard: false })];
    expect(page('../README.md')).toContain(`${all} a month, ${plain} without the dashboard`);
    expect(costs).toContain(`**${all}, without the dashboard ${plain}**`);
    expect(page('deploy.md').split(`| ${all} |\n`)).toHaveLength(3);
  });

  test('of what is watched besides', () => {
    const { watchGoneSecrets, watchNameClashes } = settings;
    expect([watchGoneSecrets, watchNameClashes]).toEqual([true, true]);
    const month = (changed: Partial<Settings>) => {
      const { Resources } = stack({ ...settings, ...changed }, 'dev').template;
      const { Mapping, ...others } = template.Resources;
      const packaged = { Resources: { ...others, ...Resources } };
      return reckon([0], { ...measured, template: packaged })[0]?.total ?? 0;
    };
    const of = (setting: 'watchGoneSecrets' | 'watchNameClashes') =>
      `\`${setting}\` $${(month({}) - month({ [setting]: false })).toFixed(2)}`;
    expect(costs).toContain(`of it ${of('watchGoneSecrets')} and ${of('watchNameClashes')}`);
  });

  test('of an organization, and of a spoke', () => {
    const alarms = Object.values(spokeTemplate().Resources).filter(
      ({ Type }) => Type === 'AWS::CloudWatch::Alarm',
    );
    const spoke = alarms.length * PRICES.alarms.dollars;
    const hub = costOf({ organizationId: 'o-a1b2c3d4e5' });
    expect(page('deploy.md')).toContain(`| ${hub}, and $${spoke.toFixed(2)} for each spoke |`);
    expect(costs).toContain(`are 1,600 spokes, $${(1600 * spoke).toFixed(2)} |`);
  });
});

test('a month of a million attempts is ten storms of a hundred thousand', () => {
  const [month] = reckon([1_000_000], measured);
  const { costs } = month ?? { costs: undefined };
  // Each storm: 10,000 alerts and two digests.
  expect(costs?.emails).toBeCloseTo((100_020 * 2) / 100_000, 8);
  expect(costs?.secretsManagerCalls).toBeCloseTo((100_000 * 0.05) / 10_000);
  expect(costs?.snsPublications).toBeCloseTo(0.05);
  // By the trail's log group each comes once more, through two functions.
  expect(costs?.lambdaRequests).toBeCloseTo(((3_050_000 + 21_900) * 0.2) / 1e6, 8);
  expect(costs?.tableWriteUnits).toBeCloseTo(((5_000_000 + 21_900 * 4) * 0.625) / 1e6, 8);
  // 800 bytes of the function and 700 of Lambda.
  expect(costs?.logGb).toBeCloseTo((3_071_900 * 1500 * 0.5) / 1e9, 8);
  expect(costs?.metrics).toBeCloseTo(15 * 0.3);
});

test('the trail path costs, for each attempt, a batch, a repeat and its writes, and nothing else', () => {
  const [none, month] = reckon([0, 1_000_000], measured);
  expect(none?.trailPath).toBe(0);
  const run = BY_TRAIL * PRICES.lambdaGbSeconds.dollars;
  const logs = (3000 * (0.5 + 0.03)) / 1e9;
  expect(month?.trailPath).toBeCloseTo(1e6 * (run + logs + (2 * 0.2 + 3 * 0.625) / 1e6), 6);
});

test('a trail beside another costs a second copy of each event, and its log', () => {
  // 15 GB.
  expect(costOfTrail(10_000_000)).toBeCloseTo(200 + 7.5);
});

test('the time of an alert is what it computes on its share of a processor, cold, and what it waits for', () => {
  const alertsOnly = stormReport(1000, { alerts: 1000, delivered: 1000 });
  const [none, month] = reckon([0, 1000], { ...measured, storms: [alertsOnly] });
  const ofAlerts = (month?.costs.lambdaGbSeconds ?? 0) - (none?.costs.lambdaGbSeconds ?? 0);
  const seconds = ((150 + 3) * (1769 / 256) + 10 * 10) / 1000;
  const gbSeconds = seconds * 0.25 + BY_TRAIL;
  expect(ofAlerts).toBeCloseTo(1000 * gbSeconds * PRICES.lambdaGbSeconds.dollars, 10);
});

test('the costs of a month make up its total', () => {
  for (const { costs, total, idle } of reckon([0, 1000, 1_000_000], measured)) {
    expect(Object.values(costs).reduce((sum, cost) => sum + cost)).toBeCloseTo(total);
    expect(total).toBeGreaterThanOrEqual(idle);
  }
});

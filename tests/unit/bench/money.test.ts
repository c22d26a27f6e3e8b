import { PRICES } from '../../../bench/money/prices.ts';
import { reckon } from '../../../bench/money.ts';
import { RESULTS, stormReport } from '../../testing/bench-results.ts';

const resource = (Type: string, Properties = {}) => ({ Type, Properties });

const template = {
  Resources: {
    NotifyLambdaFunction: resource('AWS::Lambda::Function', { MemorySize: 256 }),
    SummarizeLambdaFunction: resource('AWS::Lambda::Function', { MemorySize: 1769 }),
    FirstAlarm: resource('AWS::CloudWatch::Alarm'),
    SecondAlarm: resource('AWS::CloudWatch::Alarm'),
    Dashboard: resource('AWS::CloudWatch::Dashboard'),
  },
};

const measured = {
  template,
  coldLoads: RESULTS.coldLoads,
  warm: RESULTS.warmRuns,
  storms: [stormReport(1000), stormReport(100_000)],
};

test('a month without attempts costs what is there, and the summaries that find nothing', () => {
  const [month] = reckon([0], measured);
  expect(month?.costs).toMatchObject({
    alarms: 0.2,
    dashboards: 3,
    metrics: 0.3,
    emails: 0,
    snsPublications: 0,
    secretsManagerCalls: 0,
    tableGb: 0,
  });
  expect(month?.costs.lambdaRequests).toBeCloseTo(730 * 0.2e-6);
  // Four calls of three units each, once an hour.
  expect(month?.costs.tableWriteUnits).toBeCloseTo((730 * 4 * 3 * 0.625) / 1e6);
  expect(month?.total).toBe(month?.idle);
});

test('a month of a million attempts is ten storms of a hundred thousand', () => {
  const [month] = reckon([1_000_000], measured);
  const { costs } = month ?? { costs: undefined };
  // Each storm: 10,000 alerts and two summaries.
  expect(costs?.emails).toBeCloseTo((100_020 * 2) / 100_000);
  expect(costs?.secretsManagerCalls).toBeCloseTo((100_000 * 0.05) / 10_000);
  expect(costs?.snsPublications).toBeCloseTo(0.05);
  expect(costs?.lambdaRequests).toBeCloseTo(((1_050_000 + 730) * 0.2) / 1e6);
  expect(costs?.tableWriteUnits).toBeCloseTo(((2_000_000 + 730 * 4) * 3 * 0.625) / 1e6);
  expect(costs?.metrics).toBeCloseTo(9 * 0.3);
});

test('what Lambda tries again is a request more', () => {
  const storm = stormReport(1000, { failedRuns: 20, killedRuns: 10 });
  const [none, month] = reckon([0, 1000], { ...measured, storms: [storm] });
  const requests = (month?.costs.lambdaRequests ?? 0) - (none?.costs.lambdaRequests ?? 0);
  expect(requests).toBeCloseTo((1080 * 0.2) / 1e6, 10);
});

test('logs are paid for as they come, and for the month that they are kept', () => {
  const { costs } = reckon([1_000_000], measured)[0] ?? {};
  // 800 bytes of the function and 700 of Lambda.
  expect(costs?.logGb).toBeCloseTo((1_050_730 * 1500 * 0.5) / 1e9);
  expect(costs?.logStorageGb).toBeCloseTo((1_050_730 * 1500 * 0.03) / 1e9);
});

test('an hourly summary is a cold start, which is billed', () => {
  const [month] = reckon([0], measured);
  const seconds = (60 + 1 + 4 * 10) / 1000;
  const gb = 1769 / 1024;
  expect(month?.costs.lambdaGbSeconds).toBeCloseTo(
    730 * seconds * gb * PRICES.lambdaGbSeconds.dollars,
    10,
  );
});

test('the time of an alert is what it computes on its share of a processor, cold, and what it waits for', () => {
  const alertsOnly = stormReport(1000, { alerts: 1000, delivered: 1000 });
  const [none, month] = reckon([0, 1000], { ...measured, storms: [alertsOnly] });
  const ofAlerts = (month?.costs.lambdaGbSeconds ?? 0) - (none?.costs.lambdaGbSeconds ?? 0);
  const seconds = ((150 + 3) * (1769 / 256) + 8 * 10) / 1000;
  expect(ofAlerts).toBeCloseTo(1000 * seconds * 0.25 * PRICES.lambdaGbSeconds.dollars, 10);
});

test('the costs of a month make up its total', () => {
  for (const { costs, total, idle } of reckon([0, 1000, 1_000_000], measured)) {
    expect(Object.values(costs).reduce((sum, cost) => sum + cost)).toBeCloseTo(total);
    expect(total).toBeGreaterThanOrEqual(idle);
  }
});

test('each price is positive and names a page of AWS', () => {
  for (const { dollars, per, page } of Object.values(PRICES)) {
    expect(dollars / per).toBeGreaterThan(0);
    expect(page).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z-]+\/pricing\//);
  }
});

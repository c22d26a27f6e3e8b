import { runStorm } from '../../simulation/run.ts';
import { PACKAGE_DIRECTORY } from '../stack/package-templates.ts';

test('a small storm loses nothing, reports nothing twice and floods nobody', async () => {
  const report = await runStorm({
    packageDirectory: PACKAGE_DIRECTORY,
    attempts: 120,
    secrets: 10,
    callers: 4,
    accounts: 1,
    regions: 1,
    minutes: 90,
    interval: 4,
    duplicates: 0.05,
    losses: 0.05,
    failures: 0.02,
    crashes: 0.02,
    gone: 2,
    probes: 60,
    clashes: 3,
    seed: 7,
  });
  expect(report.broken).toEqual([]);
  expect(report).toMatchObject({ attempts: 120, recorded: 120, told: 120, lost: 0, toldTwice: 0 });
  expect(report.delivered).toBeGreaterThan(120 - report.lostByEventBridge);
  expect(report.lostByEventBridge).toBeGreaterThan(0);
  expect(report.missedByRule).toBeGreaterThan(0);
  expect(report.handedOn).toBeGreaterThanOrEqual(130);
  expect(report.alerts).toBeGreaterThan(0);
  expect(report).toMatchObject({ probes: 60, probesHandedOn: 0, clashes: 9, clashesUntold: 0 });
  expect(report.unknownReads).toBeGreaterThanOrEqual(60);
  expect(report.digests).toBeGreaterThan(0);
}, 180_000);

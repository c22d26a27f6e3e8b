import { CALM, type Plan } from '../../emulators/faults.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import type { Reading } from '../../simulation/cast.ts';
import { callsOf, RETRY_MS, type Scene, useScene } from '../testing/scene.ts';

const setScene = useScene();

import.meta.jest.setTimeout(180_000); // each run that is killed starts another thread

/** How often messages tell of an attempt of a caller who made but one, by alerts and by summaries. */
function timesTold(readings: readonly Reading[], caller: number): [alerts: number, sums: number] {
  const alerts = readings.filter((told) => told.kind === 'alert' && told.attempt === caller);
  const lines = readings.flatMap((told) => (told.kind === 'summary' ? told.counts : []));
  const sums = lines.filter((line) => line.caller === caller);
  return [alerts.length, sums.reduce((sum, { count }) => sum + count, 0)];
}

/** What goes wrong: a run is killed after a call, or AWS fails from it on. */
const TROUBLES = [
  (call: number): Plan => ({ ...CALM, killAfter: call }),
  (call: number): Plan => ({ ...CALM, failFrom: call }),
];

/** How many calls an alert takes. The first run of all searches the event history; the ledger has it for all others. */
async function callsOfAlert(scene: Scene) {
  await scene.notify({ attempt: 0, caller: 0 }, 0);
  return callsOf(await scene.notify({ attempt: 99, caller: 99 }, MINUTE_MS));
}

/** Told by one alert each, but where the run ended between sending and noting, which none can tell. */
test('a run of notify that ends after any of its calls is made up for by its retry', async () => {
  const scene = await setScene();
  const calls = await callsOfAlert(scene);
  for (const [i, plan] of TROUBLES.entries()) {
    const begin = (i + 1) * HOUR_MS;
    const attempts = Array.from({ length: calls }, (_, n) => 100 * (i + 1) + n);
    for (const [n, attempt] of attempts.entries()) {
      const [act, at] = [{ attempt, caller: attempt }, begin + 10_000 * n];
      const { outcome } = await scene.notify(act, at, plan(n + 1));
      if (outcome !== 'done') await scene.notify(act, at + RETRY_MS);
    }
    await scene.summarize(begin + HOUR_MS);
    const told = await scene.told();
    const times = attempts.map((caller) => timesTold(told, caller));
    expect(times.length).toBeGreaterThan(5);
    expect(times.filter(([alerts, sums]) => alerts !== 1 || sums !== 0)).toEqual([[2, 0]]);
  }
  expect(await scene.recorded()).toBe(2 + 2 * calls);
});

/** A run's time is over, and with it its lease. */
const LEASE_MS = 46_000;

/** Of a caller with two attempts: the run on the first goes wrong; the second comes when that run must have ended. */
test('a run of notify that ends after any of its calls silences no other attempt of its pair', async () => {
  const scene = await setScene();
  const calls = await callsOfAlert(scene);
  const deaths = Array.from({ length: calls }, (_, i) => i + 1);
  for (const [i, plan] of TROUBLES.entries()) {
    const begin = (i + 1) * 3 * HOUR_MS;
    const first = (call: number) => 300 * (i + 1) + call;
    const other = (call: number) => first(call) + 100;
    for (const call of deaths) {
      const caller = first(call);
      const act = { attempt: caller, caller };
      const at = begin + 5 * MINUTE_MS * call;
      const { outcome } = await scene.notify(act, at, plan(call));
      await scene.notify({ attempt: other(call), caller }, at + LEASE_MS);
      if (outcome !== 'done') await scene.notify(act, at + RETRY_MS);
    }
    await scene.summarize(begin + 2 * HOUR_MS);
    const told = await scene.told();
    const alerts = (attempt: number) =>
      told.filter((reading) => reading.kind === 'alert' && reading.attempt === attempt).length;
    // Only the last call, which confirms, comes after the alert is noted; where it fails the process remembers.
    const silenced = deaths.filter((call) => alerts(other(call)) === 0);
    expect(silenced).toEqual([calls]);
    for (const call of deaths) {
      const [alert, sums] = timesTold(told, first(call));
      expect(alert + alerts(other(call)) + sums).toBeGreaterThanOrEqual(2);
    }
  }
});

/** Plays an alert and two repeats of one caller, by the same form of the secret's id, what sums them up, and what comes after. */
async function sumUp(scene: Scene, caller: number, plan?: Plan) {
  const at = caller * 4 * HOUR_MS;
  for (let i = 0; i < 3; i++)
    await scene.notify({ attempt: caller + 102 * i, caller }, at + i * 2000);
  const report = await scene.summarize(at + HOUR_MS, plan);
  if (report.outcome !== 'done') await scene.summarize(at + HOUR_MS + RETRY_MS);
  await scene.summarize(at + 2 * HOUR_MS);
  return report;
}

/** Summed up once each, but where the run ended between sending and noting. */
test('a run of summarize that ends after any of its calls is made up for by a later one', async () => {
  const scene = await setScene();
  const calls = callsOf(await sumUp(scene, 0));
  for (const [i, plan] of TROUBLES.entries()) {
    const callers = Array.from({ length: calls }, (_, n) => i * calls + n + 1);
    for (const [n, caller] of callers.entries()) await sumUp(scene, caller, plan(n + 1));
    const readings = await scene.told();
    const told = callers.map((caller) => timesTold(readings, caller));
    expect(told.length).toBeGreaterThan(5);
    expect(told.filter(([alerts, sums]) => alerts !== 1 || sums !== 2)).toEqual([[1, 4]]);
  }
});

import { CALM, type Plan } from '../../emulators/faults.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import type { Reading } from '../../simulation/cast.ts';
import { callsOf, RETRY_MS, type Scene, useScene } from '../testing/scene.ts';

const setScene = useScene();

/** Each run that is killed starts another thread. */
const TIMEOUT_MS = 60_000;

const KILLED = (call: number): Plan => ({ ...CALM, killAfter: call });
const CUT_OFF = (call: number): Plan => ({ ...CALM, failFrom: call });

/** How often messages tell of an attempt of a caller who made but one, by alerts and by summaries. */
function timesTold(readings: readonly Reading[], caller: number): [alerts: number, sums: number] {
  const alerts = readings.filter((told) => told.kind === 'alert' && told.attempt === caller);
  const lines = readings.flatMap((told) => (told.kind === 'summary' ? told.counts : []));
  const sums = lines.filter((line) => line.caller === caller);
  return [alerts.length, sums.reduce((sum, { count }) => sum + count, 0)];
}

/**
 * Plays one attempt for each call of a calm run, in which things go wrong at that call, and what makes up for it:
 * Lambda's retry and the next summary. @returns how often each was told.
 */
async function enumerate(scene: Scene, planAt: (call: number) => Plan) {
  const calls = callsOf(await scene.notify({ attempt: 0, caller: 0 }, 0));
  for (let call = 1; call <= calls; call++) {
    const act = { attempt: call, caller: call };
    const { outcome } = await scene.notify(act, 10_000 * call, planAt(call));
    if (outcome !== 'done') await scene.notify(act, 10_000 * call + RETRY_MS);
  }
  await scene.summarize(HOUR_MS);
  const told = await scene.told();
  expect(await scene.recorded()).toBe(calls + 1);
  return Array.from({ length: calls }, (_, i) => timesTold(told, i + 1));
}

const TROUBLES: [string, (call: number) => Plan][] = [
  ['is killed after any', KILLED],
  ['AWS fails from any', CUT_OFF],
];

/** Told by one alert each, but where the run ended between sending and noting, which none can tell. */
test.each(TROUBLES)(
  'a run of notify that %s of its calls is made up for by its retry',
  async (_, plan) => {
    const told = await enumerate(await setScene(), plan);
    expect(told.length).toBeGreaterThan(5);
    expect(told.filter(([alerts, sums]) => alerts !== 1 || sums !== 0)).toEqual([[2, 0]]);
  },
  TIMEOUT_MS,
);

/** A run's time is over, and with it its lease. */
const LEASE_MS = 46_000;

/** Of a caller with two attempts: the run on the first goes wrong; the second comes when that run must have ended. */
test.each(TROUBLES)(
  'a run of notify that %s of its calls silences no other attempt of its pair',
  async (_, plan) => {
    const scene = await setScene();
    // The first run searches the event history; what it finds is in the ledger for all that follow.
    await scene.notify({ attempt: 0, caller: 0 }, 0);
    const calls = callsOf(await scene.notify({ attempt: 99, caller: 99 }, MINUTE_MS));
    const other = (call: number) => 100 + call;
    for (let call = 1; call <= calls; call++) {
      const act = { attempt: call, caller: call };
      const at = 5 * MINUTE_MS * call;
      const { outcome } = await scene.notify(act, at, plan(call));
      await scene.notify({ attempt: other(call), caller: call }, at + LEASE_MS);
      if (outcome !== 'done') await scene.notify(act, at + RETRY_MS);
    }
    await scene.summarize(2 * HOUR_MS);
    const told = await scene.told();
    const alerts = (attempt: number) =>
      told.filter((reading) => reading.kind === 'alert' && reading.attempt === attempt).length;
    const deaths = Array.from({ length: calls }, (_, i) => i + 1);
    // Only the last call, which confirms, comes after the alert is noted; where it fails the process remembers.
    const silenced = deaths.filter((call) => alerts(other(call)) === 0);
    expect(silenced).toEqual([calls]);
    for (const call of deaths) {
      const [first, sums] = timesTold(told, call);
      expect(first + alerts(other(call)) + sums).toBeGreaterThanOrEqual(2);
    }
  },
  TIMEOUT_MS,
);

/** Plays an alert and two repeats of one caller, all by one form of the secret's id, what sums them up, and what comes after. */
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
test.each(TROUBLES)(
  'a run of summarize that %s of its calls is made up for by a later one',
  async (_, plan) => {
    const scene = await setScene();
    const calls = callsOf(await sumUp(scene, 0));
    for (let call = 1; call <= calls; call++) await sumUp(scene, call, plan(call));
    const readings = await scene.told();
    const told = Array.from({ length: calls }, (_, i) => timesTold(readings, i + 1));
    expect(told.length).toBeGreaterThan(5);
    expect(told.filter(([alerts, sums]) => alerts !== 1 || sums !== 2)).toEqual([[1, 4]]);
  },
  TIMEOUT_MS,
);

import { CALM, type Plan } from '../../bench/environment/plan.ts';
import type { Reading } from '../../bench/storm/reading.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { callsOf, RETRY_MS, type Stage, useStage } from '../testing/stage.ts';

const setStage = useStage();

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
async function enumerate(stage: Stage, planAt: (call: number) => Plan) {
  const calls = callsOf(await stage.notify({ attempt: 0, caller: 0 }, 0));
  for (let call = 1; call <= calls; call++) {
    const act = { attempt: call, caller: call };
    const { outcome } = await stage.notify(act, 10_000 * call, planAt(call));
    if (outcome !== 'done') await stage.notify(act, 10_000 * call + RETRY_MS);
  }
  await stage.summarize(HOUR_MS);
  const told = await stage.told();
  expect(await stage.recorded()).toBe(calls + 1);
  return Array.from({ length: calls }, (_, i) => timesTold(told, i + 1));
}

/** Told by one alert each, but where the run ended between sending and noting, which none can tell. */
const NOT_ONCE = [[2, 0]];
const isNotOnce = ([alerts, counted]: number[]) => alerts !== 1 || counted !== 0;

test.each([
  ['is killed after any', KILLED],
  ['AWS fails from any', CUT_OFF],
])('a run of notify that %s of its calls is made up for by its retry', async (_, plan) => {
  const told = await enumerate(await setStage(), plan);
  expect(told.length).toBeGreaterThan(5);
  expect(told.filter(isNotOnce)).toEqual(NOT_ONCE);
});

import { CALM, type Plan } from '../../emulators/faults.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import type { Reading } from '../../simulation/cast.ts';
import { callsOf, RETRY_MS, type Scene, useScene } from '../testing/scene.ts';

const setScene = useScene();

import.meta.jest.setTimeout(180_000); // each run that is killed starts another thread

/** Each call is tried with an incident of its own; every third secret is far from its last call. */
const INCIDENTS = 40;
const SECRETS = 3 * INCIDENTS;

/** The attempts on an incident: of one caller, and by the same form of the secret's id. */
const actOn = (incident: number, n = 0) => ({
  secret: 3 * incident,
  attempt: incident + n * 300,
  caller: 1,
});

/** How often messages report the attempts on an incident, by alerts of each of them and by digests. */
function timesTold(readings: readonly Reading[], incident: number) {
  const alerts = (n: number) =>
    readings.filter((told) => told.kind === 'alert' && told.attempt === actOn(incident, n).attempt)
      .length;
  const lines = readings.flatMap((told) => (told.kind === 'digest' ? told.secrets : []));
  const own = lines.filter((line) => line.secret === actOn(incident).secret);
  return { alerts, sums: own.reduce((sum, { attempts }) => sum + attempts, 0) };
}

/** What goes wrong: a run is killed after a call, or AWS fails from it on. */
const TROUBLES = [
  (call: number): Plan => ({ ...CALM, killAfter: call }),
  (call: number): Plan => ({ ...CALM, failFrom: call }),
];

/** Plays with each call of a run that goes wrong, each on an incident of its own. @returns those, from call 1 on */
async function ofEachCall(
  calls: number,
  trouble: number,
  play: (call: number, plan: Plan) => Promise<void>,
): Promise<number[]> {
  const incidents = Array.from({ length: calls }, (_, n) => n + 1);
  for (const call of incidents) await play(call, TROUBLES[trouble]?.(call) ?? CALM);
  expect(incidents.length).toBeGreaterThan(5);
  return incidents;
}

/** How many calls the alert of an incident takes. */
const callsOfAlert = async (scene: Scene) => callsOf(await scene.notify(actOn(0), 0));

/** Told by one alert each, but where the run ended between sending and noting, which none can tell. */
test.each([0, 1])(
  'a run of notify that ends after any of its calls is made up for by its retry (trouble %i)',
  async (trouble) => {
    const scene = await setScene(SECRETS);
    const calls = await callsOfAlert(scene);
    const incidents = await ofEachCall(calls, trouble, async (incident, plan) => {
      const at = incident * HOUR_MS;
      const { outcome } = await scene.notify(actOn(incident), at, plan);
      if (outcome !== 'done') await scene.notify(actOn(incident), at + RETRY_MS);
    });
    await scene.summarize((calls + 2) * HOUR_MS);
    const told = await scene.told();
    const times = incidents.map((incident) => timesTold(told, incident));
    const others = times.filter(({ alerts, sums }) => alerts(0) !== 1 || sums !== 0);
    expect(others.map(({ alerts, sums }) => [alerts(0), sums])).toEqual([[2, 0]]);
    expect(await scene.recorded()).toBe(1 + calls);
  },
);

/** A run's time is over, and with it its lease. */
const LEASE_MS = 46_000;

/** Of a caller with two attempts: the run on the first goes wrong; the second comes when that run must have ended. */
test.each([
  // Only the last call, which confirms, comes after the incident is noted.
  { trouble: 0, silencing: 1 },
  // Where noting the incident and confirming fail, the process remembers.
  { trouble: 1, silencing: 2 },
])(
  'a run of notify that ends after any of its calls silences no other attempt of its pair (trouble $trouble)',
  async ({ trouble, silencing }) => {
    const scene = await setScene(SECRETS);
    const calls = await callsOfAlert(scene);
    const incidents = await ofEachCall(calls, trouble, async (incident, plan) => {
      const at = incident * HOUR_MS;
      const { outcome } = await scene.notify(actOn(incident), at, plan);
      await scene.notify(actOn(incident, 1), at + LEASE_MS);
      if (outcome !== 'done') await scene.notify(actOn(incident), at + RETRY_MS);
    });
    for (let run = 2; run < 5; run++) await scene.summarize((calls + run) * HOUR_MS);
    const told = await scene.told();
    const times = incidents.map((incident) => timesTold(told, incident));
    const silenced = incidents.filter((_, n) => times[n]?.alerts(1) === 0);
    expect(silenced).toEqual(incidents.slice(-silencing));
    for (const { alerts, sums } of times) {
      expect(alerts(0) + alerts(1) + sums).toBeGreaterThanOrEqual(2);
    }
  },
);

/** Plays an alert and two repeats, what sums them up, and what comes after. */
async function sumUp(scene: Scene, incident: number, plan?: Plan) {
  const at = incident * 4 * HOUR_MS;
  for (let i = 0; i < 3; i++) await scene.notify(actOn(incident, i), at + i * 2000);
  const due = at + HOUR_MS + MINUTE_MS;
  const report = await scene.summarize(due, plan);
  if (report.outcome !== 'done') await scene.summarize(due + RETRY_MS);
  await scene.summarize(due + HOUR_MS);
  return report;
}

/** Summed up once each, but where the run ended between sending and noting. */
test.each([0, 1])(
  'a run of summarize that ends after any of its calls is made up for by a later one (trouble %i)',
  async (trouble) => {
    const scene = await setScene(SECRETS);
    const calls = callsOf(await sumUp(scene, 0));
    const incidents = await ofEachCall(calls, trouble, async (incident, plan) => {
      await sumUp(scene, incident, plan);
    });
    const readings = await scene.told();
    const times = incidents.map((incident) => timesTold(readings, incident));
    const others = times.filter(({ alerts, sums }) => alerts(0) !== 1 || sums !== 2);
    expect(others.map(({ alerts, sums }) => [alerts(0), sums])).toEqual([[1, 4]]);
  },
);

import { CALM } from '../../emulators/faults.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { type Scene, useScene } from '../testing/scene.ts';

const setScene = useScene();

const FIRST = { attempt: 1, caller: 1 };
const SECOND = { attempt: 2, caller: 1 };
const SUM_OF_ONE = { kind: 'summary', counts: [{ secret: 0, caller: 1, count: 1 }], rest: 0 };

/** What is told by alerts, and by the next summary. */
async function told(scene: Scene) {
  await scene.summarize(HOUR_MS);
  return scene.told();
}

test('deliveries of one attempt at a time make one alert', async () => {
  const scene = await setScene();
  await Promise.all([0, 1, 2, 3].map((at) => scene.notify(FIRST, at)));
  expect(await told(scene)).toEqual([{ kind: 'alert', attempt: 1 }]);
  expect(await scene.recorded()).toBe(1);
});

test('attempts of a pair at a time make one alert, and the other waits for the summary', async () => {
  const scene = await setScene();
  await Promise.all([scene.notify(FIRST, 0), scene.notify(SECOND, 0)]);
  expect(await told(scene)).toEqual([{ kind: 'alert', attempt: expect.any(Number) }, SUM_OF_ONE]);
});

test('a repeat costs two calls, and one where the pair is remembered', async () => {
  const scene = await setScene();
  await scene.notify(FIRST, 0);
  const cold = await scene.notifyElsewhere(SECOND, 1000);
  const warm = await scene.notify({ attempt: 3, caller: 1 }, 2000);
  expect([cold.calls, warm.calls]).toEqual([{ DynamoDB: 2 }, { DynamoDB: 1 }]);
});

test('the quiet window ends on time', async () => {
  const scene = await setScene();
  await scene.notify(FIRST, 0);
  await scene.notify(SECOND, HOUR_MS - 1000);
  await scene.notify({ attempt: 3, caller: 1 }, HOUR_MS + 1000);
  expect(await scene.told()).toEqual([
    { kind: 'alert', attempt: 1 },
    { kind: 'alert', attempt: 3 },
  ]);
});

test('an attempt that cannot be kept fails, and is alerted once it can', async () => {
  const scene = await setScene();
  const { outcome } = await scene.notify(FIRST, 0, { ...CALM, failFrom: 1 });
  expect([outcome, await scene.told()]).toEqual(['failed', []]);
  await scene.notify(FIRST, HOUR_MS);
  expect(await scene.told()).toEqual([{ kind: 'alert', attempt: 1 }]);
});

import { CALM } from '../../emulators/faults.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { type Scene, useScene } from '../testing/scene.ts';

const setScene = useScene();

const FIRST = { attempt: 1, caller: 1 };
const SECOND = { attempt: 2, caller: 1 };
const DIGEST_OF_ONE = {
  kind: 'digest',
  secrets: [{ secret: 0, attempts: 1, callers: [1], moreCallers: 0, named: [expect.any(Number)] }],
};

/** What is told by alerts, and by the digest that is due an hour after the first. */
async function told(scene: Scene) {
  await scene.summarize(HOUR_MS + MINUTE_MS);
  return scene.told();
}

test('deliveries of one attempt at a time make one alert', async () => {
  const scene = await setScene();
  await Promise.all([0, 1, 2, 3].map((at) => scene.notify(FIRST, at)));
  expect(await told(scene)).toEqual([{ kind: 'alert', attempt: 1, secret: 0 }]);
  expect(await scene.recorded()).toBe(1);
});

test('attempts of a pair at a time make one alert, and the other waits for the digest', async () => {
  const scene = await setScene();
  await Promise.all([scene.notify(FIRST, 0), scene.notify(SECOND, 0)]);
  expect(await told(scene)).toEqual([
    { kind: 'alert', attempt: expect.any(Number), secret: 0 },
    DIGEST_OF_ONE,
  ]);
});

test('a repeat costs three calls, and one where the pair is remembered', async () => {
  const scene = await setScene();
  await scene.notify(FIRST, 0);
  const cold = await scene.notifyElsewhere(SECOND, 1000);
  const warm = await scene.notify({ attempt: 3, caller: 1 }, 2000);
  expect([cold.calls, warm.calls]).toEqual([{ DynamoDB: 3 }, { DynamoDB: 1 }]);
});

test('a known caller is alerted never again, and digests come at growing pauses', async () => {
  const scene = await setScene();
  await scene.notify(FIRST, 0);
  const digests: number[] = [];
  for (let hour = 0; hour < 8; hour++) {
    await scene.notify({ attempt: hour + 2, caller: 1 }, hour * HOUR_MS + 2 * MINUTE_MS);
    // A little later each time, so that what is due in an hour is due.
    await scene.summarize((hour + 1) * (HOUR_MS + MINUTE_MS));
    const readings = await scene.told();
    if (readings.some(({ kind }) => kind === 'digest')) digests.push(hour + 1);
    if (hour > 0) expect(readings.map(({ kind }) => kind)).not.toContain('alert');
  }
  expect(digests).toEqual([1, 3, 7]);
});

test('an attempt that cannot be kept fails, and is alerted once it can', async () => {
  const scene = await setScene();
  const { outcome } = await scene.notify(FIRST, 0, { ...CALM, failFrom: 1 });
  expect([outcome, await scene.told()]).toEqual(['failed', []]);
  await scene.notify(FIRST, HOUR_MS);
  expect(await scene.told()).toEqual([{ kind: 'alert', attempt: 1, secret: 0 }]);
});

import type { Tell } from '../../../demo/steps.ts';
import { retries, type Scene } from '../../../demo/story.ts';

test('the retries end with the one in which they are interrupted', async () => {
  const controller = new AbortController();
  const interrupted = new Error('Interrupted by SIGINT');
  let handled = 0;
  const scene = {
    tell: ((_, run) => run(() => undefined)) satisfies Tell,
    aws: {
      records: [{ eventName: 'GetSecretValue' }],
      clientOf: () => ({ send: () => Promise.reject(new Error('marked for deletion')) }),
    },
    notifier: {
      async handle() {
        if (++handled === 3) controller.abort(interrupted);
      },
    },
    signal: controller.signal,
  } as Partial<Record<keyof Scene, unknown>> as Scene;
  await expect(retries(scene, 'app', 499)).rejects.toBe(interrupted);
  expect(handled).toBe(3);
});

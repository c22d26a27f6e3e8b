import type { Lambda } from '../../../emulators/lambda.ts';
import { scheduledTasks } from '../../../simulation/task.ts';

const times = (from: number, interval: number, others: number[]) =>
  scheduledTasks(
    {} as Lambda,
    from,
    interval,
    others.map((time) => ({ time })),
  ).map(({ time }) => time);

test('the schedule runs as long as anything is to come, of whatever kind', () => {
  expect(times(10, 4, [25, 0, 3])).toEqual([10, 14, 18, 22]);
});

test.each([
  ['nothing is to come', []],
  ['all comes before its first run', [9]],
])('it does not run where %s', (_, others) => {
  expect(times(10, 4, others)).toEqual([]);
});

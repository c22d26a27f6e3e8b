import { interleave, median } from '../../../bench/measure/measuring.ts';

test.each([
  [[3], 3],
  [[9, 1, 3], 3],
  [[10, 9, 100, 1], 9.5],
])('the median of %j is %d', (numbers, expected) => {
  expect(median(numbers)).toBe(expected);
});

test('there is no median of nothing', () => {
  expect(() => median([])).toThrow('Expected at least one number, got none');
});

test('what is compared is measured by turns', async () => {
  const order: string[] = [];
  const measure = (name: string) => async () => order.push(name);
  const subjects = { ours: measure('ours'), theirs: measure('theirs') };
  let progress = 0;
  const measured = await interleave(subjects, 2, () => progress++);
  expect(order).toEqual(['ours', 'theirs', 'ours', 'theirs']);
  expect(measured).toEqual({ ours: [1, 3], theirs: [2, 4] });
  expect(progress).toBe(4);
});

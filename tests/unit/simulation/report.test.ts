import { renderReport } from '../../../simulation/report.ts';
import { stormReport } from '../../testing/bench-results.ts';

const limits = { lost: '0', newSecretLatestSeconds: 'at most 600' };
const text = (broken: readonly string[]) => renderReport(stormReport(2000, { limits, broken }));

test('a number has beside it what is promised of it', () => {
  expect(text([])).toMatch(/^lost +0 {2}\(promised: 0\)$/m);
  expect(text([])).toMatch(/^newSecretLatestSeconds +240 {2}\(promised: at most 600\)$/m);
  expect(text([])).toMatch(/^attempts +2,000$/m);
});

test('the last line says that all promises hold', () => {
  expect(text([])).toMatch(/\n\nAll 2 promises hold\.$/);
});

test('or the last lines, which are broken', () => {
  const broken = ['Expected lost to be 0, got 3.'];
  expect(text(broken)).toMatch(/\n\n1 of 2 promises are broken:\nExpected lost to be 0, got 3\.$/);
});

import { once } from 'node:events';
import { join } from 'node:path';
import { ended, startNode } from '../../testing/cli.ts';

const MODULE = join(import.meta.dirname, '../../../cli/progress.ts');

/** Shows a bar, as in a terminal, of work that never ends. */
const COMMAND = `
import { withProgress } from ${JSON.stringify(MODULE)};
Object.assign(process.stdout, { isTTY: true, columns: 80 });
setInterval(() => undefined, 1000);
await withProgress('Places', 2, (advance) => { advance(); return new Promise(() => undefined); });
`;

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends a command that shows a bar with the cursor shown', async (signal, code) => {
  const child = startNode(['--input-type=module', '--eval', COMMAND], {});
  const end = ended(child);
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  while (!text.includes('Places')) await once(child.stdout, 'data');
  child.kill(signal);
  expect((await end).code).toBe(code);
  expect(text).toContain(HIDE);
  expect(text.lastIndexOf(SHOW)).toBeGreaterThan(text.lastIndexOf(HIDE));
});

test('the time left is estimated by what this run has done, not by what an earlier one has', async () => {
  const command = `
import { withTimeLeft } from ${JSON.stringify(MODULE)};
Object.assign(process.stdout, { isTTY: true, columns: 80 });
const times = [0, 60_000];
const now = () => times.shift() ?? 60_000;
await withTimeLeft('Reading', now, async (show) => { show(0.75, 'three quarters'); }, 0.5);
`;
  const { stdout } = await ended(startNode(['--input-type=module', '--eval', command], {}));
  expect(stdout).toContain('three quarters, 1 minute left');
});

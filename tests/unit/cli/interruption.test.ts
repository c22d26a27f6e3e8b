import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const MODULE = join(import.meta.dirname, '../../../cli/interruption.ts');

/** Goes on telling until it is interrupted, and then has something to put away. */
const COMMAND = `
import { interruption } from ${JSON.stringify(MODULE)};
const signal = interruption();
// Not console.log, which passes over errors by itself.
const telling = setInterval(() => process.stdout.write('working'), 1);
process.once('message', () => setTimeout(() => process.send('alive'), 20));
signal.addEventListener('abort', () => {
  clearInterval(telling);
  process.send('put away', () => process.disconnect());
});
`;

test('what nobody can read any more does not end a command before it has put its things away', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', COMMAND], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  const closed = once(child, 'close');
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.stdout?.destroy();
  child.send('are you there?');
  await Promise.race([once(child, 'message'), closed]);
  child.kill('SIGHUP');
  const [code] = await closed;
  expect([code, messages.at(-1)]).toEqual([129, 'put away']);
});

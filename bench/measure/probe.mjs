/**
 * Loads a packaged handler in a process that does nothing else, as Lambda's runtime does, and sends it events.
 * In JavaScript, because stripping types would take time. Its last argument is a JSON file with its task; it sends the
 * measurements to its parent.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const job = JSON.parse(readFileSync(process.argv.at(-1), 'utf8'));
const { file, coldEvent, warmUp = [], measured } = job;
const context = {
  awsRequestId: '00000000-0000-4000-8000-000000000002',
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:notify',
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  getRemainingTimeInMillis: () => 45_000,
};

const { handler } = file.endsWith('.mjs')
  ? await import(pathToFileURL(file).href)
  : createRequire(import.meta.url)(file);
if (typeof handler !== 'function') throw new Error(`${file} exports no handler`);
const readyAfter = performance.now();
if (coldEvent) await handler(coldEvent, context);

for (const event of warmUp) await handler(event, context);
const warm = measured && (await measure(measured));

process.send({ startedAt: performance.timeOrigin, readyAfter, warm }, () => process.disconnect());

/** @returns the average time of an event, in ms. */
async function measure(events) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (const event of events) await handler(event, context);
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000 / events.length, wallMs: wall / events.length };
}

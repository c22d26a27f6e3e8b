/**
 * Loads a packaged handler in a process that does nothing else, as Lambda's runtime does, and sends it events.
 * In JavaScript, because stripping types would take time. Its last argument is a JSON file with its task; it sends the
 * measurements to its parent.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const job = JSON.parse(readFileSync(process.argv.at(-1), 'utf8'));
const { file, timeoutMs = 45_000, coldEvent, warmUp = [], measured } = job;
let begun = 0;
const context = {
  awsRequestId: '00000000-0000-4000-8000-000000000002',
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:notify',
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  getRemainingTimeInMillis: () => begun + timeoutMs - performance.now(),
};

const module = file.endsWith('.mjs')
  ? await import(pathToFileURL(file).href)
  : createRequire(import.meta.url)(file);
const { handler } = module;
if (typeof handler !== 'function') throw new Error(`${file} exports no handler`);
const readyAfter = performance.now();
if (coldEvent) await handle(coldEvent);

for (const event of warmUp) await handle(event);
const warm = measured && (await measure(measured));

const peakMemoryMb = process.resourceUsage().maxRSS / 1024;
process.send({ startedAt: performance.timeOrigin, readyAfter, warm, peakMemoryMb }, () =>
  process.disconnect(),
);

function handle(event) {
  begun = performance.now();
  return handler(event, context);
}

/** @returns the average time of an event, in ms. */
async function measure(events) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (const event of events) await handle(event);
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000 / events.length, wallMs: wall / events.length };
}

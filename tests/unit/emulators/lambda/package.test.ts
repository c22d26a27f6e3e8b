import { useSamples } from '../../../testing/sample-function.ts';

const start = useSamples();

describe('a package', () => {
  test.each([
    ['index.mjs', 'export const handler = async () => 1;'],
    ['index.cjs', 'exports.handler = async () => 1;'],
    ['index.js', 'exports.handler = async () => 1;'],
  ])('may have its handler in %s', async (file, source) => {
    const lambda = await start(source, { file });
    expect(await lambda.invoke({})).toEqual({ result: 1 });
  });

  test.each([
    ['lacks a dependency', 'index.mjs', "import 'fflate';", "Cannot find 'fflate' in the package"],
    ['lacks the file', 'other.mjs', '', "Cannot find the handler's file"],
    ['lacks the export', 'index.mjs', 'export const other = 1;', 'index.handler is no exported'],
  ])('that %s fails at each invocation', async (_, file, source, message) => {
    const lambda = await start(source, { file });
    const error = { errorMessage: expect.stringContaining(message) };
    expect(await lambda.invoke({})).toMatchObject({ error });
    expect(await lambda.invoke({})).toMatchObject({ error });
  });
});

test('stopping ends the process and removes its files', async () => {
  const lambda = await start('export const handler = async () => process.pid;');
  const { result: pid } = (await lambda.invoke({})) as { result: number };
  await lambda.stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(await lambda.files()).toEqual([]);
});

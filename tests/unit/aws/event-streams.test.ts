import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as standIn from '../../../lib/aws/event-streams.ts';

test("the client of Lambda finds all that it imports of the SDK's codec of event streams", async () => {
  const folder = new URL('../../../node_modules/@aws-sdk/client-lambda/dist-es/', import.meta.url);
  const files = ['LambdaClient.js', 'runtimeConfig.js'].map((name) =>
    readFile(fileURLToPath(new URL(name, folder)), 'utf8'),
  );
  const imported = (await Promise.all(files)).map(
    (code) => /import \{ (\w+),? \} from "@smithy\/core\/event-streams"/.exec(code)?.[1],
  );
  expect(imported.sort()).toEqual(Object.keys(standIn).sort());
});

test('a configuration is passed on as it is', () => {
  const config = { region: 'eu-west-1' };
  expect(standIn.resolveEventStreamSerdeConfig(config)).toBe(config);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stackWithFunctions } from '../../../release/lambda.ts';
import { PARAMETERS } from '../../../release/parameters.ts';
import { readme } from '../../../release/readme.ts';
import { checkSettings } from '../../../stack/check-settings.ts';
import { stackNameOf } from '../../../stack/names.ts';
import { COMPLETE, DEPLOYMENT } from '../stack/complete-settings.ts';

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../examples/terraform', name), 'utf8');
const main = read('main.tf');

/** The parameters of the example in README.md. */
function exampleParameters(): Record<string, string> {
  const [, block = ''] = /parameters = \{\n([\s\S]+?)\}/.exec(read('README.md')) ?? [];
  return Object.fromEntries(
    Array.from(block.matchAll(/^ *(\w+) += "(.*)"$/gm), ([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

test('the example gives parameters that the template has, and all that it requires', () => {
  const given = exampleParameters();
  const names = Object.keys(given);
  expect(names).not.toEqual([]);
  expect(Object.keys(PARAMETERS)).toEqual(expect.arrayContaining(names));
  const required = Object.entries(PARAMETERS).filter(([, { Default }]) => Default === undefined);
  expect(names).toEqual(expect.arrayContaining(required.map(([name]) => name)));
});

test('the stack is called, and may make, what it is and may by the commands of the release', () => {
  const [, name] = /name += "(.+stage.+)"/.exec(main) ?? [];
  expect(name).toBe(stackNameOf('${var.stage}'));
  const [, capability] = /--capabilities (\w+)/.exec(readme('1.0.0')) ?? [];
  expect(main).toContain(`capabilities = ["${capability}"]`);
});

test("each function's code is a file beside the template, as the example expects", () => {
  const settings = checkSettings(COMPLETE, DEPLOYMENT);
  const functions = Object.values(stackWithFunctions(settings, 'dev').Resources).filter(
    ({ Type }) => Type === 'AWS::Lambda::Function',
  );
  expect(functions.length).toBeGreaterThan(0);
  for (const { Properties } of functions) expect(Properties.Code).toMatch(/^\w+\.zip$/);
  expect(main).toContain('${var.release}/${each.value.Properties.Code}');
});

test('nothing of the bucket is public', () => {
  const [, block = ''] =
    /"aws_s3_bucket_public_access_block" "release" \{([\s\S]+?)\n\}/.exec(main) ?? [];
  expect(Array.from(block.matchAll(/^ +(\w+) += true$/gm), ([, name]) => name)).toEqual([
    'block_public_acls',
    'block_public_policy',
    'ignore_public_acls',
    'restrict_public_buckets',
  ]);
});

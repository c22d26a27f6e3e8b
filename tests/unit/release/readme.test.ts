import { PARAMETERS } from '../../../release/parameters.ts';
import { readme } from '../../../release/readme.ts';
import { spokeTemplate } from '../../../stack/spoke.ts';

const text = readme('1.2.3');
const [, install = ''] = text.split('## Install');
const commands = [...install.matchAll(/^aws .*/gm)].map(([command]) => command);

test('the instructions name each parameter, and no other', () => {
  const rows = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(Object.keys(PARAMETERS));
  const given = [...text.matchAll(/\b([A-Z][A-Za-z]+)=/g)].map(([, name]) => name);
  const known = [...rows, ...Object.keys(spokeTemplate().Parameters)];
  expect(given.filter((name) => !known.includes(name))).toEqual([]);
});

test('three commands install it, in the order in which they need each other', () => {
  expect(commands.slice(0, 3)).toMatchInlineSnapshot(`
[
  "aws s3 mb s3://BUCKET --region REGION",
  "aws cloudformation package --template-file template.json --s3-bucket BUCKET --use-json --output-template-file packaged.json --region REGION",
  "aws cloudformation deploy --template-file packaged.json --s3-bucket BUCKET --stack-name deleted-secret-notifier-STAGE --capabilities CAPABILITY_IAM --region REGION --parameter-overrides AlertEmail=you@example.com CloudTrailLogGroup=CloudTrail/MyCloudWatchLogGroup",
]
`);
});

test('every command names the Region, and the stack as the commands of the service expect', () => {
  for (const command of commands) {
    expect(command).toContain('--region REGION');
    const [, stack] = /--stack-name (\S+)/.exec(command) ?? [];
    const name = 'deleted-secret-notifier-STAGE';
    expect([undefined, name, `${name}-spoke`]).toContain(stack);
  }
});

test('says which version it is, and what to check it out as', () => {
  expect(text).toContain('# deleted-secret-notifier 1.2.3');
  expect(text).toContain('In a checkout of version 1.2.3');
});

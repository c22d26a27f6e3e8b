import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSettings } from '../../../../stack/check-settings.ts';
import { examine, examineAs, examineSpoke, patched } from '../../../testing/account.ts';
import { faultsOfAws, optionsOf, words } from '../../../testing/aws-cli.ts';
import { REGION } from '../../../testing/healthy-account.ts';
import { COMPLETE } from '../../stack/complete-settings.ts';
import { faults } from './faults/fault.ts';
import { SPOKE_FAULTS } from './faults/spoke.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '../../../..', path), 'utf8');

/** Each remedy of each fault, and of what else shows then; and the pages that messages name. */
async function remediesOf(partition: string): Promise<string[]> {
  const remedies = new Set<string>();
  const inPartition = patched('DescribeStacks', ({ Stacks: [stack] }) => {
    stack.StackId = stack.StackId.replace('arn:aws:', `arn:${partition}:`);
  });
  for (const [, , , , change] of faults()) {
    const { results } = await examine(inPartition, change);
    for (const { remedy, message } of results) {
      if (remedy) remedies.add(remedy);
      for (const [page] of message.matchAll(/docs\/\S+#[\w-]+/g)) remedies.add(page);
    }
  }
  return [...remedies];
}
const remedies = await remediesOf('aws');

/** The same of a spoke, as it is there. */
async function remediesThere(): Promise<string[]> {
  const remedies = new Set<string>();
  for (const [, , , change] of Object.values(SPOKE_FAULTS).flat()) {
    for (const { remedy } of (await examineSpoke(change)).results) {
      if (remedy) remedies.add(remedy);
    }
  }
  return [...remedies];
}
const there = await remediesThere();

test.each(
  [...remedies, ...there].flatMap((remedy) => remedy.replace(/ # .+$/, '').split(/ && (?=npx )/)),
)('what it names accepts it: %s', (remedy) => {
  if (remedy.startsWith('https:')) expect(new URL(remedy).href).toBe(remedy);
  else if (remedy.startsWith('docs/')) expect(headings(remedy)).toContain(anchor(remedy));
  else accept(words(remedy).filter((word) => !/^AWS_(PROFILE|REGION)=\S/.test(word)));
});

test.each(['aws', 'aws-cn', 'aws-xx'])(
  'no link leads to another partition than %s',
  async (name) => {
    const hosts = (name === 'aws' ? remedies : await remediesOf(name))
      .filter((remedy) => remedy.startsWith('https:'))
      .map((remedy) => new URL(remedy).host)
      .filter((host) => host.includes('console'));
    const expected = { aws: 'aws.amazon.com', 'aws-cn': 'amazonaws.cn', 'aws-xx': undefined }[name];
    expect([...new Set(hosts)]).toEqual(expected ? [`${REGION}.console.${expected}`] : []);
  },
);

test('each command for a spoke names its Region and the profile there, or is for the hub', () => {
  const commands = there.filter((remedy) => /^(aws|npm) /.test(remedy));
  const others = commands.filter((one) => !/ --region us-east-1 --profile there\b/.test(one));
  expect(others.map((one) => one.replace(/ #.+/, '')).toSorted()).toEqual([
    expect.stringMatching(/^aws cloudformation update-stack-set .+ --region eu-west-1$/),
    'npm run doctor -- --stage dev --region eu-west-1',
    'npm run spoke -- --stage dev',
    'npm run spoke -- --stage dev --region eu-west-1',
    'npm run spoke -- --stage dev --region eu-west-1',
  ]);
});

test('each command names the profile that the doctor was run with', async () => {
  const commands = new Set<string>();
  for (const [, , , , change] of faults()) {
    const { results } = await examineAs("my team's", change);
    for (const { remedy = '' } of results) {
      for (const command of remedy.split(/ && (?=npx )/)) commands.add(command);
    }
  }
  const named = Map.groupBy(
    [...commands].filter((one) => /^(aws|npm|npx) (?!.+PROFILE-OF-)/.test(one)),
    (one) => {
      const [program = '', ...args] = words(one);
      const option = program === 'npx' ? '--aws-profile' : '--profile';
      return args[args.indexOf(option) + 1] === "my team's" && program;
    },
  );
  expect(named.get(false)).toBeUndefined();
  expect([...named.keys()].toSorted()).toEqual(['aws', 'npm', 'npx']);
});

const anchor = (remedy: string) => /#([\w-]+)/.exec(remedy)?.[1];
const headings = (remedy: string) =>
  Array.from(read(remedy.split('#')[0] ?? '').matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );

function accept([program, ...args]: readonly string[]): void {
  if (program === 'aws') {
    expect(optionsOf(args).region).toEqual([expect.stringMatching(/^[a-z]+-[a-z]+-\d$/)]);
    expect(faultsOfAws(args)).toEqual([]);
  } else if (program === 'npx') acceptServerless(args);
  else if (program === 'npm') acceptNpm(args);
  else throw new Error(`Expected a command of aws, npx or npm, got ${program}`);
}

function acceptNpm([verb, ...rest]: readonly string[]): void {
  const [script = '', separator, ...args] = rest.filter((word) => word !== '-s');
  expect([verb, separator]).toEqual(['run', '--']);
  expect(Object.keys(JSON.parse(read('package.json')).scripts)).toContain(script);
  const { stage, region = [REGION] } = optionsOf(args);
  expect([stage, region]).toEqual([['dev'], [expect.stringMatching(/^(eu-west|us-east)-1$/)]]);
}

/** With the settings that the stack was deployed with, but for those that the command names. */
function acceptServerless([program, verb, ...args]: readonly string[]): void {
  expect([program, verb]).toEqual(['serverless', expect.stringMatching(/^(deploy|remove)$/)]);
  const { region, stage, force, ...others } = optionsOf(
    args.filter((arg) => !/^--param=/.test(arg)),
  );
  expect([region, stage?.length, force ?? [], others]).toEqual([[REGION], 1, [], {}]);
  const params = args.flatMap((arg) => /^--param=([^=]+)=(.*)$/.exec(arg)?.slice(1, 3) ?? []);
  const changed = Object.fromEntries(
    params.flatMap((name, index) => (index % 2 === 0 ? [[name, params[index + 1]]] : [])),
  );
  expect(() =>
    checkSettings({ ...COMPLETE, ...changed }, { region: REGION, functionNames: [], stage: 'dev' }),
  ).not.toThrow();
}

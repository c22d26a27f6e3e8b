import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as cloudcontrol from '@aws-sdk/client-cloudcontrol';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as events from '@aws-sdk/client-eventbridge';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import { checkSettings } from '../../../../stack/check-settings.ts';
import { examine, examineAs, examineSpoke, patched } from '../../../testing/account.ts';
import { REGION } from '../../../testing/healthy-account.ts';
import { COMPLETE } from '../../stack/complete-settings.ts';
import { type Any, faults } from './faults/fault.ts';
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

/** The words of a command, as a shell makes them. */
const words = (command: string) =>
  Array.from(command.matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g), ([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, one) => single ?? double ?? one),
  );

function accept([program, ...args]: readonly string[]): void {
  if (program === 'aws') acceptAws(args);
  else if (program === 'npx') acceptServerless(args);
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

function optionsOf(args: readonly string[]): Record<string, string[]> {
  const options: Record<string, string[]> = {};
  let values: string[] | undefined;
  for (const arg of args) {
    if (arg.startsWith('--')) {
      values = [];
      options[arg.slice(2)] = values;
    } else values?.push(arg);
  }
  return options;
}

/** The SDK's packages, by what the AWS CLI calls their services. Both are made from the same models. */
const SERVICES: Readonly<Record<string, Any>> = {
  ...{
    cloudcontrol,
    cloudformation,
    cloudtrail,
    cloudwatch,
    dynamodb,
    events,
    iam,
    kms,
    lambda,
    logs,
    sns,
    sqs,
  },
};
/** https://github.com/aws/aws-cli/blob/develop/awscli/customizations/argrename.py */
const RENAMED: Readonly<Record<string, string>> = {
  'sns.subscribe.endpoint': 'notification-endpoint',
};

function acceptAws([service = '', verb = '', ...args]: readonly string[]): void {
  const name = verb.replaceAll(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase());
  const operation = SERVICES[service]?.[`${name}$`];
  expect([service, verb, operation?.[0]]).toEqual([service, verb, 9]);
  const [, , , , names, members, required = 0] = resolve(operation[4]);
  const { region, profile: _, ...options } = optionsOf(args);
  expect(region).toEqual([expect.stringMatching(/^[a-z]+-[a-z]+-\d$/)]);
  const known: string[] = names.map((member: string) => {
    const option = hyphened(member);
    return RENAMED[`${service}.${verb}.${option}`] ?? option;
  });
  expect(known).toEqual(expect.arrayContaining(Object.keys(options)));
  expect(Object.keys(options)).toEqual(expect.arrayContaining(known.slice(0, required)));
  for (const [option, values] of Object.entries(options)) {
    const schema = members[known.indexOf(option)];
    // Of a flag the CLI takes no value.
    if (resolve(schema) === BOOLEAN && values.length === 0) continue;
    expect(values).not.toEqual([]);
    expect(faultsOf(schema, readValue(schema, values))).toEqual([]);
  }
}

/** As the CLI does it: https://github.com/boto/botocore/blob/develop/botocore/__init__.py (xform_name) */
const hyphened = (member: string) =>
  member
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase();

// What the SDK's schemas are made of: @smithy/types, schema/static-schemas and schema/sentinels.
const [LIST, BOOLEAN, STRUCTURE] = [1, 2, 3];
const resolve = (schema: Any): Any =>
  typeof schema === 'function'
    ? resolve(schema())
    : Array.isArray(schema) && typeof schema[0] !== 'number'
      ? resolve(schema[0])
      : schema;
/** Of what a list's items are; `undefined` for what is no list. */
function itemOf(schema: Any): Any {
  const resolved = resolve(schema);
  if (Array.isArray(resolved)) return resolved[0] === LIST ? resolved[4] : undefined;
  return resolved >= 64 && resolved < 128 ? resolved - 64 : undefined;
}

/** What the CLI makes of an option's words: JSON, or its shorthand, or what they are. */
function readValue(schema: Any, values: readonly string[]): unknown {
  const [first = ''] = values;
  const isStructure = resolve(itemOf(schema) ?? schema)?.[0] === STRUCTURE;
  if (isStructure && /^[[{]/.test(first)) return JSON.parse(first);
  if (isStructure) {
    const structures = values.map(readShorthand);
    return itemOf(schema) === undefined ? structures[0] : structures;
  }
  return itemOf(schema) === undefined ? first : values;
}

const readShorthand = (text: string) =>
  Object.fromEntries(
    text.split(',').map((pair) => {
      const [key = '', value] = pair.split('=');
      return [key, /^(true|false)$/.test(value ?? '') ? value === 'true' : value];
    }),
  );

/** What a value has that its schema has not, and what it lacks. */
function faultsOf(schema: Any, value: Any): string[] {
  const item = itemOf(schema);
  if (item !== undefined) {
    if (!Array.isArray(value)) return [`no list: ${value}`];
    return value.flatMap((one) => faultsOf(item, one));
  }
  const resolved = resolve(schema);
  if (!Array.isArray(resolved) || resolved[0] !== STRUCTURE) return value === '' ? ['empty'] : [];
  const [, , , , names, members, required = 0] = resolved;
  const missing = names.slice(0, required).filter((name: string) => !(name in value));
  return [
    ...missing.map((name: string) => `${name} is missing`),
    ...Object.entries(value).flatMap(([name, inner]) =>
      names.includes(name) ? faultsOf(members[names.indexOf(name)], inner) : [`${name} is unknown`],
    ),
  ];
}

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { buildArgv } from 'jest';
import { parse } from 'yaml';
import { findCommand } from '../../cli/commands.ts';
import * as runner from '../../cli/run-command.ts';
import { ROOT } from '../../emulators/serverless.ts';
import { PARAMETERS } from '../../release/parameters.ts';
import { SETTINGS } from '../../stack/settings.ts';
import { spokeTemplate } from '../../stack/spoke.ts';
import { faultsOfAws, optionsOf, words } from './aws-cli.ts';

const { scripts, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Programs of which documents show commands, whose options nothing here knows. */
const OTHERS = ['cd', 'gh', 'gzip', 'jq', 'node', 'sha256sum', 'uname'];

/** What is wrong with the arguments of a program. */
const PROGRAMS: Readonly<Record<string, (args: string[]) => string[] | Promise<string[]>>> = {
  aws: (args) => [...faultsOfAws(args), ...faultsOfTemplate(optionsOf(args))],
  npm: faultsOfNpm,
  npx: ([program = '', ...args]) =>
    program === 'serverless' ? faultsOfServerless(args) : faultsOfPackage(program),
  serverless: faultsOfServerless,
  terraform: faultsOfTerraform,
  tofu: faultsOfTerraform,
  ...Object.fromEntries(OTHERS.map((program) => [program, () => []])),
};

/** Whether a text is a command, or may be meant as one. */
export const isCommand = (text: string): boolean => {
  const [program = ''] = text.replace(VARIABLES, '').split(' ');
  return /^\.ci\//.test(text) || (/\s/.test(text) && Object.hasOwn(PROGRAMS, program));
};

/** What a command may begin with: `AWS_REGION=eu-west-1 `. */
const VARIABLES = /^(?:[A-Z_]+=\S+ )+/;

/**
 * What is wrong with a command, as a document shows it: with placeholders in capitals, `[what may be left out]`, `a|b`, and `…`
 * in the place of the rest.
 */
export async function faultsOfCommand(command: string): Promise<string[]> {
  const faults = command
    .replace(/\s+#\s.*$/, '')
    .split(/ (?:&&|\|) (?=[a-z])/)
    .map(async (one) => {
      const [program = '', ...args] = words(one.replace(VARIABLES, '').replace(/ …$/, ''));
      if (program.startsWith('.ci/')) return faultsOfPath(program);
      return (await PROGRAMS[program]?.(args)) ?? [];
    });
  return (await Promise.all(faults)).flat();
}

const list = (names: readonly string[]) => names.join(', ');

const faultsOfPath = (path: string) =>
  existsSync(join(ROOT, path)) ? [] : [`expected a file or folder, got ${path}`];

const faultsOfPackage = (name: string) =>
  name in devDependencies ? [] : [`expected a package of package.json, got npx ${name}`];

async function faultsOfNpm([verb = '', ...rest]: string[]): Promise<string[]> {
  if (['ci', 'install', 'sbom', '--version'].includes(verb)) return [];
  const [script, separator, ...args] = (verb === 'run' ? rest : [verb, ...rest]).filter(
    (word) => word !== '-s',
  );
  if (script === undefined) return [];
  if (separator === undefined || separator === '--') return faultsOfScript(script, args);
  return [`expected -- before the options of ${script}, got ${separator}`];
}

/** @param script one of package.json, which runs Jest or a command of ours */
export async function faultsOfScript(script: string, args: string[]): Promise<string[]> {
  if (!Object.hasOwn(scripts, script)) {
    return [`expected a script, got ${script}; there is ${list(Object.keys(scripts))}`];
  }
  if (args.length === 0) return [];
  if (scripts[script].includes('/jest.js')) {
    const paths = args.filter((arg) => arg.includes('/'));
    const isThere = (path: string) => globSync(`${path}*`, { cwd: ROOT }).length > 0;
    const faults = paths.filter((path) => !isThere(path));
    const refused = await buildArgv(args).then(
      () => [],
      ({ message }: Error) => [/Unrecognized option.*/.exec(message)?.[0] ?? message],
    );
    return [...faults.map((path) => `expected tests, got ${path}`), ...refused];
  }
  const command = await commandOf(script);
  return command ? faultsOfOptions(command, args) : [`expected no options of ${script}, got some`];
}

/** The command that a script runs, without running it; `undefined` if it runs none of ours. */
export async function commandOf(script: string): Promise<Command | undefined> {
  const [, file = '', name] = /(\S+\.ts)(?: (\w+))?$/.exec(scripts[script]) ?? [];
  if (name) return findCommand(name);
  if (file === '') return;
  if (!readFileSync(join(ROOT, file), 'utf8').includes('await runCommand(command')) return;
  await import(join(ROOT, file));
  return COMMANDS.get(script);
}

const COMMANDS = new Map<string, Command>();
interface MocksModules {
  /** https://jestjs.io/docs/ecmascript-modules#module-mocking-in-esm, which @types/jest lacks. */
  unstable_mockModule(path: string, factory: () => unknown): void;
}
(import.meta.jest as unknown as MocksModules).unstable_mockModule(
  '../../cli/run-command.ts',
  () => ({
    ...runner,
    runCommand: (command: Command) => COMMANDS.set(command.name(), command),
  }),
);

function faultsOfOptions(command: Command, args: readonly string[]): string[] {
  const faults: string[] = [];
  const rest = args.filter((arg) => arg !== '|').map((arg) => arg.replace(/^\[|\]$/g, ''));
  while (rest.length > 0) {
    const [word = '', given] = rest.shift()?.split('=') ?? [];
    const option = command.options.find(({ long, short }) => word === long || word === short);
    if (!option) {
      const known = list(command.options.map(({ long }) => long ?? '')) || 'none';
      faults.push(`expected an option of ${command.name()}, got ${word}; there is ${known}`);
    } else if (option.required) {
      // Named at the end, an option is spoken of only.
      faults.push(...faultsOfValue(option, given ?? rest.shift() ?? '…'));
    }
  }
  return faults;
}

/** Stands for a value: `NAME`, `ACCOUNT/REGION`, `$STAGE`, `…`. */
const isPlaceholder = (value: string) => /^(?:[A-Z][A-Z_/-]*|…|\$\w+)$/.test(value);

function faultsOfValue({ long, parseArg }: Option, value: string): string[] {
  if (value.startsWith('--')) return [`expected a value of ${long}, got none`];
  return value.split('|').flatMap((one) => {
    if (isPlaceholder(one)) return [];
    try {
      parseArg?.(one, undefined);
      return [];
    } catch (error) {
      return [`${long} ${one}: ${(error as Error).message}`];
    }
  });
}

/** What is wrong with options of which a document does not say the command: all would be refused by each. */
export async function faultsOfLooseOptions(options: string): Promise<string[]> {
  const args = words(options);
  const ours = Object.keys(scripts).filter((script) => !scripts[script].includes('/jest.js'));
  const faults = await Promise.all(ours.map((script) => faultsOfScript(script, args)));
  if (faults.some(({ length }) => length === 0)) return [];
  const serverless = faultsOfServerless(['deploy', ...args]);
  const isKnown = serverless.length === 0 || OF_OTHERS.includes(args[0] ?? '');
  if (args[0]?.startsWith('--param=')) return serverless;
  return isKnown ? [] : [`expected options of a command, got ${options}`];
}
/** Of the AWS CLI, npm and `/lambda invoke` in a chat. */
const OF_OTHERS = [
  '--s3-bucket',
  '--queue-url',
  '--parameter-overrides',
  '--omit=dev',
  '--payload',
];

function faultsOfServerless([verb = '', ...args]: string[]): string[] {
  const given = args.flatMap((arg) => /^--param=(.+)$/.exec(arg)?.[1] ?? []);
  const options = Object.keys(optionsOf(args.filter((arg) => !arg.startsWith('--param='))));
  const known = ['region', 'stage', 'aws-profile', 'package', 'force'];
  const unknown = options.filter((option) => !known.includes(option));
  return [
    ...(/^(|…|deploy|remove|package)$/.test(verb) ? [] : [`expected deploy, got ${verb}`]),
    ...unknown.map(
      (option) =>
        `expected an option of deploy, got --${option}; there is --param, --${known.join(', --')}`,
    ),
    ...given.flatMap(faultsOfSetting),
  ];
}

/** What is wrong with `name=value`. */
export function faultsOfSetting(setting: string): string[] {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(setting) ?? [];
  if (name === 'name' && value === 'value') return [];
  if (!Object.hasOwn(SETTINGS, name))
    return [`expected a setting, got ${name}; there is ${list(Object.keys(SETTINGS))}`];
  const { expected, accepts } = SETTINGS[name as keyof typeof SETTINGS];
  return isPlaceholder(value) || accepts(value)
    ? []
    : [`expected ${name} to be ${expected}, got ${value}`];
}

/** Of the example that is deployed with Terraform or OpenTofu. */
function faultsOfTerraform(args: readonly string[]): string[] {
  const [, directory] = /^-chdir=(.+)$/.exec(args[0] ?? '') ?? [];
  if (!directory || faultsOfPath(directory).length > 0)
    return directory ? faultsOfPath(directory) : [];
  const text = globSync(join(ROOT, directory, '*.tf')).map((file) => readFileSync(file, 'utf8'));
  const given = args.flatMap((arg, i) => (args[i - 1] === '-var' ? (arg.split('=')[0] ?? []) : []));
  const parameters = args.flatMap((arg) =>
    arg.startsWith('parameters={')
      ? Array.from(arg.matchAll(/[{,](\w+)=/g), ([, name = '']) => name)
      : [],
  );
  return [
    ...given
      .filter((name) => !text.join('\n').includes(`variable "${name}"`))
      .map((name) => `expected a variable of ${directory}, got ${name}`),
    ...parameters
      .filter((name) => !Object.hasOwn(PARAMETERS, name))
      .map((name) => `expected a parameter of the release, got ${name}`),
  ];
}

/** Of `aws cloudformation deploy`: the parameters have to be those of its template, which is the release's or an example. */
function faultsOfTemplate({
  'template-file': [file = ''] = [],
  'parameter-overrides': given = [],
}: Record<string, string[]>): string[] {
  const isExample = file.startsWith('examples/');
  if (isExample && faultsOfPath(file).length > 0) return faultsOfPath(file);
  const names = Object.keys(
    isExample
      ? parse(readFileSync(join(ROOT, file), 'utf8'), { logLevel: 'silent' }).Parameters
      : file === 'spoke.json'
        ? spokeTemplate().Parameters
        : PARAMETERS,
  );
  return given
    .map((one) => one.split('=')[0] ?? '')
    .filter((name) => !names.includes(name))
    .map((name) => `expected a parameter of ${file}, got ${name}; there is ${list(names)}`);
}

import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudWatchLogsClientConfig } from '@aws-sdk/client-cloudwatch-logs';
import { DEFAULT_STAGE } from '../lib/notice/commands.ts';
import {
  checkSettings,
  type RawSettings,
  SettingsError,
  trailOfHubAlone,
  withoutEffect,
} from './check-settings.ts';
import type { Resources } from './cloudformation.ts';
import { findObstacle, watchedLogGroup } from './log-group.ts';
import { READ_TRAIL } from './names.ts';
import type { Settings } from './settings.ts';
import { stack } from './stack.ts';

/** The options of the command line that are read here. */
type Options = {
  package?: string;
  param?: string[];
} & Partial<Record<(typeof WHERE)[number], string>>;

/** The options that select the deployment. */
const WHERE = ['stage', 'region', 'aws-profile'] as const;

/**
 * The part of the Serverless Framework that this plugin uses, in osls and in version 4, which differ where a line says so.
 * https://github.com/oss-serverless/osls/blob/4.x/lib/serverless.js
 * https://github.com/serverless/serverless/blob/main/packages/serverless/lib/serverless.js
 */
type Serverless = {
  addServiceOutputSection: (name: string, lines: string[]) => void;
  classes: { Error: new (message: string, code: string) => Error };
  configurationInput: { params?: Record<string, RawSettings | undefined> };
  getProvider: (name: 'aws') => {
    getStage: () => string;
    getRegion: () => string;
    /** Of a client of the AWS SDK, with the deployer's credentials: osls has it. */
    getAwsSdkV3Config?: () => Promise<CloudWatchLogsClientConfig>;
    /** The deployer's credentials: version 4 of the framework has it; that of osls throws. */
    getCredentials: () => Promise<NonNullable<CloudWatchLogsClientConfig['credentials']>>;
  };
  processedInput: { commands: string[]; options: Options };
  service: {
    /** What bundles, in version 4. osls knows no such property, and refuses it in serverless.yml. */
    build?: unknown;
    functions: Record<string, { name: string }>;
    getFunction: (name: string) => Record<string, unknown>;
    resources?: { Resources?: Resources; Outputs?: object };
  };
};

/** What Serverless passes to a plugin besides itself and the options. */
type Utilities = { log: { warning: (text: string) => void } };

/**
 * Checks the settings, then adds to the service what depends on them. Only for the commands that
 * need it: `remove`, `info`, `logs` and a deployment of what was packaged before need no settings.
 */
export default class DeletedSecretNotifier {
  readonly hooks: Record<string, () => void | Promise<void>>;

  constructor(serverless: Serverless, _options: unknown, { log }: Utilities) {
    const start = Date.now();
    // Version 4 brings an esbuild of its own, and refuses serverless-esbuild, which comes next, unless that is off. In
    // serverless.yml osls would refuse it.
    // https://github.com/serverless/serverless/blob/main/packages/serverless/lib/classes/plugin-manager.js
    serverless.service.build ??= { esbuild: false };
    const { commands, options } = serverless.processedInput;
    const isDeployment = commands.join(' ') === 'deploy';
    let settings: Settings | undefined;
    const cleanUp = () => removeTemporaryFolders(serverless, start, log);
    this.hooks = {
      initialize() {
        settings = initialize(serverless, log);
      },
      // Before all that takes time: a deployment packages first.
      'before:package:cleanup': () => {
        if (isDeployment) return checkLogGroup(serverless, log);
      },
      // By now Serverless has read what was packaged before.
      'before:deploy:deploy': () => {
        if (options.package) return checkLogGroup(serverless, log);
      },
      // Serverless prints these after a deployment, unless there was nothing to deploy.
      'after:deploy:deploy': () =>
        serverless.addServiceOutputSection('next steps', nextSteps(serverless, settings)),
      finalize: cleanUp, // after a command that was successful
      error: cleanUp,
    };
  }
}

/** @returns the settings, for a command that needs them. */
function initialize(serverless: Serverless, log: Utilities['log']): Settings | undefined {
  const { commands, options } = serverless.processedInput;
  const command = commands.join(' ');
  const makesTemplate = command === 'package' || (command === 'deploy' && !options.package);
  if (!makesTemplate && command !== 'deploy function') return undefined;

  const raw = given(serverless);
  const settings = settingsOf(raw, serverless, command);
  const provider = serverless.getProvider('aws');
  const stage = provider.getStage();
  const makesAlarm = makesTemplate && settings.classicAlarm;
  if (makesAlarm && stage !== DEFAULT_STAGE && raw.alarmName === undefined) {
    log.warning(sharedAlarm(stage, provider.getRegion(), settings));
  }
  for (const warning of [withoutEffect(raw, settings), trailOfHubAlone(settings)]) {
    if (makesTemplate && warning) log.warning(warning);
  }
  const { template, functions } = stack(settings, stage);
  const { service } = serverless;
  for (const name of Object.keys(service.functions)) {
    if (!Object.hasOwn(functions, name)) delete service.functions[name];
  }
  for (const [name, { role, ...definition }] of Object.entries(functions)) {
    // `deploy function` cannot resolve a role of the stack; without one it keeps the deployed role.
    Object.assign(service.getFunction(name), definition, makesTemplate && { role });
  }
  service.resources = {
    ...service.resources,
    ...template,
    Resources: { ...service.resources?.Resources, ...template.Resources },
    Outputs: { ...service.resources?.Outputs, ...template.Outputs },
  };
  return settings;
}

/**
 * CloudFormation would find out after minutes, and say little.
 * @throws serverless.classes.Error if a filter surely cannot be made on the log group
 */
async function checkLogGroup(serverless: Serverless, log: Utilities['log']): Promise<void> {
  const watched = watchedLogGroup(serverless.service.resources?.Resources ?? {});
  if (!watched) return;
  const config = await clientConfig(serverless);
  const { name = '' } = serverless.service.functions[READ_TRAIL.key] ?? {};
  const obstacle = await findObstacle(watched, name, config);
  if (obstacle?.isCertain) throw new serverless.classes.Error(obstacle.text, obstacle.code);
  if (obstacle) log.warning(obstacle.text);
}

/** Of a client of the AWS SDK, with the credentials and the Region of the deployment, in osls and in version 4. */
async function clientConfig(serverless: Serverless): Promise<CloudWatchLogsClientConfig> {
  const provider = serverless.getProvider('aws');
  if (provider.getAwsSdkV3Config) return provider.getAwsSdkV3Config();
  return { region: provider.getRegion(), credentials: await provider.getCredentials() };
}

/**
 * Removes the folders that serverless-esbuild has made since `start`, in ms since 1970, and leaves in the system's
 * temporary folder: it copies each function there before it zips it, and then removes that folder only if it is empty.
 * Their names are those of the functions, with the process, the time in ms and eight random digits.
 * Source: https://github.com/floydspace/serverless-esbuild/blob/master/src/utils.ts
 */
async function removeTemporaryFolders(
  { service }: Serverless,
  start: number,
  log: Utilities['log'],
): Promise<void> {
  const pattern = new RegExp(`^(.+)-${process.pid}-(\\d+)-[0-9a-f]{8}$`);
  const isOfThisRun = (folder: string) => {
    const [, name = '', time] = pattern.exec(folder) ?? [];
    return Object.hasOwn(service.functions, name) && Number(time) >= start;
  };
  try {
    for (const folder of (await readdir(tmpdir())).filter(isOfThisRun)) {
      await rm(join(tmpdir(), folder), { recursive: true, force: true });
    }
  } catch (error) {
    // No reason to fail: the service is packaged or deployed.
    log.warning(`Temporary files of serverless-esbuild are left: ${(error as Error).message}`);
  }
}

/** What to do after a deployment, which does not show whether an alert would arrive. */
function nextSteps(serverless: Serverless, settings: Settings | undefined): string[] {
  const { 'aws-profile': profile } = serverless.processedInput.options;
  const provider = serverless.getProvider('aws');
  const where = [
    `--stage ${provider.getStage()} --region ${provider.getRegion()}`,
    ...(profile ? [`--profile ${profile}`] : []),
  ].join(' ');
  const confirm = [
    'Confirm the mail that AWS has sent to each new address of alertEmails.',
    'Until then nothing arrives there.',
  ];
  return [
    ...(settings?.alertEmails.length ? confirm : []),
    `Would an alert arrive? npm run -s doctor -- ${where}`,
    `Prove that it does:    npm run -s drill -- ${where}`,
    ...(settings?.organizationId ? [`Deploy its spokes:     npm run -s spoke -- ${where}`] : []),
  ];
}

/** The settings that were given: at the command line, for the stage, or for all. */
function given(serverless: Serverless): RawSettings {
  const { params = {} } = serverless.configurationInput;
  const { param = [] } = serverless.processedInput.options;
  return {
    ...params.default,
    ...params[serverless.getProvider('aws').getStage()],
    ...Object.fromEntries(param.map(nameAndValue)),
  };
}

function settingsOf(raw: RawSettings, serverless: Serverless, command: string): Settings {
  const functionNames = Object.values(serverless.service.functions).map(({ name }) => name);
  try {
    const provider = serverless.getProvider('aws');
    const where = { stage: provider.getStage(), region: provider.getRegion() };
    return checkSettings(raw, { ...where, functionNames });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const { options } = serverless.processedInput;
    throw new serverless.classes.Error(explain(error, command, options), error.code);
  }
}

/** Splits `--param` at its first equals sign, as Serverless does. */
function nameAndValue(param: string): [name: string, value: string] {
  const [name = '', ...value] = param.split('=');
  return [name, value.join('=')];
}

/** A warning only: that stage may be the only one, which is unknown here. */
const sharedAlarm = (stage: string, region: string, { alarmName }: Settings) => `\
The stage ${stage} keeps the default \`alarmName\`, ${alarmName}, and a Region has only one alarm of a name. \
If another stage in ${region} has it, deploy with --param="alarmName=${alarmName}-${stage}"; \
if none has, give it as it is, and this warning ends.`;

function explain({ faults }: SettingsError, command: string, options: Options): string {
  const where = WHERE.flatMap((name) => (options[name] ? [`--${name} ${options[name]}`] : []));
  return `\
The settings are not complete and right yet:
${faults.map((fault) => `- ${fault.replaceAll('\n', '\n  ')}`).join('\n')}
An example that works:
  npx serverless ${[command, ...where].join(' ')} --param="alertEmails=you@example.com" --param="cloudTrailLogGroup=CloudTrail/MyCloudWatchLogGroup"`;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { delimiter, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { NotifierError } from '../lib/errors.ts';
import { stackNameOf } from '../stack/names.ts';
import type { OutputName } from '../stack/stack.ts';
import { ACCOUNT, clientSettings, REGION } from './client.ts';
import { BUILD, run, runServerless } from './serverless.ts';

const SERVER = join(import.meta.dirname, 'emulator/serve.py');
const REQUIREMENTS = join(import.meta.dirname, 'emulator/requirements.txt');
const VENV = join(BUILD, 'ministack');
const PYTHON = join(VENV, 'bin/python');

/** The AWS CLI that is installed with the emulator. */
export const AWS_CLI = join(VENV, 'bin/aws');

/** Written last, so that an interrupted installation is repeated. */
const INSTALLED = join(VENV, 'installed.txt');

/** The endpoint of an emulator, and the file of its self-signed certificate. */
export interface EmulatorAddress {
  readonly endpoint: string;
  readonly certificate: string;
}

export interface Emulator extends EmulatorAddress {
  /** Stops it and the functions that run in it, and removes all that they wrote except the log. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  /** The directory of `emulator.log`, and of its state while it runs. */
  readonly directory: string;
  /** Interrupts the start when aborted. `stop` ends what has been started. */
  readonly signal: AbortSignal;
}

/** The organization of an emulator, with the names of its accounts, which the service's may list. Others are of none. */
export const ORGANIZATION = {
  id: 'o-a1b2c3d4e5',
  accounts: { [ACCOUNT]: 'security', '444455556666': 'payments', '123456789012': 'sandbox' },
};

const SECRET_ACCESS_KEY = 'local';

/**
 * Starts the AWS emulator ministack, empty, on a free port of 127.0.0.1. It checks signatures, the policies of roles,
 * and those of topics and queues, which require TLS.
 * @throws NotifierError if a program that it needs is missing on this machine.
 */
export async function startEmulator({ directory, signal }: EmulatorOptions): Promise<Emulator> {
  requireNode24();
  await mkdir(directory, { recursive: true });
  const python = await installMinistack(join(directory, 'install.log'), signal);
  signal.throwIfAborted();

  await using starting = new AsyncDisposableStack();
  const state = await mkdtemp(join(directory, 'emulator-'));
  starting.defer(() => rm(state, { recursive: true, force: true, maxRetries: 5 }));
  // It writes a script in CommonJS for its functions below this directory.
  await writeFile(join(state, 'package.json'), '{ "type": "commonjs" }');
  const log = join(directory, 'emulator.log');
  const file = await open(log, 'w');
  const child = spawn(python, [SERVER], {
    env: emulatorEnvironment(state),
    stdio: ['pipe', file.fd, file.fd, 'pipe'],
    detached: true, // a process group of its own, with its functions' processes
  });
  starting.defer(() => end(child));
  await file.close();
  try {
    const address = (await json(child.stdio[3] as Readable)) as EmulatorAddress;
    await untilHealthy(address, signal);
    const running = starting.move();
    return { ...address, stop: () => running.disposeAsync() };
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`The emulator did not start: ${await readFile(log, 'utf8')}`, { cause });
  }
}

/** Its functions run on the Node.js of this process. */
function requireNode24(): void {
  if (/^v24\./.test(process.version)) return;
  const next = 'Start it by npm, which brings the one of the project.';
  throw new NotifierError(
    'MISSING_PROGRAM',
    `Expected Node.js 24, as Lambda has, got ${process.version}. ${next}`,
  );
}

function emulatorEnvironment(state: string) {
  return {
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: state,
    TMPDIR: state,
    STATE_DIR: join(state, 'state'),
    S3_DATA_DIR: join(state, 's3'),
    PYTHONDONTWRITEBYTECODE: '1',
    // The address that it returns in answers; it listens where serve.py says.
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_REGION: REGION,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
    ORGANIZATION: JSON.stringify(ORGANIZATION),
    AUTH: 'true',
    USE_SSL: '1',
    CLOUDTRAIL_RECORDING: '1',
    LAMBDA_EXECUTOR: 'local', // processes, not containers
    LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.1', // AWS waits a minute
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
  };
}

async function untilHealthy(address: EmulatorAddress, signal: AbortSignal): Promise<void> {
  const agent = await agentOf(address);
  const health = request(`${address.endpoint}/_localstack/health`, { agent, signal }).end();
  const [answer] = await once(health, 'response');
  answer.resume();
  agent.destroy();
}

/** Kills its process group; all of its state is removed anyway. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}

/** Settings of an AWS SDK client that calls an emulator as the root of its account. */
export async function emulatorSettings(address: EmulatorAddress) {
  return {
    ...clientSettings(address.endpoint, ACCOUNT),
    requestHandler: { httpsAgent: await agentOf(address) },
  };
}

const agentOf = async ({ certificate }: EmulatorAddress) =>
  new Agent({ ca: await readFile(certificate), keepAlive: true });

/** The variables that point the AWS SDKs and the AWS CLI of another process to an emulator. */
export const emulatorVariables = ({ endpoint, certificate }: EmulatorAddress) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: ACCOUNT,
  AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
  AWS_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CA_BUNDLE: certificate,
  NODE_EXTRA_CA_CERTS: certificate,
});

export interface DeployOptions {
  readonly emulator: EmulatorAddress;
  readonly stage: string;
  /** As in serverless.yml's `params`. */
  readonly settings: Readonly<Record<string, string>>;
  /** The directory of `deploy.log`, to which Serverless's output is appended, and of its temporary files. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** The outputs of a stack. */
export type Outputs = Readonly<Partial<Record<OutputName, string>>>;

/**
 * Deploys the service to an emulator, or updates it, by `serverless deploy`, as a user does to AWS.
 * Must not run twice at a time in a checkout.
 * @throws Error with Serverless's output if it fails, or the reason of `signal` once it is stopped.
 */
export async function deploy(options: DeployOptions): Promise<Outputs> {
  const { emulator, stage, settings, directory, signal } = options;
  const { cloudTrailLogGroup } = settings;
  if (cloudTrailLogGroup) await createLogGroup(emulator, cloudTrailLogGroup);
  await runServerless(['deploy', '--stage', stage, '--verbose'], settings, {
    env: emulatorVariables(emulator),
    log: join(directory, 'deploy.log'),
    temporary: directory,
    signal,
  });
  return outputsOf(emulator, stage);
}

/** @throws ValidationError if the service is not deployed. */
export async function outputsOf(emulator: EmulatorAddress, stage: string): Promise<Outputs> {
  const cloudFormation = new CloudFormationClient(await emulatorSettings(emulator));
  const StackName = stackNameOf(stage);
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks?.[0]?.Outputs ?? [];
  return Object.fromEntries(outputs.map((each) => [each.OutputKey, each.OutputValue]));
}

/** A trail's log group exists before the service. Does nothing if there is one of this name. */
export async function createLogGroup(
  emulator: EmulatorAddress,
  logGroupName: string,
): Promise<void> {
  const logs = new CloudWatchLogsClient(await emulatorSettings(emulator));
  await logs.send(new CreateLogGroupCommand({ logGroupName })).catch((error: Error) => {
    if (error.name !== 'ResourceAlreadyExistsException') throw error;
  });
}

/**
 * Installs ministack into a virtual environment of this checkout, unless it is installed.
 * @param log a file to which pip's output is appended. @returns the path of its Python.
 * @throws NotifierError if a program that it needs is missing.
 */
export async function installMinistack(log: string, signal: AbortSignal): Promise<string> {
  await requireOpenSsl(signal);
  await requirePython(signal);
  const requirements = await readFile(REQUIREMENTS, 'utf8');
  if (requirements === (await readFile(INSTALLED, 'utf8').catch(() => ''))) return PYTHON;

  await rm(VENV, { recursive: true, force: true });
  await mkdir(VENV, { recursive: true });
  const options = { env: { ...process.env, TMPDIR: VENV }, signal, log };
  await run('python3', ['-m', 'venv', VENV], options);
  const pip = ['-m', 'pip', 'install', '--no-cache-dir', '--disable-pip-version-check'];
  await run(PYTHON, [...pip, '--requirement', REQUIREMENTS], options);
  await writeFile(INSTALLED, requirements);
  return PYTHON;
}

// A venv needs ensurepip, which some distributions omit.
const IS_FIT = 'import sys, ensurepip; print(sys.version); sys.exit(sys.version_info < (3, 10))';

const requirePython = (signal: AbortSignal) =>
  requireProgram(
    ['python3', '-c', IS_FIT],
    'Python 3.10 or later with its module venv, as python3 (Debian: apt-get install python3-venv)',
    signal,
  );

/** Creates the emulator's certificate. */
const requireOpenSsl = (signal: AbortSignal) =>
  requireProgram(['openssl', 'version'], 'OpenSSL, as openssl', signal);

async function requireProgram(
  [command = '', ...args]: readonly string[],
  expected: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await run(command, args, { env: process.env, signal });
  } catch (cause) {
    signal.throwIfAborted();
    const { code, message } = cause as NodeJS.ErrnoException;
    const got = code === 'ENOENT' ? 'nothing' : message.split(' failed: ').at(-1)?.trim();
    const text = `Expected ${expected}, got ${got}. Install it and try again.`;
    throw new NotifierError('MISSING_PROGRAM', text, { cause });
  }
}

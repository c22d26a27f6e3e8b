import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { type InvocationRecord, type Lambda, startLambda } from '../../emulators/lambda.ts';

const BUILD = join(import.meta.dirname, '../../.build');

/** A function of one file, run as Lambda would run it. */
export interface Sample extends Lambda {
  /** What went to the destination of failures, with its ARN. */
  readonly failures: readonly [destination: string, record: InvocationRecord][];
  /** The names of the files that are left beside the package. */
  files(): Promise<string[]>;
}

/**
 * For the tests of a file: returns what starts a function out of its source. `timeout` is in seconds. Each is
 * stopped after its test, if the test has not done so.
 */
export function useSamples() {
  let started = new AsyncDisposableStack();
  afterEach(async () => {
    await started.disposeAsync();
    started = new AsyncDisposableStack();
  });

  return async (source: string, { file = 'index.mjs', timeout = 10 } = {}): Promise<Sample> => {
    await mkdir(BUILD, { recursive: true });
    const directory = await mkdtemp(join(BUILD, 'sample-'));
    started.defer(() => rm(directory, { recursive: true }));
    const code = join(directory, 'function.zip');
    await writeFile(code, zipSync({ [file]: strToU8(source) }));
    const failures: [string, InvocationRecord][] = [];
    const lambda = await startLambda(configOf(code, timeout), {
      region: 'eu-west-1',
      account: '111122223333',
      accessKeyId: 'key',
      endpoints: { AWS_ENDPOINT_URL_SNS: 'http://127.0.0.1:1' },
      workDirectory: directory,
      onFailure: async (destination, record) => void failures.push([destination, record]),
    });
    started.defer(() => lambda.stop());
    const files = async () => (await readdir(directory)).filter((name) => name !== 'function.zip');
    return { ...lambda, failures, files };
  };
}

function configOf(code: string, timeout: number) {
  return {
    name: 'sample',
    code,
    handler: 'index.handler',
    environment: { MODE: 'off' },
    timeout,
    memorySize: 256,
    maximumRetryAttempts: 2,
    onFailure: 'arn:aws:sqs:eu-west-1:111122223333:queue',
  };
}

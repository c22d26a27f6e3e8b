import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { FunctionConfig } from '../template.ts';

/** What a function runs in. */
export interface Surroundings {
  readonly region: string;
  /** What signs the function's requests. */
  readonly accessKeyId: string;
  /** Where the function finds AWS, such as `AWS_ENDPOINT_URL_SNS`. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/** Unpacks a function's package into a directory. */
export async function unpack({ code }: FunctionConfig, directory: string): Promise<void> {
  for (const [name, content] of Object.entries(unzipSync(await readFile(code)))) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
}

/**
 * A function's environment: its own, what Lambda adds to it, and what keeps its SDK from the AWS account of
 * whoever runs this.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 * @param taskRoot where its package is unpacked
 */
export function environmentOf(
  config: FunctionConfig,
  { region, accessKeyId, endpoints }: Surroundings,
  taskRoot: string,
): Record<string, string> {
  return {
    ...config.environment,
    _HANDLER: config.handler,
    LAMBDA_TASK_ROOT: taskRoot,
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memorySize),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    TZ: ':UTC',
    PATH: process.env.PATH ?? '',
    ...endpoints,
  };
}

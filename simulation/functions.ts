import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { REGION } from '../emulators/client.ts';
import { environmentOf, unpack } from '../emulators/lambda/task.ts';
import { localsOf } from '../emulators/notifier.ts';
import { packagedFunction, type Template } from '../emulators/template.ts';
import type { Cloud } from './cloud.ts';
import {
  createEnvironment,
  type Environment,
  type Invocation,
  type Report,
} from './environment.ts';

/** A packaged function, with the environments that serve it. */
export interface Fleet {
  readonly arn: string;
  readonly variables: Readonly<Record<string, string>>;
  /** How often Lambda tries an event again. */
  readonly retries: number;
  readonly hasRoom: () => boolean;
  /** Runs the function in an environment that is free. @throws Error if there is none. */
  run(invocation: Omit<Invocation, 'timeout'>): Promise<Report>;
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly template: Template;
  readonly logicalId: string;
  readonly packageDirectory: string;
  /** Where the function is unpacked, in a directory of its own. */
  readonly directory: string;
  readonly cloud: Cloud;
  /** How many runs there may be at a time. */
  readonly size: number;
}

/** Deploys a packaged function to as many environments. */
export async function deployFleet(options: FleetOptions): Promise<Fleet> {
  const { template, logicalId, packageDirectory, directory, cloud, size } = options;
  const locals = localsOf({ ...cloud, tableName: cloud.table.name });
  const config = packagedFunction(template, logicalId, packageDirectory, locals);
  const taskRoot = join(directory, logicalId);
  await mkdir(taskRoot, { recursive: true });
  await unpack(config, taskRoot);
  const endpoints = Object.fromEntries(
    Object.entries(cloud.services).map(([name, url]) => [
      `AWS_ENDPOINT_URL_${SERVICE_IDS[name]}`,
      url,
    ]),
  );
  const variables = environmentOf(
    config,
    { region: REGION, accessKeyId: 'notifier', endpoints },
    taskRoot,
  );
  const { handler, memorySize } = config;
  const environment = { handler, memorySize, taskRoot, variables, services: cloud.services };
  const all = Array.from({ length: size }, () => createEnvironment(environment));
  // The one that was used last comes first, as with Lambda: the others stay cold while there is little to do.
  const free: Environment[] = [...all];
  return {
    arn: `arn:aws:lambda:${REGION}:111122223333:function:${config.name}`,
    variables,
    retries: config.maximumRetryAttempts,
    hasRoom: () => free.length > 0,
    async run(invocation) {
      const one = free.pop();
      if (!one) throw new Error(`No environment of ${config.name} is free`);
      const report = await one.run({ ...invocation, timeout: config.timeout * 1000 });
      // One that was killed is about to start anew: it is used last.
      if (report.outcome === 'killed') free.unshift(one);
      else free.push(one);
      return report;
    },
    async stop() {
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}

const SERVICE_IDS: Readonly<Record<string, string>> = {
  CloudTrail: 'CLOUDTRAIL',
  DynamoDB: 'DYNAMODB',
  SecretsManager: 'SECRETS_MANAGER',
  SNS: 'SNS',
};

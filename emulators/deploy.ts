import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { stackNameOf } from '../stack/names.ts';
import type { OutputName } from '../stack/stack.ts';
import { type EmulatorAddress, emulatorSettings, emulatorVariables } from './emulator.ts';
import { runServerless } from './serverless.ts';

export interface DeployOptions {
  readonly emulator: EmulatorAddress;
  readonly stage: string;
  /** As in serverless.yml's `params`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where Serverless's output is added to `deploy.log`, and its temporary files are while it runs. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** The outputs of a stack. */
export type Outputs = Readonly<Partial<Record<OutputName, string>>>;

/**
 * Deploys the service into an emulator as a user does into AWS, by `serverless deploy`, or updates it there.
 * Not to be run twice at a time in a checkout.
 * @throws Error with what Serverless printed if it fails, or the reason of `signal` once it is stopped.
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
  const outputs = await outputsOf(emulator, stage);
  await letReadsThrough(emulator, outputs.NotifyRuleName);
  return outputs;
}

/** @throws ValidationError if the service is not deployed. */
async function outputsOf(emulator: EmulatorAddress, stage: string): Promise<Outputs> {
  const cloudFormation = new CloudFormationClient(await emulatorSettings(emulator));
  const StackName = stackNameOf(stage);
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks?.[0]?.Outputs ?? [];
  return Object.fromEntries(outputs.map((each) => [each.OutputKey, each.OutputValue]));
}

/** A trail's log group is there before the service. */
async function createLogGroup(emulator: EmulatorAddress, logGroupName: string): Promise<void> {
  const logs = new CloudWatchLogsClient(await emulatorSettings(emulator));
  await logs.send(new CreateLogGroupCommand({ logGroupName })).catch((error: Error) => {
    if (error.name !== 'ResourceAlreadyExistsException') throw error;
  });
}

/** The emulator knows no rule but `ENABLED`: tests/e2e/scenarios/canary-events.ts says when that is over. */
async function letReadsThrough(emulator: EmulatorAddress, Name: string | undefined): Promise<void> {
  const eventBridge = new EventBridgeClient(await emulatorSettings(emulator));
  await eventBridge.send(new EnableRuleCommand({ Name }));
}

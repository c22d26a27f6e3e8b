import type { CloudFormation, Stack as DescribedStack } from '@aws-sdk/client-cloudformation';
import type { Lambda } from '@aws-sdk/client-lambda';
import { Command, InvalidArgumentError } from 'commander';
import { NotifierError } from '../lib/errors.ts';
import type { Channel } from '../lib/notice/channel.ts';
import { DEFAULT_STAGE } from '../lib/notice/commands.ts';
import { readSettings, type Settings } from '../lib/settings.ts';
import { stackNameOf } from '../stack/names.ts';
import type { OutputName } from '../stack/stack.ts';

/** The options of every command on a deployed stack. */
export interface ServiceOptions {
  readonly stage: string;
  readonly region?: string;
  readonly profile?: string;
}

/** A command that works on a deployed stack, with {@link ServiceOptions}. */
export const serviceCommand = (name: string) =>
  withAws(
    new Command(name).option(
      '--stage <stage>',
      'the stage that was deployed',
      toStage,
      DEFAULT_STAGE,
    ),
  );

/** Adds the options by which a command finds its Region and credentials. */
export const withAws = (command: Command) =>
  command
    .option(
      '--region <region>',
      'its Region (default: AWS_REGION, AWS_DEFAULT_REGION, or that of the profile)',
    )
    .option('--profile <profile>', 'the AWS profile to use (default: AWS_PROFILE)');

/** Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
function toStage(value: string): string {
  if (/^[a-z\d-]{1,100}$/i.test(value)) return value;
  throw new InvalidArgumentError('Expected letters, digits and hyphens, such as dev.');
}

/** The stack as CloudFormation describes it; `undefined` if there is none. Throws what the SDK throws, as all here. */
export async function describeStack(
  client: CloudFormation,
  StackName: string,
): Promise<DescribedStack | undefined> {
  try {
    return (await client.describeStacks({ StackName })).Stacks?.[0];
  } catch (error) {
    // CloudFormation has no error of its own for it.
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** The deployed stack of a stage. */
export interface Stack {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** The value of an output of `stack/stack.ts`. @throws NotifierError if there is none. */
  readonly output: (name: OutputName) => string;
  /** The same; `undefined` if there is none. */
  readonly findOutput: (name: OutputName) => string | undefined;
}

/** The output that names the function of each channel beside the mail, if the stack has it. */
export const CHANNEL_OUTPUTS = {
  chat: 'ChatFunctionName',
  bus: 'BusFunctionName',
} as const satisfies Record<Channel, OutputName>;

/** What to do if a stack is not what it should be. */
const GIVE_BOTH = 'Give the stage by --stage, and the Region by --region.';

/**
 * Finds the stack of a stage by its name.
 * @param next what to do if it is not found, where the options mean something else
 * @throws NotifierError `NO_STACK` if there is none.
 */
export async function findStack(
  client: CloudFormation,
  stage: string,
  next = GIVE_BOTH,
): Promise<Stack> {
  const name = stackNameOf(stage);
  const stack = await describeStack(client, name);
  if (!stack) throw noStack(`a stack ${name} in ${await client.config.region()}, got none`, next);
  const [, , , region = '', accountId = ''] = (stack.StackId ?? '').split(':');
  const outputs = new Map(stack.Outputs?.map((output) => [output.OutputKey, output.OutputValue]));
  return {
    name,
    accountId,
    region,
    findOutput: (key) => outputs.get(key),
    output(key) {
      const value = outputs.get(key);
      if (value) return value;
      throw noStack(`the stack ${name} to have the output ${key}, got none: deploy it again`, next);
    },
  };
}

function noStack(expected: string, next: string): NotifierError {
  return new NotifierError('NO_STACK', `Expected ${expected}. ${next}`);
}

/**
 * The settings of the stack, from the environment of its function `notify`.
 * @throws NotifierError `INVALID_ENVIRONMENT`
 */
export async function settingsOf(lambda: Lambda, stack: Stack): Promise<Settings> {
  const FunctionName = stack.output('NotifyFunctionName');
  const { Environment } = await lambda.getFunctionConfiguration({ FunctionName });
  return readSettings(Environment?.Variables ?? {});
}

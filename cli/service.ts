import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_STAGE } from '../stack/names.ts';

/** What every command on a deployed stack takes. */
export interface ServiceOptions {
  readonly stage: string;
  readonly region?: string;
  readonly profile?: string;
}

/** A command that works on a deployed stack, with {@link ServiceOptions}. */
export const serviceCommand = (name: string) =>
  new Command(name)
    .option('--stage <stage>', 'the stage that was deployed', toStage, DEFAULT_STAGE)
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

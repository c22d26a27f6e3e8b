import { InvalidArgumentError, Option } from 'commander';

/** The service of serverless.yml. */
export const SERVICE = 'deleted-secret-notifier';

/** What the framework calls the stack of a stage. */
export const stackNameOf = (stage: string) => `${SERVICE}-${stage}`;

/** The option `--stage`, for every command that works on a deployed stack. */
export const stageOption = () =>
  new Option('--stage <stage>', 'the stage that was deployed').default('dev').argParser(toStage);

/** Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
function toStage(value: string): string {
  if (/^[a-z\d-]{1,100}$/i.test(value)) return value;
  throw new InvalidArgumentError('Expected letters, digits and hyphens, such as dev.');
}

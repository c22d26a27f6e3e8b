import { consoleHost } from '../../lib/notice/commands.ts';
import { stackNameOf } from '../../stack/names.ts';
import { TRAIL } from '../../stack/trail.ts';
import type { Stack } from './stack.ts';

const PLAIN = /^[\w%+=:,./@-]+$/;

/** A word of a command, in single quotes if it holds anything that is special to a shell. */
const quoted = (word: string) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/**
 * A command of the AWS CLI in the stack's Region, to be copied: aws(stack)`sns list-topics`. Each value is quoted as one
 * word, and so is each of a list.
 */
export const aws =
  ({ region, profile }: Pick<Stack, 'region' | 'profile'>) =>
  (parts: TemplateStringsArray, ...values: readonly Value[]): string => {
    const words = parts.flatMap((part, i) => [
      ...part.split(/\s+/).filter(Boolean),
      ...(i < values.length ? [values[i] ?? ''].flat().map(String) : []),
    ]);
    const where = ['--region', region, ...(profile ? ['--profile', profile] : [])];
    return ['aws', ...words, ...where].map(quoted).join(' ');
  };

type Value = string | number | undefined | readonly string[];

/** A deployed stage, and the profile with whose credentials it is found. */
export type Target = Pick<Stack, 'region' | 'stage' | 'profile'> &
  Partial<Pick<Stack, 'parameters'>>;

/** A command of this project, on the deployed stage. */
export const npm = (script: string, { region, stage, profile }: Target, ...options: string[]) => {
  const who = profile ? ['--profile', quoted(profile)] : [];
  return [
    'npm',
    'run',
    script,
    '--',
    '--stage',
    stage,
    '--region',
    region,
    ...who,
    ...options,
  ].join(' ');
};

/** Drills in another account or Region, by a profile of it: there the options lead, and the environment to the hub. */
export const drillThere = (
  hub: Omit<Target, 'stage'>,
  there: Target,
  accountId: string,
  ...options: readonly string[]
) => {
  const profile = hub.profile ? `AWS_PROFILE=${quoted(hub.profile)} ` : '';
  const drill = npm('-s drill', there, '--account', accountId, ...options);
  return `${profile}AWS_REGION=${hub.region} ${drill}`;
};

/**
 * Deploys the stack; by the framework, the settings that it was deployed with have to be given again. What no parameter of a
 * release stands for, only the framework can deploy.
 */
export function deploy(target: Target, ...options: string[]): string {
  const isSetting = options.some((option) => option.startsWith('--param='));
  if (isReleased(target) && !isSetting) {
    const command = aws(target)`cloudformation deploy --template-file packaged.json
      --s3-bucket BUCKET --stack-name ${stackNameOf(target.stage)} --capabilities CAPABILITY_IAM`;
    return `${command} # in the folder of the release, after its package command`;
  }
  return `${serverless('deploy', target, ...options)} # with its other settings`;
}

/** Creates the stack again: a deployment compares templates, and does not see what was deleted by hand. */
export function redeploy(target: Target): string {
  if (!isReleased(target)) return `${serverless('remove', target)} && ${deploy(target)}`;
  const command = aws(
    target,
  )`cloudformation delete-stack --stack-name ${stackNameOf(target.stage)}`;
  return `${command} # then install the release again, by its README.md`;
}

/** Whether a release was deployed to the stack: the framework's template has no parameters. */
const isReleased = ({ parameters = {} }: Target) => Object.keys(parameters).length > 0;

/** Changes parameters of a stack that a release was deployed to; the others stay, and the template. */
function change(stack: Stack, values: Readonly<Record<string, string>>): string {
  const given = Object.entries(values).map(
    ([name, value]) => `ParameterKey=${name},ParameterValue=${value}`,
  );
  const others = Object.keys(stack.parameters)
    .filter((name) => !(name in values))
    .map((name) => `ParameterKey=${name},UsePreviousValue=true`);
  return aws(stack)`cloudformation update-stack --stack-name ${stack.name} --use-previous-template
    --capabilities CAPABILITY_IAM --parameters ${[...given, ...others]}`;
}

const serverless = (verb: string, { region, stage, profile }: Target, ...options: string[]) => {
  const who = profile ? ['--aws-profile', quoted(profile)] : [];
  return ['npx', 'serverless', verb, '--region', region, '--stage', stage, ...who, ...options].join(
    ' ',
  );
};

export const param = (name: string, value: string) => `--param="${name}=${value}"`;

/** Has the stack create a trail with its own log group: `createTrail` excludes `cloudTrailLogGroup`. */
export function createTrail(stack: Stack): string {
  if (stack.resources.has(TRAIL)) return redeploy(stack);
  if (isReleased(stack)) return change(stack, { CloudTrailLogGroup: '', CreateTrail: 'true' });
  return `${deploy(stack, param('cloudTrailLogGroup', ''), param('createTrail', 'true'))}, but no cloudTrailLogGroup`;
}

/** Moves the metric filter to another log group, which a trail delivers to. */
export const useLogGroup = (stack: Stack, name: string) =>
  isReleased(stack)
    ? change(stack, { CreateTrail: 'false', CloudTrailLogGroup: name })
    : deploy(stack, param('createTrail', 'false'), param('cloudTrailLogGroup', name));

/**
 * A page of the console in the stack's Region, with `fragment` encoded after the `#`; `undefined` in a partition whose
 * console is not known.
 */
export function consolePage(
  { partition, region }: Stack,
  service: string,
  fragment: string,
): string | undefined {
  const host = consoleHost(partition, region);
  return host && `https://${host}/${service}/home?region=${region}#${fragment}`;
}

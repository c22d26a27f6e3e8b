import { consoleHost } from '../../lib/notice/commands.ts';
import { TRAIL } from '../../stack/trail.ts';
import type { Stack } from './stack.ts';

const PLAIN = /^[\w%+=:,./@-]+$/;

/** A word of a command as a shell takes it: in single quotes if it holds anything that means something to a shell. */
const quoted = (word: string) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/**
 * A command of the AWS CLI in the stack's Region, to be copied: aws(stack)`sns list-topics`. Each value is one word,
 * whatever it holds, and each of a list is one.
 */
export const aws =
  ({ region }: Pick<Stack, 'region'>) =>
  (parts: TemplateStringsArray, ...values: readonly Value[]): string => {
    const words = parts.flatMap((part, i) => [
      ...part.split(/\s+/).filter(Boolean),
      ...(i < values.length ? [values[i] ?? ''].flat().map(String) : []),
    ]);
    return ['aws', ...words, '--region', region].map(quoted).join(' ');
  };

type Value = string | number | undefined | readonly string[];

type Target = Pick<Stack, 'region' | 'stage'>;

/** A command of this project, on the deployed stage. */
export const npm = (script: string, { region, stage }: Target, ...options: string[]) =>
  ['npm', 'run', script, '--', '--stage', stage, '--region', region, ...options].join(' ');

/** Deploys the stack; the settings that it was deployed with have to be given again. */
export const deploy = (target: Target, ...options: string[]) =>
  `${serverless('deploy', target, ...options)} # with its other settings`;

/** Makes the stack anew: a deployment compares templates, and does not see what was deleted by hand. */
export const redeploy = (target: Target) => `${serverless('remove', target)} && ${deploy(target)}`;

const serverless = (verb: string, { region, stage }: Target, ...options: string[]) =>
  ['npx', 'serverless', verb, '--region', region, '--stage', stage, ...options].join(' ');

export const param = (name: string, value: string) => `--param="${name}=${value}"`;

/** Lets the stack make a trail, with a log group of its own: a given one is refused beside it. */
export function createTrail(stack: Stack): string {
  if (stack.resources.has(TRAIL)) return redeploy(stack);
  return `${deploy(stack, param('cloudTrailLogGroup', ''), param('createTrail', 'true'))}, but no cloudTrailLogGroup`;
}

/** Lets the metric filter count in another log group, which a trail delivers to. */
export const useLogGroup = (stack: Stack, name: string) =>
  deploy(stack, param('createTrail', 'false'), param('cloudTrailLogGroup', name));

/**
 * A page of the console in the stack's Region, whose address goes on after `#`, encoded, with `fragment`; `undefined` in
 * a partition whose console is not known.
 */
export function consolePage(
  { partition, region }: Stack,
  service: string,
  fragment: string,
): string | undefined {
  const host = consoleHost(partition, region);
  return host && `https://${host}/${service}/home?region=${region}#${fragment}`;
}

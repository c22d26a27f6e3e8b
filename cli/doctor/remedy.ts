import { consoleHost } from '../../lib/console.ts';
import type { Stack } from './stack.ts';

const PLAIN = /^[\w%+=:,./@-]+$/;

/** A word of a command as a shell takes it: in single quotes if it holds anything that means something to a shell. */
const quoted = (word: string) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** A command of the AWS CLI in the stack's Region, to be copied. */
export const aws = ({ region }: Pick<Stack, 'region'>, ...words: string[]) =>
  ['aws', ...words, '--region', region].map(quoted).join(' ');

type Target = Pick<Stack, 'region' | 'stage'>;

/** Deploys the stack; the settings that it was deployed with have to be given again. */
export const deploy = (target: Target, ...options: string[]) =>
  `${serverless('deploy', target, ...options)} # with its other settings`;

/** Makes the stack anew: a deployment compares templates, and does not see what was deleted by hand. */
export const redeploy = (target: Target) => `${serverless('remove', target)} && ${deploy(target)}`;

const serverless = (verb: string, { region, stage }: Target, ...options: string[]) =>
  ['npx', 'serverless', verb, '--region', region, '--stage', stage, ...options].join(' ');

export const param = (name: string, value: string) => `--param="${name}=${value}"`;
export const CREATE_TRAIL = param('createTrail', 'true');

/** A page of the console in the stack's Region, whose address goes on after `#`, encoded, with `fragment`. */
export function consolePage({ partition, region }: Stack, service: string, fragment: string) {
  const host = consoleHost(partition, region);
  const page = `${service}/home?region=${region}#${fragment}`;
  return host ? `https://${host}/${page}` : `In the console: ${page}`;
}

import { MAX_WINDOW_DAYS } from '../schedule.ts';

/** What commands and links need to know of a secret. */
export interface Target {
  /** Complete ARN where known, else whatever the caller sent. */
  readonly id?: string;
  readonly name?: string;
  readonly region?: string;
  readonly partition: string;
}

// What AWS allows in a secret's name or ARN. Nothing else gets into a command that a reader may paste.
const SAFE_ID = /^[A-Za-z0-9/_+=.@!:-]{1,2048}$/;
const REGION = /^[a-z]{2,8}(-[a-z0-9]+){1,4}$/;

/** The command that cancels the deletion. */
export function restoreCommand(target: Target): string {
  return command('restore-secret', target);
}

/** The command that schedules the deletion again, with the longest window. */
export function deleteCommand(target: Target): string {
  return command('delete-secret', target, ` --recovery-window-in-days ${MAX_WINDOW_DAYS}`);
}

/** For an id that cannot be used: the command that lists the secrets to choose from. */
function command(verb: string, { id, region }: Target, options = ''): string {
  const usable = id !== undefined && SAFE_ID.test(id);
  const call = usable
    ? `${verb} --secret-id ${quoted(id)}${options}`
    : 'list-secrets --include-planned-deletion';
  return `aws secretsmanager ${call}${region && REGION.test(region) ? ` --region ${region}` : ''}`;
}

/** Host of the console by partition; other partitions get no link. */
const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** The secret's page in the console, which finds it by name; `undefined` where no link can be right. */
export function consoleLink({ name, region, partition }: Target): string | undefined {
  const host = CONSOLES[partition];
  if (!host || !name || !SAFE_ID.test(name) || !region || !REGION.test(region)) return undefined;
  const encoded = encodeURIComponent(name);
  return `https://${region}.${host}/secretsmanager/secret?name=${encoded}&region=${region}`;
}

/** An interactive shell expands `!`; everything else that is allowed here stands for itself. */
function quoted(id: string): string {
  return id.includes('!') ? `'${id}'` : id;
}

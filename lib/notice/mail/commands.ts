import { MAX_WINDOW_DAYS } from '../../deletion/schedule.ts';
import { defang } from '../../text.ts';
import { consoleHost } from '../console.ts';

/** What commands and links need to know of a secret. */
export interface Target {
  /** Complete ARN where known, else whatever the caller sent. */
  readonly id?: string;
  readonly name?: string;
  readonly region?: string;
  readonly partition: string;
}

// What AWS allows in a secret's name, alone and in an ARN. Nothing else gets into a command that a reader may
// paste: the AWS CLI reads a file for a value that begins with `file://`.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
const NAME = /^[\w/+=.@!-]{1,512}$/;
const ARN =
  /^arn:aws[a-z-]*:secretsmanager:[a-z]{2,8}(?:-[a-z0-9]+){1,4}:\d{12}:secret:[\w/+=.@!-]{1,519}$/;
const REGION = /^[a-z]{2,8}(-[a-z0-9]+){1,4}$/;

/** Whether a command can name the secret; else it lists the secrets to choose from. */
export function isNameable({ id }: Target): boolean {
  return id !== undefined && (NAME.test(id) || ARN.test(id));
}

/** The command that cancels the deletion. */
export function restoreCommand(target: Target): string {
  return command('restore-secret', target);
}

/** The command that schedules the deletion again, with the longest window. */
export function deleteCommand(target: Target): string {
  return command('delete-secret', target, ` --recovery-window-in-days ${MAX_WINDOW_DAYS}`);
}

function command(verb: string, target: Target, options = ''): string {
  const { id = '', region } = target;
  const call = isNameable(target)
    ? `${verb} --secret-id${id.startsWith('-') ? '=' : ' '}${quoted(id)}${options}`
    : 'list-secrets --include-planned-deletion';
  return `aws secretsmanager ${call}${region && REGION.test(region) ? ` --region ${region}` : ''}`;
}

/** The secret's page in the console, which finds it by name; `undefined` where no link can be right. */
export function consoleLink({ name, region, partition }: Target): string | undefined {
  if (!name || !NAME.test(name) || !region || !REGION.test(region)) return undefined;
  const host = consoleHost(partition, region);
  const encoded = encodeURIComponent(name);
  return host && `https://${host}/secretsmanager/secret?name=${encoded}&region=${region}`;
}

/**
 * An interactive shell expands `!`, zsh a `=` at the beginning, PowerShell an `@`; everything else that is allowed here
 * stands for itself. What a mail program would make a link of, such as `api.example.com`, gets further quotes, which
 * change nothing for the shell.
 */
function quoted(id: string): string {
  const word = /!|^[=@]/.test(id) ? `'${id}'` : id;
  return defang(word) === word ? word : word.replace(/\.|\/\//g, `'$&'`);
}

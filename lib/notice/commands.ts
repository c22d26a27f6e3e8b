import { NAME } from '../cloudtrail/secret-id.ts';
import type { Elsewhere } from '../deletion/describe.ts';
import { MAX_WINDOW_DAYS } from '../deletion/schedule.ts';
import { defang } from '../text.ts';

/** What a command or a link can name of a secret. */
export interface Target {
  /** Complete ARN where known, else whatever the caller sent. */
  readonly id?: string;
  readonly name?: string;
  readonly region?: string;
  readonly partition: string;
  /** Where it is, if not where the stack is. */
  readonly elsewhere?: Elsewhere;
}

// What AWS allows in a secret's ARN. But for this and a name nothing gets into a command that a reader may paste: the AWS CLI
// reads a file for a value that begins with `file://`.
export const ARN =
  /^arn:aws[a-z-]*:secretsmanager:[a-z]{2,8}(?:-[a-z0-9]+){1,4}:\d{12}:secret:[\w/+=.@!-]{1,519}$/;
export const REGION = /^[a-z]{2,8}(-[a-z0-9]+){1,4}$/;
const ACCOUNT = /^\d{12}$/;

/** Whether a command can name the secret; else it lists the secrets to choose from. */
function isNameable({ id }: Target): boolean {
  return id !== undefined && (NAME.test(id) || ARN.test(id));
}

/** What a reader can do about a deletion: cancel it, schedule it again, or make anew what is gone: a secret, or a replica. */
export interface Remedy {
  readonly act: 'restore' | 'delete' | 'create' | 'replicate';
  readonly command: string;
  /** The secret's page in the console, of whatever account its reader is signed in to. */
  readonly link?: string;
  /** The account that the command needs credentials of, and the link a reader in, if it is another than the stack's. */
  readonly accountId?: string;
  /** Whether the command names the secret; else it lists the secrets to find it in. */
  readonly isNamed: boolean;
}

/** What can be replicated again, of a replica, is the secret of its name in the Region of the primary. */
type Repaired = Target & { readonly replicaOf?: string };

/** How to cancel the deletion of a secret, to schedule it again, or to make anew what is gone. */
export function remedyOf(act: Remedy['act'], secret: Repaired): Remedy {
  // What is gone is found by no ARN: a secret that is made anew gets another.
  const target =
    act === 'create' || act === 'replicate' ? { ...secret, id: secret.name } : { ...secret };
  if (act === 'replicate') target.region = secret.replicaOf;
  const { accountId } = target.elsewhere ?? {};
  // In words that name no account the link would show another secret of that name.
  const isClear = accountId === undefined || ACCOUNT.test(accountId);
  const link = isClear && act !== 'create' ? consoleLink(target) : undefined;
  return {
    act,
    command: COMMANDS[act](target, secret),
    link,
    accountId,
    isNamed: isNameable(target),
  };
}

/**
 * How to make anew what is gone, if nobody has: a replica from its primary, else a secret. What an AWS service manages, the name of
 * which may have a `!`, that service alone can make.
 */
export function goneRemedy(secret: Repaired, anew: Date | undefined): Remedy | undefined {
  const { name = '!', replicaOf = '' } = secret;
  if (anew || name.includes('!')) return undefined;
  const remedy = remedyOf(REGION.test(replicaOf) ? 'replicate' : 'create', secret);
  return remedy.isNamed ? remedy : undefined;
}

const COMMANDS: Readonly<Record<Remedy['act'], (target: Target, secret: Target) => string>> = {
  restore: restoreCommand,
  delete: (target) => deleteCommand(target),
  create: (target) => command('create-secret', target, VALUE, 'name'),
  replicate: (target, { region = '' }) =>
    command(
      'replicate-secret-to-regions',
      target,
      ` --add-replica-regions Region=${REGION.test(region) ? region : 'REGION'}`,
    ),
};

/** A value in a file of the reader's: on a command line it would be in the shell's history, and in the list of processes. */
const VALUE = ' --secret-string file://VALUE-FILE';

/** Whether a remedy is for a deletion that is not done: there is something to look up. */
export const isPending = (remedy: Remedy | undefined): boolean => remedy?.act === 'restore';

/** `, with credentials of account 444455556666`: what to say of a command besides, if anything. */
export function withCredentials({ accountId }: Remedy): string {
  if (!accountId) return '';
  return `, with credentials of ${ACCOUNT.test(accountId) ? `account ${accountId}` : 'its account'}`;
}

/** `, signed in to account 444455556666`: what to say of a link besides, if anything. */
export const signedIn = ({ accountId }: Remedy): string =>
  accountId ? `, signed in to account ${accountId}` : '';

/** The command and, if there is one, the link, a paragraph each. */
export function commandAndLink(remedy: Remedy): string[] {
  const { command, link, accountId } = remedy;
  if (!link) return [command];
  return accountId ? [command, `Or in the console${signedIn(remedy)}:`, link] : [command, link];
}

/** The command that cancels the deletion. */
export function restoreCommand(target: Target): string {
  return command('restore-secret', target);
}

/** The command that schedules the deletion, by default with the longest window, in days. */
export function deleteCommand(target: Target, windowDays = MAX_WINDOW_DAYS): string {
  return command('delete-secret', target, ` --recovery-window-in-days ${windowDays}`);
}

/** The command by which a primary secret loses its replicas in these Regions: at once, and for good. */
export function removeReplicasCommand(target: Target, regions: readonly string[]): string {
  const named = regions.filter((region) => REGION.test(region)).join(' ');
  return command('remove-regions-from-replication', target, ` --remove-replica-regions ${named}`);
}

/** The command that makes a replica a secret of its own, whose deletion has a recovery window. */
export function promoteCommand(target: Target): string {
  return command('stop-replication-to-replica', target);
}

/** The command that deletes the secret at once, whether or not its deletion is scheduled: nothing cancels that. */
export function forceDeleteCommand(target: Target): string {
  return command('delete-secret', target, ' --force-delete-without-recovery');
}

/** The command that gives the secret a new value. */
export function putValueCommand(target: Target): string {
  return command('put-secret-value', target, VALUE);
}

/** The command that tags the secret; the tag is ours, and of letters and hyphens. */
export function tagCommand(target: Target, key: string, value: string): string {
  return command('tag-resource', target, ` --tags Key=${key},Value=${value}`);
}

function command(verb: string, target: Target, options = '', name = 'secret-id'): string {
  const { id = '', region, elsewhere } = target;
  const call = isNameable(target)
    ? `${verb} ${option(name, id)}${options}`
    : 'list-secrets --include-planned-deletion';
  return `aws secretsmanager ${call}${inPlace({ region, elsewhere })}`;
}

/** The Region and the profile that a command of the AWS CLI takes for a secret. */
export const inPlace = ({ region, elsewhere }: Pick<Target, 'region' | 'elsewhere'>): string =>
  inRegion(region) + byProfile(elsewhere);

const byProfile = ({ accountId }: Elsewhere = {}): string =>
  accountId ? ` --profile ${profileOf(accountId)}` : '';

/**
 * An account's profile, for the reader to fill in: the AWS CLI finds none of this name, and so runs in no account by mistake.
 */
export const profileOf = (accountId: string): string =>
  `PROFILE-OF-${ACCOUNT.test(accountId) ? accountId : 'ITS-ACCOUNT'}`;

/** The stack that a mail is from, for the commands on it, as far as it is known. */
export interface OwnStack {
  readonly stage?: string;
  readonly region?: string;
  /** Whether it is a hub, which may look into other accounts and Regions. Default: no. */
  readonly hasSpokes?: boolean;
}

/** The stage by default, which no command need name. */
export const DEFAULT_STAGE = 'dev';

const inStage = (stage = DEFAULT_STAGE) => (stage === DEFAULT_STAGE ? '' : ` --stage ${stage}`);

// What a mute's pattern takes of a caller's ARN as it is: a role, a user, or a person's session.
const CALLER =
  /^arn:aws[a-z-]*:(?:iam::\d{12}:(?:role|user)\/|sts::\d{12}:(?:assumed-role\/AWSReservedSSO_\w+\/|federated-user\/))[\w+=.@/-]{1,600}$/;

/**
 * The command that mutes a known caller of a secret: by its name where the stack is, else by its ARN. What it cannot name
 * safely is for the reader to fill in.
 */
export function muteCommand(target: MuteTarget, callerKey: string, stack: OwnStack): string {
  const caller = option('caller', CALLER.test(callerKey) ? callerKey : 'CALLER-ARN');
  return muteWith(`${caller} --reason "why"`, target, stack);
}

/** The command that ends all mutes of a secret, which it names as {@link muteCommand} does. */
export const unmuteCommand = (target: MuteTarget, stack: OwnStack): string =>
  muteWith('--remove', target, stack);

type MuteTarget = Omit<Target, 'partition'>;

function muteWith(
  options: string,
  { id = '', name = '', region, elsewhere }: MuteTarget,
  stack: OwnStack,
): string {
  const byName = NAME.test(name) ? name : 'NAME';
  const byArn = ARN.test(id) ? id : 'SECRET-ARN';
  const secret = option('secret', elsewhere ? byArn : byName);
  const at = inRegion(elsewhere ? stack.region : region);
  return `npm run mute -- ${secret} ${options}${inStage(stack.stage)}${at}`;
}

/** The command that shows what the stack knows of the secrets of its Region, or of those elsewhere too. */
export const statusCommand = (stack: OwnStack, isElsewhere = false): string =>
  statusWith('', stack, isElsewhere);

/** As {@link statusCommand}, of what the stack has missed too. */
export const backfillCommand = (stack: OwnStack, isElsewhere: boolean): string =>
  statusWith(' --backfill', stack, isElsewhere);

function statusWith(
  options: string,
  { stage, region, hasSpokes }: OwnStack,
  isElsewhere: boolean,
): string {
  const scope = hasSpokes && isElsewhere ? ' --all-accounts' : '';
  return `npm run -s status --${scope}${options}${inStage(stage)}${inRegion(region)}`;
}

/** The command that shows who reads a secret of a Region, by the event history of its account. */
export function readersCommand({ name = '', region, elsewhere }: MuteTarget): string {
  const secret = option('secret', NAME.test(name) ? name : 'NAME');
  return `npm run -s readers -- ${secret}${inPlace({ region, elsewhere })}`;
}

/** Where all of these are to be run. */
export const IN_CHECKOUT = 'in a checkout of deleted-secret-notifier';

/** How to silence a caller that is known, by {@link muteCommand}; `whom`: `this caller`. */
export const muteAdvice = (whom: string) =>
  `Known already, and to be changed in time? Mute ${whom}, ${IN_CHECKOUT}:`;

/** A value that begins like an option would be taken for one. */
const option = (name: string, value: string) =>
  `--${name}${value.startsWith('-') ? '=' : ' '}${quoted(value)}`;

const inRegion = (region: string | undefined) =>
  region && REGION.test(region) ? ` --region ${region}` : '';

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
export function quoted(id: string): string {
  const word = /!|^[=@]/.test(id) ? `'${id}'` : id;
  return defang(word) === word ? word : word.replace(/\.|\/\//g, `'$&'`);
}

/**
 * Host of the console by partition; other partitions get no link.
 * Source: https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html, and for the European Sovereign Cloud the
 * endpoints in https://docs.aws.eu.
 */
const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

/** Host of a Region's console; `undefined` for a partition whose console is not known. */
export function consoleHost(partition: string, region: string): string | undefined {
  const host = CONSOLES[partition];
  return host && `${region}.${host}`;
}

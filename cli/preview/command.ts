import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { identifySecret, type Whereabouts } from '../../lib/cloudtrail/secret-id.ts';
import type { Action } from '../../lib/deletion/auto-cancel.ts';
import type { Deletion } from '../../lib/deletion/change.ts';
import { type Lookup, toLookup } from '../../lib/deletion/describe.ts';
import { NotifierError } from '../../lib/errors.ts';
import { CHANNELS, type Channel } from '../../lib/notice/channel.ts';
import { defang } from '../../lib/text.ts';
import { parseDayOrTime, parseTime } from '../../lib/time.ts';
import { print, printJson, printNote } from '../print.ts';
import { handedOnOf, handedOnOfKind } from './handed-on.ts';
import { KINDS, type Kind, mailsOf, noticeOf } from './mails.ts';
import type { View } from './play.ts';
import { deletionsIn } from './readings.ts';
import { type Found, readRecords, textOf } from './records.ts';
import { noticeJson, noticeText, previewJson, previewText } from './report.ts';
import { sentBy } from './sent.ts';

interface Options {
  event: string;
  secret?: string;
  deletion?: string;
  home?: Whereabouts;
  autoCancel?: keyof typeof ACTIONS;
  ignoredCallers?: string[];
  kind?: Kind;
  channel: 'mail' | Channel;
  pick?: number;
  now?: Date;
  json?: boolean;
}

const OFFLINE: Lookup = { kind: 'unavailable', reason: 'DescribeSecret was not called (preview).' };

const ACTIONS = {
  restored: { kind: 'restored' },
  'restore-failed': {
    kind: 'restore-failed',
    reason: 'RestoreSecret was refused (AccessDeniedException: an example).',
  },
} as const satisfies Record<string, Action>;

export const previewCommand = new Command('preview')
  .description(
    'Shows the mails that CloudTrail records would cause. Offline; needs no credentials.',
  )
  .requiredOption(
    '--event <file>',
    'an EventBridge event, CloudTrail records, or what AWS prints of some; - is the standard input',
  )
  .addOption(
    new Option(
      '--kind <kind>',
      'show a notice of this kind, of all attempts in the records that it reports, instead',
    ).choices(KINDS),
  )
  .addOption(
    new Option(
      '--channel <channel>',
      'print what another channel than the mail is sent: the JSON of each message of the chat, with what its buttons need (not sent with chatTopicArn, or chatButtons=false), or of each event of the bus, in a line; not with --json',
    )
      .choices(['mail', ...CHANNELS])
      .default('mail'),
  )
  .option('--pick <number>', 'show the mail of this one of several records alone', toNumber)
  .option('--secret <file>', 'the answer of `aws secretsmanager describe-secret`, JSON')
  .option('--deletion <file>', 'the CloudTrail record of the DeleteSecret call')
  .option(
    '--home <place>',
    'where the stack is, such as 111122223333/eu-west-1: other secrets are shown as elsewhere, and with --secret as looked up there (default: where the secrets are)',
    toPlace,
  )
  .addOption(
    new Option(
      '--auto-cancel <outcome>',
      'show the mail of an alert that cancels the deletion',
    ).choices(Object.keys(ACTIONS)),
  )
  .option('--ignored-callers <patterns>', 'say whether this setting would match', toPatterns)
  .option(
    '--now <time>',
    'show the mails as of this date or time, in UTC if it says no other, without what happened after it (default: when the service would send each: an alert at the time of its attempt, a digest an hour after the last, a last call 2 days before the end, that of a restore 2 minutes after it, that of an end an hour after it, or the alert that says so first, that of names that are taken 2 minutes after the last creation)',
    toDate,
  )
  .option('--json', 'print mails as JSON: an object for one record, an array for several')
  .addHelpText('after', '\nExit code: 0, or 2 for wrong use and for what holds no record.')
  .action(preview);

async function preview(options: Options): Promise<void> {
  const { event, secret, deletion, autoCancel, ignoredCallers, kind, channel, json } = options;
  if (json && channel !== 'mail') {
    const expected = `Expected --json with mails alone, got it with --channel ${channel}`;
    throw new NotifierError(
      'INVALID_OPTIONS',
      `${expected}, which prints JSON anyway. Leave --json out.`,
    );
  }
  const now = options.now ?? new Date();
  const found = pickFrom(await recordsIn(event), options.pick);
  const view: View = {
    described: secret !== undefined ? await readSecret(secret) : OFFLINE,
    home: options.home,
    deletions: deletion !== undefined ? await deletionsOf(deletion, now) : [],
    ignoredCallers,
    action: autoCancel ? ACTIONS[autoCancel] : { kind: 'none' },
    now: options.now,
  };
  if (channel !== 'mail') return previewChannel(channel, found, kind, view, now);
  if (kind) {
    const notice = noticeOf(found, kind, view, now);
    if (json) printJson(noticeJson(kind, notice));
    else print(noticeText(kind, notice));
    noteCrowded(notice);
    return;
  }
  const outcomes = mailsOf(found, view, now);
  if (json) printJson(previewJson(outcomes));
  else print(previewText(outcomes));
  noteCrowded(outcomes);
}

/** Prints on stdout nothing but what is sent; on stderr why that is nothing. */
async function previewChannel(
  channel: Channel,
  found: readonly Found[],
  kind: Kind | undefined,
  view: View,
  now: Date,
): Promise<void> {
  const handedOn = kind ? handedOnOfKind(found, kind, view, now) : handedOnOf(found, view, now);
  const sent = await sentBy(channel, handedOn);
  for (const json of sent) print(json);
  if (sent.length > 0) return;
  const why = kind
    ? noticeText(kind, noticeOf(found, kind, view, now))
    : previewText(mailsOf(found, view, now));
  printNote(why);
}

/** On stderr: it is of no mail. */
function noteCrowded({ crowded }: { readonly crowded?: string }): void {
  if (crowded) printNote(`\n${crowded}`);
}

function pickFrom(found: readonly Found[], pick: number | undefined): readonly Found[] {
  if (pick === undefined) return found;
  const picked = found[pick - 1];
  if (picked) return [picked];
  const expected = `Expected --pick to be from 1 to ${found.length}, the number of records`;
  throw new NotifierError('INVALID_FILE', `${expected}, got ${pick}.`);
}

function toNumber(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

function toPlace(value: string): Whereabouts {
  const [account, given] = value.split('/');
  const { accountId, region } = identifySecret(undefined, { accountId: account, region: given });
  if (accountId && region && value === `${accountId}/${region}`) return { accountId, region };
  throw new InvalidArgumentError(
    'Expected an account and a Region, such as 111122223333/eu-west-1.',
  );
}

/** As the setting is written. */
function toPatterns(value: string): string[] {
  return value
    .split(',')
    .map((pattern) => pattern.trim())
    .filter(Boolean);
}

function toDate(value: string): Date {
  const date = parseDayOrTime(value);
  if (!date) {
    throw new InvalidArgumentError(
      'Expected a date such as 2026-11-22, or a time such as 2026-11-22T14:03Z.',
    );
  }
  return date;
}

async function recordsIn(file: string): Promise<Found[]> {
  const bytes = await read(file);
  return reading(file, () => readRecords(bytes));
}

async function deletionsOf(file: string, now: Date): Promise<Deletion[]> {
  const deletions = deletionsIn(await recordsIn(file), now);
  if (deletions.length > 0) return deletions;
  throw invalid(file, 'the record of a successful DeleteSecret, got others');
}

const date = v.pipe(v.unknown(), v.transform(parseTime), v.date());

/** The AWS CLI prints dates as ISO 8601, its version 1 as seconds since 1970. */
const DescribeSecretAnswer = v.object({
  ARN: v.string(),
  Name: v.string(),
  DeletedDate: v.optional(date),
  LastAccessedDate: v.optional(date),
  OwningService: v.optional(v.string()),
  Tags: v.optional(v.array(v.object({ Key: v.string(), Value: v.string() }))),
});

async function readSecret(file: string): Promise<Lookup> {
  const result = v.safeParse(DescribeSecretAnswer, await readJson(file));
  if (result.success) return toLookup(result.output);
  const [issue] = result.issues;
  const fault = `${v.getDotPath(issue) ?? 'the whole'} is ${defang(issue.received)}`;
  throw invalid(file, `what \`aws secretsmanager describe-secret\` prints, but ${fault}`);
}

async function readJson(file: string): Promise<unknown> {
  const bytes = await read(file);
  const text = reading(file, () => textOf(bytes));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(file, `JSON (${defang((error as Error).message)})`);
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    throw invalid(file, 'a readable file', error);
  }
}

function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotifierError)) throw error;
    const name = file === '-' ? 'standard input' : file;
    throw new NotifierError('INVALID_FILE', `${name}: ${defang(error.message)}`, { cause: error });
  }
}

function invalid(file: string, expected: string, cause?: unknown): NotifierError {
  const came = cause instanceof Error ? ` (${cause.message})` : '';
  return new NotifierError('INVALID_FILE', `${file}: expected ${expected}${came}.`, { cause });
}

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { composeAlert } from '../lib/alert.ts';
import { readAttempt } from '../lib/attempt.ts';
import { toLookup } from '../lib/aws/secrets-manager.ts';
import { type Deletion, readChange } from '../lib/change.ts';
import { NotifierError } from '../lib/errors.ts';
import { type CloudTrailEvent, parseEvent, parseRecord } from '../lib/record.ts';
import { assess, type Lookup } from '../lib/situation.ts';
import { parseTime } from '../lib/time.ts';
import { runCommand } from './run-command.ts';

interface Options {
  event: string;
  secret?: string;
  deletion?: string;
  now?: Date;
  json?: boolean;
}

/** The tag keys that serverless.yml has by default. */
const TAG_KEYS = { owner: ['owner', 'team'], replacement: ['replaced-by'] };

const OFFLINE: Lookup = { kind: 'unavailable', reason: 'DescribeSecret was not asked (preview).' };

const command = new Command('preview')
  .description(
    'Shows the alert that a CloudTrail record would make. Offline; needs no credentials.',
  )
  .requiredOption('--event <file>', 'an EventBridge event or a bare CloudTrail record, JSON')
  .option('--secret <file>', 'the answer of `aws secretsmanager describe-secret`, JSON')
  .option('--deletion <file>', 'the CloudTrail record of the DeleteSecret call, JSON')
  .option('--now <time>', 'the time to show it at, ISO 8601 (default: the current time)', toDate)
  .option('--json', 'print one JSON object instead of the mail')
  .action(preview);

function preview({ event, secret, deletion, now = new Date(), json }: Options): void {
  const { attempt, reason } = readAttempt(readRecord(event), now);
  // Files are checked even where nothing comes of them: a broken one is never passed over.
  const lookup = secret ? readSecret(secret) : OFFLINE;
  const recorded = deletion ? readDeletionFile(deletion) : undefined;
  if (!attempt) {
    console.log(json ? JSON.stringify({ alert: null, reason }) : `No alert: ${reason}.`);
    return;
  }
  const situation = assess(attempt, lookup, now, { deletion: recorded });
  const action = { kind: 'none' } as const;
  const alert = composeAlert({ attempt, lookup, situation, action, now }, TAG_KEYS);
  console.log(
    json ? JSON.stringify({ alert }, null, 2) : `Subject: ${alert.subject}\n\n${alert.body}`,
  );
}

function toDate(value: string): Date {
  const date = parseTime(value);
  if (!date) throw new InvalidArgumentError('Expected a time such as 2026-11-22T14:03:00Z.');
  return date;
}

/** An EventBridge event has the record as its `detail`. */
function readRecord(file: string): CloudTrailEvent {
  const json = readJson(file);
  const parse = 'detail' in json ? parseEvent : parseRecord;
  return about(file, () => parse(json));
}

function readDeletionFile(file: string): Deletion {
  const change = about(file, () => readChange(readRecord(file)));
  if (change?.kind !== 'deletion') throw invalid(file, 'the record of a successful DeleteSecret');
  return change;
}

/** The AWS CLI prints dates as ISO 8601, its version 1 as seconds since 1970. */
function readSecret(file: string): Lookup {
  const { ARN, Name, DeletedDate, Tags = [], OwningService } = readJson(file);
  const deletedDate = DeletedDate == null ? undefined : parseTime(DeletedDate);
  const valid =
    typeof ARN === 'string' &&
    typeof Name === 'string' &&
    (DeletedDate == null || deletedDate) &&
    Array.isArray(Tags);
  if (!valid) {
    throw invalid(file, 'the JSON that `aws secretsmanager describe-secret` prints: ARN, Name, …');
  }
  const owner = typeof OwningService === 'string' ? OwningService : undefined;
  return toLookup({ ARN, Name, DeletedDate: deletedDate, Tags, OwningService: owner });
}

function readJson(file: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw invalid(file, 'a readable JSON file', error);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid(file, 'a JSON object');
  }
  return json as Record<string, unknown>;
}

function about<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NotifierError)) throw error;
    throw new NotifierError('INVALID_FILE', `${file}: ${error.message}`, { cause: error });
  }
}

function invalid(file: string, expected: string, cause?: unknown): NotifierError {
  const came = cause instanceof Error ? ` (${cause.message})` : '';
  return new NotifierError('INVALID_FILE', `${file}: expected ${expected}${came}.`, { cause });
}

await runCommand(command, process.argv);

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import * as v from 'valibot';
import { composeAlert } from '../lib/alert.ts';
import { type Attempt, readAttempt } from '../lib/attempt.ts';
import { toLookup } from '../lib/aws/secrets-manager.ts';
import { type Deletion, readChange } from '../lib/change.ts';
import { NotifierError } from '../lib/errors.ts';
import type { Recollection } from '../lib/recall.ts';
import { type CloudTrailEvent, parseEvent, parseRecord } from '../lib/record.ts';
import { isSameSecret } from '../lib/secret-id.ts';
import { about, assess, type Lookup } from '../lib/situation.ts';
import { oneLine } from '../lib/text.ts';
import { parseTime } from '../lib/time.ts';
import { print, printJson } from './print.ts';
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
  const described = secret ? readSecret(secret) : OFFLINE;
  const recorded = deletion ? readDeletionFile(deletion) : undefined;
  if (!attempt) {
    if (json) printJson({ alert: null, reason });
    else print(`No alert: ${oneLine(reason, 1000)}.`);
    return;
  }
  const lookup = about(attempt.secret, described);
  const situation = assess(attempt, lookup, now, recollect(attempt, recorded));
  const action = { kind: 'none' } as const;
  const facts = { attempt, lookup, situation, action, perhapsByUs: false, now };
  const alert = composeAlert(facts, TAG_KEYS);
  if (json) printJson({ alert });
  else print(`Subject: ${alert.subject}\n\n${alert.body}`);
}

function recollect({ secret }: Attempt, deletion: Deletion | undefined): Recollection {
  if (!deletion || isSameSecret(deletion.secret, secret)) return { deletion };
  return { missing: 'The DeleteSecret given is of another secret.' };
}

function toDate(value: string): Date {
  const date = parseTime(value);
  if (!date) throw new InvalidArgumentError('Expected a time such as 2026-11-22T14:03:00Z.');
  return date;
}

/** An EventBridge event has the record as its `detail`. */
function readRecord(file: string): CloudTrailEvent {
  const json = readJson(file);
  if ('Records' in json || 'Events' in json) {
    throw invalid(file, 'one record, but it holds a list of them: take one out of it');
  }
  const parse = 'detail' in json ? parseEvent : parseRecord;
  return reading(file, () => parse(json));
}

function readDeletionFile(file: string): Deletion {
  const change = reading(file, () => readChange(readRecord(file)));
  if (change?.kind !== 'deletion') throw invalid(file, 'the record of a successful DeleteSecret');
  return change;
}

const date = v.pipe(v.unknown(), v.transform(parseTime), v.date());

/** The AWS CLI prints dates as ISO 8601, its version 1 as seconds since 1970. */
const DescribeSecretAnswer = v.object({
  ARN: v.string(),
  Name: v.string(),
  DeletedDate: v.optional(date),
  OwningService: v.optional(v.string()),
  Tags: v.optional(v.array(v.object({ Key: v.string(), Value: v.string() }))),
});

function readSecret(file: string): Lookup {
  const result = v.safeParse(DescribeSecretAnswer, readJson(file));
  if (result.success) return toLookup(result.output);
  const [issue] = result.issues;
  const fault = `${v.getDotPath(issue) ?? 'the whole'} is ${issue.received}`;
  throw invalid(file, `what \`aws secretsmanager describe-secret\` prints, but ${fault}`);
}

function readJson(file: string): Record<string, unknown> {
  let json: unknown;
  try {
    // Some editors put a byte order mark first, which JSON does not have.
    json = JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw invalid(file, 'a readable JSON file', error);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid(file, 'a JSON object');
  }
  return json as Record<string, unknown>;
}

function reading<T>(file: string, read: () => T): T {
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

import { gunzipSync } from 'node:zlib';
import { type CloudTrailEvent, parseEvent, parseRecord } from '../../lib/cloudtrail/record.ts';
import { NotifierError } from '../../lib/errors.ts';
import { oneLine } from '../../lib/text.ts';

/** An event with a record, or why there is none, as half a sentence. */
export type Found =
  | { readonly event: CloudTrailEvent; readonly fault?: undefined }
  | { readonly event?: undefined; readonly fault: string };

/** In bytes, before and after unpacking: just below the longest string of V8. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Deeper than a dead letter in SQS with a subscription filter's payload. */
const MAX_DEPTH = 10;

/**
 * What holds records: a list of them, one of them, or either as JSON text.
 * Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html,
 * https://docs.aws.amazon.com/cli/latest/reference/cloudtrail/lookup-events.html,
 * https://docs.aws.amazon.com/cli/latest/reference/logs/filter-log-events.html,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html,
 * https://docs.aws.amazon.com/cli/latest/reference/sqs/receive-message.html
 */
const HOLDERS = [
  'Records', // a log file of CloudTrail
  'Events', // aws cloudtrail lookup-events
  'CloudTrailEvent', // one of its entries
  'events', // aws logs filter-log-events, get-log-events
  'results', // aws logs get-query-results
  '@message', // one of its rows, as the console exports it
  'logEvents', // what a subscription filter sends, unpacked
  'message', // an event of CloudWatch Logs
  'Messages', // aws sqs receive-message
  'Body', // one of its messages
  'requestPayload', // what Lambda keeps of an event that a function failed on
] as const;

/**
 * Finds the CloudTrail records in whatever AWS and its command line return, recognised by its shape: an
 * EventBridge event, a record, a log file, the output of a look-up or of CloudWatch Logs, a dead letter; as JSON, JSON
 * lines or JSON text in JSON, and packed by gzip.
 * @returns in the order of the input, each record or why something is none.
 * @throws NotifierError `INVALID_FILE` if there is no record at all.
 */
export function readRecords(bytes: Uint8Array): Found[] {
  const found = [...documentsOf(textOf(bytes))].flatMap((read, i, all) =>
    all.length === 1 ? [...read('')] : [...read(`document ${i + 1}`)],
  );
  if (found.some(({ event }) => event)) return found;
  const what = 'Expected CloudTrail records, or what holds some';
  const [first] = found;
  if (!first) throw invalid(`${what}, got an empty list`);
  const others = found.length > 1 ? `; nor is any of ${found.length - 1} more` : '';
  throw invalid(`${what}: ${first.fault}${others}`);
}

function invalid(what: string, cause?: unknown): NotifierError {
  return new NotifierError('INVALID_FILE', `${what}.`, { cause });
}

/**
 * The text of a file, unpacked: some editors put a byte order mark first, and PowerShell writes UTF-16.
 * @throws NotifierError `INVALID_FILE` if it is too large, or packed badly.
 */
export function textOf(bytes: Uint8Array): string {
  const plain = isGzip(bytes) ? unpack(bytes) : bytes;
  if (plain.length > MAX_BYTES) {
    throw invalid(`Expected at most ${MAX_BYTES} bytes, got ${plain.length}: give a part of them`);
  }
  const isUtf16 = plain[0] === 0xff && plain[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(plain);
}

const isGzip = (bytes: Uint8Array) => bytes[0] === 0x1f && bytes[1] === 0x8b;

function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const why = (error as Error).message;
    throw invalid(`Expected gzip data of at most ${MAX_BYTES} bytes (${why})`, error);
  }
}

type Read = (where: string) => Generator<Found>;

/** One document of JSON; else one on each line, or, as `jq` writes them, one after another. */
function documentsOf(text: string): Read[] {
  if (text.trim() === '') throw invalid('Expected CloudTrail records, got nothing');
  const whole = parse(text);
  const logged = 'json' in whole ? undefined : logLines(text);
  if (logged) return logged.map((line) => (where) => findIn(parse(line), where, 0));
  const lines = 'json' in whole ? [] : split(text, /\r?\n|\t(?=\{)/);
  if (lines.length < 2) return [(where) => findIn(whole, where, 0)];
  const isByLine = 'json' in parse(lines[0] ?? '');
  const parts = isByLine ? lines : split(text, /\r?\n(?=[{[])/);
  return parts.map((part) => (where) => findIn(parse(part), where, 0));
}

/** A line of `aws logs tail`: time, stream and message; and one of `filter-log-events --output text`, by tabs. */
const LOG_LINE = /^(?:\d{4}-\d\d-\d\dT\S+ (?:\S+ )?|EVENTS\t[^{]*\t)(\{.*\})(?:\t\d+)?$/;

/** The messages of lines of CloudWatch Logs, and what else stands there; `undefined` if there is no such line. */
function logLines(text: string): string[] | undefined {
  const lines = split(text, /\r?\n/).filter((line) => !line.startsWith('SEARCHEDLOGSTREAMS\t'));
  const messages = lines.map((line) => LOG_LINE.exec(line)?.[1]);
  if (!messages.some((message) => message !== undefined)) return undefined;
  return lines.map((line, i) => messages[i] ?? line);
}

const split = (text: string, by: RegExp) => text.split(by).filter((part) => part.trim() !== '');

type Parsed = { readonly json: unknown } | { readonly fault: string };

function parse(text: string): Parsed {
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    return { fault: oneLine((error as Error).message) };
  }
}

function* findIn(parsed: Parsed, where: string, depth: number): Generator<Found> {
  if ('json' in parsed) yield* find(parsed.json, where, depth);
  else yield fault(where, `no JSON (${parsed.fault})`);
}

function* find(value: unknown, where: string, depth: number): Generator<Found> {
  if (depth > MAX_DEPTH) return yield fault(where, 'nested too deeply');
  if (typeof value === 'string') return yield* findIn(parse(value), where, depth + 1);
  if (typeof value !== 'object' || value === null) return yield fault(where, `${value}`);
  if (Array.isArray(value)) return yield* findInList(value, where, depth);
  const item = value as Readonly<Record<string, unknown>>;
  if (item['detail-type'] === 'Scheduled Event') {
    return yield fault(where, 'a scheduled run of summarize, which has no record');
  }
  if ('detail' in item) return yield read(where, () => parseEvent(item));
  if ('eventSource' in item && 'eventName' in item)
    return yield read(where, () => parseRecord(item));
  const holder = HOLDERS.find((key) => key in item);
  if (holder) return yield* find(item[holder], at(where, holder), depth + 1);
  if (isPacked(item.awslogs)) return yield* findPacked(item.awslogs.data, where, depth);
  const keys = Object.keys(item).slice(0, 8).join(', ');
  yield fault(where, `no CloudTrail record, but an object with ${keys || 'nothing in it'}`);
}

/** A result of CloudWatch Logs Insights is a list of fields. */
function* findInList(list: readonly unknown[], where: string, depth: number): Generator<Found> {
  if (list.length > 0 && list.every(isField)) {
    const message = list.find(({ field }) => field === '@message');
    if (message) yield* find(message.value, at(where, '@message'), depth + 1);
    else yield fault(where, 'a row without @message: add it to the fields of the query');
    return;
  }
  for (const [i, item] of list.entries()) yield* find(item, `${where}[${i}]`, depth + 1);
}

const isField = (item: unknown): item is { field: string; value?: unknown } =>
  typeof item === 'object' && item !== null && 'field' in item;

const isPacked = (item: unknown): item is { data: string } =>
  typeof item === 'object' && item !== null && 'data' in item && typeof item.data === 'string';

function* findPacked(data: string, where: string, depth: number): Generator<Found> {
  const bytes = Buffer.from(data, 'base64');
  const place = at(where, 'awslogs.data');
  if (!isGzip(bytes)) return yield fault(place, 'no gzip data');
  yield* find(textOf(bytes), place, depth + 1);
}

function read(where: string, event: () => CloudTrailEvent): Found {
  try {
    return { event: event() };
  } catch (error) {
    if (!(error instanceof NotifierError)) throw error;
    const why = error.message.replace(/\.$/, '');
    return { fault: where ? `${where}: ${why}` : why };
  }
}

const at = (where: string, key: string) => (where ? `${where}.${key}` : key);

const fault = (where: string, what: string): Found => ({
  fault: where ? `${where} is ${what}` : `it is ${what}`,
});

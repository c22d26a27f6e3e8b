import * as v from 'valibot';
import { unpackBatch } from '../../lib/cloudtrail/batch.ts';
import { identifyCaller } from '../../lib/cloudtrail/caller.ts';
import { parseEvent } from '../../lib/cloudtrail/record.ts';
import { CHANNELS } from '../../lib/notice/channel.ts';
import { oneLine } from '../../lib/text.ts';
import { formatUtc, parseTime } from '../../lib/time.ts';
import type { Stack } from '../service.ts';
import { CHANNEL_OUTPUTS } from '../service.ts';
import { describeNotices, eventOf } from './notices.ts';

/** What a message of the dead-letter queue holds. */
export interface DeadLetter {
  readonly event: unknown;
  /** The function that the message names: any of the account, as whoever may send to the queue chose it. */
  readonly arn?: string;
}

/** Outputs of the stack that name a function. */
type FunctionOutput = (typeof OUTPUTS)[keyof typeof OUTPUTS] | typeof SCHEDULED | typeof LOGGED;

/**
 * The function that handles an event, by the call that it records. A read that the queue of reads has given up is of `notify`, which
 * asks the ledger itself.
 */
const OUTPUTS = {
  GetSecretValue: 'NotifyFunctionName',
  DeleteSecret: 'TrackDeletionFunctionName',
  RestoreSecret: 'TrackDeletionFunctionName',
  RemoveRegionsFromReplication: 'TrackDeletionFunctionName',
  CreateSecret: 'TrackDeletionFunctionName',
} as const;

const SCHEDULED = 'SummarizeFunctionName';
const LOGGED = 'ReadTrailFunctionName';

/**
 * What Lambda keeps of an event once all retries have failed.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
const FailureRecord = v.object({
  requestContext: v.object({ functionArn: v.string() }),
  requestPayload: v.unknown(),
});

/**
 * What EventBridge keeps of an event that it could not deliver: the event itself.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
const RecordedCall = v.object({
  detail: v.object({
    eventName: v.picklist(Object.keys(OUTPUTS) as (keyof typeof OUTPUTS)[]),
  }),
});
const Schedule = v.object({ 'detail-type': v.literal('Scheduled Event') });
/** A batch from the trail's log group. */
const Logged = v.object({ awslogs: v.unknown() });

/** A log event that `read-trail` could not read, handed on to be refused and kept. */
const Unreadable = v.object({
  path: v.literal('trail'),
  detail: v.object({ logGroup: v.string(), message: v.string() }),
});

/** Reads the body of a message of the dead-letter queue; `undefined` for what is no event of this service. */
export function readDeadLetter(body: string): DeadLetter | undefined {
  const json = parseJson(body);
  if (v.is(FailureRecord, json)) {
    return { event: json.requestPayload, arn: json.requestContext.functionArn };
  }
  const event = functionFor(json) ? json : eventOf(json);
  return event === undefined ? undefined : { event };
}

/** The function that handles an event; `undefined` for what is no event of this service. */
function functionFor(event: unknown): FunctionOutput | undefined {
  if (v.is(RecordedCall, event)) return OUTPUTS[event.detail.eventName];
  if (v.is(Logged, event)) return LOGGED;
  if (v.is(Unreadable, event)) return OUTPUTS.GetSecretValue;
  return v.is(Schedule, event) ? SCHEDULED : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What to do with a dead letter. `text` describes it in one line. */
type Judgement =
  | {
      readonly kind: 'ours';
      readonly event: unknown;
      /** Those that it is for: one, but of notices that name none every channel, each of which drops what it has sent. */
      readonly functionNames: readonly string[];
      readonly text: string;
    }
  /** Ours, but what no function can read. */
  | { readonly kind: 'unreadable' | 'foreign'; readonly text: string };

/**
 * Whether a message of the dead-letter queue is an event for one of the stack's own functions: the event decides which, and
 * a function that the message names must be that one. Anything else is foreign: whoever may send to the queue must not
 * choose what an operator invokes.
 * @throws NotifierError `NO_STACK` if the stack lacks the output that names the function.
 */
export function judge(body: string, stack: Stack): Judgement {
  const { event, arn } = readDeadLetter(body) ?? {};
  const notices = describeNotices(event);
  if (notices) return judgeNotices(notices, { event, arn }, stack);
  const named = arn === undefined ? '' : ` for ${oneLine(arn)}`;
  const output = functionFor(event);
  const about = output && describe(event, output);
  if (!about) return { kind: 'foreign', text: `no event of this service${named}` };
  const functionName = output === LOGGED ? stack.findOutput(output) : stack.output(output);
  if (!functionName) {
    return { kind: 'foreign', text: `${about}: the stack has no function for it (trailPath=off)` };
  }
  if (arn !== undefined && !isFunction(arn, functionName, stack)) {
    return { kind: 'foreign', text: `${about},${named}, not for ${functionName}` };
  }
  if (v.is(Unreadable, event)) return { kind: 'unreadable', text: about };
  return {
    kind: 'ours',
    event,
    functionNames: [functionName],
    text: `${about}, for ${functionName}`,
  };
}

/**
 * As {@link judge}, of notices for a channel beside the mail: they may be of any, so that it is the one whose function the message
 * names, and every one of the stack if it names none.
 */
function judgeNotices(about: string, { event, arn }: DeadLetter, stack: Stack): Judgement {
  const channels = CHANNELS.map((key) => {
    const functionName = stack.findOutput(CHANNEL_OUTPUTS[key]);
    // Its name while the stack had one.
    return { key, functionName, name: functionName ?? `${stack.name}-${key}` };
  });
  const meant = channels.filter(({ name }) => arn === undefined || isFunction(arn, name, stack));
  if (meant.length === 0) {
    const own = channels.map(({ name }) => name).join(' or ');
    return { kind: 'foreign', text: `${about}, for ${oneLine(arn ?? '')}, not for ${own}` };
  }
  const deployed = meant.filter(({ functionName }) => functionName);
  const [functionNames, shown] = [deployed.map(({ name }) => name), deployed[0] ? deployed : meant];
  const text = `${shown.map(({ key }) => key).join(', ')}: ${about}`;
  if (functionNames.length === 0) return { kind: 'foreign', text: `${text}: ${NOT_DEPLOYED}` };
  return {
    kind: 'ours',
    event,
    functionNames,
    text: `${text}, for ${functionNames.join(' and ')}`,
  };
}

const NOT_DEPLOYED =
  'the stack has no function for it any more. Deploy with its settings, or remove it by --drop-foreign';

/** Lambda's records name the unqualified function by `$LATEST`; the stack has no versions and no aliases. */
function isFunction(arn: string, name: string, { accountId, region }: Stack): boolean {
  const [, , service, ...rest] = arn.replace(/:\$LATEST$/, '').split(':');
  return service === 'lambda' && rest.join(':') === `${region}:${accountId}:function:${name}`;
}

/** The call, the secret, the caller and the time, or what a batch holds; `undefined` if the functions cannot read it. */
function describe(event: unknown, output: FunctionOutput): string | undefined {
  if (output === SCHEDULED) return 'Scheduled digest';
  if (v.is(Unreadable, event)) return `unreadable log event of ${oneLine(event.detail.logGroup)}`;
  try {
    if (output === LOGGED) {
      const { logEvents, logGroup } = unpackBatch(event);
      return `${logEvents.length} log events of ${oneLine(logGroup)}`;
    }
    const { detail } = parseEvent(event);
    const time = parseTime(detail.eventTime);
    const { secretId, name } = detail.requestParameters ?? {};
    const secret = oneLine(secretId ?? name ?? 'no secret');
    const caller = identifyCaller(detail.userIdentity).description;
    const call = `${detail.eventName} of ${secret} by ${caller}`;
    return time ? `${call}, ${formatUtc(time)}` : call;
  } catch {
    return undefined;
  }
}

import * as v from 'valibot';

/** A message of the dead-letter queue, as far as it tells what to do with it. */
export interface DeadLetter {
  readonly event: unknown;
  /**
   * The function to which the event goes: its ARN, or the stack's output that names it. The ARN is what the message says:
   * whoever may send to the queue can name any function of the account.
   */
  readonly target: Target;
}

type Target = { readonly arn: string } | { readonly output: FunctionOutput };

/** Outputs of the stack that name a function. */
export type FunctionOutput = (typeof OUTPUTS)[keyof typeof OUTPUTS] | typeof SCHEDULED;

/** By the call that an event records, the function that the rules hand it to. */
const OUTPUTS = {
  GetSecretValue: 'NotifyFunctionName',
  DeleteSecret: 'TrackDeletionFunctionName',
  RestoreSecret: 'TrackDeletionFunctionName',
} as const;

const SCHEDULED = 'SummarizeFunctionName';

/**
 * What Lambda keeps of an event on which a function failed for good.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
const FailureRecord = v.object({
  requestContext: v.object({ functionArn: v.string() }),
  requestPayload: v.unknown(),
});

/**
 * What EventBridge keeps of an event that it could not hand over: the event itself.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
const RecordedCall = v.object({
  detail: v.object({
    eventName: v.picklist(Object.keys(OUTPUTS) as (keyof typeof OUTPUTS)[]),
  }),
});
const Schedule = v.object({ 'detail-type': v.literal('Scheduled Event') });

/** Reads the body of a message of the dead-letter queue; `undefined` for what is no event of this service. */
export function readDeadLetter(body: string): DeadLetter | undefined {
  const json = parseJson(body);
  if (v.is(FailureRecord, json)) {
    return { event: json.requestPayload, target: { arn: json.requestContext.functionArn } };
  }
  const output = functionFor(json);
  return output && { event: json, target: { output } };
}

/** The function that handles an event; `undefined` for what is no event of this service. */
export function functionFor(event: unknown): FunctionOutput | undefined {
  if (v.is(RecordedCall, event)) return OUTPUTS[event.detail.eventName];
  return v.is(Schedule, event) ? SCHEDULED : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

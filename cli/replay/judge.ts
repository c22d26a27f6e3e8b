import { identifyCaller } from '../../lib/cloudtrail/caller.ts';
import { parseEvent } from '../../lib/cloudtrail/record.ts';
import { oneLine } from '../../lib/text.ts';
import { formatUtc, parseTime } from '../../lib/time.ts';
import type { Stack } from '../service.ts';
import { functionFor, readDeadLetter } from './dead-letter.ts';

/** What is to become of a dead letter. `text` says of it what there is to say, in one line. */
export type Judgement =
  | {
      readonly kind: 'ours';
      readonly event: unknown;
      readonly functionName: string;
      readonly text: string;
    }
  | { readonly kind: 'foreign'; readonly text: string };

/**
 * Tells whether a message of the dead-letter queue is an event of this service, for one of the stack's own functions: the
 * event decides which, and a function that the message names must be that one. All else is foreign: whoever may send to the
 * queue must not choose what an operator invokes.
 * @throws NotifierError `NO_STACK` if the stack has not the output that names the function.
 */
export function judge(body: string, stack: Stack): Judgement {
  const letter = readDeadLetter(body);
  const arn = letter && 'arn' in letter.target ? letter.target.arn : undefined;
  const named = arn === undefined ? '' : ` for ${oneLine(arn)}`;
  const output = functionFor(letter?.event);
  const about = describe(letter?.event);
  if (!letter || !output || !about) {
    return { kind: 'foreign', text: `no event of this service${named}` };
  }
  const functionName = stack.output(output);
  if (arn !== undefined && !isFunction(arn, functionName, stack)) {
    return { kind: 'foreign', text: `${about},${named}, not for ${functionName}` };
  }
  return { kind: 'ours', event: letter.event, functionName, text: `${about}, for ${functionName}` };
}

/** Lambda's records name the unqualified function by `$LATEST`; the stack has no versions and no aliases. */
function isFunction(arn: string, name: string, { accountId, region }: Stack): boolean {
  const [, , service, ...rest] = arn.replace(/:\$LATEST$/, '').split(':');
  return service === 'lambda' && rest.join(':') === `${region}:${accountId}:function:${name}`;
}

/** The call, the secret, the caller and the time; `undefined` if the functions cannot read it. */
function describe(event: unknown): string | undefined {
  if (functionFor(event) === 'SummarizeFunctionName') return 'Scheduled summary';
  try {
    const { detail } = parseEvent(event);
    const time = parseTime(detail.eventTime);
    const secret = oneLine(detail.requestParameters?.secretId ?? 'no secret');
    const caller = identifyCaller(detail.userIdentity).description;
    const call = `${detail.eventName} of ${secret} by ${caller}`;
    return time ? `${call}, ${formatUtc(time)}` : call;
  } catch {
    return undefined;
  }
}

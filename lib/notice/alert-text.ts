import type { Attempt } from '../attempt/attempt.ts';
import type { Action } from '../deletion/auto-cancel.ts';
import type { Severity } from '../deletion/schedule.ts';
import type { SecretState } from '../deletion/secret-state.ts';
import { asciiLine, cutMiddle, identifier, oneLine } from '../text.ts';
import { formatUtc } from '../time.ts';
import {
  muteAdvice,
  muteCommand,
  type OwnStack,
  type Remedy,
  withCredentials,
} from './commands.ts';
import {
  changeRow,
  deletionLine,
  regionText,
  removedReplicaOf,
  timeLeft,
} from './deletion-text.ts';
import type { NoticeSecret } from './notice.ts';

/** What an alert says is said of these, in whatever channel. All texts here are plain lines, of words that are not defanged. */
export interface AlertFacts {
  readonly attempt: Attempt;
  readonly secret: NoticeSecret;
  readonly state: SecretState;
  readonly action: Action;
  readonly perhapsByUs?: boolean;
  readonly remedy?: Remedy;
  readonly now: Date;
}

/** How urgent it is: `CRITICAL: `, or nothing. A drill is marked as one; its urgency would only frighten. */
export function markOf(severity: Severity, isOfDrill: boolean): string {
  if (isOfDrill) return 'DRILL: ';
  return severity === 'notice' ? '' : `${severity.toUpperCase()}: `;
}

export const DRILL =
  'This is a drill, by the name of its secret: `npm run drill` makes a secret, deletes it, and asks for it. There is nothing to do. Nobody runs a drill now? Then take what follows for real.';

/** What stands before the secret's name in a subject or a title, behind the mark, and at its end. */
export function alertFrame(
  {
    attempt,
    state,
    action,
    secret,
    now,
  }: Pick<AlertFacts, 'attempt' | 'state' | 'action' | 'secret' | 'now'>,
  mark: string,
): readonly [head: string, tail: string] {
  if (action.kind === 'restored') return ['Restored: secret', 'its deletion is cancelled'];
  switch (state.state) {
    case 'pending':
      return [`${mark}Deleted secret`, timeLeft(state.schedule, now)];
    case 'restored':
      return [`${mark}Secret`, 'restored since'];
    case 'gone':
      if (!attempt.isNotFound) return [`${mark}Deleted secret`, 'already gone'];
      if (state.anew) return ['Secret', 'made anew since'];
      return removedReplicaOf(state.deletion)
        ? [`${mark}GONE: replica`, `removed in ${regionText(secret.region)}`]
        : [`${mark}GONE: secret`, 'deleted for good'];
  }
}

/** What has happened, in a sentence or two. */
export function alertHeadline({ attempt, state, action, secret, perhapsByUs }: AlertFacts): string {
  const caller = attempt.caller.name;
  const name = secret.name
    ? `the secret ${cutMiddle(identifier(secret.name), 120)}`
    : 'a secret that the record does not name';
  if (action.kind === 'restored') {
    return `The deletion of ${name} is CANCELLED: ${caller} still asks for it. It can be read again.`;
  }
  switch (state.state) {
    case 'pending':
      return `${sentence(caller)} asks for ${name}, which is scheduled for deletion. Every request for its value fails until it is restored.`;
    case 'restored':
      return `${sentence(caller)} asked for ${name} while it was scheduled for deletion. It has been restored since${perhapsByUs ? ', perhaps by an earlier try of this notifier,' : ''} and can be read again.`;
    case 'gone':
      if (attempt.isNotFound) return goneHeadline(sentence(caller), name, state, secret.region);
      return `${sentence(caller)} asks for ${name}, which was scheduled for deletion and which AWS does not find any more. It can probably not be restored.`;
  }
}

function goneHeadline(
  caller: string,
  name: string,
  { deletion, anew }: Extract<SecretState, { state: 'gone' }>,
  region: string | undefined,
): string {
  const primary = removedReplicaOf(deletion);
  const place = regionText(region);
  if (anew) {
    const how = primary ? `its replica in ${place} was removed` : 'that was deleted for good';
    return `${caller} asked for ${name} when ${how}. A new secret was made under its name on ${formatUtc(anew)}.`;
  }
  return primary
    ? `${caller} asks for ${name} in ${place}, where its replica was removed. Its primary is in ${regionText(primary)}. Every request for its value in ${place} fails.`
    : `${caller} asks for ${name}, which is deleted for good. It cannot be restored, and every request for its value fails.`;
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Until when the secret can be restored, and why that is no better known. */
export function alertDeletion({
  state,
  action,
  now,
}: Pick<AlertFacts, 'state' | 'action' | 'now'>): string {
  if (action.kind === 'restored') return 'cancelled by this notifier';
  if (state.state === 'restored') return 'not scheduled any more';
  const line = deletionLine(state, now);
  const reason = state.state === 'pending' && 'reason' in state.schedule && state.schedule.reason;
  return reason === false ? line : `${line}. ${reason}`;
}

/** Who deleted or restored the secret, and when. */
export const alertCall = (state: SecretState) =>
  state.state === 'restored'
    ? changeRow(state.cancellation)
    : changeRow(state.deletion, state.state === 'gone');

/** From where an attempt came: an address, the VPC endpoint it passed, the service that called for somebody. */
export function fromLine({ sourceAddress, vpcEndpointId, invokedBy }: Attempt): string {
  const parts = [
    sourceAddress,
    vpcEndpointId && `VPC endpoint ${vpcEndpointId}`,
    invokedBy && invokedBy !== sourceAddress && `invoked by ${invokedBy}`,
  ];
  return asciiLine(parts.filter(Boolean).join(', '));
}

/** Why the deletion was not cancelled, if it might have been. */
export function notCancelled({ state, action }: AlertFacts): string | undefined {
  if (state.state !== 'pending' || action.kind === 'restored' || !action.reason) return undefined;
  const tried =
    action.kind === 'none'
      ? 'This notifier did not cancel the deletion'
      : 'This notifier tried to cancel the deletion and could not';
  return `${tried}: ${oneLine(action.reason, 400)}`;
}

/** What the reader can do, and by what: the command and the link of a remedy, or a command. */
export interface Step {
  readonly text: string;
  readonly remedy?: Remedy;
  readonly command?: string;
}

/** What the reader of an alert can do, in the order in which it is to be thought of. */
export function alertSteps(facts: AlertFacts, stack: OwnStack): Step[] {
  const { attempt, secret, state, action, remedy } = facts;
  const owner = `Tell the owner of ${attempt.caller.name}`;
  const replaced = { text: `Replaced? ${owner} to ask for ${successorOf(secret)} instead.` };
  const mute = {
    text: muteAdvice('this caller'),
    command: muteCommand(secret, attempt.caller.key, stack),
  };
  const needless = { text: `Not needed? ${owner} to stop asking.` };
  if (action.kind === 'restored' || state.state === 'restored') {
    return [
      { text: 'Still needed? Nothing. Tell its owner that it is in use.' },
      stepBy(remedy, 'To be deleted all the same? Fix the caller first.', 'Schedule it again:'),
    ];
  }
  if (state.state === 'gone' && attempt.isNotFound) {
    // Of what is gone nobody knows whether anything took its place, unless a tag tells.
    const known = secret.replacements.length > 0 ? [replaced] : [];
    return [stillNeeded(secret, state.anew, remedy), ...known, needless, mute];
  }
  if (state.state === 'gone') {
    return [
      { text: 'Still needed? Make a new secret of this name, with a value from its source.' },
      needless,
      stepBy(remedy, 'It exists all the same?', 'Restore it:'),
      mute,
    ];
  }
  return [
    stepBy(remedy, 'Still needed?', 'Restore it:'),
    replaced,
    { text: 'Truly unused? Do nothing. AWS deletes it at the end of the window.' },
    mute,
  ];
}

// A secret that is made under a name anew gets another ARN:
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
const NEW_ARN = 'Who asks by the old ARN needs the new one';

/** What becomes of what is gone and wanted. */
function stillNeeded({ replicaOf }: NoticeSecret, anew: Date | undefined, remedy?: Remedy): Step {
  if (anew) return { text: `Does it still fail? ${NEW_ARN}.` };
  return remedy?.act === 'replicate'
    ? stepBy(remedy, 'Still needed?', `Replicate it again, if ${replicaOf} has it still:`)
    : stepBy(
        remedy,
        `Still needed? Take its value from its source, a copy of yours, or what was a replica in another Region. ${NEW_ARN}.`,
        'Make a new secret of this name:',
      );
}

const stepBy = (remedy: Remedy | undefined, question: string, advice: string): Step => ({
  text: `${question} ${remedy ? found(remedy, advice) : advice.replace(/:$/, '.')}`,
  remedy,
});

function successorOf({ replacements: [replacement] }: NoticeSecret): string {
  if (!replacement) return 'the new secret';
  // A tag may hold any text; only what can pass for nothing else stands in a sentence.
  const isName = replacement.value === identifier(replacement.value, 128);
  return isName ? replacement.value : 'the secret named above under "Replaced by"';
}

/** What to do with the secret, which must be found first if no command can name it. */
export function found(remedy: Remedy, advice: string): string {
  const by = withCredentials(remedy);
  if (remedy.isNamed) return advice.replace(/:$/, `${by}:`);
  return `Find it in this list${by}. ${advice.replace(/:$/, '.')}`;
}

import type { Attempt } from '../../attempt/attempt.ts';
import { shortNameBeside } from '../../cloudtrail/caller.ts';
import { isDrill } from '../../drill.ts';
import {
  asciiLine,
  cut,
  cutMiddle,
  identifier,
  joinParagraphs,
  oneLine,
  wrap,
} from '../../text.ts';
import { formatUtcSeconds } from '../../time.ts';
import {
  commandAndLink,
  IN_CHECKOUT,
  muteCommand,
  type OwnStack,
  type Remedy,
  withCredentials,
} from '../commands.ts';
import { changeLine, deletionLine, notLookedUp, placesShort, timeLeft } from '../deletion-text.ts';
import type { AlertNotice } from '../notice.ts';
import { type Mail, renderAttributes } from './mail.ts';
import { renderRows, secretRow, tagRow } from './rows.ts';
import { fitSubject } from './subject.ts';

/**
 * The mail of an alert. Values from a record stand only in indented rows or, as words without a space or colon,
 * in a sentence: no value can pass for a line of the mail.
 */
export function renderAlert(notice: AlertNotice, stack: OwnStack): Mail {
  const { attempt, secret, state, severity, action } = notice;
  return {
    subject: subjectOf(notice),
    body: joinParagraphs([
      ...(isDrill(secret.name) ? [wrap(DRILL)] : []),
      headline(notice),
      rowsOf(notice),
      adviceOf(notice, stack),
    ]),
    attributes: renderAttributes({
      secret: secret.name,
      caller: attempt.caller.key,
      account: secret.accountId,
      region: secret.region,
      severity,
      owner: secret.owners[0]?.value,
      action: state.state === 'restored' ? 'already-restored' : action.kind,
    }),
  };
}

/** The secret, the caller and the time left. */
function subjectOf(notice: AlertNotice): string {
  const { attempt, secret } = notice;
  const [head, tail] = frame(notice);
  return fitSubject({
    head,
    secretName: secret.name,
    verb: 'wanted by',
    callerName: attempt.caller.shortName,
    callerBeside: shortNameBeside(attempt.secret.accountId, attempt.caller),
    tail,
    asides: secret.elsewhere && placesShort(secret.elsewhere),
  });
}

function frame(notice: AlertNotice): [head: string, tail: string] {
  const { state, action, now } = notice;
  const mark = markOf(notice);
  if (action.kind === 'restored') return ['Restored: secret', 'its deletion is cancelled'];
  switch (state.state) {
    case 'pending':
      return [`${mark}Deleted secret`, timeLeft(state.schedule, now)];
    case 'restored':
      return [`${mark}Secret`, 'restored since'];
    case 'gone':
      return [`${mark}Deleted secret`, 'already gone'];
  }
}

/** A drill is marked as one; its urgency would only frighten. */
function markOf({ secret, severity }: AlertNotice): string {
  if (isDrill(secret.name)) return 'DRILL: ';
  return severity === 'notice' ? '' : `${severity.toUpperCase()}: `;
}

const DRILL =
  'This is a drill, by the name of its secret: `npm run drill` makes a secret, deletes it, and asks for it. There is nothing to do. Nobody runs a drill now? Then take what follows for real.';

function headline({ attempt, state, action, secret, perhapsByUs }: AlertNotice): string {
  const caller = attempt.caller.name;
  const name = secret.name
    ? `the secret ${cutMiddle(identifier(secret.name), 120)}`
    : 'a secret that the record does not name';
  if (action.kind === 'restored') {
    return wrap(
      `The deletion of ${name} is CANCELLED: ${caller} still asks for it. It can be read again.`,
    );
  }
  switch (state.state) {
    case 'pending':
      return wrap(
        `${sentence(caller)} asks for ${name}, which is scheduled for deletion. Every request for its value fails until it is restored.`,
      );
    case 'restored':
      return wrap(
        `${sentence(caller)} asked for ${name} while it was scheduled for deletion. It has been restored since${perhapsByUs ? ', perhaps by an earlier try of this notifier,' : ''} and can be read again.`,
      );
    case 'gone':
      return wrap(
        `${sentence(caller)} asks for ${name}, which was scheduled for deletion and which AWS does not find any more. It can probably not be restored.`,
      );
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is known, a row each; the values of a record are indented behind their label. */
function rowsOf(notice: AlertNotice): string {
  const { attempt, state, secret } = notice;
  const { caller } = attempt;
  const { accountId } = secret;
  const isForeign = caller.accountId && accountId && caller.accountId !== accountId;
  return renderRows([
    secretRow(secret.name),
    ['Account', isForeign ? `${accountId}, the caller's is ${caller.accountId}` : accountId],
    ['Region', secret.region],
    ['Deletion', deletionText(notice)],
    ['Scheduled', state.state === 'restored' ? undefined : changeLine(state.deletion)],
    ['Restored', state.state === 'restored' ? changeLine(state.cancellation) : undefined],
    ['Looked up', notLookedUp(secret.elsewhere)],
    ['Asked by', caller.description],
    // What patterns of the setting ignoredCallers are matched with.
    ['Caller ARN', caller.key.startsWith('arn:') ? asciiLine(caller.key, 600) : undefined],
    ['From', asciiLine(fromLine(attempt))],
    ['With', attempt.userAgent && userAgentLine(attempt.userAgent)],
    ['At', formatUtcSeconds(attempt.time)],
    ['Event', asciiLine(attempt.eventId ?? attempt.id, 128)],
    tagRow('Owner', secret.owners),
    tagRow('Replaced by', secret.replacements),
    ['Managed by', secret.owningService && `${secret.owningService}, which may refuse a restore`],
  ]);
}

function deletionText({ state, action, now }: AlertNotice): string {
  if (action.kind === 'restored') return 'cancelled by this notifier';
  if (state.state === 'restored') return 'not scheduled any more';
  const line = deletionLine(state, now);
  const reason = state.state === 'pending' && 'reason' in state.schedule && state.schedule.reason;
  return reason === false ? line : `${line}. ${reason}`;
}

/**
 * A user agent, or its beginning and what tells most of where it runs: `exec-env/AWS_Lambda_…` stands near the end.
 */
function userAgentLine(userAgent: string): string {
  const line = asciiLine(userAgent, 1024);
  if (line.length <= 150) return line;
  const at = line.lastIndexOf(' exec-env/');
  if (at < 0) return cutMiddle(line, 150);
  return `${cut(line.slice(0, at), 90)} ${cut(line.slice(at + 1), 59)}`;
}

function fromLine({ sourceAddress, vpcEndpointId, invokedBy }: Attempt): string {
  const parts = [
    sourceAddress,
    vpcEndpointId && `VPC endpoint ${vpcEndpointId}`,
    invokedBy && invokedBy !== sourceAddress && `invoked by ${invokedBy}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** What the reader can do, with the commands and links to do it. */
function adviceOf(notice: AlertNotice, stack: OwnStack): string {
  const { attempt, secret, state, action, remedy } = notice;
  if (action.kind === 'restored' || state.state === 'restored') return againAdvice(remedy);
  if (state.state === 'gone') return goneAdvice(notice);
  const tried =
    action.kind === 'none'
      ? 'This notifier did not cancel the deletion'
      : 'This notifier tried to cancel the deletion and could not';
  return [
    ...(action.reason ? [wrap(`${tried}: ${oneLine(action.reason, 400)}`, '! ')] : []),
    'WHAT TO DO',
    wrap(`Still needed? ${found(remedy, 'Restore it:')}`, '1. '),
    ...commandAndLink(remedy),
    wrap(replacedAdvice(notice), '2. '),
    wrap('Truly unused? Do nothing. AWS deletes it at the end of the window.', '3. '),
    wrap(`Known already, and to be changed in time? Mute this caller, ${IN_CHECKOUT}:`, '4. '),
    muteCommand(secret, attempt.caller.key, stack),
  ].join('\n\n');
}

function replacedAdvice({ attempt, secret: { replacements } }: AlertNotice): string {
  const [replacement] = replacements;
  // A tag may hold any text; only what can pass for nothing else stands in a sentence.
  const isName = replacement && replacement.value === identifier(replacement.value, 128);
  const named = isName ? replacement.value : 'the secret named above under "Replaced by"';
  const successor = replacement ? named : 'the new secret';
  return `Replaced? Tell the owner of ${attempt.caller.name} to ask for ${successor} instead.`;
}

function againAdvice(remedy: Remedy): string {
  const again = found(remedy, 'Schedule it again:');
  return [
    'WHAT TO DO',
    wrap('Still needed? Nothing. Tell its owner that it is in use.', '1. '),
    wrap(`To be deleted all the same? Fix the caller first. ${again}`, '2. '),
    ...commandAndLink(remedy),
  ].join('\n\n');
}

function goneAdvice({ attempt, remedy }: AlertNotice): string {
  return [
    'WHAT TO DO',
    wrap('Still needed? Make a new secret of this name, with a value from its source.', '1. '),
    wrap(`Not needed? Tell the owner of ${attempt.caller.name} to stop asking.`, '2. '),
    wrap(`It exists all the same? ${found(remedy, 'Restore it:')}`, '3. '),
    ...commandAndLink(remedy),
  ].join('\n\n');
}

/** What to do with the secret, which must be found first if no command can name it. */
function found(remedy: Remedy, advice: string): string {
  const by = withCredentials(remedy);
  if (remedy.isNamed) return advice.replace(/:$/, `${by}:`);
  return `Find it in this list${by}. ${advice.replace(/:$/, '.')}`;
}

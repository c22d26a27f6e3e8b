import { shortNameBeside } from '../../cloudtrail/caller.ts';
import { isDrill } from '../../drill.ts';
import { asciiLine, cut, cutMiddle, joinParagraphs, wrap } from '../../text.ts';
import { formatUtcSeconds } from '../../time.ts';
import {
  alertCall,
  alertDeletion,
  alertFrame,
  alertHeadline,
  alertSteps,
  DRILL,
  fromLine,
  markOf,
  notCancelled,
} from '../alert-text.ts';
import type { OwnStack } from '../commands.ts';
import { notLookedUp, placesShort, replicaRow } from '../deletion-text.ts';
import type { AlertNotice } from '../notice.ts';
import { type Mail, renderAttributes } from './mail.ts';
import { renderRows, secretRow, tagRow } from './rows.ts';
import { stepsText } from './steps.ts';
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
      wrap(alertHeadline(notice)),
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
  const [head, tail] = alertFrame(notice, markOf(notice.severity, isDrill(secret.name)));
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
    ['Deletion', alertDeletion(notice)],
    alertCall(state),
    ['Looked up', notLookedUp(secret.elsewhere)],
    ['Asked by', caller.description],
    // What patterns of the setting ignoredCallers are matched with.
    ['Caller ARN', caller.key.startsWith('arn:') ? asciiLine(caller.key, 600) : undefined],
    ['From', fromLine(attempt)],
    ['With', attempt.userAgent && userAgentLine(attempt.userAgent)],
    ['At', formatUtcSeconds(attempt.time)],
    ['Event', asciiLine(attempt.eventId ?? attempt.id, 128)],
    tagRow('Owner', secret.owners),
    tagRow('Replaced by', secret.replacements),
    replicaRow(secret),
    ['Managed by', secret.owningService && `${secret.owningService}, which may refuse a restore`],
  ]);
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

/** What the reader can do, with the commands and links to do it. */
function adviceOf(notice: AlertNotice, stack: OwnStack): string {
  const warning = notCancelled(notice);
  const steps = stepsText(alertSteps(notice, stack));
  return [...(warning ? [wrap(warning, '! ')] : []), 'WHAT TO DO', ...steps].join('\n\n');
}

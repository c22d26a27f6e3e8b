import type { Place } from '../../lib/aws/spokes.ts';
import { SOURCE } from '../../lib/notice/bus/schema.ts';
import type { Channel } from '../../lib/notice/channel.ts';
import { wrap } from '../../lib/text.ts';
import { HOUR_MS } from '../../lib/time.ts';
import { aws, npm, type Target } from '../doctor/remedy.ts';
import { coloured } from '../print.ts';
import { renderTable } from '../table.ts';
import type { Answer, PathName } from './paths.ts';
import type { Dates, DrillResult } from './run.ts';

/** Whether each path has answered, and each channel has sent. */
export function hasPassed({ answers, channels }: DrillResult): boolean {
  return [...answers, ...channels].every(({ isAnswered }) => isAnswered);
}

/** The stack that was drilled, and its channels beside the mail. */
export interface Drilled extends Target {
  /** The names of their functions. */
  readonly functions?: Partial<Record<Channel, string>>;
  readonly eventBusName?: string | undefined;
}

/**
 * The report for a terminal, 80 columns wide.
 * @param target the stack that was drilled, for the command that says more: in one line, so that it can be copied
 * @param elsewhere where the secret was, if elsewhere
 */
export function reportText(
  result: DrillResult,
  target: Drilled,
  elsewhere?: Target & Place,
): string {
  const { answers, channels, dates, ruleState } = result;
  const event = answers.find(({ path }) => path === 'event');
  const mail = answers.find(({ path }) => path === 'alarm')?.mail;
  const next = elsewhere
    ? [npm('doctor', elsewhere, '--spoke'), npm('doctor', target)]
    : [npm('doctor', target)];
  return [
    ...(elsewhere ? [wrap(placeText(result, elsewhere))] : []),
    renderTable([...answers, ...channels].map(rowOf)),
    ...channels.flatMap((one) => channelTexts(one, target)),
    ...(mail ? [wrap(MAIL_TEXTS[mail])] : []),
    wrap(datesText(dates)),
    ...(event && ruleState ? [wrap(ruleText(ruleState, event.hasArrived ?? false))] : []),
    ...(answers.every(({ isAnswered }) => isAnswered) ? [] : [NEXT, next.join('\n')]),
  ].join('\n\n');
}

/** How each path leads from another account or Region to the functions. */
const WAYS: Readonly<Record<PathName, string>> = {
  event: "through the spoke there and the hub's event bus",
  trail: "through the trail's log group at the hub",
  alarm: "through the metric filter on the trail's log group",
  name: "through the spoke there, or the trail's log group at the hub",
};

/** Where the secret was, and by which paths the attempt on it has come to the hub. */
function placeText({ answers }: DrillResult, { accountId, region }: Place): string {
  const came = answers.filter(({ isAnswered }) => isAnswered).map(({ path }) => WAYS[path]);
  const how =
    came.length > 0 ? `came to the hub ${came.join(', and ')}` : 'has not come to the hub';
  return `The attempt was made in account ${accountId}, ${region}, and ${how}.`;
}

/** Where to look for what a channel has sent, or why it has not. */
function channelTexts(
  { path, isAnswered, notice, sentAt }: Answer<Channel>,
  target: Drilled,
): string[] {
  if (isAnswered) {
    return [wrap(`${path} has sent the notice ${notice} at ${sentAt}. ${LOOK[path](target)}`)];
  }
  const name = target.functions?.[path];
  return [
    wrap(
      `The channel ${path} has not sent the alert. Why is in the log of its function ${name}, or else the doctor shows it; what has failed for good is in the dead-letter queue, and replay sends it by this channel alone:`,
    ),
    [
      aws(target)`logs tail ${`/aws/lambda/${name}`} --since 1h`,
      npm('doctor', target),
      npm('replay', target),
    ].join('\n'),
  ];
}

const LOOK: Readonly<Record<Channel, (target: Drilled) => string>> = {
  chat: () =>
    'Look into the chat: the title of its message has DRILL in it, and it opens a thread. That it was published does not show that it has come there.',
  bus: ({ eventBusName }) =>
    `Look at what your rules on the event bus ${eventBusName} have made of it: an event of the source ${SOURCE}, in whose detail isDrill is true.`,
};

/** What the composite alarm did, and why. */
const MAIL_TEXTS: Readonly<Record<NonNullable<Answer['mail']>, string>> = {
  suppressed:
    "The alarm's mail was suppressed: within the last hour the trail path has brought the function an attempt, this one or one before it.",
  sent: "The alarm's mail was sent: within the last hour the trail path has brought the function no attempt, or its metric has not arrived.",
};

/** Wrapped here, because of what is wrapped links are broken up. */
const NEXT = `To see why a path has not answered, read docs/operations.md, "Prove that it
works", or run`;

function rowOf({ path, isAnswered, seconds, text }: Answer<string>): string[] {
  const verdict = isAnswered ? coloured('green', 'ok') : coloured('red', 'fail');
  return [verdict, path, isAnswered ? `${text} after ${seconds} s` : `${text}, after ${seconds} s`];
}

/** The report as plain data for machines: times in ISO 8601. @param place where the secret was, if elsewhere */
export function reportJson(result: DrillResult, place?: Place) {
  const { name, answers, channels, dates, ruleState } = result;
  const event = answers.find(({ path }) => path === 'event');
  return {
    secret: name,
    ...(place && { account: place.accountId, region: place.region }),
    passed: hasPassed(result),
    paths: answers.map(({ path, isAnswered, seconds, text, mail }) => ({
      path,
      answered: isAnswered,
      seconds,
      text,
      mail,
    })),
    ...(channels.length > 0 && {
      channels: channels.map(({ path, isAnswered, seconds, text, notice, sentAt }) => ({
        channel: path,
        sent: isAnswered,
        seconds,
        text,
        notice,
        sentAt,
      })),
    }),
    dates: { ...dates, deletedDateIs: meaningOf(dates) },
    rule: event && { state: ruleState, readArrived: event.hasArrived ?? false },
  };
}

/**
 * What DescribeSecret's `DeletedDate` is: on AWS the time of the request, on its emulators the scheduled date
 * (docs/decisions/0005-deletion-date.md).
 */
type DateMeaning = 'scheduled' | 'requested' | 'neither' | 'missing';

export function meaningOf({ requestedAt, deletionDate, deletedDate }: Dates): DateMeaning {
  if (!deletedDate) return 'missing';
  const isNear = (date?: Date) =>
    date && Math.abs(date.getTime() - deletedDate.getTime()) < HOUR_MS;
  if (isNear(deletionDate)) return 'scheduled';
  return isNear(requestedAt) ? 'requested' : 'neither';
}

const MEANINGS: Readonly<Record<DateMeaning, string>> = {
  scheduled: 'So it is the date for which the deletion is scheduled, as on emulators.',
  requested: 'So it is the time of the request, as expected of AWS.',
  neither:
    'That is neither the date for which the deletion is scheduled nor the time of the request.',
  missing: 'So it returns no date at all.',
};

/** Both dates side by side, and what they mean. */
export function datesText(dates: Dates): string {
  const text = (date?: Date) => date?.toISOString() ?? 'none';
  const requested = `requested at ${text(dates.requestedAt)}`;
  return `DeleteSecret, ${requested}, returned the DeletionDate ${text(dates.deletionDate)}; DescribeSecret the DeletedDate ${text(dates.deletedDate)}. ${MEANINGS[meaningOf(dates)]}`;
}

/** CloudFormation compares templates, not the resources. */
const PUT_BACK =
  'A deployment does not change back what was changed by hand: the doctor names the call that does.';

const SPECIAL = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/** Whether the rule's special state was needed, as far as one drill shows. */
export function ruleText(state: string, hasArrived: boolean): string {
  const arrival = hasArrived ? 'the read arrived' : 'the read did not arrive';
  return `The rule is in state ${state}, and ${arrival}. ${conclusion(state, hasArrived)}`;
}

function conclusion(state: string, hasArrived: boolean): string {
  if (state === SPECIAL) {
    return hasArrived
      ? 'So this state works. Whether a plain ENABLED would do, which AWS denies, this does not show.'
      : 'So the special state is not what is missing.';
  }
  if (state !== 'ENABLED') return `A rule that is not enabled sends nothing. ${PUT_BACK}`;
  return hasArrived
    ? 'So the special state was not needed.'
    : `As AWS documents, it needs the state ${SPECIAL}. ${PUT_BACK}`;
}

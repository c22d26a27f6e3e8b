import { identifier, joinParagraphs, shorten, wrap } from '../../text.ts';
import { plural } from '../../time.ts';
import { IN_CHECKOUT, muteCommand, type OwnStack, statusCommand } from '../commands.ts';
import { placesShort } from '../deletion-text.ts';
import {
  attemptsOf,
  type DigestNotice,
  MAX_DETAILED,
  mutedOf,
  reportedOf,
  type SecretAttempts,
  type SecretNews,
  targetOf,
} from '../digest.ts';
import { inTurns } from './choose-callers.ts';
import {
  type Differing,
  mutedLines,
  type SecretText,
  secretBlock,
  secretLine,
  standing,
} from './digest-secret.ts';
import { attributesSize, type Mail, MORE, renderAttributes } from './mail.ts';
import { MAX_SUBJECT, withAside } from './subject.ts';

/** In bytes, of text and attributes together: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_MESSAGE = 256 * 1024;

/** Bytes left for the subject and for what stands before and after the secrets. */
const RESERVE = 3 * 1024;

/** Further mails have a line for each secret, lest many callers of many secrets take all mails of the hour. */
const blocksOf = ({ isContinued }: DigestNotice) => (isContinued ? 0 : MAX_DETAILED);

/** A mail, and what had no room in it: a notice of the same kind. */
export interface DigestMail {
  readonly mail: Mail;
  readonly rest?: DigestNotice;
}

/** The mail of as many secrets as there is room for: a block for the most urgent, a line for each other. */
export function renderDigest(notice: DigestNotice, stack: OwnStack): DigestMail {
  const { secrets, mutedSecrets, now, kind } = notice;
  const differing = differingIn([...secrets, ...mutedSecrets]);
  const muted = mutedLines(mutedSecrets, differing, now).join('\n');
  // Those of a part of the secrets take no more.
  const taken = attributesSize(attributesOf(notice)) + Buffer.byteLength(muted);
  const room = MAX_MESSAGE - taken - RESERVE;
  const shown: SecretText[] = [];
  let size = 0;
  for (const news of secrets) {
    const isUrgent = shown.length < blocksOf(notice);
    const one = isUrgent ? secretBlock(news, kind, now) : secretLine(news, kind, differing, now);
    size += Buffer.byteLength(one.text) + 2;
    // One alone always finds room: no mail would be endless.
    if (size > room && shown.length > 0) break;
    shown.push(one);
  }
  const part = { ...notice, secrets: secrets.slice(0, shown.length) };
  const left = secrets.slice(shown.length);
  const mail = {
    subject: subjectOf(part),
    body: bodyOf(part, shown, muted, left.length, stack),
    attributes: attributesOf(part),
  };
  return left.length > 0
    ? { mail, rest: { ...notice, secrets: left, mutedSecrets: [], isContinued: true } }
    : { mail };
}

function attributesOf({ kind, severity, secrets }: DigestNotice): Mail['attributes'] {
  const ids = secrets.map(({ secret }) => secret);
  return renderAttributes({
    secret: ids.map(({ name }) => name),
    caller: secrets.flatMap(({ callers }) =>
      inTurns([...callers.values()]).map(({ callerKey }) => callerKey),
    ),
    account: ids.map(({ accountId }) => accountId),
    region: ids.map(({ region }) => region),
    // A policy on owners that names this too loses none of which nobody knows whose it is.
    owner: secrets.map(({ tagged }) => (tagged ? tagged.owners[0]?.value : MORE)),
    severity,
    action: kind,
  });
}

function differingIn(secrets: readonly SecretNews[]): Differing {
  const differ = (values: readonly (string | undefined)[]) => new Set(values).size > 1;
  return {
    account: differ(secrets.map(({ secret }) => secret.accountId)),
    region: differ(secrets.map(({ secret }) => secret.region)),
  };
}

function subjectOf(notice: DigestNotice): string {
  const { kind, severity, secrets, now } = notice;
  const urgency = severity === 'notice' ? '' : `${severity.toUpperCase()}: `;
  const [only] = secrets.length === 1 ? secrets : [];
  const several = secrets.length;
  switch (kind) {
    case 'digest': {
      const count = `${urgency}${countText(secrets)} on`;
      if (!only) return `${count} ${several} deleted secrets`;
      return fit(`${count} deleted secret `, only, `, ${standing(only.state, now)}`);
    }
    case 'last-call':
      if (!only) return `LAST CALL: ${several} deleted secrets were read`;
      return fit('LAST CALL: deleted secret ', only, ` was read, ${standing(only.state, now)}`);
    case 'over':
      if (!only) return `TIME IS UP: ${several} deleted secrets were read`;
      return fit('TIME IS UP: deleted secret ', only, ' was read');
    case 'resolved':
      if (!only) return `Resolved: ${several} secrets are restored`;
      return fit('Resolved: secret ', only, ' is restored');
    case 'gone':
      if (!only) return `GONE: ${several} secrets were read`;
      return fit('GONE: secret ', only, ' was read');
  }
}

function fit(head: string, { secret: { name }, elsewhere }: SecretNews, tail: string): string {
  const room = MAX_SUBJECT - head.length - tail.length;
  const short = head + shorten(name ? identifier(name) : '(not named)', room) + tail;
  return withAside(short, elsewhere && placesShort(elsewhere));
}

const sumOf = (secrets: readonly SecretNews[], count: (attempts: SecretAttempts) => number) =>
  secrets.reduce((sum, news) => sum + count(news), 0);

/** `499 attempts`: of those that nobody muted or has ignored, unless there are no others. */
function countText(secrets: readonly SecretNews[]): string {
  const count = sumOf(secrets, reportedOf) || sumOf(secrets, attemptsOf);
  const atLeast = secrets.some(({ isLeast }) => isLeast) ? 'at least ' : '';
  return `${atLeast}${plural(count, 'attempt')}`;
}

function bodyOf(
  notice: DigestNotice,
  shown: readonly SecretText[],
  muted: string,
  left: number,
  stack: OwnStack,
): string {
  const { kind, secrets } = notice;
  const texts = shown.map(({ text }) => text);
  const most = blocksOf(notice);
  const [blocks, lines] = [texts.slice(0, most), texts.slice(most)];
  return joinParagraphs([
    ...headlines(notice).map((text) => wrap(text)),
    ...blocks,
    ...(lines.length > 0 ? [lines.join('\n')] : []),
    ...(muted ? ['Muted, and so in no mail of their own:', muted] : []),
    ...footOf(notice, shown, left).map((text) => wrap(text)),
    ...statusAdvice(notice, shown, stack),
    ...(kind === 'digest' ? muteAdvice(secrets, stack) : []),
  ]);
}

/** How to silence a caller that is known: the command names the one with the most attempts. */
function muteAdvice(secrets: readonly SecretNews[], stack: OwnStack): string[] {
  const pairs = secrets
    .filter(({ remedy }) => remedy)
    .flatMap((news) => [...news.callers.values()].map((caller) => ({ news, caller })));
  const [first, ...others] = pairs;
  if (!first) return [];
  const most = others.reduce(
    (top, one) => (one.caller.count > top.caller.count ? one : top),
    first,
  );
  const which = others.length > 0 ? ', such as the one with the most attempts' : '';
  return [
    wrap(`Known already, and to be changed in time? Mute the caller${which}, ${IN_CHECKOUT}:`),
    muteCommand(targetOf(most.news), most.caller.callerKey, stack),
  ];
}

/** What it is about and what to do, without a word of strangers. */
function headlines({ kind, secrets }: DigestNotice): string[] {
  const [count, some] = [countText(secrets), plural(secrets.length, 'secret')];
  const isOne = secrets.length === 1;
  switch (kind) {
    case 'digest':
      return [
        `${capital(count)} to read ${some} scheduled for deletion that no other notice has reported:`,
      ];
    case 'last-call':
      return [
        `LAST CALL: the end of ${some} scheduled for deletion is near, after ${count} to read ${isOne ? 'it' : 'them'}.`,
        `At the end of its window AWS deletes a secret for good, and its value with it. It cannot be restored then, and all who still read it fail for good. Restore it before, or have those who read it changed.${secrets.some(({ muted }) => muted.length > 0) ? ' Some callers are muted, as said below.' : ''}`,
      ];
    case 'over':
      return [
        `TIME IS UP: the recovery window of ${some} has ended, after ${count} to read ${isOne ? 'it' : 'them'}. No restore was recorded. AWS deletes a secret for good some time after the end; whether it has, this stack cannot look.`,
        'Still needed? Try to restore at once. If AWS does not find it any more, make a new secret of the same name, with a value from its source. Not needed? Have those who still read it changed.',
      ];
    case 'resolved':
      return [
        `${some} scheduled for deletion ${isOne ? 'has' : 'have'} been restored, after ${count} to read ${isOne ? 'it' : 'them'}. ${isOne ? 'It' : 'They'} can be read again: there is nothing left to search for.`,
      ];
    case 'gone':
      return [
        `GONE: ${some} scheduled for deletion ${isOne ? 'is' : 'are'} deleted for good, after ${count} to read ${isOne ? 'it' : 'them'}. Whoever still reads ${isOne ? 'it' : 'them'} fails from now on.`,
        'Still needed? Make a new secret of the same name, with a value from its source. Not needed? Have those who still read it changed.',
      ];
  }
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** How to have those named whom there is no room for. */
function statusAdvice(
  { kind, secrets }: DigestNotice,
  shown: readonly SecretText[],
  stack: OwnStack,
): string[] {
  const isAsked = kind === 'digest' || kind === 'last-call';
  const counted = secrets.filter((_, i) => shown[i]?.isCounted);
  if (!isAsked || counted.length === 0) return [];
  return [
    wrap(`Who is only counted here is named by this command, ${IN_CHECKOUT}:`),
    statusCommand(
      stack,
      counted.some(({ elsewhere }) => elsewhere),
    ),
  ];
}

function footOf(notice: DigestNotice, shown: readonly SecretText[], left: number): string[] {
  const { kind, secrets } = notice;
  const pairs = secrets.flatMap(({ callers }) => [...callers.keys()]);
  const callers = plural(new Set(pairs).size, 'caller');
  const [muted, ignored] = [sumOf(secrets, mutedOf), sumOf(secrets, (news) => news.ignored)];
  const besides = [
    muted > 0 && `; muted: ${muted}`,
    ignored > 0 && `; of ignored callers: ${ignored}`,
  ];
  const total = `Total: ${plural(sumOf(secrets, reportedOf), 'attempt')} on ${plural(secrets.length, 'secret')} by ${callers}${besides.filter(Boolean).join('')}.`;
  const isOnLine = shown.length > blocksOf(notice);
  return [
    ...((kind === 'last-call' || kind === 'over') && isOnLine
      ? ['A secret on a line is restored by the same command, with its own name and Region.']
      : []),
    ...(left > 0 ? [`A further mail names ${plural(left, 'more secret')}.`] : []),
    // Of one caller on one secret, its line has told all.
    ...(pairs.length > 1 ? [total] : []),
  ];
}

import { identifier, joinParagraphs, shorten, wrap } from '../../text.ts';
import { plural } from '../../time.ts';
import { markOf } from '../alert-text.ts';
import { muteAdvice, muteCommand, type OwnStack, statusCommand } from '../commands.ts';
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
import {
  attemptsText,
  COUNTED,
  digestFrame,
  digestHeadlines,
  digestTitle,
  goneIn,
  isMutable,
  standing,
} from '../digest-text.ts';
import { inTurns } from './choose-callers.ts';
import {
  type Differing,
  mutedLines,
  type SecretText,
  secretBlock,
  secretLine,
} from './digest-secret.ts';
import {
  attributesSize,
  MAX_MESSAGE,
  type Mail,
  MORE,
  RESERVE,
  type RenderedMail,
  renderAttributes,
} from './mail.ts';
import { MAX_SUBJECT, withAside } from './subject.ts';

/** Further mails have a line for each secret, lest many callers of many secrets take all mails of the hour. */
const blocksOf = ({ isContinued }: DigestNotice) => (isContinued ? 0 : MAX_DETAILED);

/** The mail of as many secrets as there is room for: a block for the most urgent, a line for each other. */
export function renderDigest(notice: DigestNotice, stack: OwnStack): RenderedMail<DigestNotice> {
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

function subjectOf({ kind, severity, secrets, now }: DigestNotice): string {
  const [mark, count] = [markOf(severity, false), countText(secrets)];
  const [only] = secrets;
  if (!only || secrets.length > 1) return digestTitle(kind, mark, count, secrets.length);
  const [head, tail] = digestFrame(kind, mark, count, standing(only.state, now));
  return fit(head, only, tail);
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
  return attemptsText(
    count,
    secrets.some(({ isLeast }) => isLeast),
  );
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
    ...headlinesOf(notice).map((text) => wrap(text)),
    ...blocks,
    ...(lines.length > 0 ? [lines.join('\n')] : []),
    ...(muted ? ['Muted, and so in no mail of their own:', muted] : []),
    ...footOf(notice, shown, left).map((text) => wrap(text)),
    ...statusAdvice(notice, shown, stack),
    ...(kind === 'digest' ? muteLines(secrets, stack) : []),
  ]);
}

/** How to silence a caller that is known: the command names the one with the most attempts. */
function muteLines(secrets: readonly SecretNews[], stack: OwnStack): string[] {
  const pairs = secrets
    .filter(isMutable)
    .flatMap((news) => [...news.callers.values()].map((caller) => ({ news, caller })));
  const [first, ...others] = pairs;
  if (!first) return [];
  const most = others.reduce(
    (top, one) => (one.caller.count > top.caller.count ? one : top),
    first,
  );
  const which = others.length > 0 ? ', such as the one with the most attempts' : '';
  return [
    wrap(muteAdvice(`the caller${which}`)),
    muteCommand(targetOf(most.news), most.caller.callerKey, stack),
  ];
}

/** What it is about and what to do, without a word of strangers. */
function headlinesOf({ kind, secrets }: DigestNotice): readonly string[] {
  const hasMuted = secrets.some(({ muted }) => muted.length > 0);
  const counts = {
    count: countText(secrets),
    secrets: secrets.length,
    ...goneIn(secrets.map(({ state }) => state)),
    hasMuted,
  };
  return digestHeadlines(kind, counts);
}

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
    wrap(COUNTED),
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

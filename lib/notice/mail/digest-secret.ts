import { identifier, oneLine, wrap } from '../../text.ts';
import { formatUtc, plural } from '../../time.ts';
import { isPending, type Remedy, signedIn, withCredentials } from '../commands.ts';
import { notLookedUp } from '../deletion-text.ts';
import {
  type CallerAttempts,
  type DigestNotice,
  lastAttemptOn,
  MAX_KEPT,
  type MutedAttempts,
  mutedOf,
  newsOf,
  reportedOf,
  type SecretNews,
} from '../digest.ts';
import {
  callerText,
  deletionRows,
  LEAST,
  LIST,
  listOf,
  mutedText,
  standing,
  standingBy,
  stateLine,
} from '../digest-text.ts';
import { type Tag, tagsText } from '../tags.ts';
import { type Chosen, chooseCallers } from './choose-callers.ts';

/** How many new callers of a secret are named; beside fewer there is room for known ones, but always for some. */
const MAX_CALLERS = 100;
const MIN_KNOWN = 10;

/** How many new ones are named on its line: many made-up names on many secrets take no more than a few mails. */
const MAX_NEW_ON_LINE = 20;

/** How many known callers of a secret are named on its line, in notices whose matter is who read it. */
const MAX_KNOWN_ON_LINE = 3;

/** How many mutes of a secret are named. */
const MAX_MUTES = 5;

/** The text on a secret. */
export interface SecretText {
  readonly text: string;
  /** Whether callers or mutes are counted in it without being named. */
  readonly isCounted: boolean;
}

type Kind = DigestNotice['kind'];

/** All details of a secret, a line each. */
export function secretBlock(news: SecretNews, kind: Kind, now: Date): SecretText {
  const { secret, state, elsewhere, remedy, tagged, muted, ignored, isLeast } = news;
  const fresh = chooseCallers(callersOf(news, true), MAX_CALLERS);
  const room = Math.max(MIN_KNOWN, MAX_CALLERS - fresh.named.length);
  const known = chooseCallers(callersOf(news, false), room);
  const otherMutes = muted.slice(MAX_MUTES);
  const looked = notLookedUp(elsewhere);
  const head = [
    hanging([titleOf(news), placeOf(secret, ALL)].filter(Boolean).join(', ')),
    wrap(oneLine(stateLine(state, now), 600), '  Deletion: '),
    ...deletedBy(state, kind),
    ...tagLine('  Owner: ', tagged?.owners),
    ...tagLine('  Replaced by: ', tagged?.replacements),
    // Of what is known to be done there is nothing to look up.
    ...(looked && isPending(remedy) ? [wrap(looked, '  Looked up: ')] : []),
    ...(remedy ? [`  ${VERBS[remedy.act]}${withCredentials(remedy)}: ${remedy.command}`] : []),
    ...(remedy?.link ? [`  Console${signedIn(remedy)}: ${remedy.link}`] : []),
  ];
  const items = [
    ...fresh.named.map((caller) => `new: ${callerLine(caller, kind)}`),
    ...(fresh.others.length > 0 ? [moreNew(fresh.others) + newsOfAll(fresh.others, kind)] : []),
    ...known.named.map((caller) => callerLine(caller, kind)),
    ...(known.others.length > 0 ? [byKnown(known.others) + newsOfAll(known.others, kind)] : []),
    ...muted.slice(0, MAX_MUTES).map(mutedText),
    ...(otherMutes.length > 0
      ? [`${countOf(otherMutes)} muted by ${plural(otherMutes.length, 'other mute')}`]
      : []),
    ...(ignored > 0 ? [`${ignored} by ignored callers`] : []),
    ...(isLeast ? [LEAST] : []),
  ];
  const isCounted = [fresh.others, known.others, otherMutes].some((others) => others.length > 0);
  return { text: [...head, ...items.map((item) => wrap(item, '  - '))].join('\n'), isCounted };
}

/** What the command of a remedy does. */
const VERBS: Readonly<Record<Remedy['act'], string>> = {
  restore: 'Restore',
  delete: 'Delete',
  create: 'Make anew',
  replicate: 'Replicate',
};

const tagLine = (label: string, tags: readonly Tag[] = []) =>
  tags.length > 0 ? [wrap(oneLine(tagsText(tags), 600), label)] : [];

/** In what the secrets of a notice differ, and what their lines must tell therefore. */
export interface Differing {
  readonly account: boolean;
  readonly region: boolean;
}

const ALL: Differing = { account: true, region: true };

/** A secret on a line or two: the names of its new callers, all else counted. */
export function secretLine(
  news: SecretNews,
  kind: Kind,
  differing: Differing,
  now: Date,
): SecretText {
  const { muted, ignored, isLeast } = news;
  const title = [titleOf(news), placeOnLine(news, differing), standingBy(news, now)];
  const fresh = chooseCallers(callersOf(news, true), MAX_NEW_ON_LINE);
  const known = callersOf(news, false);
  const readers = chooseCallers(known, kind === 'digest' ? 0 : MAX_KNOWN_ON_LINE);
  const last = lastAttemptOn(news);
  const parts = [
    `${plural(reportedOf(news), 'attempt')}${sinceLast(newsOf(news), kind)}`,
    fresh.named.length > 0 && newText(fresh),
    known.length > 0 && byKnown(known) + (kind === 'digest' ? '' : `: ${namesOf(readers)}`),
    kind !== 'digest' && last.getTime() > 0 && `last at ${formatUtc(last)}`,
    muted.length > 0 && `${countOf(muted)} muted by ${muters(muted)}`,
    ignored > 0 && `${ignored} by ignored callers`,
    isLeast && LEAST,
  ];
  const text = `${title.filter(Boolean).join(', ')}: ${parts.filter(Boolean).join('; ')}`;
  return { text: hanging(text), isCounted: fresh.others.length + readers.others.length > 0 };
}

/** How many secrets of which all attempts are muted are named. */
const MAX_MUTED_SECRETS = 12;

/** The lines of secrets of which all attempts are muted: `prod/old, 6 days left: muted by alice: 480 attempts`. */
export function mutedLines(secrets: readonly SecretNews[], differing: Differing, now: Date) {
  const [named, others] = [secrets.slice(0, MAX_MUTED_SECRETS), secrets.slice(MAX_MUTED_SECRETS)];
  const lines = named.map((news) => {
    const title = [titleOf(news), placeOnLine(news, differing), standing(news.state, now)];
    const attempts = plural(mutedOf(news), 'attempt');
    return hanging(
      `${title.filter(Boolean).join(', ')}: muted by ${muters(news.muted)}: ${attempts}`,
    );
  });
  const rest = others.reduce((sum, news) => sum + mutedOf(news), 0);
  const more = `and ${plural(others.length, 'more muted secret')}: ${plural(rest, 'attempt')}`;
  return others.length > 0 ? [...lines, more] : lines;
}

const callersOf = ({ callers }: SecretNews, isNew: boolean) =>
  [...callers.values()].filter((caller) => caller.isNew === isNew);

const countOf = (attempts: readonly { readonly count: number }[]) =>
  attempts.reduce((sum, { count }) => sum + count, 0);

/** All lines but the first are indented, so that none passes for the line of another secret. */
function hanging(text: string): string {
  const indent = '    ';
  return wrap(text, indent).slice(indent.length);
}

function titleOf({ secret: { name } }: SecretNews): string {
  return name ? identifier(name) : 'A secret that the records do not name';
}

function placeOf(
  { accountId, region }: SecretNews['secret'],
  { account, region: isTold }: Differing,
) {
  const parts = [
    account && accountId && `account ${identifier(accountId, 64)}`,
    isTold && region && `Region ${identifier(region, 64)}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** What the secrets of a notice differ in, and where one is that is elsewhere. */
function placeOnLine({ secret, elsewhere }: SecretNews, { account, region }: Differing) {
  return placeOf(secret, {
    account: account || elsewhere?.accountId !== undefined,
    region: region || elsewhere !== undefined,
  });
}

/** Who knows whether the secret is needed, where its end is the matter, or has come. */
function deletedBy(known: SecretNews['state'], kind: Kind): string[] {
  const isEnd =
    known.state === 'gone' || kind === 'last-call' || kind === 'over' || kind === 'gone';
  return (isEnd ? deletionRows(known) : []).flatMap(([label, value]) =>
    value ? [wrap(oneLine(value, 600), `  ${label}: `)] : [],
  );
}

const callerLine = (caller: CallerAttempts, kind: Kind) =>
  callerText(caller, MAX_KEPT, sinceLast(caller.news, kind));

/** What no other notice has reported, where the count is of all since the first attempt. */
function sinceLast(news: number, kind: Kind): string {
  return kind === 'digest' || news === 0 ? '' : ` (${news} since the last notice)`;
}

const newsOfAll = (callers: readonly CallerAttempts[], kind: Kind) =>
  sinceLast(
    callers.reduce((sum, { news }) => sum + news, 0),
    kind,
  );

/** `new: 12 x role a, 3 x role b and 900 more new callers (1200 attempts)`. */
function newText({ named, others }: Chosen): string {
  const names = named.map(({ callerName, count }) => `${count} x ${oneLine(callerName, 160)}`);
  const more = others.length > 0 ? ` ${moreNew(others)}` : '';
  return `new: ${names.join(', ')}${more}`;
}

function moreNew(callers: readonly CallerAttempts[]): string {
  const attempts = plural(countOf(callers), 'attempt');
  return `and ${plural(callers.length, 'more new caller')} (${attempts})`;
}

/** `215 by 4 known callers`. */
function byKnown(callers: readonly CallerAttempts[]): string {
  return `${countOf(callers)} by ${plural(callers.length, 'known caller')}`;
}

/** `role a, role b and 2 others`. */
function namesOf({ named, others }: Chosen): string {
  const names = named.map(({ callerName }) => oneLine(callerName, 160));
  return LIST.format(others.length > 0 ? [...names, plural(others.length, 'other')] : names);
}

function muters(muted: readonly MutedAttempts[]): string {
  return listOf(new Set(muted.map(({ by }) => by)));
}

import { shortNameBeside } from '../../cloudtrail/caller.ts';
import { isDrill } from '../../drill.ts';
import {
  asciiLine,
  cutMiddle,
  identifier,
  joinParagraphs,
  oneLine,
  shorten,
  wrap,
} from '../../text.ts';
import { plural } from '../../time.ts';
import { DRILL, markOf } from '../alert-text.ts';
import type { ClashNotice, IncidentClash } from '../clash.ts';
import {
  clashesFrame,
  clashesHeadline,
  clashFrame,
  clashHeadline,
  clashSteps,
  commonSteps,
  ownSteps,
  readersLine,
  toolLine,
  triedText,
  triesLine,
} from '../clash-text.ts';
import type { OwnStack } from '../commands.ts';
import { changeLine, notLookedUp, placesShort, replicaRow } from '../deletion-text.ts';
import { MAX_DETAILED } from '../digest.ts';
import { standing, stateLine } from '../digest-text.ts';
import {
  attributesSize,
  MAX_MESSAGE,
  type Mail,
  RESERVE,
  type RenderedMail,
  renderAttributes,
} from './mail.ts';
import { renderRows, secretRow, tagRow } from './rows.ts';
import { stepsText } from './steps.ts';
import { fitSubject, MAX_SUBJECT } from './subject.ts';

/** The mail of as many names that are taken as there is room for: all on each of the first, a line for each other. */
export function renderClashes(notice: ClashNotice, stack: OwnStack): RenderedMail<ClashNotice> {
  const { clashes } = notice;
  const isAlone = clashes.length === 1;
  const foot = isAlone ? [] : footOf(clashes, stack);
  // Those of a part of the clashes take no more.
  const taken = attributesSize(attributesOf(notice)) + Buffer.byteLength(foot.join('\n\n'));
  const room = MAX_MESSAGE - taken - RESERVE;
  const texts: string[] = [];
  let size = 0;
  for (const clash of clashes) {
    const text = texts.length < MAX_DETAILED ? blockOf(clash, stack, isAlone) : lineOf(clash);
    size += Buffer.byteLength(text) + 2;
    // One alone always finds room: no mail would be endless.
    if (size > room && texts.length > 0) break;
    texts.push(text);
  }
  const part = { ...notice, clashes: clashes.slice(0, texts.length) };
  const left = clashes.slice(texts.length);
  const mail = {
    subject: subjectOf(part),
    body: bodyOf(part, texts, left.length, foot),
    attributes: attributesOf(part),
  };
  return left.length > 0 ? { mail, rest: { ...notice, clashes: left } } : { mail };
}

/** Whether it is of drills alone. */
const isOfDrill = ({ clashes }: ClashNotice) => clashes.every(({ secret }) => isDrill(secret.name));

function attributesOf(notice: ClashNotice): Mail['attributes'] {
  const { clashes, severity } = notice;
  const secrets = clashes.map(({ secret }) => secret);
  return renderAttributes({
    secret: secrets.map(({ name }) => name),
    caller: clashes.map(({ clash }) => clash.caller.key),
    account: secrets.map(({ accountId }) => accountId),
    region: secrets.map(({ region }) => region),
    owner: secrets.map(({ owners }) => owners[0]?.value),
    severity,
    action: isOfDrill(notice) ? 'drill' : 'clash',
  });
}

function subjectOf(notice: ClashNotice): string {
  const { clashes, severity } = notice;
  const mark = markOf(severity, isOfDrill(notice));
  const [first] = clashes;
  // A notice is of one at least.
  if (!first) return mark;
  const { secret, clash } = first;
  if (clashes.length > 1) {
    const [head, tail] = clashesFrame(first, mark, clashes.length);
    const room = MAX_SUBJECT - head.length - tail.length - 2;
    return `${head} ${shorten(secret.name ? identifier(secret.name) : '(not named)', room)} ${tail}`;
  }
  const [head, verb, tail] = clashFrame(first, mark);
  return fitSubject({
    head,
    secretName: secret.name,
    verb,
    callerName: clash.caller.shortName,
    callerBeside: shortNameBeside(secret.accountId, clash.caller),
    tail,
    asides: secret.elsewhere && placesShort(secret.elsewhere),
  });
}

function bodyOf(
  notice: ClashNotice,
  texts: readonly string[],
  left: number,
  foot: readonly string[],
): string {
  const [blocks, lines] = [texts.slice(0, MAX_DETAILED), texts.slice(MAX_DETAILED)];
  const total = texts.length;
  return joinParagraphs([
    ...(isOfDrill(notice) ? [wrap(DRILL)] : []),
    ...(total > 1 ? [wrap(clashesHeadline(total))] : []),
    ...blocks.flatMap((block, i) => (total > 1 ? [`NAME ${i + 1} OF ${total}`, block] : [block])),
    ...(lines.length > 0
      ? [wrap('As many more, to be handled likewise, a line each:'), lines.join('\n')]
      : []),
    ...foot,
    ...(left > 0 ? [wrap(`A further mail has ${plural(left, 'more name')}.`)] : []),
  ]);
}

/** What can be done about each of several. */
const footOf = (clashes: readonly IncidentClash[], stack: OwnStack): string[] => [
  'FOR ALL NAMES',
  ...stepsText(commonSteps(clashes, stack)),
];

/**
 * All on one: what has happened, what is known, what to do; if it is not alone, without what the mail says of all. Values of
 * records stand as in the mail of an alert.
 */
function blockOf(notice: IncidentClash, stack: OwnStack, isAlone: boolean): string {
  const { secret, clash, state, now } = notice;
  const { caller, sourceAddress, userAgent } = clash;
  const deletion = state.state === 'pending' ? state.deletion : undefined;
  return [
    wrap(isAlone ? clashHeadline(notice) : `${triedText(notice)}.`),
    renderRows([
      secretRow(secret.name),
      ['Account', secret.accountId],
      ['Region', secret.region],
      ['Deletion', stateLine(state, now)],
      ['Scheduled', changeLine(deletion)],
      ['Looked up', notLookedUp(secret.elsewhere)],
      ['Read by', readersLine(notice)],
      ['Created by', caller.description],
      ['Caller ARN', caller.key.startsWith('arn:') ? asciiLine(caller.key, 600) : undefined],
      ['Tool', toolLine(notice)],
      ['With', userAgent && agentLine(userAgent)],
      ['From', sourceAddress && asciiLine(sourceAddress)],
      ['Tried', triesLine(notice)],
      tagRow('Owner', secret.owners),
      tagRow('Replaced by', secret.replacements),
      replicaRow(secret),
      ['Managed by', secret.owningService && `${secret.owningService}, which may refuse a restore`],
    ]),
    'WHAT TO DO',
    ...stepsText(isAlone ? clashSteps(notice, stack) : ownSteps(notice)),
  ].join('\n\n');
}

/** Without the addresses of web pages, `(+https://www.terraform.io)`, which would take the room of versions. */
const agentLine = (userAgent: string): string =>
  cutMiddle(asciiLine(userAgent, 1024).replace(/ ?\(\+https?:[^()]*\)/g, ''), 150);

/** One on a line or two: `- prod/db, account 111122223333, eu-west-1, 6 days left: role app, 2 times, …`. */
function lineOf(notice: IncidentClash): string {
  const { secret, clash, state, now } = notice;
  const { accountId, region } = secret;
  const where = [
    secret.name ? identifier(secret.name) : 'not named',
    accountId && `account ${identifier(accountId, 64)}`,
    region && identifier(region, 64),
    standing(state, now),
  ];
  const text = `${where.filter(Boolean).join(', ')}: ${oneLine(clash.caller.name, 160)}, ${triesLine(notice)}; read by ${readersLine(notice)}`;
  return wrap(text, '- ');
}

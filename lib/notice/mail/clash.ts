import { shortNameBeside } from '../../cloudtrail/caller.ts';
import { isDrill } from '../../drill.ts';
import { asciiLine, cutMiddle, identifier, joinParagraphs, oneLine, wrap } from '../../text.ts';
import { plural } from '../../time.ts';
import { DRILL, markOf } from '../alert-text.ts';
import type { ClashNotice, IncidentClash } from '../clash.ts';
import {
  clashFrame,
  clashHeadline,
  clashSteps,
  readersLine,
  toolLine,
  triesLine,
} from '../clash-text.ts';
import type { OwnStack } from '../commands.ts';
import { changeLine, notLookedUp, placesShort } from '../deletion-text.ts';
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
import { renderRows, replicaRows, secretRow, tagRow } from './rows.ts';
import { stepsText } from './steps.ts';
import { fitSubject } from './subject.ts';

/** The mail of as many names that are taken as there is room for: all on each of the first, a line for each other. */
export function renderClashes(notice: ClashNotice, stack: OwnStack): RenderedMail<ClashNotice> {
  const { clashes } = notice;
  // Those of a part of the clashes take no more.
  const room = MAX_MESSAGE - attributesSize(attributesOf(notice)) - RESERVE;
  const texts: string[] = [];
  let size = 0;
  for (const clash of clashes) {
    const text = texts.length < MAX_DETAILED ? blockOf(clash, stack) : lineOf(clash);
    size += Buffer.byteLength(text) + 2;
    // One alone always finds room: no mail would be endless.
    if (size > room && texts.length > 0) break;
    texts.push(text);
  }
  const part = { ...notice, clashes: clashes.slice(0, texts.length) };
  const left = clashes.slice(texts.length);
  const mail = {
    subject: subjectOf(part),
    body: bodyOf(part, texts, left.length),
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
  const [only] = clashes;
  if (!only || clashes.length > 1) {
    return `${mark}${clashes.length} creations blocked by deleted secrets of the same names`;
  }
  const { secret, clash } = only;
  const [head, verb, tail] = clashFrame(only, mark);
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

function bodyOf(notice: ClashNotice, texts: readonly string[], left: number): string {
  const [blocks, lines] = [texts.slice(0, MAX_DETAILED), texts.slice(MAX_DETAILED)];
  const total = texts.length;
  return joinParagraphs([
    ...(isOfDrill(notice) ? [wrap(DRILL)] : []),
    ...(total > 1
      ? [wrap(`${total} secrets could not be created: secrets of their names are deleted.`)]
      : []),
    ...blocks.flatMap((block, i) => (total > 1 ? [`NAME ${i + 1} OF ${total}`, block] : [block])),
    ...(lines.length > 0
      ? [wrap('As many more, to be handled likewise, a line each:'), lines.join('\n')]
      : []),
    ...(left > 0 ? [wrap(`A further mail has ${plural(left, 'more name')}.`)] : []),
  ]);
}

/** All on one: what has happened, what is known, what to do. Values of records stand as in the mail of an alert. */
function blockOf(notice: IncidentClash, stack: OwnStack): string {
  const { secret, clash, state, now } = notice;
  const { caller, sourceAddress, userAgent } = clash;
  const deletion = state.state === 'pending' ? state.deletion : undefined;
  return [
    wrap(clashHeadline(notice)),
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
      ['With', userAgent && cutMiddle(asciiLine(userAgent, 1024), 150)],
      ['From', sourceAddress && asciiLine(sourceAddress)],
      ['Tried', triesLine(notice)],
      tagRow('Owner', secret.owners),
      tagRow('Replaced by', secret.replacements),
      ...replicaRows(secret),
      ['Managed by', secret.owningService && `${secret.owningService}, which may refuse a restore`],
    ]),
    'WHAT TO DO',
    ...stepsText(clashSteps(notice, stack)),
  ].join('\n\n');
}

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

import { readersCommand } from '../../lib/notice/commands.ts';
import { lastUsedDay } from '../../lib/notice/deletion-text.ts';
import { formatPeriod, formatSpan, formatUtc, plural } from '../../lib/time.ts';
import { coloured } from '../print.ts';
import { wrapped } from '../status/report.ts';
import { type CallerTally, callersOf, countOf, type Tally } from '../status/tally.ts';
import { callerText, defangedNote, othersText, terminalName } from '../status/wording.ts';
import { renderTable } from '../table.ts';
import { type Reader, readersIn } from './readers.ts';
import { byProfile } from './steps.ts';
import type { Survey, Surveyed } from './survey.ts';
import type { Verdict } from './verdict.ts';
import {
  costLine,
  costText,
  failedText,
  lastUsedText,
  limitsOf,
  managedText,
  readsText,
  replicasText,
  seenText,
  verdictWord,
} from './wording.ts';

/** How many callers of a secret are shown. */
const MAX_CALLERS = 20;

const COLOURS = {
  'in-use': 'red',
  failing: 'red',
  quiet: 'yellow',
  'not-read': 'green',
  'too-soon': 'blue',
  pending: 'magenta',
  managed: 'blue',
} as const satisfies Record<Verdict['kind'], string>;

const GAP = '  ';
const LABEL_WIDTH = 'Last used:  '.length;

/** The answer for a terminal of `width` columns. A command is never broken, so that it can be copied. */
export function readersText(survey: Survey, width: number): string {
  const blocks = survey.isOfAll
    ? ranking(survey, width)
    : survey.secrets.map((secret) => secretText(secret, survey, width));
  const limits = limitsOf(survey).flatMap((limit) => wrapped(limit, `${GAP}- `, GAP + GAP, width));
  if (limits.length > 0) blocks.push(['What this cannot know:', ...limits].join('\n'));
  const note = defangedNote(blocks.join('\n'));
  return [...blocks, ...(note ? [note] : [])].join('\n\n');
}

function secretText(secret: Surveyed, survey: Survey, width: number): string {
  const { verdict } = secret;
  const name = coloured('bold', terminalName(secret.secret.name));
  const sentence = verdict.text.charAt(0).toUpperCase() + verdict.text.slice(1);
  const rows = [
    ['Reads:', readsText(secret, survey)],
    ['', failedText(secret)],
    ['Last used:', lastUsedText(secret)],
    ['Replicas:', replicasText(secret)],
    ['Managed by:', managedText(secret)],
    ['Costs:', costLine(secret)],
    ['Timeline:', timelineText(secret, survey)],
  ].filter(([, text]) => text);
  const facts = rows.flatMap(([label = '', text = '']) =>
    wrapped(text, GAP + label.padEnd(LABEL_WIDTH), GAP + ' '.repeat(LABEL_WIDTH), width),
  );
  const judged = wrapped(`${sentence}.`, '', '', width).map((line) =>
    coloured(COLOURS[verdict.kind], line),
  );
  const steps = verdict.steps.map(({ what, command }) =>
    [...wrapped(`${what}:`, '', '', width), GAP + command].join('\n'),
  );
  return [
    [name, ...judged].join('\n'),
    facts.join('\n'),
    ...callerTexts(secret, survey, width),
    ...steps,
  ].join('\n\n');
}

function callerTexts(secret: Surveyed, survey: Survey, width: number): string[] {
  const { readers } = secret;
  const callers = readersIn(readers);
  if (callers.length === 0) return [];
  const indent = GAP + GAP;
  const shown = cellsOf(secret, survey);
  const top = topOf(shown.values());
  const lines = [...shown].flatMap(([caller, cells]) => {
    const { count, unit, first, last } = caller;
    const times = `first on ${formatUtc(first)}, last on ${formatUtc(last)}`;
    const text = `${plural(count, unit)}, ${times}, as ${seenText(caller, readers)}`;
    return [
      GAP + coloured('bold', callerText(caller, secret)),
      indent + sparkline(cells, top),
      ...wrapped(text, indent, indent, width),
    ];
  });
  const others = othersText(callers.slice(MAX_CALLERS), 'read');
  return [[...lines, ...(others ? [`${GAP}and ${others}`] : [])].join('\n')];
}

const CELLS = 45;
const BLOCKS = '▁▂▃▄▅▆▇█';

/** The calls of each caller that is shown, in equal parts of the window. */
function cellsOf({ readers }: Surveyed, { window, step }: Survey): Map<Reader, number[]> {
  const [from, to] = [window.from.getTime(), window.to.getTime()];
  const shown = readersIn(readers).slice(0, MAX_CALLERS);
  return new Map(
    shown.map((caller) => {
      const cells = Array.from({ length: CELLS }, () => 0);
      for (const [bin, count] of caller.bins) {
        const cell = Math.floor(((bin * step - from) / (to - from)) * CELLS);
        const within = Math.min(CELLS - 1, Math.max(0, cell));
        cells[within] = (cells[within] ?? 0) + count;
      }
      return [caller, cells];
    }),
  );
}

const topOf = (cells: Iterable<readonly number[]>) => Math.max(...[...cells].flat());

/** `2026-08-24 17:05 UTC to 2026-11-22 17:05 UTC, each mark 2 days, a full one 2 calls, …`; empty if there is none. */
function timelineText(secret: Surveyed, survey: Survey): string {
  const { from, to } = survey.window;
  const shown = cellsOf(secret, survey);
  if (shown.size === 0) return '';
  const mark = formatSpan((to.getTime() - from.getTime()) / CELLS);
  const full = plural(topOf(shown.values()), 'call');
  return `${formatPeriod(from, to)}, each mark ${mark}, a full one ${full}, on a logarithmic scale`;
}

/** By the logarithm of the numbers, of which the greatest of all callers is `top`: `··▁▁▃·█`. */
function sparkline(cells: readonly number[], top: number): string {
  const height = (count: number) =>
    Math.ceil((Math.log1p(count) / Math.log1p(top)) * BLOCKS.length) - 1;
  return cells.map((count) => (count > 0 ? BLOCKS[height(count)] : '·')).join('');
}

/** All secrets, a line each: names end the lines, so that they can be copied. */
function ranking(survey: Survey, width: number): string[] {
  const { secrets, accountId, region, days, profile } = survey;
  const where = `account ${accountId}, Region ${region}`;
  if (secrets.length === 0) return [`No secret in ${where}.`];
  const titles = ['LAST READ', 'READERS', 'READS', 'A MONTH', 'VERDICT', 'SECRET'];
  const rows = secrets.map((secret) => {
    const { verdict, readers, cost } = secret;
    return [
      rankedText(secret),
      String(readersIn(readers).length),
      String(countOf(readers.tallies.read.values())),
      costText(cost),
      coloured(COLOURS[verdict.kind], verdictWord(verdict)),
      coloured('bold', terminalName(secret.secret.name)),
    ];
  });
  const head = titles.map((title) => coloured('bold', title));
  const table = renderTable([head, ...rows], Infinity);
  return [
    `${plural(secrets.length, 'secret')} in ${where}, by last read, of ${plural(days, 'day')}:\n\n${table}`,
    wrapped(costsText(survey), '', '', width).join('\n'),
    `One of them in full:\n${GAP}${readersCommand({ name: 'NAME', region })}${byProfile(profile)}`,
  ];
}

/** `never`, `2026-11-27`. */
const rankedText = ({ verdict: { lastRead } }: Surveyed) =>
  lastRead ? lastRead.at.toISOString().slice(0, 10) : 'never';

/** What all cost, and those that nobody reads. */
export function costsText({ secrets, days }: Survey): string {
  const sum = (some: readonly Surveyed[]) =>
    costText(some.reduce((all, { cost }) => all + cost, 0));
  const idle = secrets.filter(({ verdict }) => verdict.kind === 'not-read');
  const ofIdle =
    idle.length === 0
      ? ''
      : `, ${sum(idle)} of it for ${plural(idle.length, 'secret')} not read in ${plural(days, 'day')}`;
  return `All cost ${sum(secrets)} a month by AWS's list price, calls not counted${ofIdle}.`;
}

/** The answer as plain data for machines: of one secret as of all, times in ISO 8601, costs in US dollars. */
export function readersJson(survey: Survey) {
  const { accountId, region, days, window, secrets, unnamed } = survey;
  return {
    time: window.to,
    accountId,
    region,
    from: window.from,
    days,
    secrets: secrets.map(secretJson),
    batchesByFilters: callersOf(unnamed.tallies.batch).map(callerJson),
    limits: limitsOf(survey),
  };
}

function secretJson({ secret, readers, verdict, cost }: Surveyed) {
  const { tallies, lastSeen } = readers;
  const { read, failed, batch } = tallies;
  const identities = new Set([...read.keys(), ...batch.keys(), ...failed.keys()]);
  const of = (tally: Tally, identity: string) => tally.get(identity)?.count ?? 0;
  return {
    name: secret.name,
    arn: secret.arn,
    createdDate: secret.createdDate,
    deletionRequestedAt: secret.deletedDate,
    lastAccessedDate: lastUsedDay(secret),
    managedBy: secret.owningService,
    replicas: secret.replicas ?? [],
    replicaOf: secret.replicaOf,
    costPerMonth: Math.round(cost * 100) / 100,
    reads: countOf(read.values()),
    failedReads: countOf(failed.values()),
    batches: countOf(batch.values()),
    callers: [...identities].map((identity) => {
      const all = [read, batch, failed].flatMap((tally) => tally.get(identity) ?? []);
      return {
        caller: identity,
        name: all[0]?.callerName,
        reads: of(read, identity),
        failedReads: of(failed, identity),
        batches: of(batch, identity),
        first: new Date(Math.min(...all.map(({ first }) => first.getTime()))),
        last: new Date(Math.max(...all.map(({ last }) => last.getTime()))),
        lastSeenAs: lastSeen.get(identity)?.description,
      };
    }),
    verdict: {
      kind: verdict.kind,
      text: verdict.text,
      lastRead: verdict.lastRead,
      windowDays: verdict.windowDays,
    },
    steps: verdict.steps,
  };
}

const callerJson = ({ callerKey, callerName, count, first, last }: CallerTally) => ({
  caller: callerKey,
  name: callerName,
  count,
  first,
  last,
});

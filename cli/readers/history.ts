import type { AskHistory, Query } from '../../lib/deletion/history.ts';
import { addDays, MINUTE_MS, parseTime } from '../../lib/time.ts';
import type { Read } from './reads.ts';
import type { KeptPage, State } from './state.ts';

/** CloudTrail's event history holds 90 days: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
export const HISTORY_DAYS = 90;

/** How late an event may appear in the history, in ms: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-events.html */
export const LATE_MS = 15 * MINUTE_MS;

/** What is asked: the events with one attribute. */
export type Question = Pick<Query, 'attribute' | 'value'>;

interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** A question on a span of time, and how far back from its end it has been read. */
interface Part extends Question, Span {
  readTo: Date;
  isDone: boolean;
  /** Of the page to read next, and the end of the span for which it is valid: of this run only. */
  next?: { readonly token: string; readonly to: Date };
}

/** A search of the event history, which may be interrupted at any page. */
export interface Search {
  /** Whether an earlier run has begun it. */
  readonly isResumed: boolean;
  /** How much of the time has been read, from 0 to 1. */
  readonly part: () => number;
  readonly records: () => number;
  /** Back to when has been read, by the part that has the most left. */
  readonly readTo: () => Date;
  /** Reads what is left. @param onPage is called after each page. @throws what `ask` and the state throw. */
  readonly run: (ask: AskHistory, onPage: () => void) => Promise<void>;
  /** Asks one more question, of the same time; `false` if it is being asked. */
  readonly addQuestion: (question: Question) => boolean;
}

/** The dependencies of a search. */
export interface SearchPorts {
  readonly state: State;
  /** What a record, as JSON text, says; nothing if it is of no interest. */
  readonly readsIn: (record: string) => readonly Read[];
  /** Receives what each record says, in no order; of one that is read again, once more. */
  readonly onReads: (reads: readonly Read[]) => void;
}

/**
 * Begins a search, or goes on with one that was interrupted: with each of its parts where it stopped, and with one more for
 * what has come since. So what is of the second in which it stopped, or appeared late, is read again.
 */
export function beginSearch(
  questions: readonly Question[],
  { from, to }: Span,
  { state, readsIn, onReads }: SearchPorts,
): Search {
  const parts: Part[] = state.parts.map(toPart);
  let records = 0;

  function take({ page, readTo, isDone, records: more, reads }: KeptPage): void {
    Object.assign(parts[page] ?? {}, { readTo, isDone });
    records += more;
    for (const ofRecord of Map.groupBy(reads, ({ id }) => id).values()) onReads(ofRecord);
  }

  function addPart({ attribute, value }: Question, span: Span): void {
    const part = { attribute, value, from: span.from, to: span.to };
    state.addPart(part);
    parts.push(toPart(part));
  }

  function addQuestion(question: Question): boolean {
    const isNew = !parts.some((part) => isSame(part, question));
    if (isNew) addPart(question, { from, to });
    return isNew;
  }

  async function readPage(part: Part, ask: AskHistory): Promise<void> {
    // What is older is not there any more.
    const oldest = addDays(to, -HISTORY_DAYS);
    const start = part.from > oldest ? part.from : oldest;
    const end = part.next?.to ?? part.readTo;
    const { attribute, value } = part;
    const found =
      start <= end
        ? await ask({ attribute, value, from: start, to: end }, part.next?.token)
        : { records: [] };
    const page = {
      page: parts.indexOf(part),
      records: found.records.length,
      readTo: found.token ? earlier(part.readTo, timeOf(found.records.at(-1))) : part.from,
      isDone: found.token === undefined,
      reads: found.records.flatMap(readsIn),
    };
    part.next = found.token === undefined ? undefined : { token: found.token, to: end };
    state.addPage(page);
    take(page);
  }

  /** In ms. */
  const left = () =>
    Math.max(
      0,
      ...parts.filter(({ isDone }) => !isDone).map(({ readTo }) => Number(readTo) - Number(from)),
    );

  for (const page of state.pages) take(page);
  for (const [question, span] of sinceThen(parts, to)) addPart(question, span);
  for (const question of questions) addQuestion(question);
  return {
    isResumed: state.pages.length > 0,
    part: () => 1 - left() / (to.getTime() - from.getTime()),
    records: () => records,
    readTo: () => new Date(from.getTime() + left()),
    addQuestion,
    async run(ask, onPage) {
      // In turn: those of few events end at once, and what is left is of the longest.
      while (parts.some(({ isDone }) => !isDone)) {
        for (const part of parts.filter(({ isDone }) => !isDone)) {
          await readPage(part, ask);
          onPage();
        }
      }
    },
  };
}

const toPart = (part: Question & Span): Part => ({ ...part, readTo: part.to, isDone: false });

const isSame = (one: Question, other: Question) =>
  one.attribute === other.attribute && one.value === other.value;

/** Each question of an earlier run for the time since then. */
function sinceThen(parts: readonly Part[], to: Date): [Question, Span][] {
  const byQuestion = Map.groupBy(parts, ({ attribute, value }) => `${attribute} ${value}`);
  return [...byQuestion.values()].flatMap((same): [Question, Span][] => {
    const [question] = same;
    const from = new Date(Math.max(...same.map((part) => part.to.getTime())) - LATE_MS);
    return question ? [[question, { from, to }]] : [];
  });
}

const earlier = (one: Date, other: Date | undefined) => (other && other < one ? other : one);

/** The time of a record; `undefined` if it cannot be read. */
function timeOf(record = ''): Date | undefined {
  try {
    return parseTime((JSON.parse(record) as { eventTime?: unknown } | null)?.eventTime);
  } catch {
    return undefined;
  }
}

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { NotifierError } from '../../lib/errors.ts';
import { addDays, isoTime } from '../../lib/time.ts';
import { unwritable } from '../run-command.ts';
import { OUTCOMES, type Read } from './reads.ts';

/** Where what has been read is kept until a query has come to its end, one file for each. */
const FOLDER = join(import.meta.dirname, '../../.build/readers');

/** How long one is kept to which nothing is added. Who wants the answer goes on within days, and it says who reads what. */
const KEPT_DAYS = 7;

/**
 * What is kept, a line each: a part of the query; and a page of a part, with the reads on it. Their texts repeat, so each is
 * written once, in the order of their numbers.
 */
const PartLine = v.object({
  part: v.object({
    attribute: v.picklist(['ResourceName', 'EventName']),
    value: v.string(),
    from: isoTime,
    to: isoTime,
  }),
});
const PageLine = v.object({
  page: v.number(),
  records: v.number(),
  readTo: isoTime,
  isDone: v.boolean(),
  texts: v.array(v.string()),
  /** Number of the outcome, ms since 1970, and the numbers of: id, secret, caller's key and name, issuer or -1, description. */
  reads: v.array(v.tuple(Array.from({ length: 8 }, () => v.number()) as Numbers)),
});
type Numbers = [N, N, N, N, N, N, N, N];
type N = v.NumberSchema<undefined>;
type Row = v.InferOutput<typeof PageLine>['reads'][number];

type KeptPart = v.InferOutput<typeof PartLine>['part'];

/** A page of a part of a query, by the part's number, with the reads on it. */
export interface KeptPage {
  readonly page: number;
  readonly records: number;
  /** The time of its last record, back to which the part has been read. */
  readonly readTo: Date;
  /** Whether it is the part's last. */
  readonly isDone: boolean;
  readonly reads: readonly Read[];
}

/** The file of a query, to which each page is added as soon as it has been read. Disposed, it can be opened again. */
export interface State extends Disposable {
  /** What an earlier run has kept. */
  readonly parts: readonly KeptPart[];
  readonly pages: readonly KeptPage[];
  addPart(part: KeptPart): void;
  addPage(page: KeptPage): void;
  /** Removes the file. */
  end(): void;
}

/**
 * Opens the file of a query, which only the same query finds again. A last line that a process has not written to its end is
 * dropped: its page is read again. Files with which nobody has gone on for {@link KEPT_DAYS} it removes.
 * @param query what tells it from every other
 * @throws NotifierError `INVALID_FILE` if it cannot be written, also when something is added.
 */
export function openState(query: readonly string[], folder = FOLDER, now = new Date()): State {
  const name = createHash('sha256').update(JSON.stringify(query)).digest('hex').slice(0, 32);
  const file = join(folder, `${name}.jsonl`);
  const texts = createTexts();
  const attempt = <Result>(run: () => Result): Result => {
    try {
      return run();
    } catch (error) {
      if (error instanceof NotifierError) throw error;
      return unwritable(file)(error as Error);
    }
  };
  const lock = `${file}.lock`;
  const kept = attempt(() => {
    // Who reads what is nobody else's business on this machine.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeOld(folder, now);
    takeLock(lock);
    if (!existsSync(file)) writeFileSync(file, '', { mode: 0o600 });
    return readLines(file, texts);
  });
  let hasPages = kept.pages.length > 0;
  const add = (line: object) =>
    attempt(() => appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 }));
  return {
    ...kept,
    addPart: (part) => add({ part }),
    addPage({ reads, ...page }) {
      hasPages = true;
      const rows = reads.map((read) => texts.pack(read));
      add({ ...page, texts: texts.takeNew(), reads: rows });
    },
    end: () => attempt(() => rmSync(file, { force: true })),
    [Symbol.dispose]() {
      // There is nothing to go on from.
      if (!hasPages) rmSync(file, { force: true });
      rmSync(lock, { force: true });
    },
  };
}

/** A process that still runs, as after a long sleep of the machine, keeps its own. */
function removeOld(folder: string, now: Date): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  for (const file of files.map((name) => join(folder, name))) {
    const lock = `${file}.lock`;
    const written = statSync(file, { throwIfNoEntry: false })?.mtime ?? now;
    if (written > addDays(now, -KEPT_DAYS) || ownerOf(lock) !== undefined) continue;
    rmSync(file, { force: true });
    rmSync(lock, { force: true });
  }
}

/**
 * Two processes must not write one file. A lock of a process that is gone counts for nothing.
 * @throws NotifierError `BUSY` if another has it.
 */
function takeLock(lock: string): void {
  const owner = ownerOf(lock);
  if (owner !== undefined) {
    throw new NotifierError(
      'BUSY',
      `Expected to be the only one that asks this, but process ${owner} does. Wait for it, or remove ${lock} if that is something else.`,
    );
  }
  rmSync(lock, { force: true });
  writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
}

/** The process that has a lock, if it runs. */
function ownerOf(lock: string): number | undefined {
  const owner = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
  // One that was created, but not written to its end, is of nobody; 0 and less would mean groups of processes.
  return owner > 0 && isRunning(owner) ? owner : undefined;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readLines(file: string, texts: Texts): Pick<State, 'parts' | 'pages'> {
  const parts: KeptPart[] = [];
  const pages: KeptPage[] = [];
  let good = 0;
  const bytes = readFileSync(file);
  for (let end = bytes.indexOf('\n'); end >= 0; end = bytes.indexOf('\n', good)) {
    const line = parse(bytes.toString('utf8', good, end));
    if (v.is(PartLine, line)) parts.push(v.parse(PartLine, line).part);
    else if (v.is(PageLine, line)) {
      const { texts: added, reads, ...page } = v.parse(PageLine, line);
      texts.add(added);
      pages.push({ ...page, reads: reads.map((row) => texts.unpack(row)) });
    } else break;
    good = end + 1;
  }
  truncateSync(file, good);
  return { parts, pages };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

type Texts = ReturnType<typeof createTexts>;

/** The texts of reads by numbers. */
function createTexts() {
  const all: string[] = [];
  const numbers = new Map<string, number>();
  let written = 0;
  const numberOf = (text: string) => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, all.push(text) - 1);
    return all.length - 1;
  };
  return {
    add(texts: readonly string[]) {
      for (const text of texts) numberOf(text);
      written = all.length;
    },
    /** Those that no line has yet. */
    takeNew() {
      const added = all.slice(written);
      written = all.length;
      return added;
    },
    pack({ outcome, time, id, secret, callerKey, callerName, issuerArn, description }: Read): Row {
      return [
        OUTCOMES.indexOf(outcome),
        time.getTime(),
        numberOf(id),
        numberOf(secret),
        numberOf(callerKey),
        numberOf(callerName),
        issuerArn === undefined ? -1 : numberOf(issuerArn),
        numberOf(description),
      ];
    },
    unpack([outcome, time, id, secret, callerKey, callerName, issuer, description]: Row): Read {
      const text = (number: number) => all[number] ?? '';
      return {
        outcome: OUTCOMES[outcome] ?? 'read',
        time: new Date(time),
        id: text(id),
        secret: text(secret),
        callerKey: text(callerKey),
        callerName: text(callerName),
        issuerArn: issuer < 0 ? undefined : text(issuer),
        description: text(description),
      };
    },
  };
}

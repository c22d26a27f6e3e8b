import { NotifierError } from '../../lib/errors.ts';
import type { Task } from '../progress.ts';
import {
  type AlarmState,
  type Answer,
  type Clock,
  observeAlarm,
  observeEvent,
  observeTrail,
  type Path,
  type Traces,
  waitFor,
} from './paths.ts';

/** The dependencies of a drill; all may throw. */
export interface DrillPorts extends Clock {
  /** The names or ARNs of the secrets that earlier drills have left. */
  readonly leftovers: () => Promise<readonly string[]>;
  readonly create: () => Promise<void>;
  /** Schedules the deletion; returns its date. */
  readonly schedule: () => Promise<Date | undefined>;
  readonly deletedDate: () => Promise<Date | undefined>;
  /** Tries to read the value; whether AWS refused because of the deletion. */
  readonly isRefused: () => Promise<boolean>;
  readonly remove: (secretId: string) => Promise<void>;
  readonly ruleState: () => Promise<string>;
  /** These two are given up at the signal. */
  readonly alarm: (late?: AbortSignal) => Promise<AlarmState>;
  readonly traces: (late?: AbortSignal) => Promise<Traces>;
  /** Runs tasks concurrently, and shows them. */
  readonly runTasks: (tasks: readonly Task[]) => Promise<void>;
}

export interface DrillOptions {
  /** The name of its secret. */
  readonly name: string;
  readonly paths: readonly Answer['path'][];
  /** For how long to wait for the answers, in ms. */
  readonly timeout: number;
}

/** The dates that AWS returned for one deletion. */
export interface Dates {
  readonly requestedAt: Date;
  /** Of DeleteSecret's answer. */
  readonly deletionDate?: Date;
  /** Of DescribeSecret's answer. */
  readonly deletedDate?: Date;
}

/** The result of a drill. */
export interface DrillResult {
  readonly name: string;
  readonly dates: Dates;
  readonly answers: readonly Answer[];
  /** The state of the event path's rule, if that path was drilled. */
  readonly ruleState?: string;
}

/** How long AWS, being eventually consistent, may answer as if the deletion were not scheduled, in ms. */
const SETTLING_MS = 60_000;

/**
 * Creates a secret, schedules its deletion, tries to read it, and waits until the paths have answered. Removes the secret
 * in any case, and first those that earlier drills have left.
 * @throws what the ports throw.
 */
export async function drill(options: DrillOptions, ports: DrillPorts): Promise<DrillResult> {
  const { name, paths } = options;
  for (const left of await ports.leftovers()) await removing(left, ports);
  const before = paths.includes('alarm') ? await ports.alarm() : undefined;
  const ruleState = paths.includes('event') ? await ports.ruleState() : undefined;
  // Fails now if the table may not be read, not once the other path has answered.
  if (paths.includes('event') || paths.includes('trail')) await ports.traces();
  try {
    const dates = await prepare(ports);
    const answers = await wait(options, before, ports);
    return { name, dates, answers, ruleState };
  } finally {
    await removing(name, ports);
  }
}

/** @throws NotifierError `AWS_REFUSED` */
function removing(secretId: string, ports: DrillPorts): Promise<void> {
  return showing(ports, `Remove ${secretId}`, () =>
    ports.remove(secretId).catch((cause: Error) => {
      const what = `The secret ${secretId} could not be removed (${cause.name}: ${cause.message}).`;
      const next = 'The next drill of this stage removes it, or you by hand: restore, then delete.';
      throw new NotifierError('AWS_REFUSED', `${what} ${next}`, { cause });
    }),
  );
}

/** @returns when the deletion was requested, and the dates that AWS returned. */
function prepare(ports: DrillPorts): Promise<Dates> {
  return showing(ports, 'Create a secret, and schedule its deletion', async () => {
    await ports.create();
    const requestedAt = ports.now();
    const deletionDate = await ports.schedule();
    const isLate = () => ports.now().getTime() - requestedAt.getTime() > SETTLING_MS;
    let deletedDate = await ports.deletedDate();
    while (!deletedDate && !isLate()) {
      await ports.sleep(1000);
      deletedDate = await ports.deletedDate();
    }
    return { requestedAt, deletionDate, deletedDate };
  });
}

async function wait(
  { paths, timeout }: DrillOptions,
  before: AlarmState | undefined,
  ports: DrillPorts,
): Promise<Answer[]> {
  const attemptedAt = await showing(ports, 'Try to read it', () => attempt(ports));
  const all: Record<Answer['path'], Path> = {
    event: {
      path: 'event',
      interval: 1000,
      observe: async (late) => observeEvent(await ports.traces(late)),
    },
    trail: {
      path: 'trail',
      interval: 5000,
      observe: async (late) => observeTrail(await ports.traces(late)),
    },
    alarm: {
      path: 'alarm',
      interval: 5000,
      observe: async (late) =>
        observeAlarm(before ?? { value: 'unknown' }, await ports.alarm(late)),
    },
  };
  const answers: Answer[] = [];
  const tasks = paths.map((path): Task => {
    const title = `Wait for the ${path} path`;
    return {
      title,
      async run({ retitle }) {
        const show = (text: string) => retitle(`${title}: ${text}`);
        const answer = await waitFor(all[path], attemptedAt, timeout, ports, show);
        answers.push(answer);
        return answer.isAnswered;
      },
    };
  });
  await ports.runTasks(tasks);
  return answers.toSorted((a, b) => paths.indexOf(a.path) - paths.indexOf(b.path));
}

/**
 * Tries to read the secret until AWS refuses.
 * @returns the time of the attempt that was refused. @throws NotifierError `NOT_SETTLED` if none is.
 */
async function attempt(ports: DrillPorts): Promise<Date> {
  const start = ports.now().getTime();
  for (;;) {
    const attemptedAt = ports.now();
    if (await ports.isRefused()) return attemptedAt;
    if (attemptedAt.getTime() - start > SETTLING_MS) {
      const what = 'Expected AWS to refuse the value of a secret that is scheduled for deletion';
      throw new NotifierError('NOT_SETTLED', `${what}, got it for a minute. Run the drill again.`);
    }
    await ports.sleep(1000);
  }
}

async function showing<Result>(
  { runTasks }: DrillPorts,
  title: string,
  run: () => Promise<Result>,
): Promise<Result> {
  let result: Result | undefined;
  const task = async () => {
    result = await run();
  };
  await runTasks([{ title, run: task }]);
  return result as Result;
}

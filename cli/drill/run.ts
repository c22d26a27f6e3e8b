import { NotifierError } from '../../lib/errors.ts';
import type { Task } from '../progress.ts';
import {
  type AlarmState,
  type Answer,
  alarmSight,
  type Clock,
  eventSight,
  type Path,
  type Traces,
  waitFor,
} from './paths.ts';

/** What a drill needs of the world; all may throw. */
export interface DrillPorts extends Clock {
  /** The names or ARNs of the secrets that earlier drills have left. */
  readonly leftovers: () => Promise<readonly string[]>;
  readonly create: () => Promise<void>;
  /** Schedules the deletion; returns its date. */
  readonly schedule: () => Promise<Date | undefined>;
  readonly deletedDate: () => Promise<Date | undefined>;
  /** Asks for the value; whether AWS refused it because of the deletion. */
  readonly isRefused: () => Promise<boolean>;
  readonly remove: (secretId: string) => Promise<void>;
  readonly ruleState: () => Promise<string>;
  readonly alarm: () => Promise<AlarmState>;
  readonly traces: () => Promise<Traces>;
  /** Runs tasks at a time, and shows them. */
  readonly runTasks: (tasks: readonly Task[]) => Promise<void>;
}

export interface DrillOptions {
  /** The name of its secret. */
  readonly name: string;
  readonly paths: readonly Answer['path'][];
  /** For how long to wait for the answers, in ms. */
  readonly timeout: number;
}

/** What the dates tell that AWS returned for one deletion. */
export interface Dates {
  readonly requestedAt: Date;
  /** Of DeleteSecret's answer. */
  readonly deletionDate?: Date;
  /** Of DescribeSecret's answer. */
  readonly deletedDate?: Date;
}

/** What came of a drill. */
export interface DrillResult {
  readonly name: string;
  readonly dates: Dates;
  readonly answers: readonly Answer[];
  /** The state of the rule of the event path, if that was drilled. */
  readonly ruleState?: string;
}

/** For how long AWS may answer as if the deletion were not scheduled, in ms: it is eventually consistent. */
const SETTLING_MS = 60_000;

/**
 * Makes a secret, schedules its deletion, asks for its value, and waits until the paths have answered. Removes the
 * secret in any case, and first those that earlier drills have left.
 * @throws what the ports throw.
 */
export async function drill(options: DrillOptions, ports: DrillPorts): Promise<DrillResult> {
  const { name, paths } = options;
  for (const left of await ports.leftovers()) await removing(left, ports);
  const before = paths.includes('alarm') ? await ports.alarm() : undefined;
  const ruleState = paths.includes('event') ? await ports.ruleState() : undefined;
  // Who may not read the table is told now, not when the other path has answered.
  if (paths.includes('event')) await ports.traces();
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

/** @returns when the deletion was asked for, and the dates that AWS returned. */
function prepare(ports: DrillPorts): Promise<Dates> {
  return showing(ports, 'Make a secret, and schedule its deletion', async () => {
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
  const askedAt = await showing(ports, 'Ask for its value', () => ask(ports));
  const all: Record<Answer['path'], Path> = {
    event: {
      path: 'event',
      interval: 1000,
      look: async () => eventSight(await ports.traces()),
    },
    alarm: {
      path: 'alarm',
      interval: 5000,
      look: async () => alarmSight(before ?? { value: 'unknown' }, await ports.alarm()),
    },
  };
  const answers: Answer[] = [];
  const tasks = paths.map((path): Task => {
    const title = `Wait for the ${path} path`;
    return {
      title,
      async run({ retitle }) {
        const show = (text: string) => retitle(`${title}: ${text}`);
        const answer = await waitFor(all[path], askedAt, timeout, ports, show);
        answers.push(answer);
        return answer.isAnswered;
      },
    };
  });
  await ports.runTasks(tasks);
  return answers.toSorted((a, b) => paths.indexOf(a.path) - paths.indexOf(b.path));
}

/** @returns when AWS was asked the time that it refused. @throws NotifierError `NOT_SETTLED` if it never does. */
async function ask(ports: DrillPorts): Promise<Date> {
  const start = ports.now().getTime();
  for (;;) {
    const askedAt = ports.now();
    if (await ports.isRefused()) return askedAt;
    if (askedAt.getTime() - start > SETTLING_MS) {
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

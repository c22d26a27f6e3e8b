import { NotifierError } from '../../lib/errors.ts';
import type { Channel } from '../../lib/notice/channel.ts';
import type { Task } from '../progress.ts';
import {
  type AlarmState,
  type Answer,
  type Clock,
  lateAfter,
  observeAlarm,
  observeChannel,
  observeEvent,
  observeName,
  observeTrail,
  type Path,
  type PathName,
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
  /** Tries to create another secret of the name; whether AWS refused because of the deletion. */
  readonly isNameTaken: () => Promise<boolean>;
  readonly remove: (secretId: string) => Promise<void>;
  /** These three are given up at the signal. */
  readonly ruleState: (late?: AbortSignal) => Promise<string>;
  readonly alarm: (late?: AbortSignal) => Promise<AlarmState>;
  readonly traces: (late?: AbortSignal) => Promise<Traces>;
  /** Runs tasks concurrently, and shows them. */
  readonly runTasks: (tasks: readonly Task[]) => Promise<void>;
}

export interface DrillOptions {
  /** The name of its secret. */
  readonly name: string;
  readonly paths: readonly PathName[];
  /** The channels beside the mail, which send the alert if a path brings the attempt to the function. */
  readonly channels?: readonly Channel[];
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
  /** What the channels have sent. */
  readonly channels: readonly Answer<Channel>[];
  /** The state of the event path's rule, if that path was drilled. */
  readonly ruleState?: string;
}

/** How long AWS, being eventually consistent, may answer as if the deletion were not scheduled, in ms. */
const SETTLING_MS = 60_000;

/**
 * Creates a secret, schedules its deletion, tries to read it, or to create another of its name, and waits until the paths have
 * answered. Removes the secret in any case, and first those that earlier drills have left.
 * @throws what the ports throw.
 */
export async function drill(options: DrillOptions, ports: DrillPorts): Promise<DrillResult> {
  const { name, paths, timeout } = options;
  const inTime = <Result>(look: (late: AbortSignal) => Promise<Result>) => lookOnce(look, timeout);
  for (const left of await ports.leftovers()) await removing(left, ports);
  const before = paths.includes('alarm') ? await inTime(ports.alarm) : undefined;
  const ruleState = paths.includes('event') ? await inTime(ports.ruleState) : undefined;
  // Fails now if the table may not be read, not once the other path has answered.
  if (alerts(paths)) await inTime(ports.traces);
  try {
    const dates = await prepare(ports);
    const answered = await wait(options, before, ports);
    return { name, dates, ...answered, ruleState };
  } finally {
    await removing(name, ports);
  }
}

/** Looks before anything is made, for as long as answers are waited for. @throws NotifierError `OUT_OF_TIME` */
async function lookOnce<Result>(
  look: (late: AbortSignal) => Promise<Result>,
  timeout: number,
): Promise<Result> {
  const late = lateAfter(timeout);
  try {
    return await look(late);
  } catch (cause) {
    if (!late.aborted) throw cause;
    const what = 'Expected AWS to show how the stack stands, got no answer in time';
    throw new NotifierError('OUT_OF_TIME', `${what}; nothing was made. Run the drill again.`, {
      cause,
    });
  }
}

/** Whether one of the paths leads to a notice. */
const alerts = (paths: readonly PathName[]) => paths.some((path) => path !== 'alarm');

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
  { paths, channels = [], timeout }: DrillOptions,
  before: AlarmState | undefined,
  ports: DrillPorts,
): Promise<Pick<DrillResult, 'answers' | 'channels'>> {
  const attemptedAt = paths.includes('name')
    ? await showing(ports, 'Try to create another of its name', () =>
        untilRefused(ports.isNameTaken, 'to refuse a secret of a name that is taken', ports),
      )
    : await showing(ports, 'Try to read it', () =>
        untilRefused(
          ports.isRefused,
          'to refuse the value of a secret that is scheduled for deletion',
          ports,
        ),
      );
  const all: { readonly [Name in PathName]: Path<Name> } = {
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
    name: {
      path: 'name',
      interval: 5000,
      observe: async (late) => observeName(await ports.traces(late)),
    },
  };
  const channel = (path: Channel): Path<Channel> => ({
    path,
    interval: 1000,
    observe: async (late) => observeChannel(path, await ports.traces(late)),
  });
  const tasks: Task[] = [];
  /** Waits for each of some; returns what will hold their answers, in their order. */
  const waitForEach = <Name extends string>(some: readonly Path<Name>[], kind: string) => {
    const answers: Answer<Name>[] = [];
    for (const [i, one] of some.entries()) {
      const title = `Wait for the ${one.path} ${kind}`;
      tasks.push({
        title,
        async run({ retitle }) {
          const show = (text: string) => retitle(`${title}: ${text}`);
          const answer = await waitFor(one, attemptedAt, timeout, ports, show);
          answers[i] = answer;
          return answer.isAnswered;
        },
      });
    }
    return answers;
  };
  const answers = waitForEach<PathName>(
    paths.map((path) => all[path]),
    'path',
  );
  const sent = waitForEach(alerts(paths) ? channels.map(channel) : [], 'channel');
  await ports.runTasks(tasks);
  return { answers, channels: sent };
}

/**
 * Tries a call until AWS refuses it, which it is expected to.
 * @returns the time of the call that was refused. @throws NotifierError `NOT_SETTLED` if none is.
 */
async function untilRefused(
  isRefused: () => Promise<boolean>,
  expected: string,
  ports: DrillPorts,
): Promise<Date> {
  const start = ports.now().getTime();
  for (;;) {
    const attemptedAt = ports.now();
    if (await isRefused()) return attemptedAt;
    if (attemptedAt.getTime() - start > SETTLING_MS) {
      const what = `Expected AWS ${expected}, got it for a minute`;
      throw new NotifierError('NOT_SETTLED', `${what}. Run the drill again.`);
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

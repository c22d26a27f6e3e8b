import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readDeadLetter } from '../cli/replay/dead-letter.ts';
import type { CloudTrailRecord } from '../emulators/cloudtrail.ts';
import { deployNotifier } from '../emulators/notifier.ts';
import { readTemplate, resourceOf, type Template } from '../emulators/template.ts';
import { DAY_MS, MINUTE_MS } from '../lib/time.ts';
import { countAttempts, startCloud } from './cloud.ts';
import { type Report, reportOf } from './report.ts';
import { openStatistics } from './statistics.ts';
import {
  attemptTasks,
  deletionTasks,
  planOf,
  retryOf,
  summaryTask,
  type Task,
  type Trouble,
} from './task.ts';
import { play } from './timeline.ts';
import { createRandom, makeTraffic, type TrafficOptions } from './traffic.ts';

export interface StormOptions extends TrafficOptions, Trouble {
  /** Where the service is packaged. */
  readonly packageDirectory: string;
  /** Ends the storm when aborted. */
  readonly signal?: AbortSignal;
  /** Is told of each run of a function. */
  readonly onProgress?: () => void;
}

const BEGINNING = Date.parse('2026-11-22T08:00:00Z');

/** How long after it the schedule began: summaries run while what starts on the hour comes, and has used up the budget. */
const SCHEDULED_MS = 8000;

/** How many runs of each function there may be at a time. */
const CONCURRENCY = {
  NotifyLambdaFunction: 6,
  TrackDeletionLambdaFunction: 2,
  SummarizeLambdaFunction: 2,
};

/** How often the end is tried: what is replayed may fail again, and is told by another summary. */
const MAX_ROUNDS = 8;

/**
 * Lets a storm of attempts come over the packaged service, in simulated time.
 * @returns what came of it. @throws what is no trouble that was planned, and the reason of `signal`.
 */
export async function runStorm(options: StormOptions): Promise<Report> {
  const start = performance.now();
  const { packageDirectory, secrets, signal, onProgress } = options;
  await using started = new AsyncDisposableStack();
  const template = await readTemplate(packageDirectory);
  const directory = await mkdtemp(join(packageDirectory, 'storm-'));
  started.defer(() => rm(directory, { recursive: true }));
  const cloud = await startCloud(new Date(BEGINNING), directory);
  started.defer(() => cloud.stop());
  const notifier = await deployNotifier({
    packageDirectory,
    aws: cloud,
    accessKeyId: 'notifier',
    concurrency: CONCURRENCY,
    isSimulated: true,
  });
  started.defer(() => notifier.stop());
  const notify = notifier.lambda('NotifyLambdaFunction');
  const trackDeletion = notifier.lambda('TrackDeletionLambdaFunction');
  const summarize = notifier.lambda('SummarizeLambdaFunction');

  const traffic = makeTraffic(options);
  const random = createRandom(options.seed + 1);
  const statistics = openStatistics(traffic.pairs, cloud);
  let latest = BEGINNING;

  async function begin(task: Task): Promise<Task[]> {
    signal?.throwIfAborted();
    const { time, lambda, isAsync } = task;
    latest = Math.max(latest, time);
    const run = statistics.counts.runs;
    const plan = planOf(task, options, random);
    const report = await lambda.run({
      requestId: String(run),
      event: task.event(),
      time,
      plan,
    });
    statistics.noteRun(run, task, report);
    onProgress?.();
    if (lambda === summarize) await statistics.readMails();
    if (report.outcome === 'done') {
      if (!isAsync) statistics.counts.replayed++;
      return [];
    }
    const retry = retryOf(task);
    if (retry) return [retry];
    if (isAsync) statistics.counts.deadLettered++;
    const record = { requestContext: { functionArn: lambda.arn }, requestPayload: task.event() };
    await cloud.sendDeadLetter(record);
    return [];
  }
  const scene = { begin, hasRoom: ({ lambda }: Task) => lambda.hasRoom() };

  async function takeDeadLetters(time: number): Promise<Task[]> {
    const tasks: Task[] = [];
    for (let body = await cloud.nextDeadLetter(); body; body = await cloud.nextDeadLetter()) {
      const letter = readDeadLetter(JSON.stringify(body));
      const arn = letter?.arn;
      const lambda = [notify, trackDeletion, summarize].find((one) => one.arn === arn);
      if (!letter || !lambda) throw new Error(`No event in the dead-letter queue: ${body}`);
      tasks.push({ time, lambda, event: () => letter.event, tries: 0, isAsync: false });
    }
    return tasks;
  }

  const interval = intervalOf(template);
  const tasks = attemptTasks(traffic, secrets, notify, BEGINNING, options, random);
  const end = tasks.at(-1)?.time ?? BEGINNING;
  for (let time = BEGINNING + SCHEDULED_MS + interval; time < end; time += interval) {
    tasks.push(summaryTask(summarize, time));
  }
  const deletions = await cloud.createSecrets(secrets);
  const renewals = deletions.map(renewalsOf);
  await play([...deletionTasks(deletions, trackDeletion, BEGINNING), ...tasks], scene);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const replays = await takeDeadLetters(latest + interval);
    const before = cloud.publications.size;
    await play(replays, scene);
    await play([summaryTask(summarize, latest + interval)], scene);
    if (replays.length === 0 && cloud.publications.size === before) break;
  }
  await statistics.readMails();
  return reportOf({
    traffic,
    beginning: BEGINNING,
    pairOf: (secret, caller) => caller * secrets + secret,
    statistics,
    recorded: await countAttempts(cloud.dynamoDb.table),
    maxMessagesPerMinute: Number(notify.environment.MAX_ALERTS_PER_MINUTE),
    promises: {
      quietWindow: Number(notify.environment.QUIET_WINDOW_MINUTES) * MINUTE_MS,
      renewalsOf: (pair) => renewals[pair % secrets] ?? [],
    },
    wallSeconds: (performance.now() - start) / 1000,
  });
}

/** When a deletion comes within 7 and within 2 days, in simulated ms since 1970. */
function renewalsOf({ eventTime, requestParameters }: CloudTrailRecord): number[] {
  const days = Number(requestParameters?.recoveryWindowInDays);
  return [7, 2].map((left) => Date.parse(eventTime) + (days - left) * DAY_MS);
}

/** How often summaries are due, in ms. */
function intervalOf(template: Template): number {
  const { ScheduleExpression } = resourceOf(template, 'SummarizeRule').Properties;
  const [, minutes] = /^rate\((\d+) minutes?\)$/.exec(ScheduleExpression) ?? [];
  if (!minutes) throw new Error(`Expected a rate of minutes, got ${ScheduleExpression}`);
  return Number(minutes) * MINUTE_MS;
}

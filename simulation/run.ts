import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudTrailRecord } from '../emulators/cloudtrail.ts';
import type { EventSource } from '../emulators/event-source.ts';
import type { Lambda } from '../emulators/lambda.ts';
import { deployNotifier } from '../emulators/notifier.ts';
import { functionIds, readTemplate, resourceOf, type Template } from '../emulators/template.ts';
import { createIncidentStore } from '../lib/incident/incidents.ts';
import { CHANNELS, type Channel } from '../lib/notice/channel.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/time.ts';
import { CHANNEL_FUNCTIONS, openChannels } from './channels.ts';
import { type ClashOptions, clashTasks, makeClashes } from './clashes.ts';
import { countAttempts, type Outage, startCloud } from './cloud.ts';
import { makePlaces, type PlacesOptions, placeOf } from './places.ts';
import { attemptsIn, openReads, probeTasks, type ReadsOptions, SIFTERS } from './reads.ts';
import { openReplay } from './replay.ts';
import { type Report, reportOf } from './report.ts';
import { openStatistics } from './statistics.ts';
import {
  batchTasks,
  deletionTasks,
  drawOutage,
  eventTasks,
  FIRST_TRY,
  handOnTask,
  planOf,
  retryOf,
  scheduledTask,
  scheduledTasks,
  type Task,
  type Trouble,
} from './task.ts';
import { play } from './timeline.ts';
import { createRandom, makeTraffic, type TrafficOptions } from './traffic.ts';
import { makeTrail } from './trail.ts';

export interface StormOptions
  extends TrafficOptions,
    PlacesOptions,
    ReadsOptions,
    ClashOptions,
    Trouble {
  /** The directory of the packaged service. */
  readonly packageDirectory: string;
  /** Variables of every function, which override those of the template. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What takes nothing, from {@link OUTAGE_MS} after the beginning on, for how many hours. Default: nothing; 8. */
  readonly down?: Outage['channel'];
  readonly downHours?: number;
  /** Minutes between two runs of the schedule. Default: as the service is packaged. */
  readonly interval?: number;
  /** Ends the storm when aborted. */
  readonly signal?: AbortSignal;
  /** Is called after each run of a function. */
  readonly onProgress?: () => void;
}

const BEGINNING = Date.parse('2026-11-22T08:00:00Z');

/** How long after that the schedule begins: digests run while the attempts on the hour arrive and use up the budget. */
const SCHEDULED_MS = 8000;

/** How long after that a channel is down that is to be: the first attempts have come. */
const OUTAGE_MS = 10 * MINUTE_MS;

/** The most concurrent runs of each function. */
const CONCURRENCY = {
  NotifyLambdaFunction: 6,
  ReadTrailLambdaFunction: 2,
  TrackDeletionLambdaFunction: 2,
  SiftReadsLambdaFunction: SIFTERS,
  SummarizeLambdaFunction: 2,
  ChatLambdaFunction: 2,
  BusLambdaFunction: 2,
};

/**
 * After the last attempt the schedule goes on for {@link AS_SCHEDULED_MS}, then every {@link SELDOM_MS}, until nothing has been
 * sent for {@link QUIET_MS}, which is more than the longest pause between digests; and for {@link MAX_CLOSING_MS} at most. All in ms.
 */
const AS_SCHEDULED_MS = 2 * HOUR_MS;
const SELDOM_MS = 30 * MINUTE_MS;
const QUIET_MS = 26 * HOUR_MS;
const MAX_CLOSING_MS = 3 * DAY_MS;

/**
 * Sends a storm of attempts to the packaged service, in simulated time.
 * @returns its report. @throws any error that is no planned fault, and the reason of `signal`.
 */
export async function runStorm(options: StormOptions): Promise<Report> {
  const start = performance.now();
  const { packageDirectory, secrets, gone, losses, signal, onProgress } = options;
  await using started = new AsyncDisposableStack();
  const template = await readTemplate(packageDirectory);
  const directory = await mkdtemp(join(packageDirectory, 'storm-'));
  started.defer(() => rm(directory, { recursive: true }));
  const places = makePlaces(options, createRandom(options.seed + 3));
  const outage = outageOf(options);
  const cloud = await startCloud(new Date(BEGINNING), directory, places, outage);
  started.defer(() => cloud.stop());
  const notifier = await deployNotifier({
    packageDirectory,
    aws: cloud,
    accessKeyId: 'notifier',
    environment: options.environment,
    concurrency: CONCURRENCY,
    onHandOn: takeHandOn,
    onSent: (_, time) => void handedOn.push(reads.polledAt(time)),
    isSimulated: true,
  });
  started.defer(() => notifier.stop());
  const notify = notifier.lambda('NotifyLambdaFunction');
  const readTrail = notifier.lambda('ReadTrailLambdaFunction');
  const trackDeletion = notifier.lambda('TrackDeletionLambdaFunction');
  const summarize = notifier.lambda('SummarizeLambdaFunction');
  const sift = notifier.lambda('SiftReadsLambdaFunction');
  const [source] = notifier.sources;
  if (!source) throw new Error('Expected a queue of reads in the packaged template, got none');
  const reads = openReads(source, sift);
  const channelOf = new Map(
    channelsOf(template).map((channel) => [notifier.lambda(CHANNEL_FUNCTIONS[channel]), channel]),
  );
  const replayOf = openReplay(
    template,
    new Map(functionIds(template).map((id) => [id, notifier.lambda(id)])),
  );

  const traffic = makeTraffic(options);
  const random = createRandom(options.seed + 1);
  const isHeard = (attempt: number) =>
    placeOf((traffic.pairs[attempt] ?? 0) % secrets, places).hasSpoke;
  const trail = makeTrail(traffic, options.losses, createRandom(options.seed + 2), isHeard);
  const storm = { traffic, trail, secrets, gone, places, beginning: BEGINNING };
  const statistics = openStatistics(cloud, places);
  const channels = openChannels(cloud, places);
  let handedOn: Task[] = [];
  let latest = BEGINNING;
  let runs = 0;

  async function takeHandOn(lambda: Lambda, event: unknown, time: number): Promise<void> {
    const task = handOnTask(lambda, event, time, options, random);
    reads.noteHandOn(event);
    // What the queue brought from a rule, the trail path had no part in.
    if (!channelOf.has(lambda) && isOfTrail(event)) statistics.noteHandOn(task);
    handedOn.push(task);
  }

  async function begin(task: Task): Promise<Task[]> {
    signal?.throwIfAborted();
    const { time, lambda, isAsync, source } = task;
    if (source) return siftBatch(task, source);
    latest = Math.max(latest, time);
    const run = ++runs;
    const plan = { ...planOf(task, options, random), run };
    const invocation = task.invocation ?? run;
    const report = await lambda.run({
      // A retry has the id of the invocation, as in Lambda.
      requestId: String(invocation),
      event: task.event(),
      time,
      plan,
    });
    const isOfChannel = channelOf.has(lambda);
    if (isOfChannel) channels.noteRun(run, task.event(), report);
    const isDown = outage?.channel === 'mail' && outage.from <= time && time < outage.until;
    statistics.noteRun(run, task, report, { isOfChannel, isDown });
    onProgress?.();
    if (lambda === summarize && cloud.publications.size > statistics.received()) {
      await statistics.readMails();
    }
    const following = handedOn;
    handedOn = [];
    if (report.outcome === 'done') {
      if (!isAsync) statistics.counts.replayed++;
      return following;
    }
    const retry = retryOf({ ...task, invocation });
    if (retry) return [...following, retry];
    if (isAsync) statistics.counts.deadLettered++;
    const record = { requestContext: { functionArn: lambda.arn }, requestPayload: task.event() };
    await cloud.sendDeadLetter(record);
    return following;
  }
  /** As {@link begin}: what fails comes again from the queue. */
  async function siftBatch(task: Task, source: EventSource): Promise<Task[]> {
    const { time } = task;
    const batch = source.take(time);
    if (!batch) return [];
    latest = Math.max(latest, time);
    const run = ++runs;
    const outage = drawOutage(options, random);
    const plan = { ...planOf({ ...task, outage }, options, random), run };
    const report = await sift.run({ requestId: String(run), event: batch.event, time, plan });
    const ofBatch = { ...task, attempts: attemptsIn(batch) };
    statistics.noteRun(run, ofBatch, report, { isOfChannel: false, isDown: false });
    statistics.noteTrouble(reads.noteRun(batch, time, report));
    onProgress?.();
    source.settle(batch, report.outcome === 'done' ? report : { error: report.error });
    const following = handedOn;
    handedOn = [];
    return [...following, ...reads.next(time)];
  }

  const scene = { begin, hasRoom: ({ lambda }: Task) => lambda.hasRoom() };

  async function takeDeadLetters(time: number): Promise<Task[]> {
    const tasks: Task[] = [];
    for (let body = await cloud.nextDeadLetter(); body; body = await cloud.nextDeadLetter()) {
      const { event, lambdas, isOfQueue } = replayOf(body);
      if (isOfQueue) statistics.counts.deadLettered++;
      for (const lambda of lambdas) {
        tasks.push({ ...FIRST_TRY, time, lambda, event: () => event, isAsync: false });
      }
    }
    return tasks;
  }

  const interval = MINUTE_MS * (options.interval ?? intervalOf(template));
  const events = eventTasks(storm, notify, reads.send, options, random);
  const batches = batchTasks(storm, readTrail, options, random);
  const end = Math.max(...[events, batches].map((tasks) => tasks.at(-1)?.time ?? BEGINNING));
  const tasks = [...events, ...batches];
  // Random numbers of their own, so that they change nothing of the attempts.
  const others = createRandom(options.seed + 4);
  tasks.push(...probeTasks(reads, options, BEGINNING, others));
  const clashes = makeClashes(options, secrets - gone, others);
  const how = { beginning: BEGINNING, losses, random: others };
  tasks.push(...clashTasks(clashes, places, { trackDeletion, readTrail }, how));
  const deletions = await cloud.createSecrets(secrets, gone);
  const marks = deletions.map(marksOf);
  tasks.push(...deletionTasks(deletions, places, { trackDeletion, readTrail }, storm));
  tasks.push(...scheduledTasks(summarize, BEGINNING + SCHEDULED_MS + interval, interval, tasks));
  await play(tasks, scene);
  let lastNews = latest;
  while (latest < Math.min(lastNews + QUIET_MS, end + MAX_CLOSING_MS)) {
    const time = latest + (latest < end + AS_SCHEDULED_MS ? interval : SELDOM_MS);
    // Once it works again, as an operator would.
    const replays = time < (outage?.until ?? 0) ? [] : await takeDeadLetters(time);
    const before = cloud.publications.size;
    await play(replays, scene);
    await play([scheduledTask(summarize, Math.max(time, latest))], scene);
    if (replays.length > 0 || cloud.publications.size > before) lastNews = latest;
    await statistics.readMails();
  }
  return reportOf({
    ...storm,
    reads,
    readsWait: source.wait,
    probes: options.probes,
    clashes,
    end,
    closed: latest,
    statistics,
    channels,
    channelNames: [...channelOf.values()],
    outage,
    assumptions: cloud.sts.assumptions,
    recorded: await countAttempts(cloud.dynamoDb.table),
    incidents: (await createIncidentStore(cloud.dynamoDb.table).all()).length,
    marksOf: (secret) => marks[secret] ?? [],
    maxMailsPerHour: Number(summarize.environment.MAX_MAILS_PER_HOUR),
    maxChatMessagesPerHour: Number(
      [...channelOf.keys()]
        .map(({ environment }) => environment.MAX_CHAT_MESSAGES_PER_HOUR)
        .find(Boolean),
    ),
    longestPause: Number(summarize.environment.MAX_DIGEST_PAUSE_HOURS) * HOUR_MS,
    wallSeconds: (performance.now() - start) / 1000,
  });
}

const isOfTrail = (event: unknown) => (event as { readonly path?: unknown }).path === 'trail';

/** When a deletion comes within 7 and within 2 days, in simulated ms since 1970. */
function marksOf({ eventTime, requestParameters }: CloudTrailRecord): number[] {
  const days = Number(requestParameters?.recoveryWindowInDays ?? 0);
  return days === 0 ? [] : [7, 2].map((left) => Date.parse(eventTime) + (days - left) * DAY_MS);
}

/** The channels beside the mail that a service was packaged with. */
function channelsOf(template: Template): Channel[] {
  const ids = functionIds(template);
  return CHANNELS.filter((channel) => ids.includes(CHANNEL_FUNCTIONS[channel]));
}

function outageOf({ down, downHours = 8 }: StormOptions): Outage | undefined {
  if (!down) return undefined;
  const from = BEGINNING + OUTAGE_MS;
  return { channel: down, from, until: from + downHours * HOUR_MS };
}

/** The interval of the schedule, in minutes. */
function intervalOf(template: Template): number {
  const { ScheduleExpression } = resourceOf(template, 'SummarizeRule').Properties;
  const [, minutes] = /^rate\((\d+) minutes?\)$/.exec(ScheduleExpression) ?? [];
  if (!minutes) throw new Error(`Expected a rate of minutes, got ${ScheduleExpression}`);
  return Number(minutes);
}

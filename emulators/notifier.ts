import type { LocalAws } from './aws.ts';
import { type CloudTrailRecord, eventBridgeEvent } from './cloudtrail.ts';
import { queuesOf, targetsOf } from './event-bridge.ts';
import { type EventSource, eventSourcesOf } from './event-source.ts';
import { type Invocations, startInvocations } from './invocations.ts';
import { type Lambda, startLambda } from './lambda.ts';
import { type Queues, startQueues } from './queues.ts';
import { snsEvent, subscribersOf } from './subscriptions.ts';
import { functionIds, packagedFunction, readTemplate, resourceOf } from './template.ts';

/** The packaged service, deployed to a local AWS. */
export interface Notifier {
  /** The function with this logical id. @throws Error if there is none. */
  lambda(logicalId: string): Lambda;
  /** The functions to which the rules send this record. */
  targets(record: CloudTrailRecord): Lambda[];
  /**
   * Sends a record to these functions, and to the queues that rules target, as EventBridge does. Waits for what functions make of
   * it.
   * @throws Error if a function and its retries failed; what one fails on that comes by a queue ends in the dead-letter queue.
   */
  handle(record: CloudTrailRecord): Promise<void>;
  /** What takes the events that functions hand on to others. */
  readonly invocations: Invocations;
  /** What takes the messages that functions send to queues. */
  readonly queues: Queues;
  /** The queues from which functions get their events. */
  readonly sources: readonly EventSource[];
  /** Resolves once all that functions have handed on to others has been handled. */
  settled(): Promise<void>;
  /** All that the functions have printed. */
  log(): string;
  stop(): Promise<void>;
}

export interface NotifierOptions {
  /** Where `packageService` put the service. */
  readonly packageDirectory: string;
  readonly aws: Pick<
    LocalAws,
    | 'dynamoDb'
    | 'topicArn'
    | 'noticeTopicArn'
    | 'chatTopicArn'
    | 'onPublished'
    | 'deadLetterQueueArn'
    | 'endpoints'
    | 'sendDeadLetter'
  >;
  /** The access key that signs the functions' requests. */
  readonly accessKeyId: string;
  /** Variables of every function, which override those of the template. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The most concurrent invocations of a function, by logical id. Default: no limit. */
  readonly concurrency?: Readonly<Record<string, number>>;
  /**
   * Takes what a function hands on to another, itself or by the topic of notices, at a time in ms since 1970, simulated or not. Default: invokes that at once,
   * as {@link Lambda.invokeAsync} does.
   */
  readonly onHandOn?: (lambda: Lambda, event: unknown, time: number) => Promise<unknown>;
  /**
   * Is called when a function, or a rule, has sent a message to a queue, at a time in ms since 1970, simulated or not. Default: its
   * batches are handled at once, without the delay.
   */
  readonly onSent?: (source: EventSource, time: number) => void;
  /** As in {@link startLambda}. */
  readonly isSimulated?: boolean;
  readonly clock?: () => Date;
}

/** Deploys the table, the rules and the functions of a packaged service. */
export async function deployNotifier(options: NotifierOptions): Promise<Notifier> {
  const { packageDirectory, aws, accessKeyId, environment, concurrency, isSimulated, clock } =
    options;
  const now = clock ?? (() => new Date());
  const { onHandOn = (lambda, event) => lambda.invokeAsync(event), onSent = handleAll } = options;
  const template = await readTemplate(packageDirectory);
  await aws.dynamoDb.createTable(resourceOf(template, 'Table'));
  const locals = { ...aws, tableName: aws.dynamoDb.table.name };
  const underWay = new Set<Promise<unknown>>();

  function track(begun: Promise<unknown>): void {
    const ended = begun.finally(() => underWay.delete(ended));
    underWay.add(ended);
  }

  const handOn = (found: Lambda, event: unknown, time: number) =>
    track(onHandOn(found, event, time));

  async function settled(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay);
  }

  const invocations = await startInvocations((name, event, time) => {
    const found = [...lambdas.values()].find((one) => one.name === name);
    if (found) handOn(found, event, time);
    return found !== undefined;
  });

  const bury = (body: string) => track(aws.sendDeadLetter(JSON.parse(body)));
  const sources = eventSourcesOf(template, bury);
  const queues = await startQueues((logicalId, body, time) => {
    const source = sources.find(({ queue }) => queue === logicalId);
    const id = source?.send(body, time);
    if (source) onSent(source, time);
    return id;
  });

  let draining = Promise.resolve();

  function handleAll(source: EventSource): void {
    draining = draining.then(() => drain(source, lambda(source.function)));
    track(draining);
  }

  function start(logicalId: string): Lambda {
    const config = packagedFunction(template, logicalId, packageDirectory, locals);
    const variables = { ...config.environment, ...environment };
    return startLambda(
      { ...config, environment: variables },
      {
        accessKeyId,
        endpoints: {
          ...aws.endpoints,
          AWS_ENDPOINT_URL_LAMBDA: invocations.endpoint,
          AWS_ENDPOINT_URL_SQS: queues.endpoint,
        },
        onFailure: aws.sendDeadLetter,
        concurrency: concurrency?.[logicalId],
        isSimulated,
        clock,
      },
    );
  }

  const lambdas = new Map(functionIds(template).map((id) => [id, start(id)]));

  function lambda(logicalId: string): Lambda {
    const found = lambdas.get(logicalId);
    if (found) return found;
    throw new Error(`Expected one of ${[...lambdas.keys()].join(', ')}, got ${logicalId}`);
  }

  const subscribers = subscribersOf(template, 'NoticeTopic').map(lambda);
  const unsubscribe = aws.onPublished(aws.noticeTopicArn, (published) => {
    for (const subscriber of subscribers) handOn(subscriber, snsEvent(published), published.time);
  });

  return {
    lambda,
    targets: (record) => targetsOf(template, eventBridgeEvent(record)).map(lambda),
    async handle(record) {
      const event = eventBridgeEvent(record);
      for (const target of targetsOf(template, event).map(lambda)) await invoke(target, event);
      const queued = queuesOf(template, event);
      for (const source of sources.filter(({ queue }) => queued.includes(queue))) {
        const time = now().getTime();
        source.send(JSON.stringify(event), time);
        onSent(source, time);
        await settled();
      }
    },
    invocations,
    queues,
    sources,
    settled,
    log: () => [...lambdas.values()].map((one) => one.log()).join(''),
    async stop() {
      unsubscribe();
      await Promise.all([invocations, queues, ...lambdas.values()].map((one) => one.stop()));
    },
  };
}

/** Hands all messages of a queue over, and again those that fail, until they are handled or dead. */
async function drain(source: EventSource, { invoke }: Lambda): Promise<void> {
  const atLast = Number.POSITIVE_INFINITY;
  for (let batch = source.take(atLast); batch; batch = source.take(atLast)) {
    source.settle(batch, await invoke(batch.event));
  }
}

async function invoke({ name, invokeAsync }: Lambda, event: unknown): Promise<void> {
  const response = await invokeAsync(event);
  if (!('error' in response)) return;
  const { errorType, errorMessage } = response.error;
  throw new Error(`${name} failed with ${errorType}: ${errorMessage}`);
}

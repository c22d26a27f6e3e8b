import type { LocalAws } from './aws.ts';
import { type CloudTrailRecord, eventBridgeEvent } from './cloudtrail.ts';
import { targetsOf } from './event-bridge.ts';
import { type Invocations, startInvocations } from './invocations.ts';
import { type Lambda, startLambda } from './lambda.ts';
import { snsEvent, subscribersOf } from './subscriptions.ts';
import { functionIds, packagedFunction, readTemplate, resourceOf } from './template.ts';

/** The packaged service, deployed to a local AWS. */
export interface Notifier {
  /** The function with this logical id. @throws Error if there is none. */
  lambda(logicalId: string): Lambda;
  /** The functions to which the rules send this record. */
  targets(record: CloudTrailRecord): Lambda[];
  /**
   * Sends a record to these functions as EventBridge does.
   * @throws Error if a function and its retries failed.
   */
  handle(record: CloudTrailRecord): Promise<void>;
  /** What takes the events that functions hand on to others. */
  readonly invocations: Invocations;
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
  /** As in {@link startLambda}. */
  readonly isSimulated?: boolean;
  readonly clock?: () => Date;
}

/** Deploys the table, the rules and the functions of a packaged service. */
export async function deployNotifier(options: NotifierOptions): Promise<Notifier> {
  const { packageDirectory, aws, accessKeyId, environment, concurrency, isSimulated, clock } =
    options;
  const { onHandOn = (lambda, event) => lambda.invokeAsync(event) } = options;
  const template = await readTemplate(packageDirectory);
  await aws.dynamoDb.createTable(resourceOf(template, 'Table'));
  const locals = { ...aws, tableName: aws.dynamoDb.table.name };
  const underWay = new Set<Promise<unknown>>();

  function handOn(found: Lambda, event: unknown, time: number): void {
    const ended = onHandOn(found, event, time).finally(() => underWay.delete(ended));
    underWay.add(ended);
  }

  const invocations = await startInvocations((name, event, time) => {
    const found = [...lambdas.values()].find((one) => one.name === name);
    if (found) handOn(found, event, time);
    return found !== undefined;
  });

  function start(logicalId: string): Lambda {
    const config = packagedFunction(template, logicalId, packageDirectory, locals);
    const variables = { ...config.environment, ...environment };
    return startLambda(
      { ...config, environment: variables },
      {
        accessKeyId,
        endpoints: { ...aws.endpoints, AWS_ENDPOINT_URL_LAMBDA: invocations.endpoint },
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
    },
    invocations,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    log: () => [...lambdas.values()].map((one) => one.log()).join(''),
    async stop() {
      unsubscribe();
      await Promise.all([invocations, ...lambdas.values()].map((one) => one.stop()));
    },
  };
}

async function invoke({ name, invokeAsync }: Lambda, event: unknown): Promise<void> {
  const response = await invokeAsync(event);
  if (!('error' in response)) return;
  const { errorType, errorMessage } = response.error;
  throw new Error(`${name} failed with ${errorType}: ${errorMessage}`);
}

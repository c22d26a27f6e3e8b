import type { LocalAws } from './aws.ts';
import { ACCOUNT, REGION } from './client.ts';
import { type CloudTrailRecord, eventBridgeEvent } from './cloudtrail.ts';
import { targetsOf } from './event-bridge.ts';
import { type Lambda, startLambda } from './lambda.ts';
import {
  type FunctionConfig,
  functionIds,
  type Locals,
  packagedFunction,
  readTemplate,
  resourceOf,
} from './template.ts';

/** The packaged service, deployed to a local AWS. */
export interface Notifier {
  /** The function with this logical id. @throws Error if there is none. */
  lambda(logicalId: string): Lambda;
  /** The functions to which the rules hand this record. */
  targets(record: CloudTrailRecord): Lambda[];
  /**
   * Lets these functions handle a record as EventBridge does.
   * @throws Error if a function failed and so did its retries.
   */
  handle(record: CloudTrailRecord): Promise<void>;
  /** All that the functions have printed. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

export interface NotifierOptions {
  /** Where `serverless package` put the service; the functions run in directories below. */
  readonly packageDirectory: string;
  readonly aws: LocalAws;
  /** What signs the functions' requests. */
  readonly accessKeyId: string;
  /** Variables of every function, instead of or besides those of the template. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What stands for the resources of the service's template. */
export const localsOf = (resources: {
  readonly tableName: string;
  readonly topicArn: string;
  readonly deadLetterQueueArn: string;
}): Locals => ({
  Table: resources.tableName,
  AlertTopic: resources.topicArn,
  'DeadLetterQueue.Arn': resources.deadLetterQueueArn,
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
});

/** Deploys the table, the rules and the functions of a packaged service, out of its template and its zips. */
export async function deployNotifier(options: NotifierOptions): Promise<Notifier> {
  const { packageDirectory, aws, environment } = options;
  const template = await readTemplate(packageDirectory);
  await aws.dynamoDb.createTable(resourceOf(template, 'Table'));
  const locals = localsOf({
    tableName: aws.dynamoDb.table.name,
    topicArn: aws.topicArn,
    deadLetterQueueArn: aws.deadLetterQueueArn,
  });

  await using starting = new AsyncDisposableStack();
  const lambdas = new Map<string, Lambda>();
  for (const logicalId of functionIds(template)) {
    const config = packagedFunction(template, logicalId, packageDirectory, locals);
    const variables = { ...config.environment, ...environment };
    const started = await start({ ...config, environment: variables }, options);
    starting.defer(() => started.stop());
    lambdas.set(logicalId, started);
  }

  function lambda(logicalId: string): Lambda {
    const found = lambdas.get(logicalId);
    if (found) return found;
    throw new Error(`Expected one of ${[...lambdas.keys()].join(', ')}, got ${logicalId}`);
  }

  const running = starting.move();
  return {
    lambda,
    targets: (record) => targetsOf(template, eventBridgeEvent(record)).map(lambda),
    async handle(record) {
      const event = eventBridgeEvent(record);
      for (const target of targetsOf(template, event).map(lambda)) await invoke(target, event);
    },
    async log() {
      const logs = await Promise.all([...lambdas.values()].map((one) => one.log()));
      return logs.join('');
    },
    stop: () => running.disposeAsync(),
  };
}

function start(
  config: FunctionConfig,
  { aws, accessKeyId, packageDirectory }: NotifierOptions,
): Promise<Lambda> {
  return startLambda(config, {
    region: REGION,
    account: ACCOUNT,
    accessKeyId,
    endpoints: aws.endpoints,
    workDirectory: packageDirectory,
    onFailure: (_, record) => aws.sendDeadLetter(record),
  });
}

async function invoke({ name, invokeAsync }: Lambda, event: unknown): Promise<void> {
  const response = await invokeAsync(event);
  if (!('error' in response)) return;
  const { errorType, errorMessage } = response.error;
  throw new Error(`${name} failed with ${errorType}: ${errorMessage}`);
}

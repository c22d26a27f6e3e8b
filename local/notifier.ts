import type { LocalAws } from './aws.ts';
import { ACCOUNT, REGION } from './client.ts';
import { type CloudTrailRecord, eventBridgeEvent } from './cloudtrail.ts';
import { ruleMatches } from './event-bridge.ts';
import { type Lambda, startLambda } from './lambda.ts';
import { packagedFunction, readTemplate, resourceOf } from './template.ts';

/** The packaged service, deployed to a local AWS. */
export interface Notifier extends Pick<Lambda, 'log' | 'stop'> {
  /** Whether the rule hands this record to the function. */
  isRouted(record: CloudTrailRecord): boolean;
  /**
   * Lets the function handle a record as EventBridge does.
   * @throws Error if the function failed and so did its retries.
   */
  handle(record: CloudTrailRecord): Promise<void>;
}

export interface NotifierOptions {
  /** Where `serverless package` put the service; the function runs in a directory below. */
  readonly packageDirectory: string;
  readonly aws: LocalAws;
  /** What signs the function's requests. */
  readonly accessKeyId: string;
}

/** Deploys the rule and the function of a packaged service, out of its template and its zip. */
export async function deployNotifier(options: NotifierOptions): Promise<Notifier> {
  const { packageDirectory, aws, accessKeyId } = options;
  const template = await readTemplate(packageDirectory);
  const rule = resourceOf(template, 'NotifyRule');
  const config = packagedFunction(template, 'NotifyLambdaFunction', packageDirectory, {
    AlertTopic: aws.topicArn,
    'DeadLetterQueue.Arn': aws.deadLetterQueueArn,
    'AWS::Region': REGION,
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
  });
  const lambda = await startLambda(config, {
    region: REGION,
    account: ACCOUNT,
    accessKeyId,
    endpoints: aws.endpoints,
    workDirectory: packageDirectory,
    onFailure: (_, record) => aws.sendDeadLetter(record),
  });
  return {
    isRouted: (record) => ruleMatches(rule, eventBridgeEvent(record)),
    async handle(record) {
      const response = await lambda.invokeAsync(eventBridgeEvent(record));
      if (!('error' in response)) return;
      const { errorType, errorMessage } = response.error;
      throw new Error(`The function failed with ${errorType}: ${errorMessage}`);
    },
    log: lambda.log,
    stop: lambda.stop,
  };
}

import { dirname } from 'node:path';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../local/aws.ts';
import { ACCOUNT, REGION } from '../../local/client.ts';
import { type EventBridgeEvent, eventBridgeEvent } from '../../local/cloudtrail.ts';
import { type Lambda, startLambda } from '../../local/lambda.ts';
import { type Bundle, bundleNotify } from './bundle.ts';
import { APP_SERVER } from './records.ts';
import { secretsAt } from './secrets-manager.ts';

const callers = {
  admin: { ...APP_SERVER, role: 'platform-admin', session: 'ada' },
  app: APP_SERVER,
  notifier: { ...APP_SERVER, role: 'notifier', session: 'notify' },
};

type Secrets = ReturnType<typeof secretsAt>;
type Environment = Readonly<Record<string, string>>;

/** The function `notify` beside a local AWS, with those who use it. */
export interface World {
  readonly aws: LocalAws;
  readonly lambda: Lambda;
  readonly admin: Secrets;
  readonly app: Secrets;
  /** The event of the last call to Secrets Manager. */
  lastEvent(): EventBridgeEvent;
  /** What the function has asked of Secrets Manager. */
  calls(): string[];
}

/**
 * For the tests of a file: returns what starts a world, with a function whose environment differs from the
 * usual one as given. Ends each world after its test, and makes sure that no value of a secret was read.
 */
export function useWorld() {
  let bundle: Bundle;
  let world: World | undefined;
  let started = new AsyncDisposableStack();

  beforeAll(async () => {
    bundle = await bundleNotify();
  });
  afterAll(() => bundle.remove());
  afterEach(async () => {
    await started.disposeAsync();
    started = new AsyncDisposableStack();
    expect(world?.calls()).not.toContain('GetSecretValue');
  });

  return async (environment: Environment = {}, options: Partial<LocalAwsOptions> = {}) => {
    const aws = await startLocalAws({ callers, now: () => new Date(), ...options });
    started.defer(() => aws.stop());
    const lambda = await startNotify(bundle, aws, environment);
    started.defer(() => lambda.stop());
    world = worldOf(aws, lambda);
    return world;
  };
}

function worldOf(aws: LocalAws, lambda: Lambda): World {
  return {
    aws,
    lambda,
    admin: secretsAt(aws.secretsManager.endpoint, 'admin'),
    app: secretsAt(aws.secretsManager.endpoint, 'app'),
    lastEvent() {
      const record = aws.records.at(-1);
      if (!record) throw new Error('Nothing was recorded');
      return eventBridgeEvent(record);
    },
    calls: () =>
      aws.records
        .filter(({ userIdentity }) => userIdentity.accessKeyId === 'notifier')
        .map(({ eventName }) => eventName),
  };
}

function startNotify({ code }: Bundle, aws: LocalAws, environment: Environment): Promise<Lambda> {
  const config = {
    name: 'notify',
    code,
    handler: 'functions/notify.handler',
    environment: {
      ALERT_TOPIC_ARN: aws.topicArn,
      AUTO_CANCEL_DELETION: 'off',
      OWNER_TAG_KEYS: 'owner,team',
      REPLACEMENT_TAG_KEYS: 'replaced-by',
      POWERTOOLS_SERVICE_NAME: 'deleted-secret-notifier',
      POWERTOOLS_METRICS_NAMESPACE: 'deleted-secret-notifier',
      POWERTOOLS_LOG_LEVEL: 'DEBUG',
      ...environment,
    },
    timeout: 30,
    memorySize: 256,
    maximumRetryAttempts: 2,
    onFailure: aws.deadLetterQueueArn,
  };
  return startLambda(config, {
    region: REGION,
    account: ACCOUNT,
    accessKeyId: 'notifier',
    endpoints: aws.endpoints,
    workDirectory: dirname(code),
    onFailure: (_, record) => aws.sendDeadLetter(record),
  });
}

import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../emulators/aws.ts';
import {
  type CloudTrailRecord,
  type EventBridgeEvent,
  eventBridgeEvent,
} from '../../emulators/cloudtrail.ts';
import type { Lambda } from '../../emulators/lambda.ts';
import { deployNotifier, type Notifier } from '../../emulators/notifier.ts';
import { PACKAGE_DIRECTORY } from './package-once.ts';
import { APP_SERVER } from './records.ts';
import { secretsAt } from './secrets-manager.ts';

const callers = {
  admin: { ...APP_SERVER, role: 'platform-admin', session: 'ada' },
  app: APP_SERVER,
  notifier: { ...APP_SERVER, role: 'notifier', session: 'notify' },
};

type Secrets = ReturnType<typeof secretsAt>;
type Environment = Readonly<Record<string, string>>;

/** The packaged service in a local AWS, with those who use it. */
export interface World {
  readonly aws: LocalAws;
  readonly notifier: Notifier;
  readonly notify: Lambda;
  readonly trackDeletion: Lambda;
  readonly admin: Secrets;
  readonly app: Secrets;
  /** The record of the last call to Secrets Manager. */
  lastRecord(): CloudTrailRecord;
  /** The event of that record. */
  lastEvent(): EventBridgeEvent;
  /** Lets the functions handle that record to which the rules hand it. */
  deliver(): Promise<void>;
  /** What the functions have asked of Secrets Manager. */
  calls(): string[];
}

/**
 * For the tests of a file: returns what starts a world, with functions whose environment differs from that of
 * the template as given. Ends each world after its test, and makes sure that no value of a secret was read.
 */
export function useWorld() {
  let world: World | undefined;
  let started = new AsyncDisposableStack();

  afterEach(async () => {
    await started.disposeAsync();
    started = new AsyncDisposableStack();
    expect(world?.calls()).not.toContain('GetSecretValue');
  });

  return async (environment: Environment = {}, options: Partial<LocalAwsOptions> = {}) => {
    const aws = await startLocalAws({ callers, now: () => new Date(), ...options });
    started.defer(() => aws.stop());
    const notifier = await deployNotifier({
      packageDirectory: PACKAGE_DIRECTORY,
      aws,
      accessKeyId: 'notifier',
      environment: { POWERTOOLS_LOG_LEVEL: 'DEBUG', ...environment },
    });
    started.defer(() => notifier.stop());
    world = worldOf(aws, notifier);
    return world;
  };
}

function worldOf(aws: LocalAws, notifier: Notifier): World {
  function lastRecord() {
    const record = aws.records.at(-1);
    if (!record) throw new Error('Nothing was recorded');
    return record;
  }

  return {
    aws,
    notifier,
    notify: notifier.lambda('NotifyLambdaFunction'),
    trackDeletion: notifier.lambda('TrackDeletionLambdaFunction'),
    admin: secretsAt(aws.secretsManager.endpoint, 'admin'),
    app: secretsAt(aws.secretsManager.endpoint, 'app'),
    lastRecord,
    deliver: () => notifier.handle(lastRecord()),
    lastEvent: () => eventBridgeEvent(lastRecord()),
    calls: () =>
      aws.records
        .filter(({ userIdentity }) => userIdentity.accessKeyId === 'notifier')
        .map(({ eventName }) => eventName),
  };
}

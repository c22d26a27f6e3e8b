import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../emulators/aws.ts';
import {
  type CloudTrailRecord,
  type EventBridgeEvent,
  eventBridgeEvent,
} from '../../emulators/cloudtrail.ts';
import type { Lambda } from '../../emulators/lambda.ts';
import { deployNotifier, type Notifier } from '../../emulators/notifier.ts';
import { PACKAGE_DIRECTORY } from '../stack/package-templates.ts';
import { APP_SERVER } from './records.ts';
import { secretsAt } from './secrets-manager.ts';

/** Those who call AWS, by their access keys. */
export const CALLERS = {
  admin: { ...APP_SERVER, role: 'platform-admin', session: 'ada' },
  app: APP_SERVER,
  notifier: { ...APP_SERVER, role: 'notifier', session: 'notify' },
};

type Secrets = ReturnType<typeof secretsAt>;
type Environment = Readonly<Record<string, string>>;

/** Those who use Secrets Manager, and what is recorded of it. */
export interface Users {
  readonly admin: Secrets;
  readonly app: Secrets;
  /** The record of the last call to Secrets Manager. */
  lastRecord(): CloudTrailRecord;
  /** The event of that record. */
  lastEvent(): EventBridgeEvent;
  /** What the functions have asked of Secrets Manager. */
  calls(): string[];
}

/** The packaged service in a local AWS, with those who use it. */
export interface World extends Users {
  readonly aws: LocalAws;
  readonly notifier: Notifier;
  readonly notify: Lambda;
  readonly trackDeletion: Lambda;
  readonly readTrail: Lambda;
  /** Lets the functions handle the last record to which the rules hand it. */
  deliver(): Promise<void>;
}

/** For the tests of a file: returns what starts the packaged service, as {@link useAws} does. */
export const useWorld = () =>
  useAws(async (aws, environment, started) => {
    const notifier = await deployNotifier({
      packageDirectory: PACKAGE_DIRECTORY,
      aws,
      accessKeyId: 'notifier',
      environment,
    });
    started.defer(() => notifier.stop());
    return worldOf(aws, notifier);
  });

/**
 * For the tests of a file: returns what starts a local AWS and deploys to it, with functions whose environment
 * differs from that of the template as given. Ends each one after its test, and makes sure that no value of a
 * secret was read.
 */
export function useAws<Deployed extends Users>(
  deploy: (
    aws: LocalAws,
    environment: Environment,
    started: AsyncDisposableStack,
  ) => Promise<Deployed>,
) {
  let deployed: Deployed | undefined;
  let started = new AsyncDisposableStack();

  afterEach(async () => {
    await started.disposeAsync();
    started = new AsyncDisposableStack();
    expect(deployed?.calls() ?? []).not.toContain('GetSecretValue');
  });

  return async (environment: Environment = {}, options: Partial<LocalAwsOptions> = {}) => {
    const aws = await startLocalAws({ callers: CALLERS, now: () => new Date(), ...options });
    started.defer(() => aws.stop());
    deployed = await deploy(aws, { POWERTOOLS_LOG_LEVEL: 'DEBUG', ...environment }, started);
    return deployed;
  };
}

function worldOf(aws: LocalAws, notifier: Notifier): World {
  const users = usersOf(aws);
  return {
    ...users,
    aws,
    notifier,
    notify: notifier.lambda('NotifyLambdaFunction'),
    trackDeletion: notifier.lambda('TrackDeletionLambdaFunction'),
    readTrail: notifier.lambda('ReadTrailLambdaFunction'),
    deliver: () => notifier.handle(users.lastRecord()),
  };
}

export function usersOf(aws: LocalAws): Users {
  function lastRecord() {
    const record = aws.records.at(-1);
    if (!record) throw new Error('Nothing was recorded');
    return record;
  }

  return {
    admin: secretsAt(aws.secretsManager.endpoint, 'admin'),
    app: secretsAt(aws.secretsManager.endpoint, 'app'),
    lastRecord,
    lastEvent: () => eventBridgeEvent(lastRecord()),
    calls: () =>
      aws.records
        .filter(({ userIdentity }) => userIdentity.accessKeyId === 'notifier')
        .map(({ eventName }) => eventName),
  };
}

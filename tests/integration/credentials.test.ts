import { startLocalAws } from '../../emulators/aws.ts';
import { deployNotifier } from '../../emulators/notifier.ts';
import { PACKAGE_DIRECTORY } from '../stack/package-templates.ts';
import { asEvent, failedGetSecretValue } from '../testing/records.ts';
import { useWorld } from '../testing/world.ts';

const start = useWorld();
const event = asEvent(failedGetSecretValue());

test('the bundle signs with the credentials of its environment', async () => {
  const world = await start();
  expect(await world.notify.invoke(event)).toEqual({ result: null });
  const keys = world.aws.records.map(({ userIdentity }) => userIdentity.accessKeyId);
  expect(keys).toEqual(['notifier']);
});

test('the bundle looks for credentials nowhere else', async () => {
  await using started = new AsyncDisposableStack();
  const aws = await startLocalAws({ callers: {}, now: () => new Date() });
  started.defer(() => aws.stop());
  const notifier = await deployNotifier({
    packageDirectory: PACKAGE_DIRECTORY,
    aws,
    accessKeyId: '',
  });
  started.defer(() => notifier.stop());
  expect(await notifier.lambda('NotifyLambdaFunction').invoke(event)).toMatchObject({
    error: {
      errorType: 'CredentialsProviderError',
      errorMessage: 'Unable to find environment variable credentials.',
    },
  });
});

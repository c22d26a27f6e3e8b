import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocalAws } from '../../emulators/aws.ts';
import { eventBridgeEvent } from '../../emulators/cloudtrail.ts';
import { CALM, type Plan } from '../../emulators/faults.ts';
import { deployNotifier } from '../../emulators/notifier.ts';
import { listen } from '../../emulators/service.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { PACKAGE_DIRECTORY } from '../stack/package-templates.ts';
import { APP_SERVER } from '../testing/records.ts';
import { RETRY_MS, useScene } from '../testing/scene.ts';
import { NAME, secretsAt } from '../testing/secrets-manager.ts';

const setScene = useScene();

const FIRST = { attempt: 1, caller: 1 };
const SECOND = { attempt: 2, caller: 1 };
const ALERT = { kind: 'alert', attempt: 1, secret: 0 };
/** After it has claimed the pair, opened the incident and recorded the attempt. */
const KILLED: Plan = { ...CALM, killAfter: 3 };

describe('a run that was killed is taken for one at work until it must have ended:', () => {
  test('an alert goes out by its retry, and by no repeat before', async () => {
    const scene = await setScene();
    await scene.notify(FIRST, 0, KILLED);
    await scene.notifyElsewhere(FIRST, RETRY_MS / 2);
    expect(await scene.told()).toEqual([]);
    await scene.notify(FIRST, RETRY_MS);
    expect(await scene.told()).toEqual([ALERT]);
  });

  test('a digest goes out by a later run, and by none at once', async () => {
    const scene = await setScene();
    await scene.notify(FIRST, 0);
    await scene.notify(SECOND, 1000);
    const due = HOUR_MS + MINUTE_MS;
    await scene.summarize(due, KILLED);
    await scene.summarize(due + 3 * MINUTE_MS);
    expect(await scene.told()).toEqual([ALERT]);
    await scene.summarize(due + 6 * MINUTE_MS);
    expect(await scene.told()).toMatchObject([{ kind: 'digest' }]);
  });
});

test('an event history that answers slowly is searched for a few seconds only, and the alert goes out', async () => {
  await using started = new AsyncDisposableStack();
  let calls = 0;
  const server = createServer(async (_, response) => {
    calls++;
    await sleep(1800);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ Events: [], NextToken: 'more' }));
  });
  const slow = await listen(server);
  started.defer(() => slow.stop());
  const callers = { admin: APP_SERVER, notifier: APP_SERVER };
  const aws = await startLocalAws({ callers, now: () => new Date() });
  started.defer(() => aws.stop());
  const endpoints = { ...aws.endpoints, AWS_ENDPOINT_URL_CLOUDTRAIL: slow.endpoint };
  const notifier = await deployNotifier({
    packageDirectory: PACKAGE_DIRECTORY,
    aws: { ...aws, endpoints },
    accessKeyId: 'notifier',
  });
  started.defer(() => notifier.stop());
  const secrets = secretsAt(aws.secretsManager.endpoint, 'admin');
  await secrets.create();
  await secrets.delete(7);
  await secrets.get().catch(() => undefined);
  const record = aws.records.at(-1);
  if (!record) throw new Error('Nothing was recorded');
  await notifier.lambda('NotifyLambdaFunction').invoke(eventBridgeEvent(record));
  expect((await aws.nextMail())?.subject).toContain(NAME);
  // The whole history has four pages and more.
  expect([1, 2, 3]).toContain(calls);
});

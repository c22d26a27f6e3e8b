import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { clientSettings } from '../../emulators/client.ts';
import type { CloudTrailRecord } from '../../emulators/cloudtrail.ts';
import { OPERATOR, runCli, startCli } from './cli.ts';
import { startControlPlane } from './control-plane.ts';
import { APP_SERVER, asEvent } from './records.ts';
import { CALLERS, useWorld, type World } from './world.ts';

const APP_SERVER_THERE = { ...APP_SERVER, account: '444455556666' };

/**
 * For the tests of a file: returns what starts the packaged service, with what starts drills of it. These find profiles of
 * another account, `there`, and of the hub's, `here`.
 */
export function useDrills() {
  const start = useWorld();
  let started = new AsyncDisposableStack();
  afterEach(async () => {
    await started.disposeAsync();
    started = new AsyncDisposableStack();
  });
  const DIRECTORY = mkdtempSync(join(tmpdir(), 'drill-'));
  const PROFILES = join(DIRECTORY, 'credentials');
  const profile = (name: string, key: string) =>
    `[${name}]\naws_access_key_id=${key}\naws_secret_access_key=local\n`;
  writeFileSync(PROFILES, `${profile('there', 'there')}${profile('here', 'admin')}`);
  afterAll(() => rmSync(DIRECTORY, { recursive: true }));

  /**
   * @param left the outputs that the stack lacks
   * @param variables the environment, where it is another
   * @param more the outputs that it has besides
   */
  return async (
    left: readonly string[] = [],
    variables: Readonly<Record<string, string>> = {},
    more: Readonly<Record<string, string>> = {},
  ) => {
    const world = await start({}, { callers: { ...CALLERS, there: APP_SERVER_THERE } });
    const { aws, notify } = world;
    let looks = 0;
    const controlPlane = await startControlPlane([notify], {
      outputs: Object.fromEntries(
        Object.entries({
          HubBusArn: 'arn:aws:events:eu-west-1:111122223333:event-bus/deleted-secret-notifier-dev',
          TableName: aws.dynamoDb.table.name,
          NotifyRuleName: 'rule',
          ReadTrailFunctionName: 'readTrail',
          AlarmName: 'alarm',
          UnexplainedAlarmName: 'unexplained',
          ...more,
        }).filter(([name]) => !left.includes(name)),
      ),
      ruleState: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      // In ALARM as soon as the drill has begun.
      alarmState: () => (looks++ === 0 ? 'OK' : 'ALARM'),
      accountOfKey: { there: APP_SERVER_THERE.account },
    });
    started.defer(() => controlPlane.stop());
    const operator = { ...OPERATOR, AWS_ACCESS_KEY_ID: 'admin' };
    const environment = {
      ...aws.endpoints,
      ...controlPlane.endpoints,
      ...operator,
      AWS_SHARED_CREDENTIALS_FILE: PROFILES,
      ...variables,
    };
    return {
      ...world,
      drill: (...args: string[]) => runCli('drill', args, environment),
      /** A client with the profile `there`, in us-east-1. */
      there: new SecretsManager({
        ...clientSettings(aws.secretsManager.endpoint, 'there'),
        region: 'us-east-1',
      }),
      startDrill: (...args: string[]) => startCli('drill', args, environment),
    };
  };
}

/** Waits until the command has failed to read its secret, or else to create another of its name. */
export async function untilAsked(
  { aws }: World,
  call: 'GetSecretValue' | 'CreateSecret' = 'GetSecretValue',
): Promise<void> {
  const isAttempt = () => {
    const { eventName, errorCode } = aws.records.at(-1) ?? {};
    return eventName === call && errorCode !== undefined;
  };
  while (!isAttempt()) await sleep(10);
}

/** Hands the last attempt to the function, as the trail path does. */
export async function deliverByTrail({ notify }: World, record: CloudTrailRecord): Promise<void> {
  await notify.invoke(asEvent(record, { path: 'trail' }));
}

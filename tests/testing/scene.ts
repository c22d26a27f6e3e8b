import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../emulators/faults.ts';
import type { Report } from '../../emulators/lambda.ts';
import { deployNotifier, type Notifier } from '../../emulators/notifier.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attemptEvent, type Reading, readMessage } from '../../simulation/cast.ts';
import { type Cloud, countAttempts, startCloud } from '../../simulation/cloud.ts';
import { PACKAGE_DIRECTORY } from '../stack/package-templates.ts';

/** When the play begins, in simulated ms since 1970. */
const BEGINNING = Date.parse('2026-11-22T14:03:00Z');

/** An attempt, by its number; those of a caller on a secret are of one pair. */
interface Act {
  readonly attempt: number;
  readonly caller: number;
  /** Default 0. */
  readonly secret?: number;
}

/** The packaged functions `notify` and `summarize` in simulated time, in threads that can be killed at any call. */
export interface Scene {
  /** Lets `notify` handle an attempt, `at` ms after the beginning. */
  notify(act: Act, at: number, plan?: Plan): Promise<Report>;
  /** As {@link notify}, in other environments: nothing that it remembers is known there. */
  notifyElsewhere(act: Act, at: number): Promise<Report>;
  summarize(at: number, plan?: Plan): Promise<Report>;
  /** What has been told since this was last asked. */
  told(): Promise<Reading[]>;
  /** How many attempts the table holds. */
  recorded(): Promise<number>;
}

/** For the tests of a file: returns what sets the scene, with so many secrets. Each is struck after its test. */
export function useScene() {
  let started = new AsyncDisposableStack();
  afterEach(async () => {
    await started.disposeAsync();
    started = new AsyncDisposableStack();
  });

  return async (secrets = 1): Promise<Scene> => {
    const directory = await mkdtemp(join(PACKAGE_DIRECTORY, 'scene-'));
    started.defer(() => rm(directory, { recursive: true }));
    const cloud = await startCloud(new Date(BEGINNING - HOUR_MS), directory);
    started.defer(() => cloud.stop());
    await cloud.createSecrets(secrets);
    async function deploy() {
      const notifier = await deployNotifier({
        packageDirectory: PACKAGE_DIRECTORY,
        aws: cloud,
        accessKeyId: 'notifier',
        isSimulated: true,
      });
      started.defer(() => notifier.stop());
      return notifier;
    }
    return sceneOf(cloud, await deploy(), await deploy());
  };
}

function sceneOf(cloud: Cloud, here: Notifier, elsewhere: Notifier): Scene {
  let id = 0;
  const runIn =
    (notifier: Notifier, logicalId: string) => (event: unknown, at: number, plan?: Plan) =>
      notifier
        .lambda(logicalId)
        .run({ requestId: String(id++), event, time: BEGINNING + at, plan });
  const notify = runIn(here, 'NotifyLambdaFunction');
  const notifyElsewhere = runIn(elsewhere, 'NotifyLambdaFunction');
  const summarize = runIn(here, 'SummarizeLambdaFunction');

  // Made a second before it is delivered first, whenever it is delivered again.
  const made = new Map<number, Date>();
  function eventOf({ attempt, caller, secret = 0 }: Act, at: number): unknown {
    const time = made.get(attempt) ?? new Date(BEGINNING + at - 1000);
    made.set(attempt, time);
    return attemptEvent({ attempt, secret, caller, time });
  }

  return {
    notify: (act, at, plan) => notify(eventOf(act, at), at, plan),
    notifyElsewhere: (act, at) => notifyElsewhere(eventOf(act, at), at),
    summarize: (at, plan) => summarize({}, at, plan),
    async told() {
      const readings: Reading[] = [];
      for (let mails = await cloud.takeMails(); mails.length > 0; mails = await cloud.takeMails()) {
        readings.push(...mails.map((mail) => readMessage(mail)));
      }
      return readings;
    },
    recorded: () => countAttempts(cloud.dynamoDb.table),
  };
}

/** How many calls to AWS a run has made. */
export function callsOf({ calls }: Report): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

/** Lambda's first retry comes a minute later. */
export const RETRY_MS = MINUTE_MS;

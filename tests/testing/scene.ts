import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readTemplate, resourceOf } from '../../emulators/template.ts';
import { HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { attemptEvent, type Reading, readMessage } from '../../simulation/cast.ts';
import { type Cloud, countAttempts, startCloud } from '../../simulation/cloud.ts';
import { CALM, type Plan } from '../../simulation/environment/plan.ts';
import type { Report } from '../../simulation/environment.ts';
import { deployFleet, type Fleet } from '../../simulation/functions.ts';
import { PACKAGE_DIRECTORY } from './package-once.ts';

/** When the play begins, in simulated ms since 1970. */
const BEGINNING = Date.parse('2026-11-22T14:03:00Z');

/** An attempt on secret 0, by its number; attempts of the same caller are of one pair. */
interface Act {
  readonly attempt: number;
  readonly caller: number;
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

/** For the tests of a file: returns what sets the scene. Each is struck after its test. */
export function useScene() {
  let started = new AsyncDisposableStack();
  afterEach(async () => {
    await started.disposeAsync();
    started = new AsyncDisposableStack();
  });

  return async (): Promise<Scene> => {
    const directory = await mkdtemp(join(PACKAGE_DIRECTORY, 'scene-'));
    started.defer(() => rm(directory, { recursive: true }));
    const template = await readTemplate(PACKAGE_DIRECTORY);
    const table = resourceOf(template, 'Table');
    const cloud = await startCloud(table, new Date(BEGINNING - HOUR_MS), directory);
    started.defer(() => cloud.stop());
    await cloud.createSecrets(1);
    const deploy = async (name: string, size: number): Promise<Fleet> => {
      const logicalId = `${name}LambdaFunction`;
      const packageDirectory = PACKAGE_DIRECTORY;
      const options = { template, logicalId, packageDirectory, directory, cloud, size };
      const fleet = await deployFleet(options);
      started.defer(() => fleet.stop());
      return fleet;
    };
    return sceneOf(cloud, {
      here: await deploy('Notify', 4),
      elsewhere: await deploy('Notify', 1),
      summarize: await deploy('Summarize', 2),
    });
  };
}

function sceneOf(cloud: Cloud, fleets: Record<'here' | 'elsewhere' | 'summarize', Fleet>): Scene {
  let id = 0;
  const run = (fleet: Fleet, event: unknown, at: number, plan = CALM) =>
    fleet.run({ id: id++, event, time: BEGINNING + at, plan });

  // Made a second before it is delivered first, whenever it is delivered again.
  const made = new Map<number, Date>();
  function eventOf({ attempt, caller }: Act, at: number): unknown {
    const time = made.get(attempt) ?? new Date(BEGINNING + at - 1000);
    made.set(attempt, time);
    return attemptEvent({ attempt, secret: 0, caller, time });
  }

  return {
    notify: (act, at, plan) => run(fleets.here, eventOf(act, at), at, plan),
    notifyElsewhere: (act, at) => run(fleets.elsewhere, eventOf(act, at), at),
    summarize: (at, plan) => run(fleets.summarize, {}, at, plan),
    async told() {
      const readings: Reading[] = [];
      for (let mails = await cloud.takeMails(); mails.length > 0; mails = await cloud.takeMails()) {
        readings.push(...mails.map(readMessage));
      }
      return readings;
    },
    recorded: () => countAttempts(cloud.table),
  };
}

/** How many calls to AWS a run has made. */
export function callsOf({ calls }: Report): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

/** Lambda's first retry comes a minute later. */
export const RETRY_MS = MINUTE_MS;

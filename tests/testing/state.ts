import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamoDb, startDynamoDb } from '../../emulators/dynamodb.ts';
import type { Resource } from '../../emulators/template.ts';
import {
  attemptsToTell,
  countIgnored,
  noteAlerted,
  noteUnsent,
  recordAlerting,
  recordHeldBack,
  takeUp,
} from '../../lib/attempt/store.ts';
import { getItems } from '../../lib/aws/table.ts';
import { takeMessage } from '../../lib/incident/budget-store.ts';
import type { GatePorts } from '../../lib/incident/gate.ts';
import { claimPair, confirmPair, releasePair } from '../../lib/incident/pairs.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { beginSummary, endSummary } from '../../lib/incident/summaries.ts';
import type { SummaryPorts } from '../../lib/incident/summarize.ts';
import { type Mail, renderMail } from '../../lib/notice/mail/mail.ts';
import { TABLE, table as tableResource } from '../../stack/table.ts';
import { NOW } from './attempts.ts';

const LEASE_MS = 60_000;
const WAIT_MS = 25_000;

/** The product's state in a real table over a socket, with a clock that a test moves. */
export interface State extends AsyncDisposable {
  readonly dynamoDb: DynamoDb;
  readonly published: Mail[];
  /** Moves the clock, in ms. */
  pass(ms: number): void;
  now(): Date;
  /** The ports of a new run of `notify`; of a warm process, given its memory. */
  gate(overrides?: Partial<GatePorts>): GatePorts;
  /** The ports of a new run of `summarize`. */
  summary(overrides?: Partial<SummaryPorts>): SummaryPorts;
}

/** Starts the state with the table of the stack. */
export async function startState(): Promise<State> {
  const dynamoDb = await startDynamoDb();
  await dynamoDb.createTable(tableResource[TABLE] as Resource);
  const { table } = dynamoDb;
  const published: Mail[] = [];
  let time = NOW.getTime();
  let runs = 0;
  const now = () => new Date(time);
  const common = {
    now,
    sleep: async (ms: number) => {
      time += ms;
      await sleep(0);
    },
    takeMessage: (at: Date, max: number) => takeMessage(table, at, max),
  };
  return {
    dynamoDb,
    published,
    now,
    pass(ms) {
      time += ms;
    },
    gate: (overrides) => ({
      ...common,
      token: `run-${++runs}`,
      leaseUntil: time + LEASE_MS,
      mayWaitUntil: time + WAIT_MS,
      memory: createProcessMemory(),
      claimPair: (key, terms) => claimPair(table, key, terms),
      releasePair: (claim) => releasePair(table, claim),
      confirmPair: (claim, confirmation) => confirmPair(table, claim, confirmation),
      recordAlerting: (item, lease) => recordAlerting(table, item, lease),
      recordHeldBack: (item, heldBack) => recordHeldBack(table, item, heldBack),
      noteAlerted: (key, at) => noteAlerted(table, key, at),
      noteUnsent: (key, token, why) => noteUnsent(table, key, token, why),
      ...overrides,
    }),
    summary: (overrides) => {
      const run = { token: `run-${++runs}`, leaseUntil: time + LEASE_MS };
      return {
        ...common,
        mayWaitUntil: time + WAIT_MS,
        begin: (at) => beginSummary(table, run, at),
        end: (outcome, at) => endSummary(table, run, outcome, at),
        attemptsToTell: (tell) => attemptsToTell(table, tell),
        takeUp: (key, summary, at) => takeUp(table, key, summary, at),
        countIgnored: (since) => countIgnored(table, since),
        getItems: (pk) => getItems(table, pk),
        describeSecret: async () => ({ kind: 'unavailable', reason: 'Nobody asked.' }),
        publish: async (notice) => published.push(renderMail(notice)),
        timeLeft: () => 300_000,
        ...overrides,
      };
    },
    [Symbol.asyncDispose]: () => dynamoDb.stop(),
  };
}

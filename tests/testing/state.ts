import { setTimeout as sleep } from 'node:timers/promises';
import { startDynamoDb } from '../../emulators/dynamodb.ts';
import type { Resource } from '../../emulators/template.ts';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import {
  attemptsToTell,
  countIgnored,
  noteAlerted,
  noteUnsent,
  recordAlerting,
  recordHeldBack,
  takeUp,
} from '../../lib/attempt/store.ts';
import { getItems, type Table } from '../../lib/aws/table.ts';
import { takeMessage } from '../../lib/incident/budget-store.ts';
import {
  admit,
  type GatePolicy,
  type GatePorts,
  noteFailed,
  noteSent,
  takeTurn,
} from '../../lib/incident/gate.ts';
import { claimPair, confirmPair, releasePair } from '../../lib/incident/pairs.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { beginSummary, endSummary } from '../../lib/incident/summaries.ts';
import { type SummaryOutcome, type SummaryPorts, summarize } from '../../lib/incident/summarize.ts';
import type { Mail } from '../../lib/notice/mail/mail.ts';
import { renderMail } from '../../lib/notice/mail/render.ts';
import { TABLE, table as tableResource } from '../../stack/table.ts';
import { NOW } from './attempts.ts';
import { GATE_POLICY } from './gate.ts';

const LEASE_MS = 60_000;
const WAIT_MS = 25_000;

/** The product's state in a real table over a socket, with a clock that a test moves. */
export interface State extends AsyncDisposable {
  readonly table: Table;
  readonly published: Mail[];
  /** Moves the clock, in ms. */
  pass(ms: number): void;
  now(): Date;
  /** The ports of a new run of `notify`; of a warm process, given its memory. */
  gate(overrides?: Partial<GatePorts>): GatePorts;
  /** The ports of a new run of `summarize`. */
  summary(overrides?: Partial<SummaryPorts>): SummaryPorts;
  /** An attempt comes to a new run: `alert`, with its sending noted, or why it is held back. */
  comes(attempt: Attempt, run?: Run): Promise<string>;
  /** An attempt comes. @returns what lets its alert fail, if it was admitted, however late. */
  underWay(attempt: Attempt, run?: Run): Promise<{ fails(): Promise<void> }>;
  sumUp(overrides?: Partial<SummaryPorts>): Promise<SummaryOutcome>;
}

/** What is other than usual in a run: a port, the policy, when the alert is to be renewed, what it found out. */
interface Run extends Partial<GatePorts> {
  readonly policy?: GatePolicy;
  readonly renewAt?: Date;
  readonly known?: { readonly arn?: string };
}

/** For the tests of a file: a state, which is another in each of them. */
export function useState(): State {
  let state: State;
  beforeEach(async () => {
    state = await startState();
  });
  afterEach(() => state[Symbol.asyncDispose]());
  return new Proxy({} as State, { get: (_, key) => state[key as keyof State] });
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
  const state: State = {
    table,
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
    async comes(attempt, { policy = GATE_POLICY, renewAt, known, ...overrides } = {}) {
      const ports = state.gate(overrides);
      const { claim, heldBack } = await admit(attempt, policy, ports);
      if (!claim) return heldBack;
      if (!(await takeTurn(attempt, claim, policy, ports))) return 'budget';
      const { arn } = known ?? attempt.secret;
      await noteSent(attempt, claim, { renewAt: renewAt?.getTime(), arn }, policy, ports);
      return 'alert';
    },
    async underWay(attempt, { policy = GATE_POLICY, ...overrides } = {}) {
      const ports = state.gate(overrides);
      const { claim } = await admit(attempt, policy, ports);
      return { fails: async () => claim && noteFailed(attempt, claim, ports) };
    },
    sumUp: (overrides) => summarize(GATE_POLICY, state.summary(overrides)),
    [Symbol.asyncDispose]: () => dynamoDb.stop(),
  };
  return state;
}

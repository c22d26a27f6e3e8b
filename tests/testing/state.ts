import { setTimeout as sleep } from 'node:timers/promises';
import { startDynamoDb } from '../../emulators/dynamodb.ts';
import type { Resource } from '../../emulators/template.ts';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { createAttemptStore } from '../../lib/attempt/store.ts';
import type { Table } from '../../lib/aws/table.ts';
import { createClashStore } from '../../lib/deletion/clashes.ts';
import { createLedger } from '../../lib/deletion/ledger.ts';
import type { SecretState } from '../../lib/deletion/secret-state.ts';
import { createBudgetStore } from '../../lib/incident/budget.ts';
import {
  admit,
  type GatePolicy,
  type GatePorts,
  leaveToDigest,
  noteFailed,
  noteSent,
  takeTurn,
} from '../../lib/incident/gate.ts';
import { createIncidentStore } from '../../lib/incident/incidents.ts';
import { createPairStore } from '../../lib/incident/pairs.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { createRunStore } from '../../lib/incident/runs.ts';
import { type Summarized, type SummarizePorts, summarize } from '../../lib/incident/summarize.ts';
import { renderClashes } from '../../lib/notice/mail/clash.ts';
import type { Mail } from '../../lib/notice/mail/mail.ts';
import { renderNotice } from '../../lib/notice/mail/render.ts';
import { addDays } from '../../lib/time.ts';
import { TABLE, table as tableResource } from '../../stack/table.ts';
import { HOME, NOW } from './attempts.ts';
import { GATE_POLICY } from './gate.ts';

const LEASE_MS = 45_000;

/** What `summarize` goes by. */
export const SUMMARIZE_POLICY = {
  maxMailsPerHour: GATE_POLICY.maxMailsPerHour,
  maxDigestPauseHours: 24,
  tagKeys: { owner: ['owner'], replacement: ['replaced-by'] },
};

/** A deletion 30 days from a time, for all that an alert finds out. */
const pendingAt = (time: Date): SecretState => ({
  state: 'pending',
  schedule: { kind: 'exact', date: addDays(time, 30) },
});

/** The product's state in a real table over a socket, with a clock that a test moves. */
export interface State extends AsyncDisposable {
  readonly table: Table;
  readonly stores: ReturnType<typeof storesOf>;
  readonly published: Mail[];
  /** Moves the clock, in ms. */
  pass(ms: number): void;
  now(): Date;
  /** The ports of a new run of `notify`; of a warm process, given its memory. */
  gate(overrides?: Overrides<GatePorts>): GatePorts;
  /** The ports of a new run of `summarize`. */
  summary(overrides?: Overrides<SummarizePorts>): SummarizePorts;
  /** An attempt comes to a new run: `alert`, with its sending noted, or why it is deferred. */
  comes(attempt: Attempt, run?: Run): Promise<string>;
  /** An attempt comes. @returns what lets its alert fail, if it was admitted, however late. */
  underWay(attempt: Attempt, run?: Run): Promise<{ fails(): Promise<void> }>;
  sumUp(overrides?: Overrides<SummarizePorts>): Promise<Summarized>;
}

/** Other ports, or other functions of a store. */
type Overrides<Ports> = { readonly [Name in keyof Ports]?: Partial<Ports[Name]> };

/** What is other than usual in a run: a port, the policy, when to try again to cancel the deletion, how the secret stands, what it found out. */
interface Run extends Overrides<GatePorts> {
  readonly policy?: GatePolicy;
  readonly retryAt?: Date;
  readonly state?: SecretState;
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
  const stores = storesOf(table);
  const published: Mail[] = [];
  let time = NOW.getTime();
  let runs = 0;
  const now = () => new Date(time);
  const newRun = () => ({
    ...stores,
    now,
    sleep: async (ms: number) => {
      time += ms;
      await sleep(0);
    },
    token: `run-${++runs}`,
    leaseUntil: time + LEASE_MS,
  });
  const state: State = {
    table,
    stores,
    published,
    now,
    pass(ms) {
      time += ms;
    },
    gate: (overrides = {}) => {
      const ports: GatePorts = { ...newRun(), memory: createProcessMemory() };
      return overridden(ports, overrides);
    },
    summary: (overrides = {}) => {
      const ports: SummarizePorts = {
        ...newRun(),
        home: HOME,
        getItems: stores.ledger.getItems,
        describeSecret: async () => ({ kind: 'unavailable', reason: 'Nobody asked.' }),
        publish: async (notice) => {
          const { mail, rest } = renderNotice(notice);
          published.push(mail);
          return rest;
        },
        publishClashes: async (notice) => {
          const { mail, rest } = renderClashes(notice, {});
          published.push(mail);
          return rest;
        },
        timeLeft: () => 300_000,
      };
      return overridden(ports, overrides);
    },
    async comes(
      attempt,
      {
        policy = GATE_POLICY,
        retryAt,
        state: found = pendingAt(new Date(time)),
        known,
        ...overrides
      } = {},
    ) {
      const ports = state.gate(overrides);
      const { deferred, ...admitted } = await admit(attempt, policy, ports);
      if (!admitted.claim) return deferred ?? 'none';
      if (!(await takeTurn(admitted, policy, ports))) {
        await leaveToDigest(attempt, admitted, ports);
        return 'budget';
      }
      const { arn } = known ?? attempt.secret;
      const reported = { state: found, isRestored: false, retryAt: retryAt?.getTime(), arn };
      await noteSent(attempt, admitted, reported, ports);
      return 'alert';
    },
    async underWay(attempt, { policy = GATE_POLICY, ...overrides } = {}) {
      const ports = state.gate(overrides);
      const admitted = await admit(attempt, policy, ports);
      return { fails: async () => admitted.claim && noteFailed(attempt, admitted, ports) };
    },
    sumUp: (overrides) => summarize(SUMMARIZE_POLICY, state.summary(overrides)),
    [Symbol.asyncDispose]: () => dynamoDb.stop(),
  };
  return state;
}

const storesOf = (table: Table) => ({
  attempts: createAttemptStore(table),
  pairs: createPairStore(table),
  budget: createBudgetStore(table),
  incidents: createIncidentStore(table),
  runs: createRunStore(table),
  ledger: createLedger(table),
  clashes: createClashStore(table),
});

function overridden<Ports extends object>(ports: Ports, overrides: Overrides<Ports>): Ports {
  const changed = Object.entries(overrides).map(([name, override]) => {
    const port = ports[name as keyof Ports];
    const isStore = typeof port === 'object';
    return [name, isStore ? { ...port, ...(override as object) } : override];
  });
  return { ...ports, ...Object.fromEntries(changed) };
}

type Call = (...args: never[]) => Promise<unknown>;

/** The ports with each function of their stores that asks once replaced by what `wrap` makes of it. */
export function wrapCalls<Ports extends object>(
  ports: Ports,
  wrap: (name: string, call: Call) => Call,
): Ports {
  const wrapped = (store: object) =>
    Object.fromEntries(
      Object.entries<Call>(store as Readonly<Record<string, Call>>).map(([name, call]) => [
        name,
        PAGED.includes(name) ? call : wrap(name, call),
      ]),
    );
  const stores = Object.entries(ports).filter(([name]) => STORES.includes(name));
  return { ...ports, ...Object.fromEntries(stores.map(([name, one]) => [name, wrapped(one)])) };
}

const STORES = ['attempts', 'pairs', 'budget', 'incidents', 'runs', 'clashes'];
/** What is read page by page, and writes nothing. */
const PAGED = ['read', 'leftBehind', 'ofVersionBefore'];

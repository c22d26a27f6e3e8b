import { setTimeout as sleep } from 'node:timers/promises';
import { startDynamoDb } from '../../emulators/dynamodb.ts';
import type { Resource } from '../../emulators/template.ts';
import type { Attempt } from '../../lib/attempt/attempt.ts';
import { createAttemptStore } from '../../lib/attempt/store.ts';
import type { Table } from '../../lib/aws/table.ts';
import { createLedger } from '../../lib/deletion/ledger.ts';
import { createBudgetStore } from '../../lib/incident/budget.ts';
import {
  admit,
  type GatePolicy,
  type GatePorts,
  noteFailed,
  noteSent,
  takeTurn,
} from '../../lib/incident/gate.ts';
import { createPairStore } from '../../lib/incident/pairs.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { createSummaryStore } from '../../lib/incident/summaries.ts';
import { type SummaryOutcome, type SummaryPorts, summarize } from '../../lib/incident/summarize.ts';
import type { Mail } from '../../lib/notice/mail/mail.ts';
import { renderMail } from '../../lib/notice/mail/render.ts';
import { TABLE, table as tableResource } from '../../stack/table.ts';
import { NOW } from './attempts.ts';
import { GATE_POLICY } from './gate.ts';

const LEASE_MS = 60_000;

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
  summary(overrides?: Overrides<SummaryPorts>): SummaryPorts;
  /** An attempt comes to a new run: `alert`, with its sending noted, or why it is deferred. */
  comes(attempt: Attempt, run?: Run): Promise<string>;
  /** An attempt comes. @returns what lets its alert fail, if it was admitted, however late. */
  underWay(attempt: Attempt, run?: Run): Promise<{ fails(): Promise<void> }>;
  sumUp(overrides?: Overrides<SummaryPorts>): Promise<SummaryOutcome>;
}

/** Other ports, or other functions of a store. */
type Overrides<Ports> = { readonly [Name in keyof Ports]?: Partial<Ports[Name]> };

/** What is other than usual in a run: a port, the policy, when the alert is to be renewed, what it found out. */
interface Run extends Overrides<GatePorts> {
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
      const ports: SummaryPorts = {
        ...newRun(),
        getItems: stores.ledger.getItems,
        describeSecret: async () => ({ kind: 'unavailable', reason: 'Nobody asked.' }),
        publish: async (notice) => published.push(renderMail(notice)),
        timeLeft: () => 300_000,
      };
      return overridden(ports, overrides);
    },
    async comes(attempt, { policy = GATE_POLICY, renewAt, known, ...overrides } = {}) {
      const ports = state.gate(overrides);
      const { claim, deferred } = await admit(attempt, policy, ports);
      if (!claim) return deferred;
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

const storesOf = (table: Table) => ({
  attempts: createAttemptStore(table),
  pairs: createPairStore(table),
  budget: createBudgetStore(table),
  summaries: createSummaryStore(table),
  ledger: createLedger(table),
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

/** The ports with each function of their stores replaced by what `wrap` makes of it. */
export function wrapCalls(ports: GatePorts, wrap: (name: string, call: Call) => Call): GatePorts {
  const wrapped = ({ ...store }: Readonly<Record<string, Call>>) =>
    Object.fromEntries(Object.entries<Call>(store).map(([name, call]) => [name, wrap(name, call)]));
  const { budget, pairs, attempts } = ports;
  const stores = { budget: wrapped(budget), pairs: wrapped(pairs), attempts: wrapped(attempts) };
  return { ...ports, ...stores } as GatePorts;
}

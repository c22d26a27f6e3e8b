import { setTimeout as sleep } from 'node:timers/promises';
import { type DynamoDb, startDynamoDb } from '../../emulators/dynamodb.ts';
import type { Resource } from '../../emulators/template.ts';
import { createAttemptStore } from '../../lib/attempt/store.ts';
import { createLedger } from '../../lib/deletion/ledger.ts';
import { createBudgetStore } from '../../lib/incident/budget.ts';
import type { GatePorts } from '../../lib/incident/gate.ts';
import { createPairStore } from '../../lib/incident/pairs.ts';
import { createProcessMemory } from '../../lib/incident/process-memory.ts';
import { createSummaryStore } from '../../lib/incident/summaries.ts';
import type { SummaryPorts } from '../../lib/incident/summarize.ts';
import { type Mail, renderMail } from '../../lib/notice/mail/mail.ts';
import { TABLE, table as tableResource } from '../../stack/table.ts';
import { NOW } from './attempts.ts';

const LEASE_MS = 60_000;

/** The product's state in a real table over a socket, with a clock that a test moves. */
export interface State extends AsyncDisposable {
  readonly dynamoDb: DynamoDb;
  readonly stores: ReturnType<typeof storesOf>;
  readonly published: Mail[];
  /** Moves the clock, in ms. */
  pass(ms: number): void;
  now(): Date;
  /** The ports of a new run of `notify`; of a warm process, given its memory. */
  gate(overrides?: Overrides<GatePorts>): GatePorts;
  /** The ports of a new run of `summarize`. */
  summary(overrides?: Overrides<SummaryPorts>): SummaryPorts;
}

/** Other ports, or other functions of a store. */
export type Overrides<Ports> = { readonly [Name in keyof Ports]?: Partial<Ports[Name]> };

/** Starts the state with the table of the stack. */
export async function startState(): Promise<State> {
  const dynamoDb = await startDynamoDb();
  await dynamoDb.createTable(tableResource[TABLE] as Resource);
  const stores = storesOf(dynamoDb);
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
  return {
    dynamoDb,
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
    [Symbol.asyncDispose]: () => dynamoDb.stop(),
  };
}

type Call = (...args: never[]) => Promise<unknown>;

/** The ports with each function of their stores replaced by what `wrap` makes of it. */
export function wrapCalls(ports: GatePorts, wrap: (name: string, call: Call) => Call): GatePorts {
  const wrapped = ({ ...store }: Readonly<Record<string, Call>>) =>
    Object.fromEntries(Object.entries<Call>(store).map(([name, call]) => [name, wrap(name, call)]));
  const { budget, pairs, attempts } = ports;
  const stores = {
    budget: wrapped(budget),
    pairs: wrapped(pairs),
    attempts: wrapped(attempts),
  };
  return { ...ports, ...stores } as GatePorts;
}

const storesOf = ({ table }: DynamoDb) => ({
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

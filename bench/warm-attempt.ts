import {
  type Bundle,
  buildPlain,
  type FunctionName,
  type Packaged,
  unpackedBundle,
  variablesOf,
} from './measure/bundles.ts';
import { alertEvents, newRepeatEvents, repeatEvents, trailEvents } from './measure/cases.ts';
import type { Endpoints } from './measure/endpoints.ts';
import { interleave, type Measuring, median, sum } from './measure/measuring.ts';
import { type Probe, runProbe, type Warm } from './measure/process.ts';
import { decimals, ratio, type Section, whole } from './report/section.ts';

/**
 * `alert`: the first attempt of a pair. `repeat`: a further one, of which only the table knows that its caller is named.
 * `known`: a further one, of which the process knows it too. `trail`: a batch of the trail's log group with one. `idle`: a run of `summarize` that finds nothing to report.
 * `plain`: an event for a function that only publishes it, by one call of the AWS SDK.
 */
export const WARM_KINDS = ['alert', 'repeat', 'known', 'trail', 'idle', 'plain'] as const;

export type WarmKind = (typeof WARM_KINDS)[number];

/** The calls to AWS and the log of one event. */
interface Footprint {
  /** The operations in their order. */
  readonly calls: readonly string[];
  /** Of all requests, headers included, and of the bodies of all answers. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Of the log. */
  readonly printedBytes: number;
}

/** The time of a warm function for an event of a kind. */
type WarmRun = Warm & Footprint;

export type WarmRuns = Readonly<Record<WarmKind, WarmRun>>;

/** The calls to AWS that a process makes before, and how many events are measured in it then. */
interface WarmUp {
  readonly warmUpCalls: number;
  readonly warmEvents: number;
}

/** A function, and its events of one kind. */
interface Subject {
  readonly probe: Probe;
  readonly events: (count: number) => readonly unknown[];
  /** How many events come before the first of the kind. */
  readonly leading: number;
}

/**
 * Measures the packaged functions with each kind of event, each in `runs` fresh processes that have made `warmUpCalls`
 * calls to AWS for such events before: V8 optimizes the AWS SDK's code for a call late.
 */
export async function measureWarmRuns(
  packaged: Packaged,
  endpoints: Endpoints,
  { warmUpCalls, warmEvents }: WarmUp,
  { runs, signal, onProgress }: Measuring,
): Promise<WarmRuns> {
  const subjects = await subjectsOf(packaged, endpoints);
  const footprints: Partial<Record<WarmKind, Footprint>> = {};
  for (const kind of WARM_KINDS) {
    footprints[kind] = await footprintOf(subjects[kind], endpoints, signal);
  }
  const timed = ofEachKind((kind) => {
    const warmUp = Math.ceil(warmUpCalls / (footprints[kind]?.calls.length || 1));
    return () => time(subjects[kind], { warmUp, measured: warmEvents }, signal);
  });
  const measured = await interleave(timed, runs, onProgress);
  return ofEachKind((kind) => ({
    cpuMs: median(measured[kind].map(({ cpuMs }) => cpuMs)),
    wallMs: median(measured[kind].map(({ wallMs }) => wallMs)),
    ...(footprints[kind] as Footprint),
  }));
}

const ofEachKind = <Value>(of: (kind: WarmKind) => Value) =>
  Object.fromEntries(WARM_KINDS.map((kind) => [kind, of(kind)])) as Record<WarmKind, Value>;

async function subjectsOf(
  packaged: Packaged,
  { variables }: Endpoints,
): Promise<Record<WarmKind, Subject>> {
  const probeOf = (name: FunctionName, { file }: Bundle): Probe => ({
    file,
    variables: variablesOf(packaged, name, variables),
  });
  const notify = probeOf('notify', await unpackedBundle(packaged, 'notify'));
  const summarize = probeOf('summarize', await unpackedBundle(packaged, 'summarize'));
  const readTrail = probeOf('read-trail', await unpackedBundle(packaged, 'read-trail'));
  const plain = await buildPlain(packaged);
  const ticks = (count: number) => Array.from({ length: count }, () => ({}));
  return {
    alert: { probe: notify, events: alertEvents, leading: 0 },
    repeat: { probe: notify, events: newRepeatEvents, leading: 0 },
    known: { probe: notify, events: repeatEvents, leading: 1 },
    trail: { probe: readTrail, events: trailEvents, leading: 0 },
    idle: { probe: summarize, events: ticks, leading: 0 },
    plain: { probe: probeOf('notify', plain), events: alertEvents, leading: 0 },
  };
}

async function time(
  { probe, events }: Subject,
  { warmUp, measured }: { readonly warmUp: number; readonly measured: number },
  signal: AbortSignal,
): Promise<Warm> {
  const all = events(warmUp + measured);
  const job = { warmUp: all.slice(0, warmUp), measured: all.slice(warmUp) };
  const { warm } = await runProbe({ ...probe, ...job }, signal);
  if (!warm) throw new Error('Nothing was measured');
  return warm;
}

/** The difference that one more event makes to a process. */
async function footprintOf(
  { probe, events, leading }: Subject,
  endpoints: Endpoints,
  signal: AbortSignal,
): Promise<Footprint> {
  async function handle(count: number) {
    endpoints.takeCalls();
    const { printedBytes } = await runProbe({ ...probe, warmUp: events(count) }, signal);
    return { printedBytes, calls: endpoints.takeCalls() };
  }
  const before = await handle(leading);
  const after = await handle(leading + 1);
  const calls = after.calls.slice(before.calls.length);
  return {
    calls: calls.map(({ operation }) => operation),
    bytesSent: sum(calls.map(({ bytesSent }) => bytesSent)),
    bytesReceived: sum(calls.map(({ bytesReceived }) => bytesReceived)),
    printedBytes: after.printedBytes - before.printedBytes,
  };
}

const NAMES: Readonly<Record<WarmKind, string>> = {
  alert: 'alert',
  repeat: 'repeat, the table knows the caller',
  known: 'repeat, the process knows it too',
  trail: '`read-trail`, a batch of one',
  idle: '`summarize` with nothing to report',
  plain: 'plain: publishes each event',
};

export function warmTable(
  warmRuns: WarmRuns,
  { runs, warmUpCalls, warmEvents }: WarmUp & { readonly runs: number },
): Section {
  const { alert, repeat } = warmRuns;
  return {
    title: 'A warm attempt',
    text: `What one event takes once the process is warm: medians of ${runs} processes, each the mean of ${warmEvents} events after
others of the same kind that made ${whole(warmUpCalls)} calls to AWS. The processor time is that of all threads, garbage collection, encryption and the kernel's share
included.`,
    head: [
      'event',
      'of an alert',
      'CPU, ms',
      'wall, ms',
      'calls',
      'sent, bytes',
      'received, bytes',
      'log, bytes',
    ],
    rows: WARM_KINDS.map((kind) => {
      const { cpuMs, wallMs, calls, bytesSent, bytesReceived, printedBytes } = warmRuns[kind];
      return [
        NAMES[kind],
        ratio(cpuMs / alert.cpuMs),
        decimals(cpuMs),
        decimals(wallMs),
        String(calls.length),
        whole(bytesSent),
        whole(bytesReceived),
        whole(printedBytes),
      ];
    }),
    after: `The calls of an alert: ${alert.calls.join(', ')}. Of a repeat: ${repeat.calls.join(', ')}.`,
  };
}

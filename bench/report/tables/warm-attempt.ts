import { MEASURED, WARM_KINDS, type WarmKind } from '../../warm-attempt.ts';
import { decimals, whole } from '../numbers.ts';
import type { Results } from '../results.ts';
import type { Section } from '../section.ts';

const NAMES: Readonly<Record<WarmKind, string>> = {
  alert: 'alert',
  repeat: 'repeat, the table knows the quiet window',
  known: 'repeat, the process knows it too',
  summary: '`summarize` with nothing to tell',
  plain: 'plain: publishes each event',
};

export function warmTable({ warmRuns, runs, warmUpCalls }: Results): Section {
  const { alert } = warmRuns;
  return {
    title: 'A warm attempt',
    text: `What one event takes once the process is warm: medians of ${runs} processes, each the mean of ${MEASURED} events after
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
        `${decimals(cpuMs / alert.cpuMs)} ×`,
        decimals(cpuMs),
        decimals(wallMs),
        String(calls.length),
        whole(bytesSent),
        whole(bytesReceived),
        whole(printedBytes),
      ];
    }),
    after: `The calls of an alert: ${alert.calls.join(', ')}. Of a repeat: ${warmRuns.repeat.calls.join(', ')}.`,
  };
}

import { sum } from '../../sum.ts';
import { decimals, percent, whole } from '../numbers.ts';
import type { Results } from '../results.ts';
import type { Section } from '../section.ts';

export function coldLoadTable({ coldLoads, runs }: Results): Section {
  const { functions, floorMs, plain } = coldLoads;
  const ms = (number?: number) => (number === undefined ? '' : decimals(number));
  const rows = Object.entries(functions).flatMap(([name, { ours, byDefault, ready, publish }]) => [
    [
      `\`${name}\``,
      `${decimals(ready)} ×`,
      publish ? `${decimals(publish)} ×` : '',
      ms(ours.readyMs),
      ms(ours.publishMs),
      whole(ours.zipBytes),
    ],
    [
      `\`${name}\`, bundled by default`,
      '1',
      publish ? '1' : '',
      ms(byDefault.readyMs),
      ms(byDefault.publishMs),
      whole(byDefault.zipBytes),
    ],
  ]);
  return {
    title: 'Cold load',
    text: `From the start of Node.js to the handler ready, and of \`notify\` to the arrival of its request to publish an
alert, which five calls come before. Beside each function the same source as serverless-esbuild bundles it by default:
CommonJS, not minified. Medians of ${runs} fresh processes each, by turns; the endpoints speak TLS and answer at once.`,
    head: ['function', 'ready', 'publish', 'ready, ms', 'publish, ms', 'zip, bytes'],
    rows: [
      ...rows,
      [
        'plain: publishes each event, bundled by default',
        '',
        '',
        ms(plain.readyMs),
        ms(plain.publishMs),
        whole(plain.zipBytes),
      ],
      ['empty: the floor', '', '', ms(floorMs), '', ''],
    ],
  };
}

/** Of this size and above a module that never runs is worth a row of its own, in bytes. */
const WORTH_A_ROW = 1000;

export function modulesTable({ modules: { bundleBytes, count, largest, idle } }: Results): Section {
  const share = (bytes: number) => percent(bytes / bundleBytes);
  const row = ({ name, bytes, functions, called }: (typeof largest)[number]) => [
    `\`${name}\``,
    share(bytes),
    whole(bytes),
    `${called} of ${functions}`,
  ];
  const total = (name: string, modules: typeof idle) => {
    const bytes = sum(modules.map((module) => module.bytes));
    return [name, share(bytes), whole(bytes), ''];
  };
  const listed = idle.filter(({ bytes }) => bytes >= WORTH_A_ROW);
  const smaller = idle.slice(listed.length);
  return {
    title: 'What is in the bundle of `notify`',
    text: `The ten largest of ${count} modules, then those of which no function runs while \`notify\` loads, alerts, searches CloudTrail's event history, which is refused once, and counts repeats.`,
    head: ['module', 'share', 'bytes', 'functions run'],
    rows: [
      ...largest.map(row),
      total(`never run, ${idle.length} modules:`, idle),
      ...listed.map(row),
      ...(smaller.length > 0 ? [total(`${smaller.length} of less than 1 KB`, smaller)] : []),
    ],
  };
}

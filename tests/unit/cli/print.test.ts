import { styleText } from 'node:util';
import fc from 'fast-check';
import {
  type Colour,
  print,
  printable,
  printableReport,
  printDefect,
  printJson,
  printNote,
} from '../../../cli/print.ts';
import { runTasks } from '../../../cli/progress.ts';

/** What may drive a terminal, reorder or hide its text, of which a stranger's text is full. */
const HOSTILE = [
  '\u001b[2J',
  '\u001b]8;;https://evil.example\u0007',
  '\u001b[8m',
  '\u009b31m',
  '\r',
  '\b',
  '\u0000',
  '\u007f',
  '\u200b',
  '\u200e',
  '\u061c',
  '\u202e',
  '\u2066',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\u{e0041}',
  '\ud800',
];

const UNPRINTABLE = /[[\p{C}\p{Zl}\p{Zp}]--\n]/v;

const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }))
  .map((codes) => String.fromCharCode(...codes));

const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), units, fc.constant('\n')))
  .map((parts) => parts.join(''));

/** What is written on stdout and stderr while `run` runs. */
async function written(run: () => unknown): Promise<string> {
  let text = '';
  const write = (...values: unknown[]) => {
    text += values.map(String).join(' ');
    return true;
  };
  const mocks = [
    import.meta.jest.spyOn(console, 'log').mockImplementation(write),
    import.meta.jest.spyOn(console, 'error').mockImplementation(write),
    import.meta.jest.spyOn(process.stdout, 'write').mockImplementation(write),
    import.meta.jest.spyOn(process.stderr, 'write').mockImplementation(write),
  ];
  try {
    await run();
  } finally {
    for (const mock of mocks) mock.mockRestore();
  }
  return text;
}

test.each<[string, (text: string) => unknown]>([
  ['a report', print],
  ['a note', printNote],
  ['a defect', (text) => printDefect(new Error(text, { cause: { text } }))],
  ['JSON', (text) => printJson({ [text]: text })],
  [
    'a task',
    (text) =>
      runTasks(
        [
          {
            title: text,
            async run({ retitle, note }) {
              retitle(text);
              note(text);
              throw new Error(text);
            },
          },
        ],
        'simple',
      ).catch(() => undefined),
  ],
])('%s holds nothing that drives a terminal', async (_, printText) => {
  await fc.assert(
    fc.asyncProperty(hostileText, async (text) => {
      expect(await written(() => printText(text))).not.toMatch(UNPRINTABLE);
    }),
  );
});

test('a terminal without a width gets whole lines of a task', async () => {
  const { isTTY, columns } = process.stdout;
  Object.assign(process.stdout, { isTTY: true, columns: 0 });
  try {
    const task = { title: 'Package the service', run: async () => {} };
    expect(await written(() => runTasks([task], 'simple'))).toContain('Package the service');
  } finally {
    Object.assign(process.stdout, { isTTY, columns });
  }
});

test('JSON stays equal in value', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(hostileText, hostileText), async (value) => {
      expect(JSON.parse(await written(() => printJson(value)))).toEqual(
        JSON.parse(JSON.stringify(value)),
      );
    }),
  );
});

test('a text shows which characters it holds, and keeps those that can be read', () => {
  expect(printable('Zoë\u0007 \u009b31m\u202e\u200b 🔑\u{e0041}\r\n日本')).toBe(
    `${String.raw`Zoë\u0007 \u009b31m\u202e\u200b 🔑\udb40\udc41\u000d`}\n日本`,
  );
});

test.each<Colour>([...(['red', 'green', 'yellow', 'blue', 'magenta', 'bold', 'reset'] as const)])(
  'a report keeps %s where stdout takes colours, and no other sequence',
  (colour) => {
    const report = `${styleText(colour, 'ok', { validateStream: false })} a\n`;
    const hostile = '\u001b[8mhidden\u001b[2J';
    expect(printableReport(report + hostile, true)).toBe(report + printable(hostile));
    expect(printableReport(report, false)).toBe(printable(report));
  },
);

import { renderChart } from '../../../bench/report/chart.ts';
import { type Results, renderDocument, sectionsOf } from '../../../bench/report/document.ts';
import {
  decimals,
  dollars,
  duration,
  percent,
  toMarkdown,
  toText,
  whole,
} from '../../../bench/report/section.ts';
import { isMet, targetsOf } from '../../../bench/report/targets.ts';
import { RESULTS, stormReport } from '../../testing/bench-results.ts';

test.each([
  [whole(1234.6), '1,235'],
  [decimals(0.456), '0.46'],
  [decimals(45.67), '45.7'],
  [decimals(4567.8), '4,568'],
  [percent(1), '100 %'],
  [percent(0.9999), '> 99.9 %'],
  [percent(0.5), '50.0 %'],
  [percent(0.0001), '< 0.1 %'],
  [percent(0), '0 %'],
  [duration(5.25), '5.25 s'],
  [duration(252.4), '4 min 12 s'],
  [dollars(0), '$0.00'],
  [dollars(0.004), '< $0.01'],
  [dollars(12.345), '$12.35'],
])('a number reads %s', (rendered, expected) => {
  expect(rendered).toBe(expected);
});

test('a section becomes Markdown for a page, and an aligned table for a terminal', () => {
  const section = {
    title: 'Scale',
    text: 'How it grows.',
    head: ['attempts', 'seconds'],
    rows: [['1,000', '9.5']],
    after: 'That is all.',
  };
  expect(toMarkdown(section)).toMatchInlineSnapshot(`
"## Scale

How it grows.

| attempts | seconds |
| :- | -: |
| 1,000 | 9.5 |

That is all."
`);
  expect(toText(section)).toMatchInlineSnapshot(`
"Scale

attempts  seconds
-----------------
1,000         9.5"
`);
});

test('each table fits a terminal of 80 columns, with the numbers of a large storm too', () => {
  const storms = [stormReport(1_000_000, { wallSeconds: 1234.5 })];
  const text = sectionsOf({ ...RESULTS, storms })
    .map(toText)
    .join('\n');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).toContain(`
repeat, the table knows
the caller                  0.17 ×  0.50   0.75      3   3,000        300    800
`);
});

describe('the targets', () => {
  const notify = RESULTS.coldLoads.functions.notify;
  const withNotify = (changes: Partial<typeof notify>): Results => ({
    ...RESULTS,
    coldLoads: {
      ...RESULTS.coldLoads,
      functions: { ...RESULTS.coldLoads.functions, notify: { ...notify, ...changes } },
    },
  });
  const { alert, repeat, known } = RESULTS.warmRuns;
  const withWarm = (changes: Partial<Results['warmRuns']>): Results => ({
    ...RESULTS,
    warmRuns: { ...RESULTS.warmRuns, ...changes },
  });

  test('are met by numbers that are just low enough', () => {
    expect(targetsOf(RESULTS).filter((target) => !isMet(target))).toEqual([]);
  });

  test.each([
    ['the handler', withNotify({ ready: 0.61 }), /ready/, false],
    ['the publish request', withNotify({ publish: 0.81 }), /Publish/, false],
    ['the zip', withNotify({ ours: { ...notify.ours, zipBytes: 138_001 } }), /Zip/, true],
    ['an alert', withWarm({ alert: { ...alert, calls: Array(11).fill('Query') } }), /alert/, true],
    [
      'a repeat',
      withWarm({ repeat: { ...repeat, calls: Array(4).fill('Query') } }),
      /repeat/,
      true,
    ],
    ['a known repeat', withWarm({ known: { ...known, calls: ['a', 'b'] } }), /knows/, true],
    [
      'storms that grow slower',
      { ...RESULTS, storms: [stormReport(1000), stormReport(10_000, { wallSeconds: 102 })] },
      /Time of an attempt/,
      false,
    ],
    [
      'a digest',
      { ...RESULTS, digest: { ...RESULTS.digest, wallSeconds: 141 } },
      /Seconds of a digest/,
      false,
    ],
    ['the processor', withWarm({ repeat: { ...repeat, cpuMs: 1.2 } }), /Processor/, false],
  ])('are missed by %s', (_, results, name, isDeterministic) => {
    const missed = targetsOf(results).filter((target) => !isMet(target));
    expect(missed).toMatchObject([{ name: expect.stringMatching(name), isDeterministic }]);
  });
});

test('the page has a table for each part, and says of a target whether it is met', () => {
  const repeat = { ...RESULTS.warmRuns.repeat, cpuMs: 1.35 };
  const page = renderDocument({ ...RESULTS, warmRuns: { ...RESULTS.warmRuns, repeat } });
  expect(page.match(/^## .*$/gm)).toEqual([
    '## Targets',
    '## Cold load',
    '## A warm attempt',
    '## A digest',
    '## A probe of names',
    '## Scale',
    '## Side by side',
    '## Money',
    '## Method',
  ]);
  expect(page).toContain('| `notify` ready, of the default bundle | 0.60 × | 0.50 × | yes |');
  // Of three calls, each of which takes 0.3 ms bare.
  expect(page).toContain('for each call of a repeat, of a bare call | 1.30 × | 1.50 × | no |');
  expect(page).toContain('| | | rule to topic | < 0.1 % | 28 | 28 | 1.70 s | 3.40 s |');
  expect(page).toContain('| | | classic alarm | 0 % | 0 | 0 | never | |');
  expect(page).not.toMatch(/NaN|undefined|\[object/);
});

test('the chart shows each way, and suits a dark page', () => {
  const svg = renderChart(RESULTS.sideBySide);
  for (const text of [
    'a busy day, 10,000 attempts: mails sent',
    '1,002',
    '28, then suspended',
    '&lt; 0.1 %',
  ]) {
    expect(svg).toContain(`>${text}</text>`);
  }
  expect(svg).toContain('prefers-color-scheme:dark');
  expect(svg).not.toMatch(/NaN|undefined|fill="(black|#000|white|#fff)"/);
});

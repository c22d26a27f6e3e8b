import { oneLine } from '../../lib/text.ts';
import { coloured } from '../print.ts';
import { renderTable } from '../table.ts';
import type { Diagnosis } from './diagnose.ts';
import type { Result, Verdict } from './verdict.ts';

/** Whether an alert would arrive. A warning is no reason to doubt it; an unknown is. */
export const isHealthy = ({ results }: Diagnosis) =>
  results.every(({ verdict }) => verdict === 'ok' || verdict === 'warn');

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red', unknown: 'magenta' } as const;
const VERDICTS = Object.keys(COLOURS) as Verdict[];

/** A message quotes names that people have chosen. */
const LONGEST_MESSAGE = 2000;
/** A command may hold the policy of a topic, which is 30 KB at most. */
const LONGEST_REMEDY = 40_000;

const word = (verdict: Verdict) => coloured(COLOURS[verdict], verdict);

/** For people: a line for each check, the fixes, and the number of each verdict. */
export function reportText(diagnosis: Diagnosis): string {
  const { stack, region, account, results } = diagnosis;
  const where = account ? `${region}, account ${account}` : region;
  const rows = results.map(({ verdict, check, message }) => [
    word(verdict),
    check,
    oneLine(message, LONGEST_MESSAGE),
  ]);
  const remedies = Array.from(Map.groupBy(results, ({ remedy }) => remedy))
    .filter(([remedy]) => remedy)
    .map(([remedy = '', group]) => renderRemedy(remedy, group));
  const details = results.filter((one) => one.details?.lines.length).map(renderDetails);
  return [
    `${stack}, ${where}`,
    renderTable(rows),
    ...details,
    ...remedies,
    renderCounts(results),
  ].join('\n\n');
}

/** What a check knows beyond its line. */
const renderDetails = ({ check, details }: Result) => [check, ...(details?.lines ?? [])].join('\n');

/** The fix of one check or several, on one unbroken line, so that it can be copied. */
function renderRemedy(remedy: string, group: readonly Result[]): string {
  const [{ verdict } = { verdict: 'fail' as const }] = group;
  const checks = group.map(({ check }) => check).join(', ');
  return `${word(verdict)}  ${checks}: to fix it\n${oneLine(remedy, LONGEST_REMEDY)}`;
}

const renderCounts = (results: readonly Result[]) =>
  VERDICTS.map(
    (verdict) => `${results.filter((one) => one.verdict === verdict).length} ${verdict}`,
  ).join(', ');

/** The same for machines, as one JSON object. */
export const reportJson = (diagnosis: Diagnosis) => ({
  ...diagnosis,
  results: diagnosis.results.map(({ details, ...result }) => ({
    ...result,
    ...(details && { details: details.data }),
  })),
  healthy: isHealthy(diagnosis),
});

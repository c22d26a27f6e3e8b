import { styleText } from 'node:util';
import { wrap } from '../../lib/text.ts';
import { renderTable } from '../table.ts';
import { datesText, meaningOf, ruleText } from './findings.ts';
import type { Answer } from './paths.ts';
import type { DrillResult } from './run.ts';

/** Whether each path has answered. */
export function hasPassed({ answers }: DrillResult): boolean {
  return answers.every(({ isAnswered }) => isAnswered);
}

/** The report for a terminal, 80 columns wide. */
export function reportText(result: DrillResult): string {
  const { answers, dates, ruleState } = result;
  const event = answers.find(({ path }) => path === 'event');
  return [
    renderTable(answers.map(rowOf)),
    wrap(datesText(dates)),
    ...(event && ruleState ? [wrap(ruleText(ruleState, event.hasArrived ?? false))] : []),
    ...(hasPassed(result) ? [] : [wrap(NEXT)]),
  ].join('\n\n');
}

const NEXT =
  'What a path has not answered, `npm run doctor` may explain, and docs/operations.md, "Prove that it works".';

function rowOf({ path, isAnswered, seconds, text }: Answer): string[] {
  const verdict = isAnswered ? styleText('green', 'ok') : styleText('red', 'fail');
  return [verdict, path, isAnswered ? `${text} after ${seconds} s` : `${text}, after ${seconds} s`];
}

/** The report as plain data for machines: times in ISO 8601. */
export function reportJson(result: DrillResult) {
  const { name, answers, dates, ruleState } = result;
  const event = answers.find(({ path }) => path === 'event');
  return {
    secret: name,
    passed: hasPassed(result),
    paths: answers.map(({ path, isAnswered, seconds, text }) => ({
      path,
      answered: isAnswered,
      seconds,
      text,
    })),
    dates: { ...dates, deletedDateIs: meaningOf(dates) },
    rule: event && { state: ruleState, readArrived: event.hasArrived ?? false },
  };
}

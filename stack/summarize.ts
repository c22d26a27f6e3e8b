import type { Resources } from './cloudformation.ts';
import { functionDefinition, functionNames, functionRole } from './function.ts';
import { scheduleRule } from './rule.ts';
import { allowDescribe } from './secrets.ts';
import type { Settings } from './settings.ts';
import { allowFindUntold, allowOnTable } from './table.ts';
import { allowPublish } from './topic.ts';

export const SUMMARIZE = functionNames('summarize');

export const summarizeFunction = (settings: Settings) => functionDefinition(SUMMARIZE, settings);

/** The schedule of the function `summarize`, and what that function may do. */
export const summarize = (settings: Settings): Resources => ({
  ...scheduleRule(
    SUMMARIZE,
    'Time to sum up the attempts that no alert has told',
    settings.summaryEveryMinutes,
  ),
  [SUMMARIZE.role]: functionRole(
    SUMMARIZE,
    allowOnTable('GetItem', 'Query', 'UpdateItem'),
    allowFindUntold,
    allowDescribe, // of what the ledger does not know
    ...allowPublish(settings),
  ),
});

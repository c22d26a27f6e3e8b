import type { Report } from '../../../emulators/lambda.ts';
import type { Cloud } from '../../../simulation/cloud.ts';
import { AT_HOME } from '../../../simulation/places.ts';
import { openStatistics } from '../../../simulation/statistics.ts';
import type { Task } from '../../../simulation/task.ts';

const TASK = { time: 5, attempts: [] } as unknown as Task;
const OF_MAIL = { isOfChannel: false, isDown: false };

const report = (changes: Partial<Report>): Report => ({
  outcome: 'done',
  calls: { DynamoDB: 8, SNS: 1 },
  faults: {},
  metrics: {},
  ...changes,
});

test.each<[string, Partial<Report>, typeof OF_MAIL, number]>([
  ['that sends', {}, OF_MAIL, 0],
  ['that is killed before it sends', { outcome: 'killed', calls: { DynamoDB: 2 } }, OF_MAIL, 1],
  ['whose table fails as it sends', { faults: { DynamoDB: 1 } }, OF_MAIL, 1],
  ['whose mail is tried three times', { outcome: 'failed', faults: { SNS: 3 } }, OF_MAIL, 3],
  ['of a channel', { outcome: 'failed', faults: { SNS: 3 } }, { ...OF_MAIL, isOfChannel: true }, 0],
])(
  'a run %s may have taken of the budget what nobody got',
  (_, changes, circumstances, expected) => {
    const statistics = openStatistics({} as Cloud, AT_HOME);
    statistics.noteRun(1, TASK, report(changes), circumstances);
    expect(statistics.wasted).toEqual(Array(expected).fill(TASK.time));
  },
);

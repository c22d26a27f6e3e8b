import { datesText, meaningOf, ruleText } from '../../../../cli/drill/report.ts';
import type { Dates } from '../../../../cli/drill/run.ts';
import { addDays } from '../../../../lib/time.ts';
import { NOW } from '../../../testing/attempts.ts';

const dates = (deletedDate?: Date): Dates => ({
  requestedAt: NOW,
  deletionDate: addDays(NOW, 7),
  deletedDate,
});

test.each([
  [
    'scheduled',
    addDays(NOW, 7),
    'it is the date for which the deletion is scheduled, as on emulators.',
  ],
  ['scheduled', new Date(addDays(NOW, 7).getTime() + 999), 'the deletion is scheduled, as on'],
  ['requested', NOW, 'it is the time of the request, as expected of AWS.'],
  ['neither', addDays(NOW, 3), 'neither the date for which the deletion is scheduled nor'],
  ['missing', undefined, 'it returns no date at all.'],
])('the DeletedDate is %s: %s', (meaning, deletedDate, words) => {
  expect(meaningOf(dates(deletedDate))).toBe(meaning);
  expect(datesText(dates(deletedDate))).toContain(words);
});

test('both dates stand side by side', () => {
  expect(datesText(dates(NOW))).toMatchInlineSnapshot(
    `"DeleteSecret, requested at 2026-11-22T17:05:00.000Z, returned the DeletionDate 2026-11-29T17:05:00.000Z; DescribeSecret the DeletedDate 2026-11-22T17:05:00.000Z. So it is the time of the request, as expected of AWS."`,
  );
});

const SPECIAL = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

test.each([
  [SPECIAL, true, 'the read arrived. So this state works. Whether a plain ENABLED would do'],
  [SPECIAL, false, 'the read did not arrive. So the special state is not what is missing.'],
  ['ENABLED', true, 'the read arrived. So the special state was not needed.'],
  [
    'ENABLED',
    false,
    `did not arrive. As AWS documents, it needs the state ${SPECIAL}. A deployment does not change back what was changed by hand: the doctor names the call that does.`,
  ],
  [
    'DISABLED',
    false,
    'A rule that is not enabled sends nothing. A deployment does not change back what was changed by hand: the doctor names',
  ],
])('a rule in state %s, and that the read arrived: %s', (state, hasArrived, words) => {
  expect(ruleText(state, hasArrived)).toContain(`in state ${state}`);
  expect(ruleText(state, hasArrived)).toContain(words);
});

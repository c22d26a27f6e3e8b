import { stripVTControlCharacters } from 'node:util';
import {
  datesText,
  meaningOf,
  reportJson,
  reportText,
  ruleText,
} from '../../../../cli/drill/report.ts';
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

test('of a drill elsewhere it is said where it was, and by which paths it came', () => {
  const came = { isAnswered: true, hasArrived: true };
  const result = {
    name: 'deleted-secret-notifier-drill-1f3a9c0e',
    dates: dates(NOW),
    answers: [
      { ...came, path: 'event', seconds: 7.1, text: 'alerted' },
      { ...came, path: 'trail', seconds: 302, text: 'brought' },
    ],
    channels: [],
    ruleState: SPECIAL,
  } as const;
  const hub = { stage: 'dev', region: 'eu-west-1', profile: 'hub' };
  const there = { stage: 'dev', region: 'us-east-1', profile: 'there', accountId: '444455556666' };
  const text = stripVTControlCharacters(reportText(result, hub, there));
  expect(text.split('\n\n').slice(0, 2).join('\n\n')).toMatchInlineSnapshot(`
"The attempt was made in account 444455556666, us-east-1, and came to the hub
through the spoke there and the hub's event bus, and through the trail's log
group at the hub.

ok  event  alerted after 7.1 s
ok  trail  brought after 302 s"
`);
  expect(reportJson(result, there)).toMatchObject({ account: '444455556666', region: 'us-east-1' });
  expect(Object.keys(reportJson(result))).not.toContain('account');
});

import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  type AlarmState,
  observeAlarm,
  observeEvent,
  type Traces,
} from '../../../../cli/drill/paths.ts';
import { alarmState } from '../../../../cli/drill/state.ts';
import { NOW } from '../../../testing/attempts.ts';

const pair = { claimedBy: 'attempt' };

test.each<[string, Traces, string, object]>([
  ['nothing', {}, 'no attempt recorded', { isAnswered: false, hasArrived: false }],
  ['a pair', { pair }, 'the function is at work', { isAnswered: false, hasArrived: true }],
  [
    'an attempt whose alert is under way',
    { pair, attempt: { tell: 'alerting' } },
    'recorded; the alert is under way',
    { isAnswered: false, hasArrived: true },
  ],
  [
    'one whose alert failed',
    { attempt: { tell: 'untold', heldBack: 'failed' } },
    'the alert failed; Lambda tries again',
    { isAnswered: false, hasArrived: true },
  ],
  [
    'one beyond the budget',
    { attempt: { tell: 'untold', heldBack: 'budget' } },
    'not alerted, because other alerts have used up the budget of this minute',
    { isAnswered: false, hasArrived: true, isFinal: true },
  ],
  [
    'one that is alerted',
    { pair, attempt: { alertedAt: NOW.toISOString() } },
    'alerted',
    { isAnswered: true, hasArrived: true },
  ],
])('of %s in the table the event path shows', (_, traces, text, expected) => {
  expect(observeEvent(traces)).toEqual({ ...expected, text });
});

const OK: AlarmState = { value: 'OK' };
const ALARM: AlarmState = { value: 'ALARM', since: NOW };

test.each<[string, AlarmState, AlarmState, object]>([
  ['OK as before', OK, OK, { isAnswered: false, text: 'still OK' }],
  ['ALARM after OK', OK, ALARM, { isAnswered: true, text: 'in ALARM' }],
  ['ALARM after no data', { value: 'INSUFFICIENT_DATA' }, ALARM, { isAnswered: true }],
  [
    'ALARM as before',
    ALARM,
    ALARM,
    {
      isAnswered: false,
      isFinal: true,
      text: 'was in ALARM already since 2026-11-22 17:05 UTC, and cannot go there again: wait until it is OK',
    },
  ],
])('of an alarm in %s the alarm path shows', (_, before, now, expected) => {
  expect(observeAlarm(before, now)).toMatchObject(expected);
});

test('an alarm that is missing is created again as the doctor shows, not by a deployment', async () => {
  const client = { send: async () => ({ MetricAlarms: [] }) } as unknown as CloudWatchClient;
  await expect(
    alarmState(client, 'attempts', { stage: 'prod', region: 'eu-west-3', profile: 'p' }),
  ).rejects.toMatchObject({
    code: 'NO_STACK',
    message:
      'Expected the alarm attempts, got none; a deployment does not create it again, but this shows how: npm run doctor -- --stage prod --region eu-west-3 --profile p',
  });
});

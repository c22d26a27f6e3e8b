import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { type EventBridgeClient, ResourceNotFoundException } from '@aws-sdk/client-eventbridge';
import {
  type AlarmState,
  observeAlarm,
  observeChannel,
  observeEvent,
  observeName,
  observeTrail,
  type Traces,
} from '../../../../cli/drill/paths.ts';
import { alarmState, spokeRuleState } from '../../../../cli/drill/state.ts';
import { NOW } from '../../../testing/attempts.ts';

const pair = { claimedBy: 'attempt' };

const clash = { calls: [{ id: '1', time: NOW }] };

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

const notice = 'alert/9f1c2d6e';

test.each<[string, Traces, object]>([
  ['nothing', {}, { isAnswered: false, text: 'no attempt recorded' }],
  ['an attempt', { attempt: {}, notice, sent: {} }, { isAnswered: false, text: 'not sent' }],
  ['a clash', { clash, notice, sent: {} }, { isAnswered: false, text: 'not sent' }],
  [
    'a claim of the channel',
    { attempt: {}, notice, sent: { chat: { token: 'a', leaseUntil: 1 } } },
    { isAnswered: false, text: 'is at work, or has failed and is tried again' },
  ],
  [
    'what another channel has sent',
    { attempt: {}, notice, sent: { bus: { sentAt: NOW.toISOString() } } },
    { isAnswered: false, text: 'not sent' },
  ],
  [
    'what the channel has sent',
    { attempt: {}, notice, sent: { chat: { sentAt: NOW.toISOString() } } },
    { isAnswered: true, text: 'sent', notice, sentAt: NOW.toISOString() },
  ],
])('of %s in the table the chat shows', (_, traces, expected) => {
  expect(observeChannel('chat', traces)).toEqual(expected);
});

const alertedAt = NOW.toISOString();
const byTrail = { alertedAt, path: 'trail', byTrailAt: alertedAt };

test.each<[string, Traces, object]>([
  [
    'the trail path alone has brought',
    { pair, attempt: byTrail },
    { isAnswered: false, hasArrived: false },
  ],
  [
    'the trail path has brought first',
    { pair, attempt: { ...byTrail, byRuleAt: alertedAt } },
    { isAnswered: true, hasArrived: true },
  ],
])('an attempt that %s is no answer of the rule before it comes', (_, traces, expected) => {
  expect(observeEvent(traces)).toMatchObject(expected);
});

test.each<[string, Traces, string, boolean]>([
  ['nothing', {}, 'not brought', false],
  ['one that the rule has brought', { pair, attempt: { alertedAt } }, 'not brought', false],
  ['one that both have', { pair, attempt: { alertedAt, byTrailAt: alertedAt } }, 'brought', true],
  ['one that the trail path has', { pair, attempt: byTrail }, 'brought', true],
  [
    'one of it whose alert is under way',
    { attempt: { path: 'trail' } },
    'recorded; the alert is under way',
    false,
  ],
])('of %s in the table the trail path shows', (_, traces, text, isAnswered) => {
  expect(observeTrail(traces)).toMatchObject({ text, isAnswered });
});

test.each<[string, Traces, object]>([
  ['nothing', {}, { isAnswered: false, hasArrived: false, text: 'no clash recorded' }],
  [
    'a clash that nothing has reported',
    { clash },
    { isAnswered: false, hasArrived: true, text: 'recorded; the mail is due within minutes' },
  ],
  [
    'one that a mail has',
    { clash: { calls: [], toldAt: NOW } },
    { isAnswered: true, hasArrived: true, text: 'mailed' },
  ],
  [
    'one that none will',
    { clash: { calls: [] } },
    {
      ...{ isAnswered: false, hasArrived: true, isFinal: true },
      text: 'recorded, but dropped: the secret was restored or removed by then, as by another drill, or the caller is muted',
    },
  ],
])('of %s in the table the name shows', (_, traces, expected) => {
  expect(observeName(traces)).toEqual(expected);
});

const OK: AlarmState = { value: 'OK' };
const ALARM: AlarmState = { value: 'ALARM', since: NOW };

test.each<[string, AlarmState, AlarmState, object]>([
  ['OK as before', OK, OK, { isAnswered: false, text: 'still OK' }],
  ['ALARM after OK', OK, ALARM, { isAnswered: true, text: 'in ALARM' }],
  ['ALARM after no data', { value: 'INSUFFICIENT_DATA' }, ALARM, { isAnswered: true }],
  ['ALARM, mail suppressed', OK, { ...ALARM, mail: 'suppressed' }, { mail: 'suppressed' }],
  ['ALARM, mail sent', OK, { ...ALARM, mail: 'sent' }, { isAnswered: true, mail: 'sent' }],
  [
    'ALARM, its mail not decided on',
    OK,
    { ...ALARM, mail: 'waiting' },
    { isAnswered: false, text: 'in ALARM, its mail waits for the trail path' },
  ],
  ['OK, as its mail', OK, { ...OK, mail: 'waiting' }, { isAnswered: false, text: 'still OK' }],
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

const clientOf = (answer: object) => ({ send: async () => answer }) as unknown as CloudWatchClient;
const TARGET = { stage: 'prod', region: 'eu-west-3', profile: 'p' };
const MetricAlarms = [{ StateValue: 'ALARM' }];

test.each([
  ['attempts', { MetricAlarms: [] }],
  ['unexplained', { MetricAlarms }],
])(
  'an alarm that is missing is created again as the doctor shows, not by a deployment: %s',
  async (name, answer) => {
    const names = { classic: 'attempts', mailing: 'unexplained' };
    await expect(alarmState(clientOf(answer), names, TARGET)).rejects.toMatchObject({
      code: 'NO_STACK',
      message: `Expected the alarm ${name}, got none; a deployment does not create it again, but this shows how: npm run doctor -- --stage prod --region eu-west-3 --profile p`,
    });
  },
);

test.each([
  ['waiting', { StateValue: 'OK' }],
  ['waiting', { StateValue: 'ALARM', ActionsSuppressedBy: 'WaitPeriod' }],
  ['waiting', { StateValue: 'ALARM', ActionsSuppressedBy: 'ExtensionPeriod' }],
  ['suppressed', { StateValue: 'ALARM', ActionsSuppressedBy: 'Alarm' }],
  ['sent', { StateValue: 'ALARM' }],
])("the alarm's mail is %s by a composite alarm in %j", async (mail, composite) => {
  const names = { classic: 'attempts', mailing: 'unexplained' };
  const client = clientOf({ MetricAlarms, CompositeAlarms: [composite] });
  expect(await alarmState(client, names, TARGET)).toMatchObject({ value: 'ALARM', mail });
});

test('an alarm that mails itself says nothing of its mail', async () => {
  const names = { classic: 'attempts', mailing: undefined };
  expect(await alarmState(clientOf({ MetricAlarms }), names, TARGET)).toEqual({ value: 'ALARM' });
});

const SPOKE = { ...TARGET, accountId: '444455556666' };

test('the state of the rule of a spoke is read by its name', async () => {
  const send = async ({ input }: { input: object }) => {
    expect(input).toEqual({ Name: 'deleted-secret-notifier-prod-spoke-attempts' });
    return { State: 'ENABLED' };
  };
  expect(await spokeRuleState({ send } as unknown as EventBridgeClient, SPOKE)).toBe('ENABLED');
});

test('a place without a spoke is no place for a drill of the event path', async () => {
  const send = () =>
    Promise.reject(new ResourceNotFoundException({ message: 'no rule', $metadata: {} }));
  await expect(
    spokeRuleState({ send } as unknown as EventBridgeClient, SPOKE),
  ).rejects.toMatchObject({
    code: 'NO_STACK',
    message:
      'Expected the rule deleted-secret-notifier-prod-spoke-attempts in account 444455556666, eu-west-3, got none: no spoke is deployed there; what is missing shows npm run doctor -- --stage prod --region eu-west-3 --profile p --spoke; without a spoke, drill with --path trail',
  });
});

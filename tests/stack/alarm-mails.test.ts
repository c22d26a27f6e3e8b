import type { Resources } from '../../stack/cloudformation.ts';
import { type Datum, publications, type Unknowns } from '../testing/cloudwatch.ts';
import { type Combination, properties, resourcesOfType } from './template.ts';

/** An attempt on a timeline, in minutes. */
interface Attempt {
  readonly at: number;
  /** When CloudTrail delivers it to the log group: 5 minutes later, unless it says otherwise. */
  readonly loggedAt?: number;
  /** When a function records it by the rule, within seconds, if one does. */
  readonly recordedAt?: number;
  /** How long after its delivery to the log group a function has handled it that came from there, if one has. */
  readonly heardAfter?: number;
}

/** By the trail's log group, from which the alarm hears of it too. @param heardAfter how long the functions take */
const byTrail = (at: number, heardAfter = 0.3): Attempt => ({ at, heardAfter });
const byRuleAlone = (at: number): Attempt => ({ at, recordedAt: at + 0.1 });
const byBoth = (at: number): Attempt => ({ ...byTrail(at), ...byRuleAlone(at) });
const byNobody = (at: number): Attempt => ({ at });

/** So many of them, so many minutes apart. */
const every = (minutes: number, count: number, make: (at: number) => Attempt, from = 0) =>
  Array.from({ length: count }, (_, index) => make(from + index * minutes));

/**
 * What AWS does not say: how far back an alarm looks beyond its periods, whether a metric filter stamps what it counts with
 * the time of the call or of its delivery, and which alarm is evaluated first in a minute.
 */
const UNKNOWNS: [string, Unknowns & { isStampedByCall: boolean }][] = [
  ['no further back', 0, false],
  ['further back', 2, false],
  ['further back, from the time of the call', 2, true],
].flatMap(([name, lookBack, isStampedByCall]) =>
  [
    { AttemptsAlarm: 0, AttemptsRecordedAlarm: 59 },
    { AttemptsAlarm: 59, AttemptsRecordedAlarm: 0 },
  ].map((phases): [string, Unknowns & { isStampedByCall: boolean }] => [
    `${name}, ${phases.AttemptsAlarm === 0 ? 'the alarm' : 'the suppressor'} first`,
    { lookBack: Number(lookBack), phases, isStampedByCall: Boolean(isStampedByCall) },
  ]),
);

const METRIC_DELAY = 60; // seconds until an alarm sees what has been counted
const seconds = (minutes: number) => Math.round(minutes * 60);

const alarmsOf = (name: Combination): Resources =>
  Object.fromEntries(
    ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap((type) =>
      resourcesOfType(name, type).filter(([id]) => /Attempts/.test(id)),
    ),
  );

const datum = (at: number, knownAt = at): Datum => ({
  at: seconds(at),
  seenAt: seconds(knownAt) + METRIC_DELAY,
});

/** When the packaged alarms mail, in minutes. @param changes to their properties, by logical id */
function mails(
  attempts: readonly Attempt[],
  { isStampedByCall, ...unknowns }: (typeof UNKNOWNS)[number][1],
  name: Combination = 'example',
  changes: Record<string, object> = {},
): number[] {
  const alarms = Object.fromEntries(
    Object.entries(alarmsOf(name)).map(([id, one]) => [
      id,
      { ...one, Properties: { ...one.Properties, ...changes[id] } },
    ]),
  );
  const last = Math.max(...attempts.map(({ at }) => at));
  const data = {
    [properties(name, 'AttemptsAlarm').MetricName]: attempts.map(({ at, loggedAt = at + 5 }) =>
      datum(isStampedByCall ? at : loggedAt, loggedAt),
    ),
    Attempts: attempts.flatMap(({ recordedAt }) =>
      recordedAt === undefined ? [] : [datum(recordedAt)],
    ),
    HeardByTrail: attempts.flatMap(({ at, loggedAt = at + 5, heardAfter }) =>
      heardAfter === undefined ? [] : [datum(loggedAt + heardAfter)],
    ),
  };
  return publications(alarms, data, seconds(last + 180), unknowns).map((time) => time / 60);
}

describe.each(UNKNOWNS)('an alarm looks %s', (_, unknowns) => {
  test.each<[string, Attempt[]]>([
    ['one attempt', [byBoth(0)]],
    [
      'one that CloudTrail delivers to the log group after five hours, among others',
      [{ ...byBoth(0), loggedAt: 300 }, byBoth(600)],
    ],
    ['one that only the trail brought', [byTrail(0)]],
    ['one that only the trail brought, and a function failed on once', [byTrail(0, 1.5)]],
    ['one an hour for a day', every(60, 24, byBoth)],
    ['one an hour for a day, of another Region', every(60, 24, byTrail)],
    ['one a minute for four hours', every(1, 240, byBoth)],
    ['one every 25 minutes for a day', every(25, 58, byBoth)],
  ])('no mail of %s that the functions have heard of by the trail', (_, attempts) => {
    expect(mails(attempts, unknowns)).toEqual([]);
  });

  test('a mail of one attempt that nothing has recorded, within a quarter of an hour', () => {
    const [mail, ...more] = mails([byNobody(0)], unknowns);
    expect(mail).toBeGreaterThan(5);
    expect(mail).toBeLessThan(15);
    expect(more).toEqual([]);
  });

  test('a mail an hour if there is one attempt an hour, and the function is dead', () => {
    expect(mails(every(60, 6, byNobody), unknowns)).toHaveLength(6);
  });

  test('one mail if there is one attempt a minute, and the function is dead', () => {
    expect(mails(every(1, 240, byNobody), unknowns)).toHaveLength(1);
  });

  test('a mail about an hour after the function has died between attempts, one a minute', () => {
    const found = mails([...every(1, 60, byBoth), ...every(1, 180, byNobody, 60)], unknowns);
    expect(found).toHaveLength(1);
    expect(found[0]).toBeGreaterThan(60 + 55);
    expect(found[0]).toBeLessThan(60 + 80);
  });

  test('a mail of the second attempt at the latest after the function has died between attempts, one an hour', () => {
    const found = mails([...every(60, 3, byBoth), ...every(60, 3, byNobody, 180)], unknowns);
    expect(found.at(-1)).toBeGreaterThan(300);
    expect(found.filter((time) => time > 240)).toHaveLength(2);
  });

  test('no mail of an attempt that only the alarm has seen within the hour after one that the trail brought', () => {
    expect(mails([byBoth(0), byNobody(30)], unknowns)).toEqual([]);
  });

  test('a mail of it two hours after', () => {
    expect(mails([byBoth(0), byNobody(120)], unknowns)).toHaveLength(1);
  });

  test('a mail of what nobody has recorded elsewhere, whatever the rule records at home', () => {
    const home = every(50, 24, byRuleAlone);
    const elsewhere = every(10, 120, byNobody, 3);
    const [mail] = mails([...home, ...elsewhere], unknowns);
    expect(mail).toBeGreaterThan(5);
    expect(mail).toBeLessThan(20);
  });

  test('a mail each time if the trail path is dead, though the rule has recorded them', () => {
    expect(mails(every(60, 6, byRuleAlone), unknowns)).toHaveLength(6);
  });

  test('the mail about an hour after the trail path has died is not put off by the rule', () => {
    const found = mails([...every(1, 60, byBoth), ...every(1, 180, byRuleAlone, 60)], unknowns);
    expect(found).toHaveLength(1);
    expect(found[0]).toBeLessThan(60 + 80);
  });

  test("with alarmMails=always a mail whenever the alarm of AWS's recipe goes off", () => {
    expect(mails(every(60, 24, byBoth), unknowns, 'own-trail')).toHaveLength(24);
  });
});

const [[, KNOWN] = []] = UNKNOWNS;
if (!KNOWN) throw new Error('Expected something unknown');

test('one mail too many, of an attempt that the functions have failed on twice before they recorded it', () => {
  expect(mails([byTrail(0, 4.5)], KNOWN)).toHaveLength(1);
});

test('a suppressor that did not outlast the alarm would let go of what the metric filter counts minutes later', () => {
  const attempts = [byTrail(0, -6)];
  const changes = { AttemptsRecordedAlarm: { EvaluationPeriods: 1 } };
  expect(mails(attempts, KNOWN, 'example', changes)).toHaveLength(1);
  expect(mails(attempts, KNOWN)).toEqual([]);
});

test('a suppressor that heard of what the rule records would hide what nobody hears elsewhere', () => {
  const attempts = [...every(50, 24, byRuleAlone), ...every(10, 120, byNobody, 3)];
  const changes = { AttemptsRecordedAlarm: { MetricName: 'Attempts' } };
  expect(mails(attempts, KNOWN, 'example', changes)).toEqual([]);
});

test('a wait that outlasts the alarm would lose the mail', () => {
  const changes = { UnexplainedAttemptsAlarm: { ActionsSuppressorWaitPeriod: 6 * 60 } };
  expect(mails([byNobody(0)], KNOWN, 'example', changes)).toEqual([]);
});

import {
  DOWN,
  FEW,
  IN_VAIN,
  instead,
  LATE,
  MANY,
  PLACES,
  replaced,
  testStorm,
} from '../testing/sabotage.ts';

/** Storms for which CI has no time: of days, of what comes again and again, and of what other tests notice too. */

/** One job that reads one secret, until a day after the first week of its incident. */
const ONE_JOB = { attempts: 150, secrets: 1, callers: 1, minutes: 8 * 24 * 60 };

/** Of days that pass with little to do the schedule is most of the work; what these storms count needs no more of it. */
const SELDOM = { interval: 30 };

testStorm('of one job', { ...ONE_JOB, ...SELDOM }, [
  [
    'digests without pauses',
    'maxMailsForOneIncident',
    instead('lib/incident/plan.ts', 'nextPause', '() => 0'),
  ],
  [
    'pauses that do not grow',
    'maxMailsForOneIncidentPerDay',
    instead('lib/incident/plan.ts', 'nextPause', '() => 4'),
  ],
  [
    'pauses that grow too long',
    'toldLate',
    instead('lib/incident/plan.ts', 'nextPause', '() => 72'),
  ],
]);

// What is handed on is handed on again with each try to mail it.
testStorm('with mail that is down for eight hours', { ...DOWN, interval: 20, down: 'mail' }, [
  [
    'channels that send whatever they have sent',
    ['chatToldTwice', 'busToldTwice'],
    replaced(
      'lib/notice/channel.ts',
      "return item?.sentAt === undefined ? 'busy' : 'sent';",
      "return 'claimed';",
    ),
  ],
  [
    'a chat without a budget',
    ['maxChatMessagesPerHour'],
    replaced(
      'lib/incident/chat.ts',
      'const max = policy.maxChatMessagesPerHour;',
      'const max = 1000;',
    ),
  ],
]);

testStorm('of reads of what is gone, of probes and of names that are taken', IN_VAIN, [
  [
    'a list of what is deleted that is read for each batch',
    'ledgerReads',
    replaced('lib/deletion/deleted.ts', 'const CACHED_MS = MINUTE_MS;', 'const CACHED_MS = 0;'),
  ],
  [
    'names taken that are told again and again',
    'clashesToldTwice',
    instead('lib/incident/plan.ts', 'clashesDue', '(clashes) => clashes'),
  ],
  [
    'names taken that nobody is told of',
    'clashesUntold',
    instead('lib/incident/plan.ts', 'clashesDue', '() => []'),
  ],
]);

const ELSEWHERE = { ...IN_VAIN, secrets: 16, gone: 6, probes: 100, accounts: 2, regions: 2 };
const TROUBLE = { losses: 0.02, failures: 0.02, crashes: 0.01 };

testStorm('of the same over several places, where calls fail', { ...ELSEWHERE, ...TROUBLE }, [
  [
    'what is gone, and left to digests that do not catch up',
    'newSecretLatestSeconds',
    replaced(
      'lib/incident/plan.ts',
      'unnamed.some((incident) => isToBeNamed(incident, pace, now))',
      'false',
    ),
  ],
]);

testStorm('on few secrets, with events that EventBridge loses', { ...LATE, losses: 0.1 }, [
  [
    'last calls that are not noted',
    'wrongLastCalls',
    replaced('lib/incident/ends.ts', 'lastCall: call ?? made', 'lastCall'),
  ],
  [
    'a count of what the rule has missed that stays at zero',
    'missedWrongly',
    replaced('functions/notify.ts', '{ MissedByRule: 1 }', '{ MissedByRule: 0 }'),
  ],
]);

testStorm('on many secrets', MANY, [
  [
    'digests that read nothing',
    'lost',
    replaced('lib/incident/summarize.ts', 'unreportedAfter: reportedUntil', 'unreportedAfter: now'),
  ],
  [
    'digests that do not note what they have reported',
    'toldTwice',
    replaced('lib/incident/noting.ts', 'reportedUntil: until,\n    openedAt', 'openedAt'),
  ],
  [
    'mails that name nobody',
    'unnamedCallers',
    replaced(
      'lib/notice/digest-text.ts',
      '`${count} x ${oneLine(callerName, 160)}${since}`',
      '`${count} x somebody`',
    ),
  ],
  [
    'no budget by the second',
    'maxMessagesPerSecond',
    replaced(
      'lib/incident/budget.ts',
      "isUrgent ? hasSecond : allOf(isBelow('taken', maxPerHour), hasSecond)",
      "isBelow('taken', 1000)",
    ),
  ],
  [
    'no catch-up at all',
    'newCallerLatestSeconds',
    replaced(
      'lib/incident/plan.ts',
      'unnamed.some((incident) => isToBeNamed(incident, pace, now))',
      'false',
    ),
  ],
]);

testStorm('over several accounts and Regions', PLACES, [
  [
    'names that are taken for those of the own Region',
    'mixedUp',
    replaced(
      'lib/attempt/attempt.ts',
      'detail.awsRegion ?? event.region',
      'process.env.AWS_REGION',
    ),
  ],
]);

testStorm('in which calls fail', { ...FEW, failures: 0.2 }, [
  [
    'a failed DescribeSecret that fails the alert',
    'failedNeedlessly',
    instead(
      'lib/deletion/describe.ts',
      'describeSecret',
      "async (...args) => { const found = await real(...args); if (found.kind === 'unavailable') throw new Error('refused'); return found; }",
    ),
  ],
]);

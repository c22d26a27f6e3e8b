import { readAttempt } from '../../lib/attempt/attempt.ts';
import { parseEvent } from '../../lib/cloudtrail/record.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import { readChanges } from '../../lib/deletion/change.ts';
import { incidentKey } from '../../lib/incident/incidents.ts';
import { notify, type Ports } from '../../lib/incident/notify.ts';
import { type TrackPorts, track } from '../../lib/incident/track.ts';
import type { Mail } from '../../lib/notice/mail/mail.ts';
import { renderMail } from '../../lib/notice/mail/render.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { HOME } from '../testing/attempts.ts';
import { GATE_POLICY } from '../testing/gate.ts';
import { linesOf } from '../testing/notices.ts';
import { asEvent, deleteSecret, failedGetSecretValue, restoreSecret } from '../testing/records.ts';
import { type State, useState } from '../testing/state.ts';

/** Secrets of other accounts and Regions, of which the trail alone tells: nobody looks them up. */
const state = useState();

const NAME = 'prod/db-password';
const OTHER = '444455556666';
const arnIn = (account: string, region: string) =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${NAME}-AbCdEf`;
const secretIn = (account: string, region: string) => identifySecret(arnIn(account, region), {});

const tagKeys = { owner: ['owner'], replacement: [] };
const policy = { ...GATE_POLICY, autoCancel: 'all', tagKeys } as const;
const refuse = (what: string) => () => Promise.reject(new Error(`${what} of a secret elsewhere`));
const describeSecret = refuse('DescribeSecret') as Ports['describeSecret'];

/** What a record of another place has that one of ours has not; made now. */
function recorded(account: string, region: string) {
  const role = { type: 'Role', arn: `arn:aws:iam::${account}:role/batch`, accountId: account };
  return {
    eventTime: state.now().toISOString().replace('.000', ''),
    awsRegion: region,
    recipientAccountId: account,
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/batch/i-0abc`,
      accountId: account,
      sessionContext: { sessionIssuer: { ...role, userName: 'batch' } },
    },
  };
}

type Place = readonly [account: string, region: string];

let ids = 0;
/**
 * A read fails there now; its record comes by the trail five minutes later, or so many after what happens `meanwhile`.
 * @returns the alert's mail, or why there is none.
 */
async function reads(
  place: Place,
  minutes = 5,
  meanwhile: () => Promise<void> = async () => {},
): Promise<Mail | string> {
  const eventID = `read-${++ids}`;
  const event = asEvent(failedGetSecretValue({ ...recorded(...place), eventID }), {
    path: 'trail',
  });
  await meanwhile();
  state.pass(minutes * MINUTE_MS);
  const { attempt } = readAttempt(parseEvent(event), state.now());
  if (!attempt) throw new Error('no attempt');
  const gate = state.gate();
  const outcome = await notify(attempt, policy, {
    now: state.now,
    home: HOME,
    gate,
    getItems: state.stores.ledger.getItems,
    searchHistory: refuse('LookupEvents'),
    describeSecret,
    restoreSecret: refuse('RestoreSecret'),
    noteRestoring: refuse('RestoreSecret'),
    noteRefused: refuse('RestoreSecret'),
    acted: () => {
      throw new Error('acted');
    },
    publish: async () => undefined,
  });
  return 'deferred' in outcome ? outcome.deferred : renderMail(outcome.alert);
}

/** The record of a change made now comes; announced if `mails` is given. */
async function changes(record: ReturnType<typeof deleteSecret>, mails?: Mail[]): Promise<void> {
  const [change] = readChanges(parseEvent(asEvent(record, { path: 'trail' })));
  if (!change) throw new Error('no change');
  await track(change, mails && { tagKeys, maxMailsPerHour: 20 }, {
    ...state.gate(),
    ...state.stores,
    home: HOME,
    describeSecret,
    publish: async (notice) => mails?.push(renderMail(notice)),
  } as TrackPorts);
}

function scheduled([account, region]: Place, days: number) {
  const requestParameters = { secretId: NAME, recoveryWindowInDays: days };
  const responseElements = { arn: arnIn(account, region) };
  const eventID = `deletion-${++ids}`;
  return deleteSecret({
    ...recorded(account, region),
    eventID,
    requestParameters,
    responseElements,
  });
}

const restored = ([account, region]: Place) =>
  restoreSecret({
    ...recorded(account, region),
    eventID: `restore-${++ids}`,
    responseElements: { arn: arnIn(account, region) },
  });

const run = async (overrides: Parameters<State['sumUp']>[0] = {}) =>
  linesOf(await state.sumUp({ describeSecret, ...overrides }));
const find = (place: Place) => state.stores.incidents.find(incidentKey(secretIn(...place)));
const text = (mail: Mail | string | undefined) =>
  typeof mail === 'object' ? `Subject: ${mail.subject}\n\n${mail.body}` : mail;

const ACCOUNT: Place = [OTHER, 'us-east-1'];
const REGION: Place = [HOME.accountId, 'us-east-1'];

test('the alert of a secret of another account says so in one line, and whose credentials it takes', async () => {
  await changes(scheduled(ACCOUNT, 7));
  state.pass(HOUR_MS);
  expect(text(await reads(ACCOUNT))).toMatchInlineSnapshot(`
"Subject: WARNING: Deleted secret prod/db-password wanted by batch, 6 days 23 hours left, in 444455556666

Role batch asks for the secret prod/db-password, which is scheduled for
deletion. Every request for its value fails until it is restored.

Secret:      prod/db-password
Account:     444455556666
Region:      us-east-1
Deletion:    2026-11-29 17:05 UTC, 6 days 23 hours left (exact)
Scheduled:   by role batch, session i-0abc, account 444455556666, from
             203.0.113.24, on 2026-11-22 17:05 UTC, with a window of 7 days
Looked up:   no. It is in account 444455556666, us-east-1, which was not
             looked into.
Asked by:    role batch, session i-0abc, account 444455556666
Caller ARN:  arn:aws:iam::444455556666:role/batch
From:        203.0.113.24
With:        aws-sdk-js/3.1163.0 os/linux lang/js md/nodejs#24.21.0
             api/secrets-manager
At:          2026-11-22 18:05:00 UTC
Event:       read-2

WHAT TO DO

1. Still needed? Restore it, with credentials of account 444455556666:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-password-AbCdEf --region us-east-1 --profile PROFILE-OF-444455556666

Or in the console, signed in to account 444455556666:

https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb-password&region=us-east-1

2. Replaced? Tell the owner of role batch to ask for the new secret instead.

3. Truly unused? Do nothing. AWS deletes it at the end of the window.

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-password-AbCdEf --caller arn:aws:iam::444455556666:role/batch --reason "why""
`);
});

test('the alert of a secret of another Region, of whose deletion no record has come, says so', async () => {
  expect(text(await reads(REGION))).toMatchInlineSnapshot(`
"Subject: WARNING: Deleted secret prod/db-password wanted by batch, date unknown, in us-east-1

Role batch asks for the secret prod/db-password, which is scheduled for
deletion. Every request for its value fails until it is restored.

Secret:      prod/db-password
Account:     111122223333
Region:      us-east-1
Deletion:    date unknown, at the latest 2026-12-22 17:05 UTC. No record of
             its deletion has come.
Looked up:   no. It is in us-east-1, which was not looked into.
Asked by:    role batch, session i-0abc, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:role/batch
From:        203.0.113.24
With:        aws-sdk-js/3.1163.0 os/linux lang/js md/nodejs#24.21.0
             api/secrets-manager
At:          2026-11-22 17:05:00 UTC
Event:       read-3

WHAT TO DO

1. Still needed? Restore it:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-password --region us-east-1

https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb-password&region=us-east-1

2. Replaced? Tell the owner of role batch to ask for the new secret instead.

3. Truly unused? Do nothing. AWS deletes it at the end of the window.

4. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-password --caller arn:aws:iam::111122223333:role/batch --reason "why""
`);
});

test('a secret at home of the same name is another one', async () => {
  await changes(scheduled(ACCOUNT, 7));
  await changes(restored(REGION));
  await reads(ACCOUNT);
  const home: Place = [HOME.accountId, HOME.region];
  await expect(reads(home)).rejects.toThrow('DescribeSecret of a secret elsewhere');
  expect((await find(home))?.namedAt).toBeUndefined();
  expect(await find(ACCOUNT)).toMatchObject({ alerts: 1 });
});

test('the announcements name the person, and say that nobody looked', async () => {
  const mails: Mail[] = [];
  await changes(scheduled(ACCOUNT, 7), mails);
  state.pass(HOUR_MS);
  await changes(restored(ACCOUNT), mails);
  expect(mails.map(text).join('\n\n=====\n\n')).toMatchInlineSnapshot(`
"Subject: Secret prod/db-password scheduled for deletion by batch, 7 days left, in 444455556666 us-east-1

The secret prod/db-password was scheduled for deletion by role batch. Every
request for its value fails from now on.

Secret:      prod/db-password
Account:     444455556666
Region:      us-east-1
Deletion:    2026-11-29 17:05 UTC, 7 days left (exact)
Scheduled:   by role batch, session i-0abc, account 444455556666, from
             203.0.113.24, on 2026-11-22 17:05 UTC, with a window of 7 days
Looked up:   no. It is in account 444455556666, us-east-1, which was not
             looked into.

Still needed? Restore it, with credentials of account 444455556666:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-password-AbCdEf --region us-east-1 --profile PROFILE-OF-444455556666

Or in the console, signed in to account 444455556666:

https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb-password&region=us-east-1

=====

Subject: Secret prod/db-password restored by batch, its deletion is cancelled, in 444455556666 us-east-1

The secret prod/db-password was restored by role batch. It can be read
again.

Secret:      prod/db-password
Account:     444455556666
Region:      us-east-1
Deletion:    not scheduled any more
Restored:    by role batch, session i-0abc, account 444455556666, from
             203.0.113.24, on 2026-11-22 18:05 UTC
Looked up:   no. It is in account 444455556666, us-east-1, which was not
             looked into."
`);
});

describe('an incident elsewhere', () => {
  beforeEach(async () => {
    await changes(scheduled(ACCOUNT, 8));
    expect(await reads(ACCOUNT)).toHaveProperty('subject');
  });

  test('has digests, and last calls by the exact date', async () => {
    expect(await reads(ACCOUNT)).toBe('known-caller');
    state.pass(HOUR_MS);
    expect(await run()).toEqual([`digest ${NAME}: 1 x role batch`]);
    expect(text(state.published.at(-1))).toMatchInlineSnapshot(`
"Subject: 1 attempt on deleted secret prod/db-password, 7 days 23 hours left, in 444455556666 us-east-1

1 attempt to read 1 secret scheduled for deletion that no other notice has
reported:

prod/db-password, account 444455556666, Region us-east-1
  Deletion: 2026-11-30 17:05 UTC, 7 days 23 hours left (exact)
  Looked up: no. It is in account 444455556666, us-east-1, which was not
             looked into.
  Restore, with credentials of account 444455556666: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-password-AbCdEf --region us-east-1 --profile PROFILE-OF-444455556666
  Console, signed in to account 444455556666: https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb-password&region=us-east-1
  - 1 x role batch, session i-0abc, at 2026-11-22 17:10 UTC, from
    203.0.113.24

Known already, and to be changed in time? Mute the caller, in a checkout of
deleted-secret-notifier:

npm run mute -- --secret arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-password-AbCdEf --caller arn:aws:iam::444455556666:role/batch --reason "why""
`);
    state.pass(DAY_MS);
    expect(await run()).toEqual([`last-call ${NAME}: 2 x role batch (0 new)`]);
    expect(state.published.at(-1)?.subject).toMatchInlineSnapshot(
      `"LAST CALL: deleted secret prod/db-password was read, 6 days 23 hours left, in 444455556666"`,
    );
  });

  test('is resolved by the record of the restore, though the attempt came after that', async () => {
    state.pass(MINUTE_MS);
    await changes(restored(ACCOUNT));
    state.pass(2 * MINUTE_MS);
    expect(await run()).toEqual([`resolved ${NAME}: 1 x role batch (0 new)`]);
    expect(text(state.published.at(-1))).toMatchInlineSnapshot(`
"Subject: Resolved: secret prod/db-password is restored, in 444455556666 us-east-1

1 secret scheduled for deletion has been restored, after 1 attempt to read
it. It can be read again: there is nothing left to search for.

prod/db-password, account 444455556666, Region us-east-1
  Deletion: cancelled by role batch, session i-0abc, account 444455556666,
            from 203.0.113.24, on 2026-11-22 17:11 UTC
  - 1 x role batch, session i-0abc, at 2026-11-22 17:05 UTC, from
    203.0.113.24"
`);
  });

  /** Runs each twelve hours. */
  async function pass(days: number): Promise<string[]> {
    const lines: string[] = [];
    for (let half = 0; half < 2 * days; half++) {
      state.pass(12 * HOUR_MS);
      lines.push(...(await run()));
    }
    return lines;
  }

  test('is said to be over once its end has passed, not to be gone, and is closed a week later', async () => {
    expect(await pass(7.5)).toHaveLength(2);
    expect(await pass(1)).toEqual([`over ${NAME}: 1 x role batch (0 new)`]);
    expect(text(state.published.at(-1))).toMatchInlineSnapshot(`
"Subject: TIME IS UP: deleted secret prod/db-password was read, in 444455556666 us-east-1

TIME IS UP: the recovery window of 1 secret has ended, after 1 attempt to
read it. No restore was recorded. AWS deletes a secret for good some time
after the end; whether it has, this stack cannot look.

Still needed? Try to restore at once. If AWS does not find it any more, make
a new secret of the same name, with a value from its source. Not needed?
Have those who still read it changed.

prod/db-password, account 444455556666, Region us-east-1
  Deletion: 2026-11-30 17:05 UTC, AWS may purge it any time
  Scheduled: by role batch, session i-0abc, account 444455556666, from
             203.0.113.24, on 2026-11-22 17:05 UTC, with a window of 8 days
  Looked up: no. It is in account 444455556666, us-east-1, which was not
             looked into.
  Restore, with credentials of account 444455556666: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-password-AbCdEf --region us-east-1 --profile PROFILE-OF-444455556666
  Console, signed in to account 444455556666: https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb-password&region=us-east-1
  - 1 x role batch, session i-0abc, at 2026-11-22 17:05 UTC, from
    203.0.113.24"
`);
    expect(await reads(ACCOUNT)).toBe('known-caller');
    expect(await pass(1)).toEqual([`digest ${NAME}: 1 x role batch`]);
    expect((await find(ACCOUNT))?.ended).toBeUndefined();
    expect(await pass(9)).toEqual([]);
    expect(await find(ACCOUNT)).toMatchObject({ ended: 'closed', isEndReported: true });
  });

  test('is reported as gone where the record of a deletion by force says so', async () => {
    state.pass(HOUR_MS);
    const requestParameters = { secretId: NAME, forceDeleteWithoutRecovery: true };
    await changes({ ...scheduled(ACCOUNT, 7), requestParameters } as never);
    state.pass(2 * MINUTE_MS);
    expect(await run()).toEqual([`gone ${NAME}: 1 x role batch (0 new)`]);
  });
});

test('a secret that was restored before its attempt came is alerted as restored, by whom, and not again', async () => {
  await changes(scheduled(ACCOUNT, 7));
  state.pass(HOUR_MS);
  const late = await reads(ACCOUNT, 4 * 60, async () => {
    state.pass(HOUR_MS);
    await changes(restored(ACCOUNT));
  });
  expect(text(late)).toContain('Restored:    by role batch');
  state.pass(HOUR_MS);
  expect(await run()).toEqual([]);
});

test('a mail on secrets of several places says where those are that are not the own', async () => {
  const places: Place[] = [ACCOUNT, REGION];
  for (const place of places) {
    const gate = { budget: { takeTurn: async () => 'hour' as const } };
    const record = failedGetSecretValue({ ...recorded(...place), eventID: place.join() });
    const { attempt } = readAttempt(parseEvent(asEvent(record)), state.now());
    if (attempt) expect(await state.comes(attempt, gate)).toBe('budget');
  }
  state.pass(2 * MINUTE_MS);
  await run();
  expect(text(state.published.at(-1))).toMatchInlineSnapshot(`
"Subject: WARNING: 2 attempts on 2 deleted secrets

2 attempts to read 2 secrets scheduled for deletion that no other notice has
reported:

prod/db-password, account 111122223333, Region us-east-1
  Deletion: date unknown, at the latest 2026-12-22 17:05 UTC
  Looked up: no. It is in us-east-1, which was not looked into.
  Restore: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-password --region us-east-1
  Console: https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb-password&region=us-east-1
  - new: 1 x role batch, session i-0abc, at 2026-11-22 17:05 UTC, from
    203.0.113.24

prod/db-password, account 444455556666, Region us-east-1
  Deletion: date unknown, at the latest 2026-12-22 17:05 UTC
  Looked up: no. It is in account 444455556666, us-east-1, which was not
             looked into.
  Restore, with credentials of account 444455556666: aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-password --region us-east-1 --profile PROFILE-OF-444455556666
  Console, signed in to account 444455556666: https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb-password&region=us-east-1
  - new: 1 x role batch, session i-0abc, at 2026-11-22 17:05 UTC, from
    203.0.113.24

Total: 2 attempts on 2 secrets by 2 callers.

Known already, and to be changed in time? Mute the caller, such as the one
with the most attempts, in a checkout of deleted-secret-notifier:

npm run mute -- --secret arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-password --caller arn:aws:iam::111122223333:role/batch --reason "why""
`);
});

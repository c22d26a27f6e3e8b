import { renderEvent } from '../../../../lib/notice/bus/event.ts';
import { remedyOf } from '../../../../lib/notice/commands.ts';
import type { IncidentNotice } from '../../../../lib/notice/incident-notice.ts';
import { cancellation, deletion, SECRET_ARN } from '../../../testing/attempts.ts';
import { envelopeOf, eventOf } from '../../../testing/events.ts';
import { KINDS, NOTICES } from '../../../testing/incident-notices.ts';

const detailOf = (notice: IncidentNotice) => envelopeOf(notice).detail;

test('each kind has its detail-type and a sentence for people', () => {
  const lines = KINDS.map((kind) => {
    const { 'detail-type': type, detail } = envelopeOf(NOTICES[kind]);
    return `${type}: ${detail.summary}`;
  });
  expect(lines.join('\n')).toMatchInlineSnapshot(`
"Incident Opened: role app-server tried to read prod/db/password: 6 days 21 hours left
Incident Caller Added: role app-server tried to read prod/db/password, as others did before: 6 days 21 hours left
Incident Digest: at least 3 attempts to read prod/db/password, by 1 caller: 6 days 21 hours left
Incident Last Call: last call for prod/db/password, which 1 caller tried to read: 6 days 21 hours left
Incident Window Over: the recovery window of prod/db/password is over
Incident Resolved: the deletion of prod/db/password was cancelled
Incident Secret Gone: prod/db/password is gone, though 1 caller tried to read it
Deletion Announced: user alice scheduled the deletion of prod/db/password: 6 days 21 hours left
Secret Name Taken: user alice cannot create prod/db/password, a name that a deleted secret keeps: 6 days 21 hours left"
`);
});

test('the entry of an event', () => {
  const { Detail, ...entry } = eventOf(NOTICES.digest);
  expect(entry).toEqual({
    Source: 'deleted-secret-notifier',
    DetailType: 'Incident Digest',
    Time: NOTICES.digest.now,
    Resources: [SECRET_ARN],
  });
  expect(JSON.parse(Detail)).toMatchInlineSnapshot(`
{
  "at": "2026-11-22T17:05:00.000Z",
  "callers": [
    {
      "addresses": [
        "10.0.3.7",
        "10.0.3.8",
      ],
      "attempts": 3,
      "first": "2026-11-22T17:01:00.000Z",
      "isNew": false,
      "key": "arn:aws:iam::111122223333:role/app-server",
      "last": "2026-11-22T17:03:00.000Z",
      "name": "role app-server",
      "sessions": [
        "i-0abc",
      ],
    },
  ],
  "counts": {
    "attempts": 3,
    "callers": 1,
    "ignored": 4,
    "isLeast": true,
    "muted": 2,
  },
  "deletion": {
    "certainty": "exact",
    "date": "2026-11-29T14:03:00.000Z",
    "scheduledAt": "2026-11-22T14:03:00.000Z",
    "scheduledBy": {
      "account": "111122223333",
      "key": "arn:aws:iam::111122223333:user/alice",
      "name": "user alice",
    },
    "scheduledFrom": "198.51.100.7",
    "state": "pending",
    "windowDays": 7,
  },
  "idempotencyKey": "digest/0123456789abcdef",
  "incident": "0123456789abcdef0123456789abcdef",
  "isDrill": false,
  "kind": "digest",
  "muted": [
    {
      "attempts": 2,
      "by": "alice",
      "reason": "known, is being migrated",
    },
  ],
  "remedy": {
    "act": "restore",
    "command": "aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1",
    "isNamed": true,
    "link": "https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1",
  },
  "secret": {
    "account": "111122223333",
    "arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123",
    "id": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123",
    "isElsewhere": false,
    "label": "prod/db/password",
    "name": "prod/db/password",
    "owners": [
      {
        "tag": "owner",
        "value": "payments",
      },
    ],
    "partition": "aws",
    "region": "eu-west-1",
    "replacedBy": [
      {
        "tag": "replaced-by",
        "value": "prod/db/credentials",
      },
    ],
  },
  "severity": "warning",
  "stage": "dev",
  "summary": "at least 3 attempts to read prod/db/password, by 1 caller: 6 days 21 hours left",
  "version": "1",
}
`);
});

test('what events of each kind have that not all have', () => {
  const all = KINDS.map((kind) => {
    const { attempt, action, change, clash, remedy, secret } = detailOf(NOTICES[kind]);
    const { lastUsed } = secret;
    const has = { attempt, action, change, clash, remedy: remedy?.act, lastUsed };
    return [kind, JSON.parse(JSON.stringify(has))];
  });
  expect(Object.fromEntries(all)).toMatchInlineSnapshot(`
{
  "announced": {
    "change": {
      "at": "2026-11-22T14:03:00.000Z",
      "by": {
        "account": "111122223333",
        "key": "arn:aws:iam::111122223333:user/alice",
        "name": "user alice",
      },
      "date": "2026-11-29T14:03:00.000Z",
      "from": "198.51.100.7",
      "id": "76c4a1f2-0000-4000-8000-000000000002",
      "kind": "deletion",
      "windowDays": 7,
    },
    "lastUsed": "2026-11-20",
    "remedy": "restore",
  },
  "caller": {
    "action": {
      "kind": "none",
      "perhapsByUs": false,
    },
    "attempt": {
      "address": "10.0.3.7",
      "at": "2026-11-22T17:03:00.000Z",
      "caller": {
        "account": "111122223333",
        "key": "arn:aws:iam::111122223333:role/app-server",
        "name": "role app-server",
      },
      "id": "76c4a1f2-0000-4000-8000-000000000001",
      "userAgent": "aws-sdk-java/2.25.1",
    },
    "remedy": "restore",
  },
  "clash": {
    "clash": {
      "address": "198.51.100.9",
      "caller": {
        "account": "111122223333",
        "key": "arn:aws:iam::111122223333:user/alice",
        "name": "user alice",
      },
      "first": "2026-11-22T16:55:00.000Z",
      "isLeast": false,
      "last": "2026-11-22T16:59:00.000Z",
      "tool": "terraform",
      "tries": 2,
      "userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.13.0 terraform-provider-aws/6.0.0",
    },
    "remedy": "restore",
  },
  "digest": {
    "remedy": "restore",
  },
  "gone": {},
  "last-call": {
    "remedy": "restore",
  },
  "opened": {
    "action": {
      "kind": "none",
      "perhapsByUs": false,
    },
    "attempt": {
      "address": "10.0.3.7",
      "at": "2026-11-22T17:03:00.000Z",
      "caller": {
        "account": "111122223333",
        "key": "arn:aws:iam::111122223333:role/app-server",
        "name": "role app-server",
      },
      "id": "76c4a1f2-0000-4000-8000-000000000001",
      "userAgent": "aws-sdk-java/2.25.1",
    },
    "remedy": "restore",
  },
  "over": {
    "remedy": "restore",
  },
  "resolved": {},
}
`);
});

const STATES: Readonly<Record<string, IncidentNotice['state']>> = {
  estimated: {
    state: 'pending',
    schedule: {
      kind: 'estimated',
      earliest: new Date('2026-11-29T14:03:00Z'),
      latest: new Date('2026-12-22T14:03:00Z'),
      reason: 'AWS told when the deletion was asked for.',
    },
  },
  unknown: {
    state: 'pending',
    schedule: { kind: 'unknown', latest: new Date('2026-12-22T17:03:00Z'), reason: 'Refused.' },
  },
  restored: { state: 'restored' },
  gone: { state: 'gone', anew: new Date('2026-11-22T17:04:00Z') },
  'not looked up': { state: 'not-looked-up' },
};

test('a deletion that is estimated, unknown, cancelled, done, or not looked up', () => {
  const all = Object.entries(STATES).map(([what, state]) => {
    const { deletion, summary } = detailOf({ ...NOTICES.digest, state });
    return [what, { summary, ...deletion }];
  });
  expect(Object.fromEntries(all)).toMatchInlineSnapshot(`
{
  "estimated": {
    "certainty": "estimated",
    "earliest": "2026-11-29T14:03:00.000Z",
    "latest": "2026-12-22T14:03:00.000Z",
    "reason": "AWS told when the deletion was asked for.",
    "state": "pending",
    "summary": "at least 3 attempts to read prod/db/password, by 1 caller: 6 to 29 days left",
  },
  "gone": {
    "madeAnewAt": "2026-11-22T17:04:00.000Z",
    "state": "gone",
    "summary": "at least 3 attempts to read prod/db/password, by 1 caller: it is gone",
  },
  "not looked up": {
    "state": "not-looked-up",
    "summary": "at least 3 attempts to read prod/db/password, by 1 caller",
  },
  "restored": {
    "state": "restored",
    "summary": "at least 3 attempts to read prod/db/password, by 1 caller: its deletion is cancelled",
  },
  "unknown": {
    "certainty": "unknown",
    "latest": "2026-12-22T17:03:00.000Z",
    "reason": "Refused.",
    "state": "pending",
    "summary": "at least 3 attempts to read prod/db/password, by 1 caller: date unknown",
  },
}
`);
});

test('a secret elsewhere, which nobody could look up', () => {
  const elsewhere = {
    accountId: '444455556666',
    region: 'us-east-1',
    notLookedUp: 'It is in account 444455556666, us-east-1, which was not looked into.',
  };
  const secret = {
    id: 'prod/db',
    name: 'prod/db',
    partition: 'aws',
    accountId: '444455556666',
    region: 'us-east-1',
    owners: [],
    replacements: [],
    elsewhere,
  };
  const notice = { ...NOTICES.opened, secret, remedy: remedyOf('restore', secret) };
  const { Resources } = eventOf(notice);
  const { secret: said, remedy } = detailOf(notice);
  expect({ Resources, secret: said, remedy }).toMatchInlineSnapshot(`
{
  "Resources": [],
  "remedy": {
    "account": "444455556666",
    "act": "restore",
    "command": "aws secretsmanager restore-secret --secret-id prod/db --region us-east-1 --profile PROFILE-OF-444455556666",
    "isNamed": true,
    "link": "https://us-east-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb&region=us-east-1",
  },
  "secret": {
    "account": "444455556666",
    "id": "prod/db",
    "isElsewhere": true,
    "label": "prod/db",
    "name": "prod/db",
    "notLookedUp": "It is in account 444455556666, us-east-1, which was not looked into.",
    "owners": [],
    "partition": "aws",
    "region": "us-east-1",
    "replacedBy": [],
  },
}
`);
});

test('a secret that the record does not name', () => {
  const secret = { partition: 'aws', owners: [], replacements: [] };
  const { resources, detail } = envelopeOf({ ...NOTICES.opened, secret });
  expect(resources).toEqual([]);
  expect(detail.secret).toEqual({
    label: '(not named)',
    partition: 'aws',
    owners: [],
    replacedBy: [],
    isElsewhere: false,
  });
  expect(detail.summary).toBe('role app-server tried to read (not named): 6 days 21 hours left');
});

test('a deletion that this service has cancelled', () => {
  const { action, deletion, summary } = detailOf({
    ...NOTICES.opened,
    action: { kind: 'restored' },
  });
  expect(action).toEqual({ kind: 'restored', perhapsByUs: false });
  expect(deletion).toEqual({
    state: 'restored',
    windowDays: 7,
    scheduledBy: expect.objectContaining({ name: 'user alice' }),
    scheduledAt: '2026-11-22T14:03:00.000Z',
    scheduledFrom: '198.51.100.7',
  });
  expect(summary).toBe(
    'role app-server tried to read prod/db/password: this service has cancelled the deletion',
  );
});

test.each([
  ['resolved', 'restored'],
  ['gone', 'gone'],
  ['digest', 'not-looked-up'],
] as const)('the event of %s that there was no time to look up says %s', (kind, state) => {
  const notice: IncidentNotice = { ...NOTICES[kind], state: { state: 'not-looked-up' } };
  expect(detailOf(notice).deletion).toEqual({ state });
});

test.each([
  { kind: 'none', reason: 'It may be another.' },
  { kind: 'restore-failed', reason: 'RestoreSecret was refused.', isDenied: true },
] as const)('a deletion that this service has not cancelled is still pending: $kind', (action) => {
  const { deletion } = detailOf({ ...NOTICES.opened, action });
  expect(deletion).toMatchObject({ state: 'pending', date: '2026-11-29T14:03:00.000Z' });
});

test.each([
  [cancellation(), { state: 'restored' }, 'user alice cancelled the deletion of prod/db/password'],
  [
    deletion({ forced: true, windowDays: 0 }),
    { state: 'gone' },
    'user alice deleted prod/db/password without a recovery window',
  ],
] as const)('an announcement of a $kind', (change, state, summary) => {
  expect(detailOf({ ...NOTICES.announced, change, state }).summary).toBe(summary);
});

test('an alert of a secret that has been restored, or is gone, since it was read', () => {
  const summaries = (['restored', 'gone'] as const).map(
    (state) => detailOf({ ...NOTICES.opened, state: { state } }).summary,
  );
  expect(summaries).toEqual([
    'role app-server tried to read prod/db/password: its deletion is cancelled',
    'role app-server tried to read prod/db/password: it is gone',
  ]);
});

test('the mark of a drill', () => {
  const name = 'deleted-secret-notifier-drill-dev-1';
  const { isDrill, summary } = detailOf({
    ...NOTICES.opened,
    secret: { ...NOTICES.opened.secret, name },
  });
  expect([isDrill, summary]).toEqual([
    true,
    `DRILL: role app-server tried to read ${name}: 6 days 21 hours left`,
  ]);
});

test('a stack that does not know its stage leaves it out', () => {
  expect(JSON.parse(renderEvent(NOTICES.opened, {}).Detail)).not.toHaveProperty('stage');
});

test('names of strangers are no links and no markup in what people read', () => {
  const name = 'role https://evil.example/"x"\\<!channel>';
  const caller = { key: name, name, shortName: name, description: name };
  const attempt = NOTICES.opened.attempt && { ...NOTICES.opened.attempt, caller };
  expect(detailOf({ ...NOTICES.opened, attempt }).summary).toMatchInlineSnapshot(
    `"role https[:]//evil[.]example/?x???!channel? tried to read prod/db/password: 6 days 21 hours left"`,
  );
});

import { readFileSync } from 'node:fs';
import { type Kind, noticeOf } from '../../../../cli/preview/mails.ts';
import { readRecords } from '../../../../cli/preview/records.ts';
import { noticeText } from '../../../../cli/preview/report.ts';
import type { Lookup } from '../../../../lib/deletion/describe.ts';
import { deleteSecret, failedGetSecretValue, restoreSecret } from '../../../testing/records.ts';

const NAME = 'prod/db/password';
const ARN = `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${NAME}-AbC123`;

/** One story: what happened to a secret, and who read it. */
const RECORDS = [
  deleteSecret({
    ...call('2026-11-22T14:03:00Z', 'deletion', user('alice'), '198.51.100.7'),
    requestParameters: { secretId: NAME, recoveryWindowInDays: 7 },
    responseElements: { aRN: ARN, name: NAME, deletionDate: 'Nov 29, 2026, 2:03:00 PM' },
  }),
  ...reads('app-server', 'i-0abc', 487, '10.0.3.7', 'aws-sdk-java/2.25.1'),
  ...reads('batch', 'b-1', 12, '10.0.3.6', 'Boto3/1.43.0'),
  restoreSecret({
    ...call('2026-11-28T09:30:00Z', 'restore', user('bob'), '198.51.100.8'),
    requestParameters: { secretId: NAME },
    responseElements: { aRN: ARN, name: NAME },
  }),
];

function call(eventTime: string, eventID: string, userIdentity: object, sourceIPAddress: string) {
  return { eventTime, eventID, userIdentity, sourceIPAddress };
}

function user(userName: string) {
  const arn = `arn:aws:iam::111122223333:user/${userName}`;
  return { type: 'IAMUser', arn, accountId: '111122223333', userName };
}

/** One read a second, from 17:03 on. */
function reads(role: string, session: string, count: number, address: string, userAgent: string) {
  const account = 'arn:aws:sts::111122223333:assumed-role';
  const userIdentity = {
    type: 'AssumedRole',
    arn: `${account}/${role}/${session}`,
    accountId: '111122223333',
  };
  return Array.from({ length: count }, (_, i) => {
    const time = new Date(Date.parse('2026-11-22T17:03:00Z') + i * 1000);
    const id = `${role}-${String(i + 1).padStart(3, '0')}`;
    return failedGetSecretValue({
      ...call(`${time.toISOString().slice(0, 19)}Z`, id, userIdentity, address),
      userAgent,
      requestParameters: { secretId: NAME },
    });
  });
}

const TAGS = { owner: 'payments', 'replaced-by': 'prod/db/password-v2' };

function mailOf(kind: Kind, now: string): string {
  const deletedDate = new Date('2026-11-22T14:03:00Z');
  const secret = { arn: ARN, name: NAME, tags: TAGS, deletedDate };
  const described: Lookup = { kind: 'found', secret };
  const view = { described, deletions: [], action: { kind: 'none' }, now: new Date(now) } as const;
  const until = RECORDS.filter(({ eventTime }) => String(eventTime) <= now);
  return noticeText(
    kind,
    noticeOf(readRecords(Buffer.from(JSON.stringify(until))), kind, view, view.now),
  );
}

test.each([
  ['opened', '2026-11-22T17:03:05Z'],
  ['digest', '2026-11-22T18:03:05Z'],
  ['last-call', '2026-11-27T14:03:00Z'],
  ['resolved', '2026-11-28T09:32:00Z'],
] as const)('README.md shows the mail %s of one story', (kind, now) => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`\n\`\`\`\n${mailOf(kind, now)}\n\`\`\`\n`);
});

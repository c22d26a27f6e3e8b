import fc from 'fast-check';
import { readAttempt } from '../../../../lib/attempt/attempt.ts';
import { parseEvent } from '../../../../lib/cloudtrail/record.ts';
import type { Lookup, Secret } from '../../../../lib/deletion/describe.ts';
import { notify } from '../../../../lib/incident/notify.ts';
import type { Mail } from '../../../../lib/notice/mail/mail.ts';
import { renderMail } from '../../../../lib/notice/mail/render.ts';
import { alertNotice } from '../../../../lib/notice/notice.ts';
import { LINE_WIDTH } from '../../../../lib/text.ts';
import { deletion, found, HOME, NOW } from '../../../testing/attempts.ts';
import { GATE_POLICY, notifyPorts } from '../../../testing/gate.ts';
import { linkable, links } from '../../../testing/links.ts';

/** Values made to break a mail: line breaks before our labels, marks that turn text round, very long words. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  linkable,
  fc.constantFrom(
    'x\nDeletion:    never',
    'x\r\n\r\nWHAT TO DO',
    'x\u2028Owner: me',
    '\u202e\u2066gnp.exe',
    'aws secretsmanager delete-secret',
    'https://evil.example/',
    'Deletion: never '.repeat(40),
    'x'.repeat(5000),
    '😀'.repeat(300),
    '; rm -rf /',
    'file:///root/.aws/credentials',
    '--cli-input-json=file:///x',
    'arn:aws:secretsmanager:eu-west-1:1:secret:x y',
  ),
);
const name = fc.oneof(hostile, fc.stringMatching(/^[\w/+=.@!-]{1,512}$/));
const arn = name.map((end) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${end}`);
const value = fc.oneof(hostile, fc.jsonValue());

const identity = fc.record(
  {
    type: fc.oneof(
      fc.constantFrom('AssumedRole', 'IAMUser', 'Root', 'FederatedUser', 'AWSService'),
      value,
    ),
    arn: value,
    accountId: value,
    userName: value,
    principalId: value,
    invokedBy: value,
    inScopeOf: fc.record({ credentialsIssuedTo: value }),
    sessionContext: fc.oneof(
      fc.record({
        sessionIssuer: fc.record({ arn: value, userName: value }),
        sourceIdentity: value,
      }),
      value,
    ),
  },
  { requiredKeys: [] },
);

/** Any record at all of a call that failed so. */
const failedRecord = (error: { errorCode: string; errorMessage: string }) =>
  fc
    .record(
      {
        eventTime: value,
        eventID: value,
        awsRegion: value,
        recipientAccountId: value,
        sourceIPAddress: value,
        vpcEndpointId: value,
        userAgent: value,
        requestParameters: fc.oneof(fc.record({ secretId: fc.oneof(name, arn, value) }), value),
        resources: value,
        userIdentity: fc.oneof(identity, value),
      },
      { requiredKeys: [] },
    )
    .map((fields) => ({
      ...fields,
      eventSource: 'secretsmanager.amazonaws.com',
      eventName: 'GetSecretValue',
      ...error,
    }));
const markedRecord = failedRecord({
  errorCode: 'x#InvalidRequestException',
  errorMessage: 'You can’t …, because it was marked for deletion.',
});
const notFoundRecord = failedRecord({
  errorCode: 'ResourceNotFoundException',
  errorMessage: 'Secrets Manager can’t find the specified secret.',
});

const details = fc.record({
  name,
  tags: fc.dictionary(fc.constantFrom('owner', 'replaced-by'), hostile),
  owningService: hostile,
  deletedDate: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
});

/** What DescribeSecret answers for an id: in `details` what it says of the secret. */
type Answer = Exclude<Lookup, { kind: 'found' }> | { kind: 'found'; details: Partial<Secret> };

const answers: fc.Arbitrary<Answer> = fc.oneof(
  fc.constant<Answer>({ kind: 'not-found' }),
  fc.record({ kind: fc.constant('unavailable' as const), reason: hostile }),
  // A spoke's role that refuses.
  hostile.map((notLookedUp): Answer => ({ kind: 'elsewhere', place: { notLookedUp } })),
  details.map((details): Answer => ({ kind: 'found', details })),
);

function answerFor(id: string, answer: Answer, { accountId, region }: typeof HOME): Lookup {
  if (answer.kind !== 'found') return answer;
  const partial = `arn:aws:secretsmanager:${region}:${accountId}:secret:${id}`;
  return found({ ...answer.details, arn: `${id.startsWith('arn:') ? id : partial}-AbC123` });
}

/** Where the stack is: where the secret is, or not; and whether it has spokes. */
const stacks = fc.record({
  home: fc.constantFrom(HOME, { accountId: '444455556666', region: 'us-east-1' }),
  hasSpokes: fc.boolean(),
});

const CONSOLE_LINK =
  /^https:\/\/[\w-]+\.console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com|amazonaws-eusc\.eu)\/secretsmanager\/secret\?name=[\w.!%-]+&region=[a-z0-9-]+$/;

const MUTE =
  /^npm run mute -- --secret( (?!-)|=)[\w:/+=.@!'-]+ --caller [\w:/+=.@'-]+ --reason "why"( --region [a-z0-9-]+)?$/;

const OUR_LINES = [
  /^(Secret|Account|Region|Deletion|Looked up|Asked by|Caller ARN|From|With|At|Event|Deleted|Removed|Owner|Replaced by|Replicas|Replica of|Managed by): /,
  /^ {2,13}\S/,
  /^([1234]\.|!) /,
  /^aws secretsmanager (list-secrets --include-planned-deletion|(restore|delete)-secret --secret-id( (?!-)|=)'?(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[\w/+=.@!'-]+( --recovery-window-in-days 30)?|create-secret --name( (?!-)|=)[\w/+=.@'-]+ --secret-string file:\/\/VALUE-FILE|replicate-secret-to-regions --secret-id( (?!-)|=)[\w/+=.@'-]+ --add-replica-regions Region=[a-zA-Z0-9-]+)( --region [a-z0-9-]+)?( --profile PROFILE-OF-\d{12})?$/,
  /^Or in the console, signed in to account \d{12}:$/,
  MUTE,
  CONSOLE_LINK,
  /^What looks like a link is written with \[\.\] or \[:\], so that it is none\.$/,
];

function attemptIn(record: object) {
  const event = parseEvent({ 'detail-type': 'AWS API Call via CloudTrail', detail: record });
  const { attempt } = readAttempt(event, NOW);
  if (!attempt) throw new Error('the attempt was lost');
  return attempt;
}

const TAG_KEYS = { owner: ['owner'], replacement: ['replaced-by'] };

async function mailOf(
  record: object,
  answer: Answer,
  { home, hasSpokes }: { home: typeof HOME; hasSpokes: boolean },
) {
  const policy = { ...GATE_POLICY, autoCancel: 'all', tagKeys: TAG_KEYS } as const;
  const ports = notifyPorts({
    home,
    hasSpokes,
    describeSecret: async (id, place) =>
      place || answer.kind !== 'elsewhere'
        ? answerFor(id, answer, place ?? home)
        : { kind: 'not-found' },
    restoreSecret: () => Promise.reject(new Error('no\nDeletion: never')),
    searchHistory: async () => ({ missing: 'no\nDeletion: never' }),
  });
  const outcome = await notify(attemptIn(record), policy, ports);
  if ('deferred' in outcome) throw new Error(`deferred: ${outcome.deferred}`);
  return {
    ...renderMail(outcome.alert, home),
    isElsewhere: outcome.alert.secret.elsewhere !== undefined,
  };
}

function expectHarmless({ subject, body, attributes }: Mail): void {
  expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
  for (const attribute of Object.values(attributes).flat()) {
    expect(attribute).toMatch(/^[\x20-\x7e]{1,2048}$/);
  }
  expect(links(`${subject}\n${body.replace(new RegExp(CONSOLE_LINK, 'gm'), '')}`)).toEqual([]);
  expect(body).not.toMatch(/[^\P{C}\n]|\p{Zl}|\p{Zp}/u);
  const [headline = '', fields = '', ...advice] = body.split('\n\n');
  expect(headline).not.toContain(':    ');
  const labels = fields.match(/^[A-Z][A-Za-z ]+:/gm) ?? [];
  expect(new Set(labels).size).toBe(labels.length);
  for (const line of [fields, ...advice].join('\n').split('\n')) {
    if (line === 'WHAT TO DO') continue;
    expect(OUR_LINES.some((pattern) => pattern.test(line))).toBe(true);
  }
  for (const line of body.split('\n')) {
    if (!/^(aws|https|npm)/.test(line)) expect(line.length).toBeLessThanOrEqual(LINE_WIDTH);
  }
}

test('no record whatever loses its alert, breaks the subject, forges a line or makes a link', async () => {
  await fc.assert(
    fc.asyncProperty(markedRecord, answers, stacks, async (record, answer, stack) => {
      const { isElsewhere, ...mail } = await mailOf(record, answer, stack);
      expectHarmless(mail);
      // In words that name no account, a link would show another secret, and a command restore it.
      const { body } = mail;
      const named = /^Or in the console, signed in to account \d{12}:$/m.test(body);
      expect(/^aws .* --profile /m.test(body)).toBe(isElsewhere);
      expect(named).toBe(isElsewhere && /^https:/m.test(body));
    }),
    // Each of the hostile constants comes several times for each field of a record; more runs are more time.
    { numRuns: 300 },
  );
});

const ends = fc.record({
  tags: fc.dictionary(fc.constantFrom('owner', 'replaced-by'), hostile),
  replicaOf: fc.option(fc.oneof(hostile, fc.constant('us-east-1')), { nil: undefined }),
  forced: fc.boolean(),
  sourceAddress: hostile,
});

test('nor does one of a read of what is gone, whatever its deletion was', () => {
  fc.assert(
    fc.property(notFoundRecord, ends, fc.option(fc.constant(NOW)), (record, end, anew) => {
      const attempt = attemptIn(record);
      expect(attempt.isNotFound).toBe(true);
      const change = deletion({ ...end, secret: attempt.secret });
      const state = { state: 'gone', deletion: change, ...(anew && { anew }) } as const;
      const input = { attempt, state, action: { kind: 'none' }, perhapsByUs: false } as const;
      const notice = alertNotice({ ...input, now: NOW }, { kind: 'not-found' }, TAG_KEYS);
      expectHarmless(renderMail(notice, HOME));
    }),
    { numRuns: 200 },
  );
});

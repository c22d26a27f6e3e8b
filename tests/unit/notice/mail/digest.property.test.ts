import fc from 'fast-check';
import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import { type DigestNotice, digestNotice, type SecretNews } from '../../../../lib/notice/digest.ts';
import { renderDigest } from '../../../../lib/notice/mail/digest.ts';
import { taggedBy } from '../../../../lib/notice/tags.ts';
import { LINE_WIDTH } from '../../../../lib/text.ts';
import { cancellation, deletion, NOW } from '../../../testing/attempts.ts';
import { calls, EXACT, known } from '../../../testing/digests.ts';
import { linkable, links } from '../../../testing/links.ts';

/** Values made to break a mail, or to pass for a line of it. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  linkable,
  fc.constantFrom(
    'x\nTotal: 0 attempts on 0 secrets by 0 callers.',
    'x\n  Deletion: never',
    'x\r\n\r\n  - new: 9 x role nobody',
    'x\u2028prod/db/password, 6 days left: 0 attempts',
    '\u202e\u2066gnp.exe',
    'A further mail names 9 more secrets. '.repeat(40),
    'Total: 0 attempts on 0 secrets '.repeat(40),
    '  Restore: aws secretsmanager delete-secret',
    'x'.repeat(5000),
    '😀'.repeat(300),
    'file:///root/.aws/credentials',
    '--cli-input-json=file:///x',
    'arn:aws:secretsmanager:eu-west-1:1:secret:x y',
  ),
);
const name = fc.oneof(hostile, fc.stringMatching(/^[\w/+=.@!-]{1,512}$/));
const account = fc.oneof(hostile, fc.constant('444455556666'));
const region = fc.oneof(hostile, fc.constant('us-east-1'));
const texts = fc.array(hostile, { maxLength: 5 }).map((values) => new Set(values));

const states = fc.oneof(
  fc.constantFrom<SecretNews['state']>(
    EXACT,
    {
      state: 'pending',
      schedule: { kind: 'exact', date: deletion().date },
      deletion: deletion(),
    },
    { state: 'gone' },
    { state: 'gone', deletion: deletion({ forced: true, replicaOf: 'us-west-2' }) },
    { state: 'gone', anew: NOW },
    { state: 'not-looked-up' },
    { state: 'restored' },
  ),
  hostile.map((text): SecretNews['state'] => {
    const requestedBy = { key: text, name: 'role x', shortName: 'x', description: text };
    const call = cancellation({ requestedBy, sourceAddress: text });
    return { state: 'restored', cancellation: call };
  }),
);

const secrets = fc
  .record({
    sent: fc.option(name, { nil: undefined }),
    accountId: account,
    region,
    callers: fc.array(
      fc.record({
        callerKey: hostile,
        callerName: hostile,
        isNew: fc.boolean(),
        sessions: texts,
        addresses: texts,
      }),
      { maxLength: 4 },
    ),
    muted: fc.array(
      fc.record({ by: hostile, reason: hostile, count: fc.nat(9), news: fc.nat(9) }),
      {
        maxLength: 4,
      },
    ),
    state: states,
    elsewhere: fc.option(
      fc.record({ accountId: account, region, notLookedUp: hostile }, { requiredKeys: [] }),
      { nil: undefined },
    ),
  })
  .map(({ sent, accountId, region, callers, ...rest }) => {
    const secret = { ...identifySecret(sent, {}), accountId, region };
    return known(callers.map(calls), { secret, ...rest });
  });

const tags = fc.array(hostile, { maxLength: 3 }).map((values) => {
  const named = Object.fromEntries(values.map((value, i) => [`owner${i}`, value]));
  return taggedBy(named, { owner: ['owner0', 'owner1'], replacement: ['owner2'] });
});

const COMMAND =
  /^ {2}Restore(, with credentials of (its account|account 444455556666))?: aws secretsmanager (list-secrets --include-planned-deletion|restore-secret --secret-id( (?!-)|=)'?(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[\w/+=.@!'-]+)( --region [a-z0-9-]+)?( --profile PROFILE-OF-(ITS-ACCOUNT|444455556666))?$/;

const ANEW =
  /^ {2}(Make anew(, with credentials of (its account|account 444455556666))?: aws secretsmanager create-secret --name( (?!-)|=)[\w/+=.@'-]+ --secret-string file:\/\/VALUE-FILE|Replicate(, with credentials of (its account|account 444455556666))?: aws secretsmanager replicate-secret-to-regions --secret-id( (?!-)|=)[\w/+=.@'-]+ --add-replica-regions Region=[a-zA-Z0-9-]+)( --region [a-z0-9-]+)?( --profile PROFILE-OF-(ITS-ACCOUNT|444455556666))?$/;

const CONSOLE =
  /^ {2}Console(, signed in to account 444455556666)?: https:\/\/(us-east-1|us-west-2)\.console\.aws\.amazon\.com\/secretsmanager\/secret\?name=[\w.!%-]+&region=(us-east-1|us-west-2)$/;

const MUTE =
  /^npm run mute -- --secret( (?!-)|=)[\w:/+=.@!'-]+ --caller [\w:/+=.@'-]+ --reason "why"( --region [a-z0-9-]+)?$/;

/** All lines that stand for themselves; others continue one, indented by four or more. */
const OUR_LINES = [
  COMMAND,
  ANEW,
  CONSOLE,
  /^(A secret that the records do not name|[\w/+=,.[\]@!?-]+)(, |,?$|: )/,
  /^ {2}Deletion: /,
  /^ {2}Looked up: no\.( |$)/,
  /^ {2}(Scheduled|Deleted|Removed): by /,
  /^ {2}Replica of: the secret in us-west-2$/,
  /^ {2}(Owner|Replaced by): /,
  /^ {2}- (new: )?\d+ (x|muted by)( |$)/,
  /^ {4,}/,
  /^and \d+ more muted secrets?: \d+ attempts?$/,
];

test.each(['digest', 'last-call', 'over', 'resolved', 'gone'] as const)(
  'no text of strangers breaks a mail of %s, forges a line of it or makes a link in it',
  (kind: DigestNotice['kind']) => {
    fc.assert(
      fc.property(fc.array(secrets, { minLength: 1, maxLength: 16 }), tags, (all, tagged) => {
        const notice = digestNotice(kind, all, NOW);
        const told = notice.secrets.map((news) => ({ ...news, tagged }));
        const { mail, rest } = renderDigest({ ...notice, secrets: told }, { region: 'eu-west-1' });
        const { subject, body, attributes } = mail;
        expect(rest).toBeUndefined();
        expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
        for (const attribute of Object.values(attributes).flat()) {
          expect(attribute).toMatch(/^[\x20-\x7e]{1,2048}$/);
        }
        const others = body.split('\n').filter((line) => !CONSOLE.test(line));
        expect(links([subject, ...others].join('\n'))).toEqual([]);
        expect(body).not.toMatch(/[^\P{C}\n]|\p{Zl}|\p{Zp}/u);
        expect(body.match(/^Total: /gm)?.length ?? 0).toBeLessThanOrEqual(1);
        expect(body).not.toMatch(/^A further mail/m);
        const paragraphs = body.split('\n\n');
        const lines = paragraphs.flatMap((text) => text.split('\n'));
        for (const line of lines) {
          if (![COMMAND, ANEW, CONSOLE, MUTE].some((pattern) => pattern.test(line))) {
            expect(line.length).toBeLessThanOrEqual(LINE_WIDTH);
          }
        }
        const blocks = paragraphs.filter((text) => /^ {2}Deletion: /m.test(text));
        expect(blocks).toHaveLength(Math.min(notice.secrets.length, 12));
        const at = paragraphs.indexOf('Muted, and so in no mail of their own:');
        expect(at >= 0).toBe(notice.mutedSecrets.length > 0);
        const mutedLines = at < 0 ? [] : (paragraphs[at + 1] ?? '').split('\n');
        const isOurs = (line: string) => OUR_LINES.some((pattern) => pattern.test(line));
        const forged = [...blocks.flatMap((text) => text.split('\n')), ...mutedLines].filter(
          (line) => !isOurs(line),
        );
        expect(forged).toEqual([]);
      }),
      { numRuns: 60 },
    );
  },
);

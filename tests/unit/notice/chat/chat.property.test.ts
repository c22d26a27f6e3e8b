import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { identifySecret } from '../../../../lib/cloudtrail/secret-id.ts';
import { TOOLS } from '../../../../lib/cloudtrail/tool.ts';
import type { Change } from '../../../../lib/deletion/change.ts';
import {
  commandText,
  copyableName,
  copyableStart,
  plain,
  plainStart,
  plainWithin,
} from '../../../../lib/notice/chat/markdown.ts';
import { type ChatMessage, NOTE } from '../../../../lib/notice/chat/message.ts';
import { overviewsOf, renderOverview } from '../../../../lib/notice/chat/overview.ts';
import { renderChat } from '../../../../lib/notice/chat/render.ts';
import { remedyOf } from '../../../../lib/notice/commands.ts';
import type { IncidentNotice } from '../../../../lib/notice/incident-notice.ts';
import { addDays, formatUtc } from '../../../../lib/time.ts';
import { attempt, cancellation, deletion, NOW } from '../../../testing/attempts.ts';
import { STACK } from '../../../testing/chat.ts';
import { linkable } from '../../../testing/links.ts';
import { readMarkup } from '../../../testing/slack.ts';

const MARKS = [
  ...'@channel @here @everyone ＠here #general ＃general <!here> <!channel|x> <@U123> <#C1|x> <!subteam^S1>'.split(
    ' ',
  ),
  ...'<!date^1^x|y> <at>Bob</at> <http://x.example|y> [x](y) ![x](y) [x][y] [x]: [ ]( ] ( ) mailto:a@b.com'.split(
    ' ',
  ),
  ...'alice@example.com www.evil.example http://evil.example &lt;!here&gt; &#60; &amp; & < > | \\ \\* '.split(
    ' ',
  ),
  ...'* *b* ** _ _i_ __ ~ ~s~ ` `c` ``` :fire: :a:b: ：fire： ::skin-tone-2: # ## > - + 1. --- === $ ^ ! : ; \' "'.split(
    ' ',
  ),
  '\n',
  '\r\n> ',
  '\n- *Owner:* me',
  '\n```\n',
  '\u2028# x',
  '\u202e',
  '\ud800',
  '😀',
  ' ',
  'x',
  'evil',
  '2001:db8::1',
  ' ::1 ',
  '::ffff:10.0.3.7',
  ' arn:aws:iam::111122223333:role/app ',
  'arn:aws:sts::111122223333:assumed-role/app/:fire:',
  ' arn:aws:x:::www.evil.example ',
  ' arn:aws:x:::a@here `',
];

/** Values made to ping, link or format, to forge a line, to break a limit. */
const hostile = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...MARKS), { maxLength: 12 }).map((all) => all.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 1, arbitrary: linkable },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'x'.repeat(5000),
      '😀'.repeat(300),
      '@'.repeat(600),
      '<!here> '.repeat(200),
      'a_'.repeat(500),
      'a.bc'.repeat(300),
    ),
  },
);
const name = fc.oneof(hostile, fc.stringMatching(/^[\w/+=.@!-]{1,512}$/));
const arn = fc
  .stringMatching(/^[\w/+=.@!-]{1,512}$/)
  .map((end) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${end}-AbC123`);
const account = fc.oneof(hostile, fc.constantFrom('111122223333', '444455556666'));
const region = fc.oneof(hostile, fc.constant('us-east-1'));
const tags = fc.array(fc.record({ key: hostile, value: hostile }), { maxLength: 3 });
const count = fc.integer({ min: 0, max: 10 ** 9 });
const time = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });

const caller = fc.record({
  key: fc.oneof(
    hostile,
    name.map((end) => `arn:aws:iam::111122223333:role/${end}`),
  ),
  // Its first word is ours: lib/cloudtrail/caller.ts.
  name: hostile.map((text) => `role ${text}`),
  shortName: hostile,
  description: hostile,
  accountId: account,
});

const changes = (kind: Change['kind']) =>
  fc
    .record({ requestedBy: caller, sourceAddress: hostile, forced: fc.boolean(), date: time })
    .map((call): Change => (kind === 'deletion' ? deletion(call) : cancellation(call)));
const deletions = changes('deletion') as fc.Arbitrary<Extract<Change, { kind: 'deletion' }>>;
const cancellations = changes('cancellation') as fc.Arbitrary<
  Extract<Change, { kind: 'cancellation' }>
>;

const schedules = fc.oneof(
  fc.record({ kind: fc.constant('exact' as const), date: time }),
  fc.record({
    kind: fc.constant('estimated' as const),
    earliest: time,
    latest: time,
    reason: hostile,
  }),
  fc.record({ kind: fc.constant('unknown' as const), latest: time, reason: hostile }),
);
const states = fc.oneof(
  fc.record({ state: fc.constant('pending' as const), schedule: schedules, deletion: deletions }),
  fc.record({ state: fc.constant('restored' as const), cancellation: cancellations }),
  fc.record({ state: fc.constant('gone' as const), deletion: deletions, anew: time }),
);
const actions = fc.oneof(
  fc.constant({ kind: 'restored' as const }),
  fc.record({ kind: fc.constant('restore-failed' as const), reason: hostile }),
  fc.record({ kind: fc.constant('none' as const), reason: hostile }),
);

const secrets = fc
  .record(
    {
      id: fc.oneof(name, arn),
      name,
      accountId: account,
      region,
      owningService: hostile,
      replicas: fc.array(region, { maxLength: 3 }),
      replicaOf: region,
      elsewhere: fc.record(
        { accountId: account, region, notLookedUp: hostile },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  )
  .chain((secret) =>
    fc
      .record({ owners: tags, replacements: tags })
      .map((tagged) => ({ partition: 'aws', ...secret, ...tagged })),
  );

const news = fc.record({
  callerKey: hostile,
  callerName: hostile,
  isNew: fc.boolean(),
  count,
  first: time,
  last: time,
  addresses: fc.array(hostile, { maxLength: 5 }),
  sessions: fc.array(hostile, { maxLength: 5 }),
});

const notices: fc.Arbitrary<IncidentNotice> = fc
  .record({
    id: hostile,
    kind: fc.constantFrom(
      'opened',
      'caller',
      'digest',
      'last-call',
      'over',
      'resolved',
      'gone',
      'announced',
      'clash',
    ),
    severity: fc.constantFrom('critical', 'warning', 'notice'),
    incident: fc.constant('0123456789abcdef0123456789abcdef'),
    secret: secrets,
    state: states,
    isLookedUp: fc.boolean(),
    action: actions,
    perhapsByUs: fc.boolean(),
    by: caller,
    from: fc.record({ sourceAddress: hostile, vpcEndpointId: hostile, invokedBy: hostile }),
    change: fc.oneof(deletions, cancellations),
    lastUsed: fc.option(hostile, { nil: undefined }),
    callers: fc.array(news, { maxLength: 20 }),
    muted: fc.array(fc.record({ by: hostile, reason: hostile, until: time, count, news: count }), {
      maxLength: 6,
    }),
    counts: fc.record({
      attempts: count,
      callers: count,
      muted: count,
      ignored: count,
      isLeast: fc.boolean(),
    }),
    act: fc.constantFrom('restore', 'delete', 'create', 'replicate', undefined),
    isGone: fc.boolean(),
    tool: fc.constantFrom(...TOOLS),
    tries: count,
  } as const)
  .map(({ by, from, act, isLookedUp, isGone, tool, tries, state, ...notice }) => {
    const isGoneRead = notice.kind === 'gone' && isGone;
    const isAlert = notice.kind === 'opened' || notice.kind === 'caller' || isGoneRead;
    const asked = identifySecret(notice.secret.id, {});
    return {
      ...notice,
      now: NOW,
      state: isLookedUp || isAlert ? state : { state: 'not-looked-up' },
      attempt:
        isAlert || notice.kind !== 'gone'
          ? attempt({ caller: by, secret: asked, ...from, ...(isGone && { isNotFound: true }) })
          : undefined,
      clash: {
        ...{ caller: by, tool, ...from, first: NOW, last: NOW, count: tries },
        ...{ isLeast: isGone, isWatched: !isGone },
      },
      remedy: act && remedyOf(act, notice.secret),
    } as const;
  });

const COMMAND =
  /^aws (?:secretsmanager (?:list-secrets --include-planned-deletion|(?:restore|delete)-secret --secret-id[ =][\w:/+=.@!'-]+(?: --recovery-window-in-days 30| --force-delete-without-recovery)?|create-secret --name[ =][\w/+=.@!'-]+ --secret-string file:\/\/VALUE-FILE|put-secret-value --secret-id[ =][\w:/+=.@!'-]+ --secret-string file:\/\/VALUE-FILE|tag-resource --secret-id[ =][\w:/+=.@!'-]+ --tags Key=managed-by,Value=external-secrets|replicate-secret-to-regions --secret-id[ =][\w/+=.@!'-]+ --add-replica-regions Region=[a-zA-Z\d-]+)|cloudformation create-change-set --stack-name STACK --change-set-name import-secret --change-set-type IMPORT --template-body file:\/\/TEMPLATE --resources-to-import 'ResourceType=AWS::SecretsManager::Secret,LogicalResourceId=LOGICAL-ID,ResourceIdentifier=\{Id=[\w:/+=.@!'-]+\}')(?: --region [a-z\d-]+)?(?: --profile PROFILE-OF-(?:\d{12}|ITS-ACCOUNT))?$/;
const ADOPT =
  /^(?:terraform import aws_secretsmanager_secret\.RESOURCE [\w:/+=.@!'-]+|pulumi import aws:secretsmanager\/secret:Secret RESOURCE [\w:/+=.@!'-]+|kubectl annotate -n NAMESPACE secrets\.secretsmanager RESOURCE services\.k8s\.aws\/adoption-policy=adopt-or-create 'services\.k8s\.aws\/adoption-fields=\{"name":"[\w/+=.@!'-]+","id":"[\w:/+=.@!'-]+"\}')$/;
const NPM =
  /^npm run (?:drill|mute -- --secret[ =][\w:/+=.@!'-]+ --caller[ =][\w:/+=.@!'-]+ --reason "why" --stage prod(?: --region [a-z\d-]+)?|-s status -- (?:--backfill )?--stage prod --region eu-west-1|-s readers -- --secret[ =][\w:/+=.@!'-]+(?: --region [a-z\d-]+)?(?: --profile PROFILE-OF-(?:\d{12}|ITS-ACCOUNT))?)$/;
/** What is to be copied: ends no code, and pings nobody. */
const COPIED = /^(?:arn:aws[a-z-]*:[a-z\d-]*:[a-z\d-]*:(?:\d{12}|aws)?:[\w/+=.:-]+|[\da-fA-F:.]+)$/;
const isCopied = (span: string) => COPIED.test(span) && (span.startsWith('arn:') || isIPv6(span));
/** Of a secret, as it is. */
const NAME = /^[\w/+=,.@!-]{1,512}$/;
const CONSOLE =
  /https:\/\/[a-z\d-]+\.console\.aws\.amazon\.com\/secretsmanager\/secret\?name=[\w.!%'()*-]+&amp;region=[a-z\d-]+$/;
const LABELS =
  /^(?:Secret|Where|Deletion|Asked by|Read by|Created by|Tool|Tried|From|At|Scheduled|Deleted|Removed|Restored|Last used|Owner|Replaced by|Replicas|Replica of|Managed by|Looked up):$/;
/** All lines of a description; none of a value can begin one. */
const LINES =
  /^(?:- \*[A-Z][a-z ]+:\*|- new to the mail: \d+ x |- \d+ x |- \d+ muted by |- \d+ by ignored callers$|- and (?:perhaps|-?\d+) more|- (?:DRILL, )?(?:opened|caller|digest|last-call|over|resolved|gone|announced|clash): |```$|aws |terraform import |pulumi import |kubectl annotate |npm run (?:mute|-s readers) )/;

/** What any replaced character leaves behind, outside of code: `[@]`, or what looks like it. */
const REPLACED = /[[\u2039\u203a\uff06\u2217\u223c\u02b9\u00a6\u2216\uff3b\uff3d\uff3f\u2236]/;

function expectHarmless({ content, metadata }: ChatMessage, headlines: number): void {
  const { title, description, nextSteps = [], keywords } = content;
  expect(title.length).toBeLessThanOrEqual(250);
  expect(description.length).toBeLessThanOrEqual(8000);
  expect(title.length * description.length).toBeGreaterThan(0);
  for (const step of nextSteps) expect(step.length).toBeLessThanOrEqual(350);
  for (const keyword of keywords) expect(keyword.length).toBeLessThanOrEqual(75);
  expect(metadata.summary).toBe(title);

  const lines = description.split('\n');
  const isReplaced = [title, ...lines.filter((line) => line !== NOTE), ...nextSteps].some((text) =>
    REPLACED.test(text),
  );
  expect(lines.filter((line) => line === NOTE)).toEqual(isReplaced ? [NOTE] : []);
  expect(lines.at(-1) === NOTE).toBe(isReplaced);

  const texts = [
    title,
    description,
    ...nextSteps.map((step) => step.replace(CONSOLE, '')),
    ...keywords,
  ];
  for (const [i, text] of texts.entries()) {
    const { code, bold, findings } = readMarkup(text);
    expect({ findings, text }).toEqual({ findings: [], text });
    for (const span of code) {
      const isName = NAME.test(span) && lines.includes(`- *Secret:* \`${span}\``);
      const isOurs =
        COMMAND.test(span) ||
        ADOPT.test(span) ||
        NPM.test(span) ||
        (i === 1 && (isCopied(span) || isName));
      expect(isOurs ? 'ours' : span).toBe('ours');
    }
    for (const words of bold) expect(i === 1 && LABELS.test(words) ? 'ours' : words).toBe('ours');
  }
  for (const text of [title, ...nextSteps, ...keywords]) expect(text).not.toContain('\n');
  const forged = lines.slice(headlines).filter((line) => line !== NOTE && !LINES.test(line));
  expect(forged).toEqual([]);
}

/** When what says how it was at {@link NOW} is sent from the dead-letter queue. */
const LATE = addDays(NOW, 14);

function expectWhole(message: ChatMessage): void {
  const text = JSON.stringify(message);
  expect(Buffer.byteLength(text)).toBeLessThan(256 * 1024);
  expect(JSON.parse(text)).toEqual(message);
  expect(text).not.toMatch(/\\ud[89a-f]/);
}

test('no text of strangers pings, links, formats or forges a line, and no message breaks a limit', () => {
  fc.assert(
    fc.property(notices, fc.boolean(), fc.boolean(), (notice, chatButtons, isLate) => {
      const now = isLate ? LATE : NOW;
      const message = renderChat(notice, { stack: STACK, chatButtons, now });
      const isOneLine = notice.kind === 'announced' || notice.kind === 'clash';
      expectHarmless(message, (isOneLine ? 1 : 2) + (isLate ? 1 : 0));
      const asOf = isLate ? `, as of ${formatUtc(NOW)}` : '';
      expect(message.content.title.endsWith(asOf)).toBe(true);
      const { accountId = '' } = notice.secret.elsewhere ?? {};
      if (/^\d{12}$/.test(accountId)) {
        expect(message.content.title).toMatch(new RegExp(`, in ${accountId}(?: \\S+)?${asOf}$`));
      }
      expectWhole(message);
    }),
    { numRuns: 400 },
  );
});

test('nor in the messages of many, which name all', () => {
  fc.assert(
    fc.property(
      fc.array(notices, { minLength: 1, maxLength: 60 }),
      fc.boolean(),
      (many, isLate) => {
        const parts = overviewsOf(many);
        expect(parts.flat()).toEqual(many);
        for (const part of parts) {
          const message = renderOverview(part, { stack: STACK, now: isLate ? LATE : NOW });
          const headlines = isLate ? 2 : 1;
          expectHarmless(message, headlines);
          expectWhole(message);
          const lines = message.content.description.split('\n').filter((line) => line !== NOTE);
          expect(lines).toHaveLength(headlines + part.length);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('a text is harmless whatever it holds, and as long as there is room', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 8, max: 300 }), (text, max) => {
      for (const harmless of [plain(text), plainWithin(text, max), plainStart(text, max)]) {
        expect({ text, ...readMarkup(`a ${harmless} b`) }).toEqual({
          text,
          code: [],
          bold: [],
          findings: [],
        });
      }
      expect(plainWithin(text, max).length).toBeLessThanOrEqual(max);
      expect(plainStart(text, max).length).toBeLessThanOrEqual(max);
      const copyable = copyableStart(text, max);
      const { code, bold, findings } = readMarkup(`a ${copyable} b`);
      expect({ text, bold, findings }).toEqual({ text, bold: [], findings: [] });
      expect(code.filter((span) => !isCopied(span))).toEqual([]);
      expect(copyable.length).toBeLessThanOrEqual(max);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['prod/db_password-v2', 'prod/db_password-v2'],
  [
    'role app, session i-0abc, account 111122223333',
    'role app, session i-0abc, account 111122223333',
  ],
  ['by user alice, on 2026-11-22 14:03 UTC', 'by user alice, on 2026-11-22 14:03 UTC'],
  ['R&D', 'R＆D'],
  ['alice@example.com', 'alice[@]example[.]com'],
  ['<!here> @channel', '‹!here› [@]channel'],
  ['[x](http://evil.example)', '［x］(http[:]//evil[.]example)'],
  [':fire: *b* _i_ ~s~ `c`', '∶fire: ∗b∗ ＿i＿ ∼s∼ ʹcʹ'],
])('%j is written %j', (text, expected) => {
  expect(plain(text)).toBe(expected);
});

const ROLE = 'arn:aws:iam::111122223333:role/app_x';
test.each([
  ['2001:db8:85a3::8a2e:370:7334', '`2001:db8:85a3::8a2e:370:7334`'],
  ['from ::ffff:10.0.3.7, on Monday', 'from `::ffff:10.0.3.7`, on Monday'],
  [`by ${ROLE}. (${ROLE})`, `by \`${ROLE}\`. (\`${ROLE}\`)`],
  ['10.0.3.7, fe80::1 and ::1', '10.0.3.7, `fe80::1` and `::1`'],
  // What has another meaning, or is not whole, is written as all else is.
  ['12:30:45 or :: x', '12∶30:45 or `::` x'],
  ['arn:aws:iam::111122223333:role/`x', 'arn∶aws∶iam:∶111122223333:role/ʹx'],
  ['arn:aws:x:::www.evil.example', 'arn∶aws∶x:::www[.]evil[.]example'],
])('in a description %j is written %j', (text, expected) => {
  expect(copyableStart(text, 300)).toBe(expected);
});

test.each([
  ['prod/db_password-v2', '`prod/db_password-v2`'],
  ['prod/_internal_', '`prod/_internal_`'],
  ['_', '`_`'],
  ['team@db+1=x.2', '`team@db+1=x.2`'],
  ['rds!db-1f2e', '`rds!db-1f2e`'],
  ['n'.repeat(512), `\`${'n'.repeat(512)}\``],
  // What would ping or link even there, and what AWS allows in no name.
  ['prod/@here', 'prod/[@]here'],
  ['db@Channel', 'db[@]Channel'],
  ['a@@b', 'a[@@]b'],
  ['evil.example', 'evil[.]example'],
  ['a`b c', 'a?b?c'],
  ['a:fire:', 'a?fire?'],
  ['a?', 'a?'],
  ['?', '?'],
])('the name %j is written %j', (name, expected) => {
  expect(copyableName(name)).toBe(expected);
});

test.each(['@here', 'x@here', 'x@Everyone', 'a@@b'])(
  'a command that names %j calls nobody',
  (name) => {
    const text = commandText(`aws x --secret-id ${name}`) ?? '';
    expect(readMarkup(`\`${text}\``)).toEqual({ code: [text], bold: [], findings: [] });
    expect(text.replaceAll("''", '')).toBe(`aws x --secret-id ${name}`);
  },
);

test('an ARN that is cut is not to be copied', () => {
  expect(copyableStart(`by ${ROLE}`, 30)).not.toContain('`');
});

test.each([
  [
    '<!here>',
    '@channel',
    '#general',
    ':fire:',
    '_i_',
    '~s~',
    '[x](y)',
    'http://evil.example',
    '> x',
    'a `c',
    '&lt;',
  ],
])('the model of a chat finds %j', (...texts) => {
  for (const text of texts) expect(readMarkup(text).findings).not.toEqual([]);
});

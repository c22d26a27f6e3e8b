import { TOOLS } from '../../../../lib/cloudtrail/tool.ts';
import { DRILL_PREFIX } from '../../../../lib/drill.ts';
import { clashOf } from '../../../../lib/notice/chat/clash.ts';
import { type ClashNotice, clashNotice, type IncidentClash } from '../../../../lib/notice/clash.ts';
import { renderClashes } from '../../../../lib/notice/mail/clash.ts';
import { NOW } from '../../../testing/attempts.ts';
import { NOTICES } from '../../../testing/incident-notices.ts';
import { rowsOf } from '../../../testing/mails.ts';

const NOBODY = {
  callers: [],
  counts: { attempts: 0, callers: 0, muted: 0, ignored: 0, isLeast: false },
};

/** Terraform cannot create a secret, which nobody has read since its deletion. */
function clash(overrides: Partial<IncidentClash> = {}): IncidentClash {
  return { ...clashOf(NOTICES.clash), ...NOBODY, ...overrides };
}

const byTool = (tool: IncidentClash['clash']['tool']) =>
  clash({ clash: { ...clash().clash, tool } });

function rendered(clashes: readonly IncidentClash[], overrides: Partial<ClashNotice> = {}) {
  const notice = { kind: 'clash', severity: 'warning', clashes, now: NOW, ...overrides } as const;
  return renderClashes(notice, { stage: 'prod', region: 'eu-west-1', hasSpokes: true });
}

test('a mail with all that can be known', () => {
  const { subject, body } = rendered([clash()]).mail;
  expect(`Subject: ${subject}\n\n${body}`).toMatchInlineSnapshot(`
"Subject: WARNING: Deleted secret prod/db/password blocks a new one of alice, 6 days 21 hours left

User alice tried 2 times to create a secret of the name prod/db/password,
and could not: the secret of that name is scheduled for deletion, and keeps
the name until AWS has deleted it, at some time after the end of its window.

Secret:      prod/db/password
Account:     111122223333
Region:      eu-west-1
Deletion:    2026-11-29 14:03 UTC, 6 days 21 hours left (exact)
Scheduled:   by user alice, account 111122223333, from 198.51.100.7, on
             2026-11-22 14:03 UTC, with a window of 7 days
Read by:     nobody since its deletion, as far as is known here
Created by:  user alice, account 111122223333
Caller ARN:  arn:aws:iam::111122223333:user/alice
Tool:        Terraform or OpenTofu
With:        APN/1.0 HashiCorp/1.0 Terraform/1.13.0
             terraform-provider-aws/6.0.0
From:        198.51.100.9
Tried:       2 times, 2026-11-22 16:55 UTC to 2026-11-22 16:59 UTC
Owner:       payments (tag owner)
Replaced by: prod/db/credentials (tag replaced-by)

WHAT TO DO

1. Is it the old secret that is wanted? Restore it:

aws secretsmanager restore-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --region eu-west-1

https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=prod%2Fdb%2Fpassword&region=eu-west-1

2. To go on with it, import it, at the address that it has in your code;
   with OpenTofu by tofu:

terraform import aws_secretsmanager_secret.RESOURCE arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123

3. Or free the name within minutes: nothing is known to read the old secret,
   so delete it at once, which nobody can undo. Should AWS refuse that,
   restore it first (the command of step 1), then delete it:

aws secretsmanager delete-secret --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --force-delete-without-recovery --region eu-west-1

4. Or give the new one another name: name_prefix in the place of name makes
   one that is never taken.

5. Known already, and to be changed in time? Mute this caller, in a checkout
   of deleted-secret-notifier:

npm run mute -- --secret prod/db/password --caller arn:aws:iam::111122223333:user/alice --reason "why" --stage prod --region eu-west-1"
`);
});

test('how each tool can adopt the old secret, or take another name', () => {
  const texts = TOOLS.map((tool) => {
    const paragraphs = rendered([byTool(tool)]).mail.body.split('\n\n');
    const adopted = paragraphs.findIndex((text) => text.startsWith('2. '));
    const renamed = paragraphs.find((text) => text.startsWith('4. '));
    return [tool, ...paragraphs.slice(adopted, adopted + 2), renamed].join('\n');
  });
  expect(texts.join('\n\n')).toMatchInlineSnapshot(`
"terraform
2. To go on with it, import it, at the address that it has in your code;
   with OpenTofu by tofu:
terraform import aws_secretsmanager_secret.RESOURCE arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123
4. Or give the new one another name: name_prefix in the place of name makes
   one that is never taken.

pulumi
2. To go on with it, import it, under the name that its resource has in your
   code:
pulumi import aws:secretsmanager/secret:Secret RESOURCE arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123
4. Or give the new one another name: without a name among its arguments,
   Pulumi makes one that is free.

cloudformation
2. To go on with it, import it into the stack, by a template that holds it
   with a DeletionPolicy, and execute the change set; with the CDK by cdk
   import:
aws cloudformation create-change-set --stack-name STACK --change-set-name import-secret --change-set-type IMPORT --template-body file://TEMPLATE --resources-to-import 'ResourceType=AWS::SecretsManager::Secret,LogicalResourceId=LOGICAL-ID,ResourceIdentifier={Id=arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123}' --region eu-west-1
4. Or give the new one another name: without a Name in the template,
   CloudFormation makes one that is free.

external-secrets
2. To go on with it, tag it, for the operator writes to no other secret that
   is there:
aws secretsmanager tag-resource --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --tags Key=managed-by,Value=external-secrets --region eu-west-1
4. Or give the new one another name, as the remoteKey of its PushSecret.

ack
2. To go on with it, have the controller adopt it, in the namespace of its
   resource:
kubectl annotate -n NAMESPACE secrets.secretsmanager RESOURCE services.k8s.aws/adoption-policy=adopt-or-create 'services.k8s.aws/adoption-fields={"name":"prod/db/password","id":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123"}'
4. Or give the new one another name, in the spec of its resource.

serverless
2. To go on with it, have the plugin that makes it take the one that is
   there; one that is to be of the stack is imported, by a template that
   holds it with a DeletionPolicy:
aws cloudformation create-change-set --stack-name STACK --change-set-name import-secret --change-set-type IMPORT --template-body file://TEMPLATE --resources-to-import 'ResourceType=AWS::SecretsManager::Secret,LogicalResourceId=LOGICAL-ID,ResourceIdentifier={Id=arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123}' --region eu-west-1
4. Or give the new one another name, in the file of its service, such as one
   by the stage.

cli
2. To go on with it, give it the new value, if it is to have one:
aws secretsmanager put-secret-value --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --secret-string file://VALUE-FILE --region eu-west-1
4. Or give the new one another name, by the option --name.

other
2. To go on with it, have what creates it import or adopt it, or give it the
   new value:
aws secretsmanager put-secret-value --secret-id arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db/password-AbC123 --secret-string file://VALUE-FILE --region eu-west-1
4. Or give the new one another name, where it is created."
`);
});

test('a secret that is read is not to be deleted at once, and no command does it', () => {
  const { body } = rendered([clash({ ...clashOf(NOTICES.clash) })]).mail;
  expect(body).toContain('NOT YET');
  expect(body).not.toContain('--force-delete-without-recovery');
});

test.each([
  [
    'nobody heard of the deletion as it happened',
    { clash: { ...clash().clash, isWatched: false } },
  ],
  ['there was no time to read all', { counts: { ...NOBODY.counts, isLeast: true } }],
])('nothing is deleted at once where %s, and so perhaps of no read', (_, unknown) => {
  const { mail } = rendered([clash(unknown)]);
  expect(rowsOf(mail as never)['Read by']).toMatch(/^not known here/);
  expect(mail.body.split('\n')).toEqual(
    expect.arrayContaining([
      'npm run -s readers -- --secret prod/db/password --region eu-west-1',
      'npm run -s status -- --backfill --stage prod --region eu-west-1',
    ]),
  );
  expect(mail.body).not.toContain('--force-delete-without-recovery');
});

test('whose reads are not known elsewhere is looked for there', () => {
  const accountId = '444455556666';
  const secret = { ...clash().secret, accountId, elsewhere: { accountId } };
  const { body } = rendered([
    clash({ secret, clash: { ...clash().clash, isWatched: false } }),
  ]).mail;
  expect(body.split('\n')).toEqual(
    expect.arrayContaining([
      'npm run -s readers -- --secret prod/db/password --region eu-west-1 --profile PROFILE-OF-444455556666',
      'npm run -s status -- --all-accounts --backfill --stage prod --region eu-west-1',
    ]),
  );
});

test('of a user agent the versions stand in the mail, not the web pages', () => {
  const userAgent =
    'APN/1.0 HashiCorp/1.0 Terraform/1.13.0 (+https://www.terraform.io) terraform-provider-aws/6.0.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.36.0';
  const mail = rendered([clash({ clash: { ...clash().clash, userAgent } })]).mail;
  expect(rowsOf(mail as never).With).toBe(
    'APN/1.0 HashiCorp/1.0 Terraform/1.13.0 terraform-provider-aws/6.0.0 aws-sdk-go-v2/1.36.0',
  );
});

test.each([
  [{ attempts: 9, callers: 5 }, '9 attempts since its deletion, by role app-server and 4 others'],
  [
    { attempts: 1, callers: 1, isLeast: true },
    'at least 1 attempt since its deletion, by role app-server',
  ],
  [
    { attempts: 3, callers: 1, muted: 2 },
    '3 attempts since its deletion, by role app-server; 2 muted',
  ],
])('who reads the secret: %j', (counts, line) => {
  const { callers } = NOTICES.clash;
  const told = clash({ callers, counts: { ...NOBODY.counts, ...counts } });
  expect(rowsOf(rendered([told]).mail as never)['Read by']).toBe(line);
});

test.each([
  [{ muted: 2 }, '2 muted'],
  [{ ignored: 3 }, '3 by ignored callers'],
])('reads of which nobody hears count too: %j', (counts, line) => {
  const mail = rendered([clash({ counts: { ...NOBODY.counts, ...counts } })]).mail;
  expect(rowsOf(mail as never)['Read by']).toBe(line);
  expect(mail.body).not.toContain('--force-delete-without-recovery');
});

test('a drill is told as one, with that action', () => {
  const secret = { ...clash().secret, name: `${DRILL_PREFIX}0abc` };
  const { subject, body, attributes } = rendered([clash({ secret })]).mail;
  expect(subject).toMatch(/^DRILL: Deleted secret /);
  expect(body).toMatch(/^This is a drill/);
  expect(attributes.action).toBe('drill');
});

/** Secrets of different names, the soonest end first. */
const many = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    clash({ secret: { ...clash().secret, name: `prod/db-${i}` } }),
  );

test('several stand in one mail: the first in detail, a line for each other', () => {
  const { mail, rest } = rendered(many(14));
  expect(rest).toBeUndefined();
  expect(mail.subject).toBe(
    'WARNING: Deleted secrets prod/db-0 and 13 more block new ones, 6 days 21 hours left',
  );
  expect(mail.body.match(/^NAME \d+ OF 14$/gm)).toHaveLength(12);
  expect(mail.body.match(/^- prod\/db-1[23], account/gm)).toHaveLength(2);
  expect(mail.attributes).toMatchObject({ action: 'clash', severity: 'warning' });
});

test('the subject of several keeps how many and the time left beside any name', () => {
  const [first = clash(), ...others] = many(3);
  const name = `${'x'.repeat(500)}.example.com`;
  const { subject } = rendered([clash({ secret: { ...first.secret, name } }), ...others]).mail;
  expect(subject.length).toBeLessThanOrEqual(99);
  expect(subject).toMatch(/ x+\.\.\..* and 2 more block new ones, 6 days 21 hours left$/);
});

test('of several each has its own commands; what is the same for all stands once, at the end', () => {
  const { body } = rendered(many(3)).mail;
  const paragraphs = body.split('\n\n');
  for (const own of ['restore-secret', 'terraform import', '--force-delete-without-recovery']) {
    expect(paragraphs.filter((text) => text.includes(own))).toHaveLength(3);
  }
  expect(paragraphs[0]).toMatchInlineSnapshot(`
"3 secrets could not be created: those of their names are scheduled for
deletion, and keep the names until AWS has deleted them, at some time after
the end of their windows."
`);
  expect(paragraphs.slice(paragraphs.indexOf('FOR ALL NAMES')).join('\n\n')).toMatchInlineSnapshot(`
"FOR ALL NAMES

1. Give each new one another name: name_prefix in the place of name makes
   one that is never taken.

2. Known already, and to be changed in time? Mute a caller, such as that of
   the first, in a checkout of deleted-secret-notifier:

npm run mute -- --secret prod/db-0 --caller arn:aws:iam::111122223333:user/alice --reason "why" --stage prod --region eu-west-1"
`);
  for (const once of ['keeps? the', 'another name', 'npm run mute']) {
    expect(body.match(new RegExp(once, 'g'))).toHaveLength(1);
  }
});

test('several of different tools take another name where each is created', () => {
  const { body } = rendered([byTool('terraform'), byTool('pulumi')]).mail;
  expect(body).toContain('another name, where it is created.');
});

test('of several the reads that were missed are looked for once, elsewhere too', () => {
  const isUnknown = { clash: { ...clash().clash, isWatched: false } };
  const elsewhere = { accountId: '444455556666' };
  const far = clash({ ...isUnknown, secret: { ...clash().secret, elsewhere } });
  const { body } = rendered([clash(), clash(isUnknown), far]).mail;
  expect(body.match(/^npm run -s status .*$/gm)).toEqual([
    'npm run -s status -- --all-accounts --backfill --stage prod --region eu-west-1',
  ]);
  expect(body.match(/^npm run -s readers /gm)).toHaveLength(2);
});

test('as many as fit in a mail; no name is lost or told twice', () => {
  const names: string[] = [];
  let mails = 0;
  for (let left: ClashNotice | undefined = { ...base, clashes: many(2000) }; left; mails++) {
    const { mail, rest } = renderClashes(left, {});
    expect(Buffer.byteLength(mail.body + JSON.stringify(mail.attributes))).toBeLessThan(256 * 1024);
    for (const [, name = ''] of mail.body.matchAll(/^(?:Secret: +|- )(prod\/db-\d+)/gm)) {
      names.push(name);
    }
    left = rest;
  }
  expect(names).toEqual(many(2000).map(({ secret }) => secret.name));
  expect(mails).toBeGreaterThan(1);
});

const base = { kind: 'clash', severity: 'notice', now: NOW } as const;

test('of several that of the soonest end is named first, in whatever order they were found', () => {
  const ending = (day: string) => {
    const schedule = { kind: 'exact', date: new Date(`${day}T14:03:00Z`) } as const;
    const name = `prod/until-${day}`;
    return clash({ state: { state: 'pending', schedule }, secret: { ...clash().secret, name } });
  };
  const notice = clashNotice(['2026-12-22', '2026-11-29', '2026-12-02'].map(ending), NOW);
  const { subject } = renderClashes(notice, { region: 'eu-west-1' }).mail;
  expect(subject).toMatch(/prod\/until-2026-11-29 and 2 more .*, 6 days 21 hours left$/);
});

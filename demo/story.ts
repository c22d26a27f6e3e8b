import assert from 'node:assert/strict';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import type { LocalAws } from '../emulators/aws.ts';
import { ACCOUNT, REGION } from '../emulators/client.ts';
import type { CloudTrailRecord, RoleSession } from '../emulators/cloudtrail.ts';
import type { Mail } from '../emulators/messaging.ts';
import type { Notifier } from '../emulators/notifier.ts';
import { getItems } from '../lib/aws/table.ts';
import { identifySecret } from '../lib/cloudtrail/secret-id.ts';
import { partitionKey, readPage } from '../lib/deletion/ledger.ts';
import { addDays, formatUtc, HOUR_MS } from '../lib/time.ts';
import type { Step } from './steps.ts';

export const SECRET = 'prod/payments/db-password';
const VALUE = 'correct horse battery staple';

const session = (role: string, session: string, address: string, userAgent?: string) =>
  ({ account: ACCOUNT, role, session, sourceIPAddress: address, userAgent }) satisfies RoleSession;

/** The callers of AWS, by access key. */
export const callers = {
  admin: session('platform-admin', 'ada', '198.51.100.7'),
  app: session('app-server', 'i-0abc1234def567890', '203.0.113.24', 'payments-api/4.2.0'),
  report: session('nightly-report', 'run-4711', '203.0.113.99', 'report/1.3.0'),
  notifier: session('deleted-secret-notifier', 'deleted-secret-notifier-dev-notify', '192.0.2.10'),
};

type Application = 'app' | 'report';

/** The time of all, which a story lets pass. */
export interface Clock {
  readonly now: () => Date;
  /** Lets time pass until then. */
  readonly goTo: (time: Date) => void;
}

/** A clock that shows the real time until it is told otherwise, and goes on from there. */
export function startClock(): Clock {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    goTo(time) {
      ahead = time.getTime() - Date.now();
    },
  };
}

export interface Scene {
  readonly step: Step;
  readonly clock: Clock;
  readonly aws: LocalAws;
  readonly notifier: Notifier;
  /** Ends the story when aborted. */
  readonly signal: AbortSignal;
}

/** A secret that is in use is scheduled for deletion. @returns the date of the deletion. */
export async function scheduleDeletion(scene: Scene): Promise<Date> {
  const { step, aws, notifier } = scene;
  const admin = aws.clientOf('admin');

  await step(`An administrator creates the secret ${SECRET}`, async (note) => {
    const Tags = [
      { Key: 'owner', Value: 'payments-team@example.com' },
      { Key: 'replaced-by', Value: 'prod/payments/db-credentials' },
    ];
    await admin.send(new CreateSecretCommand({ Name: SECRET, SecretString: VALUE, Tags }));
    note(`tagged ${Tags.map(({ Key, Value }) => `${Key}=${Value}`).join(', ')}`);
  });

  await step('An application reads it, as it does every day', async (note) => {
    assert.equal(await readSecret(aws, 'app'), VALUE);
    assert.deepEqual(notifier.targets(lastRecord(aws, 'GetSecretValue')), []);
    assert.equal(await aws.nextMail(), undefined);
    note('no event for any function, no mail');
  });

  const date = await step('The administrator schedules it for deletion in 7 days', async (note) => {
    const request = { SecretId: SECRET, RecoveryWindowInDays: 7 };
    const { DeletionDate } = await admin.send(new DeleteSecretCommand(request));
    assert(DeletionDate, 'no date of deletion');
    note(`to be deleted after ${DeletionDate.toISOString()}`);
    return DeletionDate;
  });

  await handle(scene, 'DeleteSecret');
  return date;
}

/** An application tries to read the secret and fails, and a mail reports it. */
export async function attempt(scene: Scene, application: Application): Promise<Mail> {
  const { step, aws } = scene;
  const { role } = callers[application];

  await step(`The application ${role} tries to read it and fails`, async (note) => {
    const error = await refusal(aws, application);
    note(`${error.name}: ${error.message}`);
  });

  await handle(scene, 'GetSecretValue');

  return step('The mail arrives', async (note) => {
    const mail = await aws.nextMail();
    assert(mail, 'no mail');
    assert(mail.subject.includes(SECRET), `the subject does not name the secret: ${mail.subject}`);
    assert(mail.body.includes(role), 'the mail does not name the caller');
    assert.equal(await aws.nextMail(), undefined);
    note(mail.subject);
    return mail;
  });
}

/** The mail names what DescribeSecret does not: until when the secret can be saved, and who scheduled its deletion. */
export async function checkLedger({ step }: Scene, mail: Mail, date: Date): Promise<void> {
  await step('It names the exact date and the person', async (note) => {
    const [line = 'no line Deletion'] = /^Deletion: .+$/m.exec(mail.body) ?? [];
    assert.match(line, new RegExp(`^Deletion: +${formatUtc(date)}, .*\\(exact\\)$`));
    const { role, session } = callers.admin;
    const person = `by role ${role}, session ${session}`;
    assert.match(mail.body, new RegExp(`^Scheduled: +${person}`, 'm'));
    note(`${formatUtc(date)}, ${person}`);
  });
}

/** An application keeps trying: its caller is known, so that no attempt is mailed. */
export async function retries(
  { step, aws, notifier, signal }: Scene,
  application: Application,
  count: number,
): Promise<void> {
  await step(
    `${callers[application].role} tries ${count} times more, as its retries do`,
    async (note) => {
      for (let i = 0; i < count; i++) {
        signal.throwIfAborted();
        await refusal(aws, application);
        await notifier.handle(lastRecord(aws, 'GetSecretValue'));
      }
      assert.equal(await aws.nextMail(), undefined, 'a known caller was mailed');
      note('no mail: they are deferred to a digest');
    },
  );
}

/** An hour later one digest reports all attempts since. */
export function digest(scene: Scene, count: number): Promise<Mail> {
  const { clock } = scene;
  const time = new Date(clock.now().getTime() + HOUR_MS);
  return summarize(scene, 'An hour passes, and the digest arrives', time, ({ body }) => {
    assert.match(body, new RegExp(`^${count} attempts to read 1 secret`));
  });
}

/** Two days before the end a last call says who had read the secret, and how to save it. */
export function lastCall(scene: Scene, application: Application, date: Date): Promise<Mail> {
  const time = addDays(date, -2);
  return summarize(scene, 'Five days pass, and a last call arrives', time, ({ subject, body }) => {
    assert.match(subject, /^LAST CALL: /);
    assert(body.includes(callers[application].role), 'the last call does not name the caller');
  });
}

/** Lets time pass, and the function run as it does every three minutes. @returns the one mail that it sends. */
function summarize(
  { step, clock, aws, notifier }: Scene,
  title: string,
  time: Date,
  check: (mail: Mail) => void,
): Promise<Mail> {
  return step(title, async (note) => {
    clock.goTo(time);
    const response = await notifier.lambda('SummarizeLambdaFunction').invokeAsync({});
    assert(!('error' in response), `summarize failed: ${JSON.stringify(response)}`);
    const mail = await aws.nextMail();
    assert(mail, 'no mail');
    check(mail);
    assert.equal(await aws.nextMail(), undefined);
    note(mail.subject);
    return mail;
  });
}

/** The deletion has been cancelled, and the application works again. */
export async function recovery(scene: Scene, application: Application): Promise<void> {
  const { step, aws } = scene;

  await step('The secret is no longer scheduled for deletion', async () => {
    const request = new DescribeSecretCommand({ SecretId: SECRET });
    const { DeletedDate } = await aws.clientOf('admin').send(request);
    assert.equal(DeletedDate, undefined);
  });

  await handle(scene, 'RestoreSecret');

  await step('The ledger of deletions has recorded it', async (note) => {
    const secret = identifySecret(SECRET, { accountId: ACCOUNT, region: REGION });
    const items = await getItems(aws.dynamoDb.table, partitionKey(secret) ?? '');
    const { change } = readPage(items, secret);
    assert.equal(change?.kind, 'cancellation');
    note(`cancelled by ${change.requestedBy.description}`);
  });

  await step('The application tries again and gets the value', async () => {
    assert.equal(await readSecret(aws, application), VALUE);
  });
}

/** Lets the service handle the last call of this name, if its rules match. */
async function handle({ step, aws, notifier }: Scene, eventName: string): Promise<void> {
  const record = lastRecord(aws, eventName);

  const title = `CloudTrail's record of ${eventName} matches a rule of the packaged template`;
  const name = await step(title, async (note) => {
    const names = notifier.targets(record).map((lambda) => lambda.name);
    assert.equal(names.length, 1, `functions that get it: ${names}`);
    note(`by ${record.userIdentity.arn}`);
    return names[0];
  });

  await step(`The packaged function ${name} handles it`, () => notifier.handle(record));
}

async function readSecret(aws: LocalAws, application: Application): Promise<string | undefined> {
  const request = new GetSecretValueCommand({ SecretId: SECRET });
  const { SecretString } = await aws.clientOf(application).send(request);
  return SecretString;
}

/** What an application gets instead of the value. */
async function refusal(aws: LocalAws, application: Application): Promise<Error> {
  const error = await readSecret(aws, application).then(
    () => assert.fail('the application got the value'),
    (error: Error) => error,
  );
  assert.match(error.message, /marked for deletion/);
  return error;
}

function lastRecord({ records }: LocalAws, eventName: string): CloudTrailRecord {
  const record = records.findLast((candidate) => candidate.eventName === eventName);
  assert(record, `no ${eventName} was recorded`);
  return record;
}

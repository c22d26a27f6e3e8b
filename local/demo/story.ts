import assert from 'node:assert/strict';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import type { LocalAws } from '../aws.ts';
import type { CloudTrailRecord } from '../cloudtrail.ts';
import type { Mail } from '../messaging.ts';
import type { Notifier } from '../notifier.ts';
import { ADMIN, APP, callers } from './cast.ts';
import type { Tell } from './steps.ts';

const SECRET = 'prod/payments/db-password';
const VALUE = 'correct horse battery staple';

export interface Stage {
  readonly tell: Tell;
  readonly aws: LocalAws;
  readonly notifier: Notifier;
}

/** A secret that is in use is scheduled for deletion. */
export async function scheduleDeletion({ tell, aws, notifier }: Stage): Promise<void> {
  const admin = aws.clientOf(ADMIN);

  await tell(`An administrator creates the secret ${SECRET}`, async (note) => {
    const Tags = [
      { Key: 'owner', Value: 'payments-team@example.com' },
      { Key: 'replaced-by', Value: 'prod/payments/db-credentials' },
    ];
    await admin.send(new CreateSecretCommand({ Name: SECRET, SecretString: VALUE, Tags }));
    note(`tagged ${Tags.map(({ Key, Value }) => `${Key}=${Value}`).join(', ')}`);
  });

  await tell('An application reads it, as it does every day', async (note) => {
    assert.equal(await readSecret(aws), VALUE);
    assert(!notifier.isRouted(lastRecord(aws)), 'the rule matches an ordinary read');
    assert.equal(await aws.nextMail(), undefined);
    note('no event for the function, no mail');
  });

  await tell('The administrator schedules it for deletion in 7 days', async (note) => {
    const request = { SecretId: SECRET, RecoveryWindowInDays: 7 };
    const { DeletionDate } = await admin.send(new DeleteSecretCommand(request));
    assert(DeletionDate, 'no date of deletion');
    note(`to be deleted after ${DeletionDate.toISOString()}`);
  });
}

/** The application asks for the secret and fails, and a mail tells of it. */
export async function attempt({ tell, aws, notifier }: Stage): Promise<Mail> {
  await tell('The application asks for its value and fails', async (note) => {
    const error = await readSecret(aws).then(
      () => assert.fail('the application got the value'),
      (error: Error) => error,
    );
    assert.match(error.message, /marked for deletion/);
    note(`${error.name}: ${error.message}`);
  });

  const record = lastRecord(aws);
  await tell("CloudTrail's record matches the rule of the packaged template", async (note) => {
    assert(notifier.isRouted(record), 'the rule does not match');
    note(`${record.eventName} by ${record.userIdentity.arn}`);
  });

  await tell('The packaged function handles the event', () => notifier.handle(record));

  return tell('The mail arrives', async (note) => {
    const mail = await aws.nextMail();
    assert(mail, 'no mail');
    assert(mail.subject.includes(SECRET), `the subject does not name the secret: ${mail.subject}`);
    assert(mail.body.includes(callers[APP].role), 'the mail does not name the caller');
    assert.equal(await aws.nextMail(), undefined);
    note(mail.subject);
    return mail;
  });
}

/** The deletion has been cancelled, and the application works again. */
export async function recovery({ tell, aws }: Stage): Promise<void> {
  await tell('The secret is no longer scheduled for deletion', async () => {
    const request = new DescribeSecretCommand({ SecretId: SECRET });
    const { DeletedDate } = await aws.clientOf(ADMIN).send(request);
    assert.equal(DeletedDate, undefined);
  });

  await tell('The application asks again and gets its value', async () => {
    assert.equal(await readSecret(aws), VALUE);
  });
}

async function readSecret(aws: LocalAws): Promise<string | undefined> {
  const request = new GetSecretValueCommand({ SecretId: SECRET });
  const { SecretString } = await aws.clientOf(APP).send(request);
  return SecretString;
}

function lastRecord({ records }: LocalAws): CloudTrailRecord {
  const record = records.at(-1);
  assert(record, 'nothing was recorded');
  return record;
}

import assert from 'node:assert/strict';
import {
  type ApiCall,
  type CloudTrailRecord,
  cloudTrailRecord,
  subscriptionEvent,
} from '../emulators/cloudtrail.ts';
import type { Mail } from '../emulators/messaging.ts';
import { addDays } from '../lib/time.ts';
import { callers, type Scene, SECRET } from './story.ts';

/** Where a secret is: in another Region of the stack's account, and in another account. */
const OTHER_REGION = { account: callers.app.account, region: 'us-west-2' };
const OTHER_ACCOUNT = { account: '444455556666', region: 'eu-central-1' };
type Place = typeof OTHER_REGION;

const IN_ACCOUNT = 'prod/billing/api-key';
const REFUSED = {
  code: 'InvalidRequestException',
  message: "You can't perform this operation on the secret because it was marked for deletion.",
};

/**
 * Applications try to read secrets where no rule of this stack hears them. The trail's log group has it all. @returns the mails.
 */
export async function attemptsElsewhere(scene: Scene): Promise<readonly Mail[]> {
  const { step, clock, aws } = scene;
  const { account, region } = OTHER_ACCOUNT;

  await step(`The trail brings a deletion in account ${account}`, async (note) => {
    const response = {
      ARN: `arn:aws:secretsmanager:${region}:${account}:secret:${IN_ACCOUNT}-x1Y2z3`,
      Name: IN_ACCOUNT,
      DeletionDate: addDays(clock.now(), 30).getTime() / 1000,
    };
    const deletion = recordOf(OTHER_ACCOUNT, {
      eventName: 'DeleteSecret',
      time: clock.now(),
      caller: { ...callers.admin, account, session: 'grace' },
      request: { SecretId: IN_ACCOUNT, RecoveryWindowInDays: 30 },
      outcome: { response },
    });
    await readTrail(scene, deletion);
    assert.equal(await aws.nextMail(), undefined);
    note('the ledger of deletions has it, without any permission there');
  });

  return step('It brings an attempt there, and one in another Region', async (note) => {
    const attempt = (place: Place, role: string, SecretId: string) =>
      recordOf(place, {
        eventName: 'GetSecretValue',
        time: clock.now(),
        caller: { ...callers.app, account: place.account, role },
        request: { SecretId },
        outcome: { error: REFUSED },
      });
    await readTrail(
      scene,
      attempt(OTHER_ACCOUNT, 'billing', IN_ACCOUNT),
      attempt(OTHER_REGION, callers.app.role, SECRET),
    );
    const mails = await aws.takeMails();
    const places = mails.map(({ attributes }) => `${attributes.account} ${attributes.region}`);
    const expected = [OTHER_REGION, OTHER_ACCOUNT].map(
      (place) => `${place.account} ${place.region}`,
    );
    assert.deepEqual(places.toSorted(), expected);
    note('a mail each');
    return mails;
  });
}

const recordOf = (
  { account, region }: Place,
  call: Omit<ApiCall, 'accessKeyId' | 'userAgent'>,
): CloudTrailRecord => ({
  ...cloudTrailRecord({ ...call, accessKeyId: 'ASIAEXAMPLE', userAgent: 'payments-api/4.2.0' }),
  recipientAccountId: account,
  awsRegion: region,
});

/** Lets CloudWatch Logs send records to the function that reads the trail's log group, and waits for what it hands on. */
async function readTrail({ notifier }: Scene, ...records: CloudTrailRecord[]): Promise<void> {
  const event = subscriptionEvent(records);
  const response = await notifier.lambda('ReadTrailLambdaFunction').invokeAsync(event);
  assert(!('error' in response), `read-trail failed: ${JSON.stringify(response)}`);
  await notifier.settled();
}

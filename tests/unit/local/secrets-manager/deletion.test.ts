import { MARKED_FOR_DELETION } from '../../../testing/records.ts';
import { ARN, NAME, NOW, OWNER, startSecrets } from '../../../testing/secrets-manager.ts';

const IN_A_WEEK = new Date('2026-11-29T14:03:00Z');
const IN_THIRTY_DAYS = new Date('2026-12-22T14:03:00Z');

let secrets: Awaited<ReturnType<typeof startSecrets>>;

beforeEach(async () => {
  secrets = await startSecrets();
});
afterEach(() => secrets.stop());

describe('a secret that is marked for deletion', () => {
  beforeEach(async () => {
    await secrets.create();
    await secrets.delete(7);
  });

  test.each([
    ['GetSecretValue', () => secrets.get()],
    ['TagResource', () => secrets.tag(OWNER)],
    ['DeleteSecret', () => secrets.delete(8)],
  ])('refuses %s', async (_, call) => {
    await expect(call()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: MARKED_FOR_DELETION,
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('keeps its name', async () => {
    await expect(secrets.create()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message:
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
  });

  test('is still described', async () => {
    expect(await secrets.describe()).toMatchObject({ ARN, Tags: [OWNER], DeletedDate: IN_A_WEEK });
  });

  test('is listed only if asked for', async () => {
    expect([await secrets.list(), await secrets.list(true)]).toEqual([[], [NAME]]);
  });

  test('is usable again once restored', async () => {
    expect(await secrets.restore()).toMatchObject({ ARN, Name: NAME });
    expect(await secrets.get()).toMatchObject({ SecretString: 'hunter2' });
    expect(await secrets.describe()).not.toHaveProperty('DeletedDate');
    expect(await secrets.list()).toEqual([NAME]);
  });

  test('can still be deleted at once', async () => {
    await secrets.delete(undefined, true);
    await expect(secrets.describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('DeleteSecret', () => {
  test.each([
    [undefined, IN_THIRTY_DAYS],
    [7, IN_A_WEEK],
    [30, IN_THIRTY_DAYS],
  ])('with a window of %s days sets the date to %s', async (days, date) => {
    await secrets.create();
    expect(await secrets.delete(days)).toMatchObject({ ARN, Name: NAME, DeletionDate: date });
  });

  test.each([
    [6, undefined, 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).'],
    [31, undefined, 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).'],
    [7, true, "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."],
  ])('refuses a window of %s days, forced: %s', async (days, forced, message) => {
    await secrets.create();
    const error = { name: 'InvalidParameterException', message };
    await expect(secrets.delete(days, forced)).rejects.toMatchObject(error);
  });

  test('forced does not mind a secret that is not there', async () => {
    expect(await secrets.delete(undefined, true)).toMatchObject({ Name: NAME, DeletionDate: NOW });
  });

  test('can leave the request as the DeletedDate, as AWS has been seen to', async () => {
    await secrets.stop();
    secrets = await startSecrets({ deletedDate: 'requested' });
    await secrets.create();
    expect(await secrets.delete(7)).toMatchObject({ DeletionDate: IN_A_WEEK });
    expect(await secrets.describe()).toMatchObject({ DeletedDate: NOW });
  });
});

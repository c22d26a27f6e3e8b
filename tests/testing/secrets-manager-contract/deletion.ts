import { type Behaviour, NOT_FOUND } from './subject.ts';

/** DeleteSecret and its windows. */
export function describeDeletion(behaviour: Behaviour): void {
  for (const [days, expected] of [[undefined, 30] as const, [7, 7] as const, [30, 30] as const]) {
    behaviour(`a window of ${days ?? 'no given'} days ends in ${expected}`, async (secret) => {
      await secret.create();
      const { DeletionDate, ...answer } = await secret.delete(days);
      expect(answer).toMatchObject({ ARN: secret.arn, Name: secret.name });
      secret.expectInDays(DeletionDate, expected);
    });
  }

  for (const days of [6, 31]) {
    behaviour(`a window of ${days} days is refused`, async (secret) => {
      await secret.create();
      await expect(secret.delete(days)).rejects.toMatchObject({
        name: 'InvalidParameterException',
        message: 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
      });
    });
  }

  behaviour('a window and no window at a time are refused', async (secret) => {
    await secret.create();
    await expect(secret.delete(7, true)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    });
  });

  behaviour('a secret that is not there cannot be scheduled for deletion', async (secret) => {
    await expect(secret.delete(7)).rejects.toMatchObject(NOT_FOUND);
  });

  behaviour('a secret that is not there can be deleted at once', async (secret) => {
    const { Name, DeletionDate } = await secret.delete(undefined, true);
    expect(Name).toBe(secret.name);
    secret.expectInDays(DeletionDate, 0);
  });
}

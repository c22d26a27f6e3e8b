import { type Behaviour, NOT_FOUND, OWNER } from './subject.ts';

const MARKED = {
  name: 'InvalidRequestException',
  message: "You can't perform this operation on the secret because it was marked for deletion.",
  $metadata: { httpStatusCode: 400 },
};

/** A secret that is marked for deletion. */
export function describePending(behaviour: Behaviour): void {
  for (const operation of ['get', 'tag'] as const) {
    behaviour(`${operation} is refused for a pending secret`, async (secret) => {
      await secret.create();
      await secret.delete(7);
      const call = operation === 'tag' ? secret.tag(OWNER) : secret.get();
      await expect(call).rejects.toMatchObject(MARKED);
    });
  }

  behaviour('a pending secret is not scheduled for deletion again', async (secret) => {
    await secret.create();
    await secret.delete(7);
    const { DeletedDate } = await secret.describe();
    // Its text is not documented, and seen in more than one form.
    await expect(secret.delete(30)).rejects.toMatchObject({ name: MARKED.name });
    expect((await secret.describe()).DeletedDate).toEqual(DeletedDate);
  });

  behaviour('a pending secret is still described, with tags and a date', async (secret) => {
    await secret.create();
    await secret.delete(7);
    const described = { ARN: secret.arn, Tags: [OWNER], DeletedDate: expect.any(Date) };
    expect(await secret.describe()).toMatchObject(described);
  });

  behaviour('the date of a pending secret is the time of the request', async (secret) => {
    await secret.create();
    await secret.delete(7);
    secret.expectInDays((await secret.describe()).DeletedDate, 0);
  });

  behaviour('a pending secret is listed only if asked for', async (secret) => {
    await secret.create();
    expect(await secret.isListed()).toBe(true);
    await secret.delete(7);
    expect([await secret.isListed(), await secret.isListed(true)]).toEqual([false, true]);
  });

  behaviour('the name of a pending secret is still taken', async (secret) => {
    await secret.create();
    await secret.delete(7);
    await expect(secret.create()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message:
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    });
  });

  behaviour('a pending secret is usable again once restored', async (secret) => {
    await secret.create();
    await secret.delete(7);
    expect(await secret.restore()).toMatchObject({ ARN: secret.arn, Name: secret.name });
    expect(await secret.get()).toMatchObject({ SecretString: 'hunter2' });
    expect((await secret.describe()).DeletedDate).toBeUndefined();
    expect(await secret.isListed()).toBe(true);
  });

  behaviour('a pending secret can be deleted at once', async (secret) => {
    await secret.create();
    await secret.delete(7);
    await secret.delete(undefined, true);
    await expect(secret.describe()).rejects.toMatchObject(NOT_FOUND);
  });
}

import { HOME } from '../../emulators/client.ts';
import type { Mail } from '../../emulators/messaging.ts';
import { putOnBus } from './bus.ts';
import type { Mailbox } from './mailbox.ts';
import { attempt, createPending, usersAt } from './secrets.ts';

const TAG = { Key: 'deleted-secret-notifier:auto-cancel', Value: 'true' };

/** Schedules a secret for deletion and tries to read it. @returns the mail about that. */
export async function attemptOn(
  name: string,
  mailbox: Mailbox,
  tags = [TAG],
  { admin, app } = usersAt(HOME),
): Promise<Mail> {
  await createPending(name, tags, admin);
  await putOnBus(admin.lastRecord(), await attempt(name, app));
  return mailbox.next();
}

import type { Mail } from '../../emulators/messaging.ts';
import { putOnBus } from './bus.ts';
import type { Mailbox } from './mailbox.ts';
import { admin, attempt, createPending } from './secrets.ts';

const TAG = { Key: 'deleted-secret-notifier:auto-cancel', Value: 'true' };

/** Schedules a secret for deletion and tries to read it. @returns the mail about that. */
export async function attemptOn(name: string, mailbox: Mailbox, tags = [TAG]): Promise<Mail> {
  await createPending(name, tags);
  await putOnBus(admin.lastRecord(), await attempt(name));
  return mailbox.next();
}

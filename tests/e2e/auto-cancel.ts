import { GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { Mail } from '../../local/queue.ts';
import { putOnBus } from './bus.ts';
import { lambda } from './functions.ts';
import type { Mailbox } from './mailbox.ts';
import { admin, attempt, createPending } from './secrets.ts';
import { aws } from './world.ts';

const iam = new IAMClient(aws);
const TAG = { Key: 'deleted-secret-notifier:auto-cancel', Value: 'true' };

/** Schedules a secret for deletion and asks for it. @returns the mail that comes of it. */
export async function attemptOn(name: string, mailbox: Mailbox, tags = [TAG]): Promise<Mail> {
  await createPending(name, tags);
  await putOnBus(admin.lastRecord(), await attempt(name));
  return mailbox.next();
}

/** The policies of the function's role, as IAM has them. */
export async function policiesOf(FunctionName: string | undefined): Promise<string> {
  const { Role } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const RoleName = Role?.split('/').at(-1);
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies = await Promise.all(
    PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))),
  );
  return policies.map(({ PolicyDocument = '' }) => decodeURIComponent(PolicyDocument)).join('\n');
}

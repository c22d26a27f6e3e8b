import { type Clients, createClients } from '../../cli/doctor/context.ts';
import { type Diagnosis, diagnose } from '../../cli/doctor/diagnose.ts';
import { diagnoseSpoke } from '../../cli/doctor/spoke/diagnose.ts';
import type { Hub } from '../../cli/spokes/hub.ts';
import { type AssumeRole, createSpokes, type Place } from '../../lib/aws/spokes.ts';
import { NotifierError } from '../../lib/errors.ts';
import { healthyAccount, NOW, REGION } from './healthy-account.ts';
import { healthySpoke, THERE } from './healthy-spoke.ts';

// biome-ignore lint/suspicious/noExplicitAny: each call has an input and an answer of its own.
type Answer = (input: any) => any;
/** What AWS answers, by the name of the call. */
export type Account = Record<string, Answer>;

/** An error that AWS answers with. */
export const refusal = (name: string, message = name, httpStatusCode = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

/** Lets AWS answer a call with an error. */
const refuse = (name: string, message?: string) => () => {
  throw refusal(name, message);
};

/** Something that is different in an account. */
export type Change = (account: Account) => void;

/** AWS answers a call so. */
export const answered =
  (call: string, answer: object): Change =>
  (account) => {
    account[call] = () => answer;
  };

/** AWS answers a call with an error. */
export const refused =
  (call: string, name: string, message?: string): Change =>
  (account) => {
    account[call] = refuse(name, message);
  };

/** What AWS answers to a call is changed. */
export const patched =
  // biome-ignore lint/suspicious/noExplicitAny: as above.
    (call: string, change: (answer: any, input: any) => void): Change =>
    (account) => {
      const before = account[call];
      account[call] = (input) => {
        const answer = before?.(input);
        change(answer, input);
        return answer;
      };
    };

export const all =
  (...changes: readonly Change[]): Change =>
  (account) => {
    for (const change of changes) change(account);
  };

/** Real clients, whose methods and paginators work. */
const CLIENTS = createClients({ region: REGION });
const CLIENTS_THERE = createClients({ region: THERE.region });

/** These clients, which ask the account instead of AWS. */
function clientsOf(account: Account, clientsThere = CLIENTS): Clients {
  async function send(command: { input: unknown; constructor: { name: string } }) {
    const call = command.constructor.name.replace(/Command$/, '');
    const answer = account[call];
    if (!answer) throw new Error(`Nothing is known of ${call}`);
    return answer(command.input);
  }
  const clients = Object.entries(clientsThere).map(([name, client]) => [
    name,
    Object.assign(Object.create(client), { send }),
  ]);
  return { ...Object.fromEntries(clients), reachSpokes: (hub: Hub) => reachSpokes(hub, account) };
}

/** As the command does, which it does with clients of its own. */
async function reachSpokes({ operatorRoleArn, lookupRoleArn }: Hub, account: Account) {
  const assumeRole: AssumeRole = async (input) => account.AssumeRole?.(input);
  await assumeRole({ RoleArn: operatorRoleArn, RoleSessionName: 'operator' }).catch((cause) => {
    throw new NotifierError('AWS_REFUSED', 'Expected to assume the role', { cause });
  });
  const clientsOf = (place: Place) => place;
  const roles = { roleArn: lookupRoleArn, session: 'operator' };
  return createSpokes({ ...roles, assumeRole, clientsOf, now: () => NOW });
}

/** What the doctor says of an account in which all is well but for these changes. */
export const examine = (...changes: readonly Change[]) => examineAs(undefined, ...changes);

/** The same with the credentials of an AWS profile. */
export function examineAs(
  profile: string | undefined,
  ...changes: readonly Change[]
): Promise<Diagnosis> {
  const account = healthyAccount();
  all(...changes)(account);
  return diagnose(
    clientsOf(account),
    'dev',
    NOW,
    (_title, _total, run) => run(() => undefined),
    profile,
  );
}

/** What it says of a spoke in which all is well but for these changes, with the credentials of an AWS profile there. */
export function examineSpoke(...changes: readonly Change[]): Promise<Diagnosis> {
  const account = healthySpoke();
  all(...changes)(account);
  return diagnoseSpoke(
    clientsOf(account, CLIENTS_THERE),
    'dev',
    NOW,
    (_title, _total, run) => run(() => undefined),
    'there',
  );
}

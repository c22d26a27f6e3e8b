import { type Clients, createClients } from '../../cli/doctor/context.ts';
import { type Diagnosis, diagnose } from '../../cli/doctor/diagnose.ts';
import { NOW, REGION } from './healthy-account.ts';

// biome-ignore lint/suspicious/noExplicitAny: each call has an input and an answer of its own.
type Answer = (input: any) => any;
/** What AWS answers, by the name of the call. */
export type Account = Record<string, Answer>;

/** An error that AWS answers with. */
export const refusal = (name: string, message = name, httpStatusCode = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

/** Lets AWS answer a call with an error. */
export const refuse = (name: string, message?: string) => () => {
  throw refusal(name, message);
};

/** Changes what AWS answers to a call. */
export const patch =
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  (account: Account, call: string, change: (answer: any, input: any) => void) => {
    const before = account[call];
    account[call] = (input) => {
      const answer = before?.(input);
      change(answer, input);
      return answer;
    };
  };

/** Real clients, whose methods and paginators work. */
const CLIENTS = createClients({ region: REGION });

/** These clients, which ask the account instead of AWS. */
function clientsOf(account: Account): Clients {
  async function send(command: { input: unknown; constructor: { name: string } }) {
    const call = command.constructor.name.replace(/Command$/, '');
    const answer = account[call];
    if (!answer) throw new Error(`Nothing is known of ${call}`);
    return answer(command.input);
  }
  const clients = Object.entries(CLIENTS).map(([name, client]) => [
    name,
    Object.assign(Object.create(client), { send }),
  ]);
  return Object.fromEntries(clients);
}

/** What the doctor says of an account. */
export const examine = (account: Account): Promise<Diagnosis> =>
  diagnose(clientsOf(account), 'dev', NOW, (_title, _total, run) => run(() => undefined));

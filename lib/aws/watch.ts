import { errorName } from '../errors.ts';
import { MINUTE_MS } from '../time.ts';

/** How soon a service is asked again that did not answer, in ms. */
export const ASK_AGAIN_MS = MINUTE_MS;

type Middleware = <Call, Answer>(
  next: (call: Call) => Promise<Answer>,
  context: { readonly commandName?: string },
) => (call: Call) => Promise<Answer>;

/** A client of the AWS SDK, as far as its calls are watched. */
export interface Watchable {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { readonly step: 'initialize' }): void;
  };
}

/** What watches a client: it fails as the client does. */
export interface Watch {
  readonly now: () => Date;
  /** Hears that the client's credentials are not taken. */
  readonly onRefused: () => void;
}

/** The SDK's own names, after all its tries; a call that its caller has given up counts too. */
const NO_ANSWER = /^(TimeoutError|AbortError)$/;
/** Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html; STS and EC2 leave out `Exception`. */
const NO_CREDENTIALS = /^(UnrecognizedClient|InvalidClientTokenId|ExpiredToken)(Exception)?$/;

/**
 * Watches a client. Its service is not waited for again within a minute after it did not answer: what is asked meanwhile
 * fails as that call did, at once. A restore is always tried, because it may be the last chance.
 * @returns the client.
 */
export function watched<Client extends Watchable>(client: Client, watch: Watch): Client {
  const { now, onRefused } = watch;
  let silence: { readonly until: number; readonly error: unknown } | undefined;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        const isLook = commandName !== 'RestoreSecretCommand';
        if (isLook && silence && now().getTime() < silence.until) throw silence.error;
        try {
          return await next(call);
        } catch (error) {
          const name = errorName(error);
          if (NO_CREDENTIALS.test(name)) onRefused();
          if (isLook && NO_ANSWER.test(name)) {
            silence = { until: now().getTime() + ASK_AGAIN_MS, error };
          }
          throw error;
        }
      },
    // Around the SDK's tries.
    { step: 'initialize' },
  );
  return client;
}

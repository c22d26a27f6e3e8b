import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type AssumeRoleCommandOutput,
  type STSClient,
} from '@aws-sdk/client-sts';
import { errorName, NotifierError } from '../errors.ts';
import { lastOf } from '../last-of.ts';
import { HOUR_MS } from '../time.ts';
import type { clientSettings } from './clients.ts';
import { ASK_AGAIN_MS, type Watchable, watched } from './watch.ts';

/** An account and a Region of it. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** The same for the same account and Region only. */
export const placeKey = ({ accountId, region }: Place): string => `${accountId}#${region}`;

/** What a spoke's role lends, for an hour. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Asks AWS STS for a role's credentials; throws what the SDK throws. */
export type AssumeRole = (input: AssumeRoleCommandInput) => Promise<AssumeRoleCommandOutput>;

/** AssumeRole by a client that is made when it is first needed. */
export function assumeRoleBy(newClient: () => STSClient): AssumeRole {
  let client: STSClient | undefined;
  return (input) => {
    client ??= newClient();
    return client.send(new AssumeRoleCommand(input));
  };
}

type Watch = <Client extends Watchable>(client: Client) => Client;

/** How spokes are reached. */
export interface SpokesOptions<Clients> {
  /** The ARN of the spokes' lookup roles, in which ACCOUNT and REGION stand for those of a spoke. */
  readonly roleArn: string;
  /** The name of the sessions, by which a spoke's role knows what may be done. */
  readonly session: string;
  readonly assumeRole: AssumeRole;
  /** Makes the clients of a place; `watch` has those that are to notice that they are not answered, or their credentials not taken. */
  readonly clientsOf: (place: Place, credentials: Credentials, watch: Watch) => Clients;
  readonly now: () => Date;
}

/** The clients of other accounts and Regions. */
export interface Spokes<Clients> {
  /**
   * The clients of a place, by its spoke's role.
   * @throws NotifierError `NO_SPOKE` where that is missing or refuses, `AWS_REFUSED` where AWS STS did not answer; both in
   * a sentence.
   */
  readonly at: (place: Place) => Promise<Clients>;
}

/** How long credentials live, in seconds: as long as those can that a role gets of another role. */
const DURATION_SECONDS = 3600;
/**
 * For how many places the answer of AWS STS is kept, and for how many the clients: those that were asked for last. Measured on
 * Node.js 24: credentials and refusals take 2 KB of heap each, the clients of Secrets Manager and CloudTrail that have been used 44
 * KB together; making both takes 0.2 ms.
 */
const MAX_GRANTS = 5000;
const MAX_CLIENTS = 100;

/** The answer of a place's role, when it was asked for, and how long it holds, in ms since 1970. */
interface Grant {
  readonly from: number;
  until: number;
  readonly credentials: Promise<Credentials>;
}

/** The clients that were made with a place's credentials, and end with them. */
interface Made<Clients> {
  readonly until: number;
  readonly grant: Grant;
  readonly clients: Clients;
}

/**
 * Reaches spokes: one AssumeRole for each place and hour, whatever it answers, and whoever asks meanwhile. The hour begins
 * when it is asked for, so credentials, which live an hour from when AWS STS gives them, are replaced a moment before they end.
 * Only what may pass is asked again sooner, a minute after it was asked for at the earliest: no answer, and credentials that the
 * place does not take, such as those of a role that has been made anew.
 */
export function createSpokes<Clients>(options: SpokesOptions<Clients>): Spokes<Clients> {
  const { now, clientsOf } = options;
  const grants = lastOf<Grant>(MAX_GRANTS);
  const made = lastOf<Made<Clients>>(MAX_CLIENTS);

  function grantOf(place: Place, key: string, time: number): Grant {
    const known = grants.get(key, time);
    if (known) return known;
    const grant = { from: time, until: time + HOUR_MS, credentials: assume(place, options) };
    grants.set(key, grant);
    grant.credentials.catch((error) => {
      if (!isRefusal(error)) dropSoon(grant);
    });
    return grant;
  }

  return {
    async at(place) {
      const key = placeKey(place);
      const time = now().getTime();
      const grant = grantOf(place, key, time);
      const lent = await grant.credentials;
      const known = made.get(key, time);
      if (known?.grant === grant) return known.clients;
      const watch = { now, onRefused: () => dropSoon(grant) };
      const clients = clientsOf(place, lent, (client) => watched(client, watch));
      made.set(key, { until: grant.until, grant, clients });
      return clients;
    },
  };
}

/** How a function makes the clients of spokes: with which settings, and over the connections of which client of its own. */
interface FunctionClients<Handler, Clients> {
  readonly settings: ReturnType<typeof clientSettings>;
  readonly own: { readonly config: { readonly requestHandler: Handler } };
  /** Given, because a bundle is 3 KB larger, packed, where the client does not stand beside the others of the function. */
  readonly newSts: () => STSClient;
  readonly clientsOf: (
    settings: {
      readonly maxAttempts: number;
      readonly requestHandler: Handler;
      readonly region: string;
      readonly credentials: Credentials;
    },
    watch: Watch,
  ) => Clients;
}

/**
 * The spokes that a function reaches, by sessions of its name.
 * @param roleArn as of {@link SpokesOptions}; absent where the stack is no hub, which has none
 */
export function functionSpokes<Handler, Clients>(
  roleArn: string | undefined,
  session: string,
  { settings, own, newSts, clientsOf }: FunctionClients<Handler, Clients>,
): Spokes<Clients> | undefined {
  if (roleArn === undefined) return undefined;
  return createSpokes({
    roleArn,
    session,
    assumeRole: assumeRoleBy(newSts),
    clientsOf({ region }, credentials, watch) {
      const { requestHandler } = own.config;
      return clientsOf({ ...settings, requestHandler, region, credentials }, watch);
    },
    now: () => new Date(),
  });
}

/** Lets a grant hold no longer than it must. */
function dropSoon(grant: Grant): void {
  grant.until = grant.from + ASK_AGAIN_MS;
}

async function assume<Clients>(
  place: Place,
  { roleArn, session, assumeRole }: SpokesOptions<Clients>,
): Promise<Credentials> {
  const role = roleOf(roleArn, place);
  const { Credentials: lent } = await assumeRole({
    RoleArn: role,
    RoleSessionName: session,
    DurationSeconds: DURATION_SECONDS,
  }).catch(refuse(role, place));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = lent ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

// A stage may be called REGION.
const roleOf = (roleArn: string, { accountId, region }: Place): string =>
  roleArn.replace(':ACCOUNT:', `:${accountId}:`).replace(/REGION$/, region);

const isRefusal = (error: unknown): boolean =>
  error instanceof NotifierError && error.code === 'NO_SPOKE';

/** AWS answers alike for a role that is missing, and for one that does not trust this stack. */
function refuse(role: string, { accountId, region }: Place) {
  return (cause: unknown): never => {
    const name = errorName(cause);
    const of = `the role ${role.replace(/^.*\//, '')} of account ${accountId}`;
    if (/^AccessDenied/.test(name)) {
      const what = `This stack may not assume ${of}, by which it would look into ${region}.`;
      // It is remembered: with the SDK's error, which holds the whole answer, it would be eight times as large.
      throw new NotifierError('NO_SPOKE', `${what} Deploy the spoke there.`);
    }
    const what = `AWS STS did not let this stack assume ${of} (${name}).`;
    throw new NotifierError('AWS_REFUSED', what, { cause });
  };
}

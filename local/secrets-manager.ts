import { randomInt, randomUUID } from 'node:crypto';
import {
  type ApiError,
  type CloudTrailRecord,
  cloudTrailRecord,
  type JsonObject,
  type Outcome,
  type RoleSession,
} from './cloudtrail.ts';
import { perform } from './secrets-manager/operations.ts';
import { type Answer, type Call, type Server, serve } from './secrets-manager/server.ts';
import type { DeletedDateMeaning, Store } from './secrets-manager/store.ts';

export interface SecretsManagerOptions {
  readonly region: string;
  readonly account: string;
  readonly now: () => Date;
  /** Who calls, by the access key that signs the request. */
  readonly callers: Readonly<Record<string, RoleSession>>;
  /** Takes the record that CloudTrail would write of a call. */
  readonly onRecord?: (record: CloudTrailRecord) => void;
  /** What DescribeSecret's `DeletedDate` tells. Default `scheduled`. */
  readonly deletedDate?: DeletedDateMeaning;
  /** The six characters at the end of a new secret's ARN. Default random. */
  readonly suffix?: () => string;
}

export interface SecretsManager extends Server {
  /** Lets the next `times` calls of an operation, by default one, fail with an error whatever they ask for. */
  failNext(operation: string, error: ApiError, times?: number): void;
}

/**
 * Starts a stand-in for AWS Secrets Manager: in memory, on 127.0.0.1, speaking the wire protocol, so that the
 * AWS SDK talks to it, with AWS's error codes and texts. It checks neither signatures nor permissions.
 */
export async function startSecretsManager(options: SecretsManagerOptions): Promise<SecretsManager> {
  const { region, account, now, callers, onRecord, suffix = randomSuffix } = options;
  const { deletedDate = 'scheduled' } = options;
  const store: Store = new Map();
  const failures = new Map<string, { readonly error: ApiError; times: number }>();

  function execute(operation: string, request: JsonObject): Outcome {
    const failure = failures.get(operation);
    if (failure && failure.times-- > 0) return failure;
    const newArn = (name: string) =>
      `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix()}`;
    return perform(operation, request, { store, now: now(), newArn, deletedDate });
  }

  function handle({ operation, accessKeyId, userAgent, request }: Call): Answer {
    const caller = callers[accessKeyId];
    if (!caller) return { requestId: randomUUID(), outcome: { error: UNKNOWN_CALLER } };
    const outcome = execute(operation, request);
    const origin = { region, account, caller, accessKeyId, userAgent, time: now() };
    const record = cloudTrailRecord({ ...origin, eventName: operation, request, outcome });
    onRecord?.(record);
    return { requestId: record.requestID, outcome };
  }

  const server = await serve(handle);
  return {
    ...server,
    failNext: (operation, error, times = 1) => void failures.set(operation, { error, times }),
  };
}

const UNKNOWN_CALLER: ApiError = {
  code: 'UnrecognizedClientException',
  message: 'The security token included in the request is invalid.',
};

function randomSuffix(): string {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 6 }, () => characters[randomInt(characters.length)]).join('');
}

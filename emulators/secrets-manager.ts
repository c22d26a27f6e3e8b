import { randomInt, randomUUID } from 'node:crypto';
import {
  type ApiError,
  type CloudTrailRecord,
  cloudTrailRecord,
  type JsonObject,
  type Outcome,
  type RoleSession,
} from './cloudtrail.ts';
import { perform, type Store } from './secrets-manager/operations.ts';
import {
  type Answer,
  type Call,
  type Failures,
  planFailures,
  type Server,
  serve,
} from './service.ts';

export interface SecretsManagerOptions {
  readonly region: string;
  readonly account: string;
  readonly now: () => Date;
  /** Who calls, by the access key that signs the request. */
  readonly callers: Readonly<Record<string, RoleSession>>;
  /** Takes the record that CloudTrail would write of a call. */
  readonly onRecord?: (record: CloudTrailRecord) => void;
  /** The six characters at the end of a new secret's ARN. Default random. */
  readonly suffix?: () => string;
}

export type SecretsManager = Server & Failures;

/**
 * Starts a stand-in for AWS Secrets Manager: in memory, on 127.0.0.1, speaking the wire protocol, so that the
 * AWS SDK talks to it, with AWS's error codes and texts. It checks neither signatures nor permissions.
 */
export async function startSecretsManager(options: SecretsManagerOptions): Promise<SecretsManager> {
  const { region, account, now, callers, onRecord, suffix = randomSuffix } = options;
  const store: Store = new Map();
  const { failNext, take } = planFailures();

  function execute(operation: string, request: JsonObject): Outcome {
    const failure = take(operation);
    if (failure) return failure;
    const newArn = (name: string) =>
      `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix()}`;
    return perform(operation, request, { store, now: now(), newArn });
  }

  function handle({ operation, accessKeyId, userAgent, request }: Call): Answer {
    const caller = callers[accessKeyId];
    if (!caller) return { requestId: randomUUID(), outcome: { error: UNKNOWN_CALLER } };
    const outcome = execute(operation, request);
    const origin = { region, account, caller, accessKeyId, time: now() };
    const record = cloudTrailRecord({
      ...origin,
      userAgent: caller.userAgent ?? userAgent,
      eventName: operation,
      request,
      outcome,
    });
    onRecord?.(record);
    return { requestId: record.requestID, outcome };
  }

  return { ...(await serve(handle)), failNext };
}

const UNKNOWN_CALLER: ApiError = {
  code: 'UnrecognizedClientException',
  message: 'The security token included in the request is invalid.',
};

function randomSuffix(): string {
  const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 6 }, () => characters[randomInt(characters.length)]).join('');
}

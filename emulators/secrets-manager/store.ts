import type { JsonObject } from '../cloudtrail.ts';
import { invalidRequest, notFound } from './errors.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
  readonly versionId: string;
  readonly description?: string;
  readonly created: Date;
  tags: readonly Tag[];
  /** When the value was last read; absent if never. */
  lastAccessed?: Date;
  /** When the deletion was requested; set as long as the secret is marked for it. */
  deleted?: Date;
}

/** The secrets of one account in one Region, by name. */
export type Store = Map<string, Secret>;

/** What an operation works with. */
export interface Service {
  readonly store: Store;
  readonly now: Date;
  /** The ARN of a secret of this name, with six random characters at its end. */
  readonly newArn: (name: string) => string;
}

/** Answers a request or throws a ServiceError. Dates in the answer are seconds since 1970. */
export type Operation<Request> = (request: Request, service: Service) => JsonObject;

const COMPLETE_ARN = /-[A-Za-z0-9]{6}$/;

/**
 * Finds a secret by its name, its ARN, or its ARN without the hyphen and the six random characters. An ARN
 * that ends in a hyphen and six characters is taken for a complete one, so a secret whose own name ends so
 * is not found by a partial ARN.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
export function lookUp(store: Store, secretId = ''): Secret | undefined {
  const byName = store.get(secretId);
  if (byName) return byName;
  const complete = COMPLETE_ARN.test(secretId);
  return [...store.values()].find(({ arn }) => (complete ? arn : arn.slice(0, -7)) === secretId);
}

/**
 * As {@link lookUp}.
 * @throws ServiceError ResourceNotFoundException
 */
export function find(store: Store, secretId?: string): Secret {
  const secret = lookUp(store, secretId);
  if (secret) return secret;
  throw notFound("Secrets Manager can't find the specified secret.");
}

/**
 * As {@link find}, for the many operations that refuse a secret marked for deletion.
 * @throws ServiceError ResourceNotFoundException, InvalidRequestException
 */
export function findUsable(store: Store, secretId?: string): Secret {
  const secret = find(store, secretId);
  if (!secret.deleted) return secret;
  throw invalidRequest(
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}

export function seconds(date: Date): number {
  return date.getTime() / 1000;
}

import * as v from 'valibot';
import { NotifierError } from '../errors.ts';

/**
 * The CloudTrail record as far as this service reads it. Only what decides whether a record is an attempt is
 * required; every other field is worth having but never worth losing an alert for, so one of an unexpected
 * type is treated as missing.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
const text = v.fallback(v.optional(v.string()), undefined);

function part<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.fallback(v.optional(v.object(entries)), undefined);
}

const UserIdentity = part({
  type: text,
  principalId: text,
  arn: text,
  accountId: text,
  userName: text,
  identityProvider: text,
  invokedBy: text,
  onBehalfOf: part({ userId: text, identityStoreArn: text }),
  sessionContext: part({
    sessionIssuer: part({ type: text, arn: text, accountId: text, userName: text }),
    sourceIdentity: text,
  }),
  inScopeOf: part({ credentialsIssuedTo: text }),
});

const DetailRecord = v.object({
  eventSource: v.string(),
  eventName: v.string(),
  eventCategory: text,
  errorCode: text,
  errorMessage: text,
  eventTime: text,
  eventID: text,
  sharedEventID: text,
  addendum: part({ originalEventID: text }),
  awsRegion: text,
  recipientAccountId: text,
  sourceIPAddress: text,
  userAgent: text,
  vpcEndpointId: text,
  userIdentity: UserIdentity,
  requestParameters: part({
    secretId: text,
    /** Of a CreateSecret, in the place of an id. */
    name: text,
    versionId: text,
    versionStage: text,
    recoveryWindowInDays: v.fallback(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(7), v.maxValue(30))),
      undefined,
    ),
    forceDeleteWithoutRecovery: v.fallback(v.optional(v.boolean()), undefined),
    removeReplicaRegions: v.fallback(v.optional(v.array(v.string())), undefined),
  }),
  resources: v.fallback(v.optional(v.array(part({ ARN: text }))), undefined),
  responseElements: part({
    // CloudTrail wrote the key as `aRN` until 2023 and writes `arn` since 2024.
    arn: text,
    aRN: text,
    deletionDate: v.fallback(v.optional(v.union([v.string(), v.number()])), undefined),
  }),
});

const Event = v.object({
  id: text,
  'detail-type': v.string(),
  account: text,
  region: text,
  time: text,
  /** Ours: by which path it came, if not by EventBridge. */
  path: v.fallback(v.optional(v.literal('trail')), undefined),
  detail: DetailRecord,
});

/** A record, as far as this service reads it. */
export type CloudTrailRecord = v.InferOutput<typeof DetailRecord>;
export type UserIdentity = NonNullable<CloudTrailRecord['userIdentity']>;

/** An EventBridge event around a CloudTrail record. */
export type CloudTrailEvent = v.InferOutput<typeof Event>;

/** The detail-type of a record of an API call; network activity events have another. */
export const API_CALL = 'AWS API Call via CloudTrail';

/** The `eventSource` of the records of Secrets Manager. */
export const SECRETS_MANAGER = 'secretsmanager.amazonaws.com';

/** The calls that change whether a secret is scheduled for deletion, or there at all. */
export const CHANGES: ReadonlySet<string> = new Set([
  'DeleteSecret',
  'RestoreSecret',
  'RemoveRegionsFromReplication',
]);

/**
 * Reads an EventBridge event that carries a CloudTrail record.
 * @throws NotifierError `INVALID_EVENT` for anything else.
 */
export function parseEvent(input: unknown): CloudTrailEvent {
  return check(Event, input, 'an EventBridge event with a CloudTrail record as its detail');
}

/**
 * Reads a bare CloudTrail record, as a log file or `aws cloudtrail lookup-events` holds it, as the event that
 * EventBridge would make of it.
 * @throws NotifierError `INVALID_EVENT` for anything else.
 */
export function parseRecord(input: unknown): CloudTrailEvent {
  const detail = check(DetailRecord, input, 'a CloudTrail record');
  return { 'detail-type': API_CALL, detail } as CloudTrailEvent;
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  expected: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => {
    const path = v.getDotPath(issue) ?? 'the whole';
    return `${path}: expected ${issue.expected ?? 'something else'}, got ${issue.received}`;
  });
  throw new NotifierError('INVALID_EVENT', `Expected ${expected}; ${faults.join('; ')}.`);
}

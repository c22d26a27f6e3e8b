import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Place } from '../lib/aws/spokes.ts';
import { ACCOUNT, HOME, REGION } from './client.ts';

/** A role session that calls AWS, with what a record shows of it. */
export interface RoleSession {
  readonly account: string;
  readonly role: string;
  readonly session: string;
  readonly sourceIPAddress: string;
  /** Recorded instead of the user agent of its calls. */
  readonly userAgent?: string;
  /** Default: it may do everything. */
  readonly permissions?: Permissions;
  /** When its credentials expire. Default: never. */
  readonly expires?: Date;
}

/** What a role may do, in its own account. */
export interface Permissions {
  /** The only Region where it may do anything. */
  readonly region: string;
  /** Such as `DescribeSecret`. */
  readonly operations: readonly string[];
}

/** The body of an AWS JSON 1.1 request or answer; dates are seconds since 1970. */
export type JsonObject = Record<string, unknown>;

export interface ApiCall {
  readonly eventName: string;
  readonly time: Date;
  readonly caller: RoleSession;
  readonly accessKeyId: string;
  readonly userAgent: string;
  readonly request: JsonObject;
  readonly outcome: Outcome;
  /** The account that gets the record, which owns the secret or calls, and the Region of the call. Default: home. */
  readonly place?: Place;
}

export type Outcome = { readonly response: JsonObject } | { readonly error: ApiError };

/** An error as the API returns it: `code` is the exception's name. */
export interface ApiError {
  readonly code: string;
  readonly message: string;
}

export type CloudTrailRecord = ReturnType<typeof cloudTrailRecord>;
export type EventBridgeEvent = ReturnType<typeof eventBridgeEvent>;

/**
 * The record that CloudTrail writes of a call to Secrets Manager: the parameters without the secret's value, and the
 * response unless the call only read.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function cloudTrailRecord(call: ApiCall) {
  const { accountId, region } = call.place ?? HOME;
  const { SecretString, SecretBinary, ...request } = call.request;
  const readOnly = /^(Get|Describe|List)/.test(call.eventName);
  return {
    eventVersion: '1.11',
    userIdentity: assumedRole(call),
    eventTime: withoutMilliseconds(call.time),
    eventSource: 'secretsmanager.amazonaws.com',
    eventName: call.eventName,
    awsRegion: region,
    sourceIPAddress: call.caller.sourceIPAddress,
    userAgent: call.userAgent,
    ...('error' in call.outcome && errorFields(call.outcome.error)),
    requestParameters: recorded(request),
    responseElements:
      !readOnly && 'response' in call.outcome ? recorded(call.outcome.response) : null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: `secretsmanager.${region}.amazonaws.com`,
    },
  };
}

/**
 * The event that EventBridge makes of a record.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export function eventBridgeEvent(record: CloudTrailRecord) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.secretsmanager',
    account: record.recipientAccountId,
    time: record.eventTime,
    region: record.awsRegion,
    resources: [],
    detail: record,
  };
}

/**
 * What a subscription filter sends of these log events of the trail's log group, records or text.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
 */
export const subscriptionEvent = (logged: readonly (object | string)[]) =>
  packedBatch({
    messageType: 'DATA_MESSAGE',
    owner: ACCOUNT,
    logGroup: 'CloudTrail/MyCloudWatchLogGroup',
    logStream: `${ACCOUNT}_CloudTrail_${REGION}`,
    subscriptionFilters: ['ReadTrailSubscriptionFilter'],
    logEvents: logged.map((event) => ({
      id: randomUUID(),
      timestamp: Date.now(),
      message: typeof event === 'string' ? event : JSON.stringify(event),
    })),
  });

/** A batch as CloudWatch Logs packs it, whatever is in it. */
export const packedBatch = (batch: unknown) => ({
  awslogs: { data: gzipSync(JSON.stringify(batch)).toString('base64') },
});

/**
 * An assumed role has no `userName`: the role is the session's issuer.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
function assumedRole({ caller: { account, role, session }, accessKeyId, time }: ApiCall) {
  const principalId = 'AROAEXAMPLEROLEID1234';
  return {
    type: 'AssumedRole',
    principalId: `${principalId}:${session}`,
    arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
    accountId: account,
    accessKeyId,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId,
        arn: `arn:aws:iam::${account}:role/${role}`,
        accountId: account,
        userName: role,
      },
      attributes: { creationDate: withoutMilliseconds(time), mfaAuthenticated: 'false' },
    },
  };
}

/** Records write an AccessDeniedException as `AccessDenied`; other codes are the exception's name. */
function errorFields({ code, message }: ApiError) {
  const errorCode = code === 'AccessDeniedException' ? 'AccessDenied' : code;
  return { errorCode, errorMessage: message };
}

/** A request or response with its keys in lower camel case and its dates as in a record. */
function recorded(body: JsonObject): JsonObject | null {
  return Object.keys(body).length > 0 ? (translated(body) as JsonObject) : null;
}

function translated(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => translated(item));
  if (typeof value === 'number' && key.endsWith('Date')) return localeDate(new Date(value * 1000));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [camelCase(name), translated(inner, name)]),
  );
}

function camelCase(key: string): string {
  return key === 'ARN' ? 'arn' : key.charAt(0).toLowerCase() + key.slice(1);
}

/** `Nov 29, 2026, 2:03:00 PM` in UTC, with an ordinary space where newer ICU versions have a narrow one. */
function localeDate(date: Date): string {
  const format = { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-US', format).format(date).replace(/\s/gu, ' ');
}

/** `2026-11-22T14:03:00Z`: a record's times are whole seconds. */
function withoutMilliseconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

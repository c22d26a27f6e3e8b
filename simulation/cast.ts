import { ACCOUNT, REGION } from '../emulators/client.ts';
import {
  cloudTrailRecord,
  type EventBridgeEvent,
  eventBridgeEvent,
  type RoleSession,
} from '../emulators/cloudtrail.ts';
import type { Mail } from '../lib/notice/mail/mail.ts';

export const ADMIN: RoleSession = {
  account: ACCOUNT,
  role: 'platform-admin',
  session: 'ada',
  sourceIPAddress: '198.51.100.7',
};

export const NOTIFIER: RoleSession = { ...ADMIN, role: 'notifier', session: 'notifier' };

/** What the ARN of each secret ends in. */
export const SUFFIX = 'AbCdEf';

export const secretName = (secret: number) => `storm/s${String(secret).padStart(4, '0')}`;
export const roleName = (caller: number) => `caller-${String(caller).padStart(4, '0')}`;

const MARKED_FOR_DELETION =
  "You can't perform this operation on the secret because it was marked for deletion.";

export interface AttemptFacts {
  readonly attempt: number;
  readonly secret: number;
  readonly caller: number;
  readonly time: Date;
}

/** The event of an attempt: the same in each delivery, with a user agent that tells its number. */
export function attemptEvent({ attempt, secret, caller, time }: AttemptFacts): EventBridgeEvent {
  const record = cloudTrailRecord({
    eventName: 'GetSecretValue',
    time,
    caller: {
      account: ACCOUNT,
      role: roleName(caller),
      session: `task-${attempt}`,
      sourceIPAddress: `10.0.${caller % 256}.${attempt % 256}`,
    },
    accessKeyId: 'ASIAEXAMPLE',
    userAgent: `attempt/${attempt}`,
    request: { SecretId: formOf(secret, attempt) },
    outcome: { error: { code: 'InvalidRequestException', message: MARKED_FOR_DELETION } },
  });
  const eventID = `00000000-0000-4000-8000-${String(attempt).padStart(12, '0')}` as const;
  return eventBridgeEvent({ ...record, eventID });
}

/** Callers name a secret by its name, its ARN, or its ARN without the suffix. */
function formOf(secret: number, attempt: number): string {
  const name = secretName(secret);
  const partial = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}`;
  return [name, partial, `${partial}-${SUFFIX}`][attempt % 3] ?? name;
}

/** What a message tells, read from its text as a person would. */
export type Reading =
  | { readonly kind: 'alert'; readonly attempt: number }
  | {
      readonly kind: 'summary';
      readonly counts: readonly SummaryLine[];
      /** Attempts of callers that the summary had no room for. */
      readonly rest: number;
    };

interface SummaryLine {
  readonly secret: number;
  readonly caller: number;
  readonly count: number;
}

/** @throws Error for a message that is neither an alert nor a summary of a storm. */
export function readMessage(mail: Mail): Reading {
  if (mail.attributes.action === 'summary') return readSummary(mail.body);
  const attempt = /^With: +attempt\/(\d+)$/m.exec(mail.body)?.[1];
  if (attempt) return { kind: 'alert', attempt: Number(attempt) };
  throw new Error(`A message that is neither an alert nor a summary: ${mail.subject}`);
}

function readSummary(body: string): Reading {
  const counts: SummaryLine[] = [];
  let secret: number | undefined;
  let rest = 0;
  // A line that goes on is indented by at least four.
  for (const line of body.replace(/\n {4,}/g, ' ').split('\n')) {
    const name = /^storm\/s(\d+)/.exec(line)?.[1];
    if (name) secret = Number(name);
    const [, count, caller] = /^ {2}- (\d+) x .*?caller-(\d+)/.exec(line) ?? [];
    if (count && secret !== undefined) {
      counts.push({ secret, caller: Number(caller), count: Number(count) });
    }
    const more = /^… and .*, (\d+) attempts?\.$/.exec(line)?.[1];
    if (more) rest = Number(more);
  }
  if (counts.length === 0) throw new Error(`A summary of nothing: ${body}`);
  return { kind: 'summary', counts, rest };
}

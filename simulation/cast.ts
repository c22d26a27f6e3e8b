import { ACCOUNT, HOME } from '../emulators/client.ts';
import {
  cloudTrailRecord,
  type EventBridgeEvent,
  eventBridgeEvent,
  type RoleSession,
} from '../emulators/cloudtrail.ts';
import type { DigestNotice } from '../lib/notice/digest.ts';
import type { IncidentNotice } from '../lib/notice/incident-notice.ts';
import type { Mail } from '../lib/notice/mail/mail.ts';
import { AT_HOME, accountOfCaller, nameOf, type Places, placeOf, secretIn } from './places.ts';
import type { Message } from './tally.ts';

export const ADMIN: RoleSession = {
  account: ACCOUNT,
  role: 'platform-admin',
  session: 'ada',
  sourceIPAddress: '198.51.100.7',
};

export const NOTIFIER: RoleSession = { ...ADMIN, role: 'notifier', session: 'notifier' };

/** The end of each secret's ARN. */
export const SUFFIX = 'AbCdEf';

export const secretName = (secret: number, places = AT_HOME) =>
  `storm/s${String(nameOf(secret, places)).padStart(4, '0')}`;
export const roleName = (caller: number) => `caller-${String(caller).padStart(4, '0')}`;
export const creatorName = (creator: number) => `creator-${String(creator).padStart(4, '0')}`;

const MARKED_FOR_DELETION = {
  code: 'InvalidRequestException',
  message: "You can't perform this operation on the secret because it was marked for deletion.",
};
const NOT_FOUND = {
  code: 'ResourceNotFoundException',
  message: "Secrets Manager can't find the specified secret.",
};

export interface StormAttempt {
  readonly attempt: number;
  readonly secret: number;
  readonly caller: number;
  readonly time: Date;
  /** Whether the secret is not there any more. */
  readonly isGone?: boolean;
}

/** The event of an attempt: the same in each delivery, with its number in the user agent. */
export function attemptEvent(
  { attempt, secret, caller, time, isGone = false }: StormAttempt,
  places = AT_HOME,
): EventBridgeEvent {
  const place = placeOf(secret, places);
  const account = accountOfCaller(caller, secret, places);
  const record = cloudTrailRecord({
    eventName: 'GetSecretValue',
    time,
    place,
    caller: {
      account,
      role: roleName(caller),
      session: `task-${attempt}`,
      sourceIPAddress: `10.0.${caller % 256}.${attempt % 256}`,
    },
    accessKeyId: 'ASIAEXAMPLE',
    userAgent: `attempt/${attempt}`,
    request: { SecretId: formOf(secret, attempt, account, places) },
    outcome: { error: isGone ? NOT_FOUND : MARKED_FOR_DELETION },
  });
  const eventID = `00000000-0000-4000-8000-${String(attempt).padStart(12, '0')}` as const;
  return eventBridgeEvent({ ...record, eventID });
}

/** The event of a read of a name that never was a secret's. */
export function probeEvent(probe: number, time: Date): EventBridgeEvent {
  const record = cloudTrailRecord({
    eventName: 'GetSecretValue',
    time,
    caller: { account: ACCOUNT, role: 'scanner', session: 'scan', sourceIPAddress: '203.0.113.9' },
    accessKeyId: 'ASIAEXAMPLE',
    userAgent: `probe/${probe}`,
    request: { SecretId: `storm/probe-${probe}` },
    outcome: { error: NOT_FOUND },
  });
  return eventBridgeEvent(record);
}

export const isProbe = (event: unknown): boolean =>
  /^probe\//.test((event as Partial<EventBridgeEvent>).detail?.userAgent ?? '');

/** The number of an attempt, if this is its event. */
export function attemptOf(event: unknown): number | undefined {
  const { detail } = event as Partial<EventBridgeEvent>;
  const [, attempt] = /^attempt\/(\d+)$/.exec(detail?.userAgent ?? '') ?? [];
  return attempt === undefined ? undefined : Number(attempt);
}

/** Callers name a secret by its name, its ARN, or its ARN without the suffix; those of another account by its ARN. */
function formOf(secret: number, attempt: number, account: string, places: Places): string {
  const name = secretName(secret, places);
  const { accountId, region } = placeOf(secret, places);
  const partial = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}`;
  const complete = `${partial}-${SUFFIX}`;
  return account === accountId ? ([name, partial, complete][attempt % 3] ?? name) : complete;
}

/** The content of a message, read from its text as a person would. */
export type Reading =
  | { readonly kind: 'alert'; readonly attempt: number; readonly secret: number }
  | { readonly kind: DigestNotice['kind']; readonly secrets: readonly SecretReading[] }
  | {
      readonly kind: 'clash';
      /** Whoever could not create which secret, by their numbers. */
      readonly clashes: readonly { readonly creator: number; readonly secret: number }[];
    };

/** What a message of several incidents says of a secret. */
export interface SecretReading {
  readonly secret: number;
  /** The attempts that it reports and that no other message has reported. */
  readonly attempts: number;
  /** The callers that it names, new or not. */
  readonly callers: readonly number[];
  /** The number of new callers that it only counts. */
  readonly moreCallers: number;
  /** Attempts that it names, by their sessions. */
  readonly named: readonly number[];
}

const KINDS = ['digest', 'last-call', 'over', 'resolved', 'gone'] as const;

/** @throws Error for a message that is neither an alert nor one of the incidents of a storm. */
export function readMessage(mail: Mail, places = AT_HOME): Reading {
  const kind = KINDS.find((one) => one === mail.attributes.action);
  if (kind) return { kind, secrets: readSecrets(kind, mail.body, places) };
  if (mail.attributes.action === 'clash') {
    return { kind: 'clash', clashes: readClashes(mail.body, places) };
  }
  const [, name] = /^Secret: +storm\/s(\d+)$/m.exec(mail.body) ?? [];
  const [, attempt] = /^With: +attempt\/(\d+)$/m.exec(mail.body) ?? [];
  if (name && attempt) {
    const [, accountId = ''] = /^Account: +(\d+)/m.exec(mail.body) ?? [];
    const [, region = ''] = /^Region: +(\S+)$/m.exec(mail.body) ?? [];
    const secret = secretIn(Number(name), { accountId, region }, places);
    return { kind: 'alert', attempt: Number(attempt), secret };
  }
  throw new Error(`Expected an alert or a digest, got a message of another kind: ${mail.subject}`);
}

/** What notices say of the incidents of a storm, each of them once, as if each were a message. */
export function readNotices(notices: readonly IncidentNotice[], places = AT_HOME): Message[] {
  /** By secret, what has been reported of it. */
  const reported = new Map<number, number>();
  const inOrder = notices.toSorted((a, b) => a.now.getTime() - b.now.getTime());
  return inOrder.map((notice): Message => {
    const how = { time: notice.now.getTime(), isSure: true };
    const { name = '', accountId = HOME.accountId, region = HOME.region } = notice.secret;
    const [, number] = /^storm\/s(\d+)$/.exec(name) ?? [];
    const secret = secretIn(Number(number), { accountId, region }, places);
    const before = reported.get(secret) ?? 0;
    const { kind, counts } = notice;
    if (kind === 'opened' || kind === 'caller') {
      const [, attempt] = /^attempt\/(\d+)$/.exec(notice.attempt?.userAgent ?? '') ?? [];
      reported.set(secret, before + 1);
      return { ...how, reading: { kind: 'alert', attempt: Number(attempt), secret } };
    }
    if (kind === 'announced') throw new Error('In a storm no deletion is announced');
    if (kind === 'clash') {
      const [creator = 0] = numbersIn(/\bcreator-(\d+)/g, notice.clash?.caller.name ?? '');
      return { ...how, reading: { kind, clashes: [{ creator, secret }] } };
    }
    // A digest counts only what is news; the other kinds count all since the incident opened.
    const attempts = kind === 'digest' ? counts.attempts : Math.max(0, counts.attempts - before);
    reported.set(secret, before + attempts);
    const callers = notice.callers.flatMap(({ callerName }) =>
      numbersIn(/\brole caller-(\d+)/g, callerName),
    );
    const named = notice.callers.flatMap(({ sessions }) =>
      sessions.flatMap((session) => numbersIn(/\btask-(\d+)/g, session)),
    );
    const moreCallers = counts.callers - callers.length;
    return {
      ...how,
      reading: { kind, secrets: [{ secret, attempts, callers, moreCallers, named }] },
    };
  });
}

/** What a mail says of each name that is taken, in rows or on a line of its own. */
const CLASHES = [
  /^Secret: +storm\/s(\d+)$.*?^Account: +(\d+).*?^Region: +(\S+).*?^Created by: .*?\bcreator-(\d+)/gms,
  /^- storm\/s(\d+), account (\d+), ([\w-]+),.*?: role creator-(\d+)/gm,
];

function readClashes(body: string, places: Places) {
  const text = body.replace(/\n {2,}/g, ' ');
  const clashes = CLASHES.flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ([, name, accountId = '', region = '', creator]) => {
      const secret = secretIn(Number(name), { accountId, region }, places);
      return { secret, creator: Number(creator) };
    }),
  );
  if (clashes.length === 0) throw new Error(`Expected a clash to name a secret, got: ${body}`);
  return clashes;
}

/** The beginning of a secret's block or line; without the account or the Region it is in the service's own. */
const TITLE = /^storm\/s(\d+)(?:, account (\d+))?(?:, Region ([\w-]+))?(?:[^:]*: (.*))?/;

function readSecrets(kind: DigestNotice['kind'], body: string, places: Places): SecretReading[] {
  const found = new Map<number, SecretReading>();
  let secret: number | undefined;
  // A continued line is indented by at least four.
  for (const line of body.replace(/\n {4,}/g, ' ').split('\n')) {
    const [, name, accountId = HOME.accountId, region = HOME.region, onOneLine] =
      TITLE.exec(line) ?? [];
    const [, item] = /^ {2}- (?:new: )?(.*)/.exec(line) ?? [];
    if (name) secret = secretIn(Number(name), { accountId, region }, places);
    if (secret === undefined || !(name || item)) continue;
    const text = onOneLine ?? item ?? '';
    const known = found.get(secret) ?? {
      secret,
      attempts: 0,
      callers: [],
      moreCallers: 0,
      named: [],
    };
    found.set(secret, {
      secret,
      attempts: known.attempts + newsIn(kind, text),
      callers: [...known.callers, ...numbersIn(/\brole caller-(\d+)/g, text)],
      moreCallers: known.moreCallers + numberIn(/and (\d+) more new caller/, text),
      named: [...known.named, ...numbersIn(/\btask-(\d+)/g, text)],
    });
  }
  if (found.size === 0) throw new Error(`Expected a ${kind} to name secrets, got: ${body}`);
  return [...found.values()];
}

/** A digest counts only what is news; the other kinds count all since the incident opened, and say what of it is news. */
function newsIn(kind: DigestNotice['kind'], text: string): number {
  if (kind !== 'digest') return numberIn(/\((\d+) since the last notice\)/, text);
  return (
    numberIn(/^and \d+ more new callers? \((\d+) attempts?\)/, text) || numberIn(/^(\d+) /, text)
  );
}

const numbersIn = (pattern: RegExp, text: string) =>
  Array.from(text.matchAll(pattern), ([, number]) => Number(number));

const numberIn = (pattern: RegExp, text: string) => Number(pattern.exec(text)?.[1] ?? 0);

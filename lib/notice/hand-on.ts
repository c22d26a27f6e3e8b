import { short } from '../attempt/item.ts';
import { callerIdentity, nameBeside } from '../cloudtrail/caller.ts';
import { lookupId, secretKey } from '../cloudtrail/secret-id.ts';
import type { Change } from '../deletion/change.ts';
import type { SecretState } from '../deletion/secret-state.ts';
import { lastUsedDay } from './deletion-text.ts';
import {
  type CallerAttempts,
  type DigestNotice,
  mutedOf,
  reportedOf,
  type SecretNews,
  severityIn,
} from './digest.ts';
import {
  type CallerNews,
  hash,
  type IncidentNotice,
  MAX_CALLERS,
  MAX_SOURCES,
} from './incident-notice.ts';
import type { AlertNotice, AnnouncementNotice, NoticeSecret } from './notice.ts';

/** What tells an incident from others, and the news of its end from other such news. */
export interface IncidentMarks {
  /** The secret's `secretKey`. */
  readonly key: string;
  readonly openedAt?: Date;
  /** In the place of `openedAt` where that is not noted yet. */
  readonly unnamedSince?: Date;
  /** The last call that is made: how many days before the end. */
  readonly lastCall?: number;
}

/** The id of the notice that alerts an attempt on the secret of a drill. */
export const drillAlertId = (attemptId: string) => `alert/${short(attemptId, 128)}`;

/** The id of the notice that alerts an attempt. @param incident absent of a drill */
export const alertId = (notice: AlertNotice, incident: IncidentMarks | undefined) =>
  incident ? `alert/${incidentId(incident)}/${alertedId(notice)}` : drillAlertId(notice.attempt.id);

/**
 * The alert of an attempt; `gone`, whatever `kind` says, of one on what is gone.
 * @param incident absent of a drill, whose attempts on a secret are all of one
 * @param isNew whether it is the first alert of its caller. Default: true
 */
export function ofAlert(
  notice: AlertNotice,
  incident: IncidentMarks | undefined,
  kind: 'opened' | 'caller',
  isNew = true,
): IncidentNotice {
  const { attempt, severity, secret, state, action, perhapsByUs, remedy, now } = notice;
  return {
    id: alertId(notice, incident),
    kind: attempt.isNotFound && state.state === 'gone' ? 'gone' : kind,
    severity,
    now,
    incident: incidentId(incident ?? { key: secretKey(attempt.secret) }),
    secret,
    state,
    action,
    perhapsByUs,
    attempt,
    callers: [callerOf(notice, isNew)],
    muted: [],
    counts: { ...NOBODY, attempts: 1, callers: 1 },
    remedy,
  };
}

/**
 * The same for all attempts of a caller, of which each is alerted while mails fail, until something was done about the deletion,
 * or it is over.
 */
function alertedId({ attempt, state, action }: AlertNotice): string {
  const done = action.kind === 'none' && state.state !== 'pending' ? state.state : action.kind;
  return hash([callerIdentity(attempt.caller.key), done]);
}

const NOBODY = { attempts: 0, callers: 0, muted: 0, ignored: 0, isLeast: false };

function callerOf({ attempt, secret }: AlertNotice, isNew: boolean): CallerNews {
  const { caller, time, sourceAddress } = attempt;
  return {
    callerKey: caller.key,
    callerName: nameBeside(secret.accountId, caller),
    isNew,
    count: 1,
    first: time,
    last: time,
    addresses: sourceAddress === undefined ? [] : [sourceAddress],
    sessions: caller.session === undefined ? [] : [caller.session],
  };
}

/** The announcement of a change. */
export function ofAnnouncement(notice: AnnouncementNotice): IncidentNotice {
  const { change, severity, secret, lookup, remedy, now } = notice;
  const key = secretKey(change.secret);
  const id = change.id || hash([key, change.requestedAt]);
  return {
    id: `announced/${short(id, 128)}`,
    kind: 'announced',
    severity,
    now,
    incident: hash([key, id]),
    secret,
    state: stateAfter(change),
    change,
    lastUsed: lookup.kind === 'found' ? lastUsedDay(lookup.secret) : undefined,
    callers: [],
    muted: [],
    counts: NOBODY,
    remedy,
  };
}

function stateAfter(change: Change): SecretState {
  if (change.kind === 'cancellation') return { state: 'restored', cancellation: change };
  if (change.forced) return { state: 'gone', deletion: change };
  return { state: 'pending', schedule: { kind: 'exact', date: change.date }, deletion: change };
}

/**
 * What a notice reports, by incident; not what is muted altogether, of which nobody is to hear.
 * @param incidentOf the incident of what is reported of a secret
 */
export function ofDigest(
  { kind, secrets, now }: DigestNotice,
  incidentOf: (news: SecretNews) => IncidentMarks,
): IncidentNotice[] {
  return secrets.map((news) => {
    const { state, muted, ignored, isLeast, remedy } = news;
    const marks = incidentOf(news);
    const incident = incidentId(marks);
    const callers = [...news.callers.values()].toSorted(byCount);
    return {
      id: `${kind}/${incident}/${newsId(kind, news, callers, marks)}`,
      kind,
      severity: severityIn(kind, state, now),
      now,
      incident,
      secret: noticeSecret(news),
      state,
      callers: callers.slice(0, MAX_CALLERS).map(callerNews),
      muted: muted.slice(0, MAX_CALLERS),
      counts: {
        attempts: reportedOf(news),
        callers: callers.length,
        muted: mutedOf(news),
        ignored,
        isLeast,
      },
      remedy,
    };
  });
}

/** Those with the most attempts first, and always in the same order. */
const byCount = (one: CallerAttempts, other: CallerAttempts) =>
  other.count - one.count || (one.callerKey < other.callerKey ? -1 : 1);

function noticeSecret({ secret, elsewhere, tagged }: SecretNews): NoticeSecret {
  const { name, accountId, region, partition } = secret;
  const { owners = [], replacements = [] } = tagged ?? {};
  const id = lookupId(secret);
  return { id, name, accountId, region, partition, elsewhere, owners, replacements };
}

function callerNews(caller: CallerAttempts): CallerNews {
  const { callerKey, callerName, isNew, count, first, last } = caller;
  const [addresses, sessions] = [caller.addresses, caller.sessions].map((sources) =>
    [...sources].slice(0, MAX_SOURCES),
  ) as [string[], string[]];
  return { callerKey, callerName, isNew, count, first, last, addresses, sessions };
}

/** The same for the same attempts on the same secret; of last calls, those at one mark. */
function newsId(
  kind: DigestNotice['kind'],
  news: SecretNews,
  callers: readonly CallerAttempts[],
  { lastCall }: IncidentMarks,
): string {
  const who = callers.map(({ callerKey, count, last }) => [callerKey, count, last]);
  const mark = kind === 'last-call' ? lastCall : undefined;
  return hash([formsIn(news), who, mutedOf(news), news.ignored, mark]);
}

/**
 * What tells a secret from another one of its incident, by whose ids both look like one name: the complete ARNs by which it was
 * read, or what looks like one. Not the ARN that AWS or the ledger tells, which a try may not find out.
 */
const formsIn = ({ forms }: SecretNews): string[] =>
  forms.map(({ secret }) => secret.arn ?? '').toSorted();

/** Of a secret's attempts under one deletion. */
export const incidentId = ({ key, openedAt, unnamedSince }: IncidentMarks): string =>
  hash([key, openedAt ?? unnamedSince]);

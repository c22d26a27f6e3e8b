import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Attempt } from '../../attempt/attempt.ts';
import { short } from '../../attempt/item.ts';
import type { Caller } from '../../cloudtrail/caller.ts';
import { identifySecret } from '../../cloudtrail/secret-id.ts';
import type { Change } from '../../deletion/change.ts';
import type { DeletionSchedule } from '../../deletion/schedule.ts';
import { isDrill } from '../../drill.ts';
import { oneLine } from '../../text.ts';
import {
  type CallerNews,
  type ClashNews,
  type HandedOn,
  type IncidentNotice,
  type IncidentNoticeKind,
  MAX_CALLERS,
  MAX_SOURCES,
} from '../incident-notice.ts';
import type { NoticeSecret } from '../notice.ts';
import type { Tag } from '../tags.ts';
import {
  type Detail,
  MAX_ID,
  MAX_MUTED,
  MAX_NAME,
  MAX_REGION,
  MAX_REPLICAS,
  MAX_SENTENCE,
  MAX_SOURCE,
  MAX_TAGS,
  SOURCE,
} from './schema.ts';
import { labelOf, summaryOf } from './summary.ts';

/** The detail-type of each kind of notice. */
export const DETAIL_TYPES: Readonly<Record<IncidentNoticeKind, string>> = {
  opened: 'Incident Opened',
  caller: 'Incident Caller Added',
  digest: 'Incident Digest',
  'last-call': 'Incident Last Call',
  over: 'Incident Window Over',
  resolved: 'Incident Resolved',
  gone: 'Incident Secret Gone',
  announced: 'Deletion Announced',
  clash: 'Secret Name Taken',
};

/** An event for the bus; the bus itself is its delivery's to name. */
export type BusEvent = Required<
  Pick<PutEventsRequestEntry, 'Source' | 'DetailType' | 'Time' | 'Resources' | 'Detail'>
>;

/** The event of a notice: the same for the same notice, however often it is rendered. */
export function renderEvent(notice: IncidentNotice, { stage }: HandedOn['stack']): BusEvent {
  const detail = detailOf(notice, stage);
  return {
    Source: SOURCE,
    DetailType: DETAIL_TYPES[notice.kind],
    Time: notice.now,
    Resources: detail.secret.arn ? [detail.secret.arn] : [],
    Detail: JSON.stringify(detail),
  };
}

function detailOf(notice: IncidentNotice, stage: string | undefined): Detail {
  const { id, incident, kind, severity, now, attempt, change, clash, callers, counts } = notice;
  return {
    version: '1',
    idempotencyKey: name(short(id, MAX_NAME)),
    incident: name(incident),
    kind,
    severity,
    isDrill: isDrill(notice.secret.name),
    at: now.toISOString(),
    stage: name(stage),
    summary: summaryOf(notice),
    secret: secretOf(notice),
    deletion: deletionOf(notice),
    attempt: attempt && attemptOf(attempt),
    action: actionOf(notice),
    change: change && changeOf(change),
    clash: clash && clashOf(clash),
    callers: callers.slice(0, MAX_CALLERS).map(callerOf),
    muted: notice.muted.slice(0, MAX_MUTED).map(({ by, reason, until, count }) => ({
      by: name(by),
      reason: sentence(reason),
      until: until?.toISOString(),
      attempts: count,
    })),
    counts,
    remedy: remedyOf(notice),
  };
}

// What strangers wrote gets into an event through these alone.
const id = cleaned(MAX_ID);
const name = cleaned(MAX_NAME);
const source = cleaned(MAX_SOURCE);
const region = cleaned(MAX_REGION);
const sentence = cleaned(MAX_SENTENCE);

function cleaned(max: number) {
  return <Text extends string | undefined>(value: Text) =>
    (value === undefined ? undefined : oneLine(value, max)) as Text;
}

function secretOf({ secret, lastUsed }: IncidentNotice): Detail['secret'] {
  const { elsewhere } = secret;
  return {
    label: labelOf(secret, MAX_NAME),
    arn: completeArn(secret),
    name: id(secret.name),
    id: id(secret.id),
    account: name(secret.accountId),
    region: name(secret.region),
    partition: name(secret.partition),
    owners: tagsOf(secret.owners),
    replacedBy: tagsOf(secret.replacements),
    managedBy: name(secret.owningService),
    lastUsed: name(lastUsed),
    replicas: secret.replicas?.slice(0, MAX_REPLICAS).map(region),
    replicaOf: region(secret.replicaOf),
    isElsewhere: elsewhere !== undefined,
    notLookedUp: sentence(elsewhere?.notLookedUp),
  };
}

/** An ARN that is one in every character: a rule may compare it. */
function completeArn(secret: NoticeSecret): string | undefined {
  const { arn } = identifySecret(secret.id, {});
  return arn === id(arn) ? arn : undefined;
}

const tagsOf = (tags: readonly Tag[]) =>
  tags.slice(0, MAX_TAGS).map(({ key, value }) => ({ tag: name(key), value: name(value) }));

function deletionOf(notice: IncidentNotice): Detail['deletion'] {
  const { state: known } = notice;
  const end = endIn(notice);
  if (end && end !== known.state) {
    return { state: end, ...scheduledBy('deletion' in known ? known.deletion : undefined) };
  }
  switch (known.state) {
    case 'pending':
      return { state: 'pending', ...scheduleOf(known.schedule), ...scheduledBy(known.deletion) };
    case 'restored': {
      const { requestedBy, requestedAt, sourceAddress } = known.cancellation ?? {};
      return {
        state: 'restored',
        restoredBy: requestedBy && identityOf(requestedBy),
        restoredAt: requestedAt?.toISOString(),
        restoredFrom: name(sourceAddress),
      };
    }
    case 'gone': {
      const madeAnewAt = known.anew?.toISOString();
      return { state: 'gone', ...scheduledBy(known.deletion), madeAnewAt };
    }
    case 'not-looked-up':
      return { state: 'not-looked-up' };
  }
}

/**
 * The end that a notice itself tells. Its state may not: of what this service restored it is that before, and for a late one nobody
 * had the time to look. No other event may tell it.
 */
function endIn({ kind, action }: IncidentNotice): 'restored' | 'gone' | undefined {
  if (action?.kind === 'restored' || kind === 'resolved') return 'restored';
  return kind === 'gone' ? 'gone' : undefined;
}

function scheduleOf(schedule: DeletionSchedule) {
  const certainty = schedule.kind;
  if (schedule.kind === 'exact') return { certainty, date: schedule.date.toISOString() };
  const reason = sentence(schedule.reason);
  const latest = schedule.latest.toISOString();
  return schedule.kind === 'estimated'
    ? { certainty, earliest: schedule.earliest.toISOString(), latest, reason }
    : { certainty, latest, reason };
}

function scheduledBy(deletion: (Change & { kind: 'deletion' }) | undefined) {
  if (!deletion) return {};
  return {
    windowDays: deletion.windowDays,
    scheduledBy: identityOf(deletion.requestedBy),
    scheduledAt: deletion.requestedAt.toISOString(),
    scheduledFrom: name(deletion.sourceAddress),
  };
}

function attemptOf(attempt: Attempt): Detail['attempt'] {
  return {
    id: name(attempt.id),
    eventId: name(attempt.eventId),
    at: attempt.time.toISOString(),
    caller: identityOf(attempt.caller),
    address: name(attempt.sourceAddress),
    vpcEndpoint: name(attempt.vpcEndpointId),
    userAgent: name(attempt.userAgent),
    invokedBy: name(attempt.invokedBy),
  };
}

function actionOf({ action, perhapsByUs = false }: IncidentNotice): Detail['action'] {
  if (!action) return undefined;
  const reason = action.kind === 'restored' ? undefined : sentence(action.reason);
  return { kind: action.kind, reason, perhapsByUs };
}

function changeOf(change: Change): Detail['change'] {
  const isDeletion = change.kind === 'deletion';
  return {
    id: name(change.id),
    kind: change.kind,
    at: change.requestedAt.toISOString(),
    by: identityOf(change.requestedBy),
    from: name(change.sourceAddress),
    date: isDeletion ? change.date.toISOString() : undefined,
    windowDays: isDeletion ? change.windowDays : undefined,
  };
}

const clashOf = (clash: ClashNews): Detail['clash'] => ({
  caller: identityOf(clash.caller),
  tool: clash.tool,
  address: name(clash.sourceAddress),
  userAgent: name(clash.userAgent),
  first: clash.first.toISOString(),
  last: clash.last.toISOString(),
  tries: clash.count,
  isLeast: clash.isLeast,
});

const identityOf = (caller: Caller) => ({
  key: id(caller.key),
  name: name(caller.name),
  account: name(caller.accountId),
  session: name(caller.session),
  issuer: id(caller.issuerArn),
});

const callerOf = (news: CallerNews) => ({
  key: id(news.callerKey),
  name: name(news.callerName),
  isNew: news.isNew,
  attempts: news.count,
  first: news.first.toISOString(),
  last: news.last.toISOString(),
  addresses: news.addresses.slice(0, MAX_SOURCES).map(source),
  sessions: news.sessions.slice(0, MAX_SOURCES).map(source),
});

/** As it is: of what a record holds, only what AWS allows in a name gets into a command or a link. */
function remedyOf({ remedy }: IncidentNotice): Detail['remedy'] {
  if (!remedy) return undefined;
  const { act, command, isNamed, link, accountId } = remedy;
  return { act, command, isNamed, link, account: name(accountId) };
}

import type { Attempt } from '../attempt/attempt.ts';
import { completedBy, lookupId, type SecretId } from '../cloudtrail/secret-id.ts';
import type { Action } from '../deletion/auto-cancel.ts';
import type { Change } from '../deletion/change.ts';
import type { Lookup } from '../deletion/describe.ts';
import { type Severity, severityOf } from '../deletion/schedule.ts';
import type { SecretState } from '../deletion/secret-state.ts';
import { goneRemedy, type Remedy, remedyOf, type Target } from './commands.ts';
import { type Tagged, type TagKeys, taggedBy } from './tags.ts';

/** The secret of a notice, as far as anything named it. */
export interface NoticeSecret extends Target, Tagged {
  readonly accountId?: string;
  /** The AWS service that manages the secret, and that may refuse to have it restored. */
  readonly owningService?: string;
  /** The Regions that hold a replica of it, as far as anybody looked. */
  readonly replicas?: readonly string[];
  /** Where the primary secret is, if this is a replica of it. */
  readonly replicaOf?: string;
}

/** A caller tried to read a secret that is, or was, scheduled for deletion. */
export interface AlertNotice extends AlertInput {
  readonly kind: 'alert';
  readonly severity: Severity;
  readonly secret: NoticeSecret;
  /** What to do if the secret is still needed; of a restored one, if it is not. */
  readonly remedy?: Remedy;
}

/** What an alert is made from. */
export interface AlertInput {
  readonly attempt: Attempt;
  readonly state: SecretState;
  /** What was done about the deletion. */
  readonly action: Action;
  /** A secret that is not pending any more may have been restored by a try of this alert that failed later. */
  readonly perhapsByUs: boolean;
  readonly now: Date;
}

/** A deletion was scheduled, done by force, or cancelled, before anything has broken. */
export interface AnnouncementNotice {
  readonly kind: 'announcement';
  readonly severity: Severity;
  readonly secret: NoticeSecret;
  readonly change: Change;
  /** What DescribeSecret answered, for when the secret was last used. */
  readonly lookup: Lookup;
  /** What to do if the secret is still needed; absent where nothing can be done, or need be. */
  readonly remedy?: Remedy;
  readonly now: Date;
}

/** The alert for an attempt. */
export function alertNotice(input: AlertInput, lookup: Lookup, tagKeys: TagKeys): AlertNotice {
  const { attempt, state } = input;
  const call = state.state === 'restored' ? state.cancellation : state.deletion;
  const secret = noticeSecret(attempt.secret, call, lookup, tagKeys);
  return {
    ...input,
    kind: 'alert',
    severity: severityIn(input),
    secret,
    remedy: remedyIn(input, secret),
  };
}

function remedyIn({ attempt, state, action }: AlertInput, secret: NoticeSecret) {
  if (action.kind === 'restored' || state.state === 'restored') return remedyOf('delete', secret);
  return state.state === 'gone' && attempt.isNotFound
    ? goneRemedy(secret, state.anew)
    : remedyOf('restore', secret);
}

function severityIn({ attempt, state, action, now }: AlertInput): Severity {
  if (action.kind === 'restored' || state.state === 'restored') return 'notice';
  if (state.state === 'gone') return state.anew ? ofAnew(attempt.secret) : 'critical';
  return severityOf(state.schedule, now);
}

/** A secret that is made under the name anew is read by it, but not by the ARN of the one that is gone. */
const ofAnew = ({ sent, arn }: SecretId): Severity => (arn && arn === sent ? 'warning' : 'notice');

/** The announcement of a change. */
export function announcementNotice(
  change: Change,
  lookup: Lookup,
  tagKeys: TagKeys,
  now: Date,
): AnnouncementNotice {
  const secret = noticeSecret(change.secret, change, lookup, tagKeys);
  const isPending = change.kind === 'deletion' && !change.forced;
  const remedy = isPending ? remedyOf('restore', secret) : undefined;
  return { kind: 'announcement', severity: 'notice', secret, change, lookup, remedy, now };
}

/** Complete wherever it can be: by DescribeSecret, or by the call that scheduled or cancelled the deletion. */
function noticeSecret(
  asked: SecretId,
  change: Change | undefined,
  lookup: Lookup,
  tagKeys: TagKeys,
): NoticeSecret {
  const found = lookup.kind === 'found' ? lookup.secret : undefined;
  const deletion = change?.kind === 'deletion' ? change : undefined;
  const known = completedBy(asked, found?.arn ?? change?.secret.arn);
  return {
    id: found?.arn ?? lookupId(known),
    name: found?.name ?? known.name,
    accountId: asked.accountId,
    region: known.region,
    partition: known.partition,
    elsewhere: lookup.place,
    ...taggedBy(found?.tags ?? deletion?.tags ?? {}, tagKeys),
    owningService: found?.owningService,
    replicas: found?.replicas,
    replicaOf: found?.replicaOf ?? deletion?.replicaOf,
  };
}

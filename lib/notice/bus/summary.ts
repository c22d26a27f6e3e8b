import { isDrill } from '../../drill.ts';
import { identifier, oneLine, shorten } from '../../text.ts';
import { plural } from '../../time.ts';
import { removedReplicaOf, timeLeft } from '../deletion-text.ts';
import type { IncidentNotice } from '../incident-notice.ts';
import type { NoticeSecret } from '../notice.ts';
import { MAX_SUMMARY } from './schema.ts';

/** What a secret is called where it must be called something, in at most `max` characters, as {@link summaryOf} has it. */
export function labelOf({ name, id }: Pick<NoticeSecret, 'name' | 'id'>, max: number): string {
  const known = name || id;
  return known ? shorten(identifier(known), max) : '(not named)';
}

/** How long the names in a summary may be, in characters. */
const MAX_LABEL = 80;
const MAX_CALLER = 60;

/**
 * A sentence for people, as a title has it: `role app-server tried to read prod/db: 6 days 21 hours left`. It has no quotes and no
 * backslashes, because EventBridge's input transformers do not escape what they put into JSON.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-issues
 */
export function summaryOf(notice: IncidentNotice): string {
  const drill = isDrill(notice.secret.name) ? 'DRILL: ' : '';
  const status = statusOf(notice);
  const sentence = `${drill}${happened(notice)}${status ? `: ${status}` : ''}`;
  return oneLine(sentence, MAX_SUMMARY);
}

function happened(notice: IncidentNotice): string {
  const secret = labelOf(notice.secret, MAX_LABEL);
  const { attempts, callers, isLeast } = notice.counts;
  switch (notice.kind) {
    case 'opened':
      return `${callerIn(notice)} tried to read ${secret}`;
    case 'caller':
      return `${callerIn(notice)} tried to read ${secret}, as others did before`;
    case 'digest':
      return `${isLeast ? 'at least ' : ''}${plural(attempts, 'attempt')} to read ${secret}, by ${plural(callers, 'caller')}`;
    case 'last-call':
      return `last call for ${secret}, which ${plural(callers, 'caller')} tried to read`;
    case 'over':
      return `the recovery window of ${secret} is over`;
    case 'resolved':
      return `the deletion of ${secret} was cancelled`;
    case 'gone':
      if (notice.attempt) return `${callerIn(notice)} tried to read ${secret}, which is gone`;
      return `${secret} is gone, though ${plural(callers, 'caller')} tried to read it`;
    case 'announced':
      return changed(notice, secret);
    case 'clash':
      return `${short(notice.clash?.caller.name ?? 'somebody')} cannot create ${secret}, a name that a deleted secret keeps`;
  }
}

const callerIn = ({ attempt }: IncidentNotice) => short(attempt?.caller.name ?? 'somebody');
const short = (name: string) => shorten(oneLine(name).replace(/["\\<>]/g, '?'), MAX_CALLER);

function changed({ change }: IncidentNotice, secret: string): string {
  const by = short(change?.requestedBy.name ?? 'somebody');
  if (change?.kind === 'cancellation') return `${by} cancelled the deletion of ${secret}`;
  if (removedReplicaOf(change)) return `${by} removed the replica ${secret}`;
  return change?.forced
    ? `${by} deleted ${secret} without a recovery window`
    : `${by} scheduled the deletion of ${secret}`;
}

/** How urgent it is, where that is not said already. */
function statusOf({ kind, state, action, now }: IncidentNotice): string | undefined {
  if (action?.kind === 'restored') return 'this service has cancelled the deletion';
  if (kind === 'over' || kind === 'resolved' || kind === 'gone') return undefined;
  switch (state.state) {
    case 'pending':
      return timeLeft(state.schedule, now);
    case 'restored':
      return kind === 'announced' ? undefined : 'its deletion is cancelled';
    case 'gone':
      return kind === 'announced' ? undefined : 'it is gone';
    case 'not-looked-up':
      return undefined;
  }
}

import type { Attempt } from '../../attempt/attempt.ts';
import { shortNameBeside } from '../../cloudtrail/caller.ts';
import { completedBy, lookupId } from '../../cloudtrail/secret-id.ts';
import type { Action } from '../../deletion/auto-cancel.ts';
import { type Severity, severityOf } from '../../deletion/schedule.ts';
import type { Lookup, Secret, Situation } from '../../deletion/situation.ts';
import { renderAttributes } from './attributes.ts';
import { renderBody } from './body.ts';
import type { Target } from './commands.ts';
import { findHints } from './hints.ts';
import type { Message } from './message.ts';
import { renderSubject } from './subject.ts';

/** The message for one attempt. */
export interface Alert extends Message {
  readonly severity: Severity;
}

export interface AlertFacts {
  readonly attempt: Attempt;
  readonly lookup: Lookup;
  readonly situation: Situation;
  readonly action: Action;
  /** A secret that is not pending any more may have been restored by a try of this alert that failed later. */
  readonly perhapsByUs: boolean;
  readonly now: Date;
}

/** Which tags the alert names; upper and lower case are the same. */
export interface TagKeys {
  readonly owner: readonly string[];
  readonly replacement: readonly string[];
}

/** Writes the alert for an attempt. */
export function composeAlert(facts: AlertFacts, tagKeys: TagKeys): Alert {
  const { attempt, lookup, situation, action, now } = facts;
  const secret = lookup.kind === 'found' ? lookup.secret : undefined;
  const target = targetOf(attempt, secret, situation);
  const severity = severityIn(situation, action, now);
  const owners = findHints(secret?.tags ?? {}, tagKeys.owner);
  const replacements = findHints(secret?.tags ?? {}, tagKeys.replacement);
  return {
    severity,
    subject: renderSubject({
      severity,
      situation,
      restoredByUs: action.kind === 'restored',
      secretName: target.name,
      callerName: shortNameBeside(attempt.secret.accountId, attempt.caller),
      now,
    }),
    body: renderBody({ ...facts, secret, target, owners, replacements }),
    attributes: renderAttributes({
      secret: target.name,
      caller: attempt.caller.key,
      account: attempt.secret.accountId,
      region: target.region,
      severity,
      owner: owners[0]?.value,
      action: situation.state === 'restored' ? 'already-restored' : action.kind,
    }),
  };
}

/** The complete ARN wherever it is known: from DescribeSecret, or from the call that scheduled or cancelled the deletion. */
function targetOf(
  { secret: asked }: Attempt,
  found: Secret | undefined,
  situation: Situation,
): Target {
  const call = situation.state === 'restored' ? situation.cancellation : situation.deletion;
  const secret = completedBy(asked, found?.arn ?? call?.secret.arn);
  const { name, region, partition } = secret;
  return { id: found?.arn ?? lookupId(secret), name: found?.name ?? name, region, partition };
}

function severityIn(situation: Situation, action: Action, now: Date): Severity {
  if (action.kind === 'restored' || situation.state === 'restored') return 'notice';
  return situation.state === 'gone' ? 'critical' : severityOf(situation.schedule, now);
}

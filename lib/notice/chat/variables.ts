import { identifySecret } from '../../cloudtrail/secret-id.ts';
import { ARN, type OwnStack, REGION } from '../commands.ts';
import type { IncidentNotice } from '../incident-notice.ts';

/**
 * What the buttons of a message put into their commands, and are shown by: the message's `metadata.additionalContext`. A
 * button whose variable is absent is not shown. stack/buttons.ts reads them.
 */
export interface ButtonVariables {
  /** The complete ARN. */
  readonly secret?: string;
  /** The secret's Region. */
  readonly region?: string;
  /** The function that *Mute* and *Show status* call, and the Region of its stack. */
  readonly buttons?: string;
  readonly home?: string;
  /** The secret is scheduled for deletion, and its window has not ended: a mute would end with that. */
  readonly canMute?: typeof YES;
  /** It is scheduled for deletion, in the stack's account, the one that the chat has a role in. */
  readonly canRestore?: typeof YES;
}

/** The value of what is the case; what is not is absent. */
export const YES = 'yes';

/** For how many days *Mute* mutes. */
export const MUTE_DAYS = 7;

const STAGE = /^[a-z\d-]{1,64}$/i;

/**
 * The variables of a message's buttons. A secret that no ARN names completely, or that has what AWS does not allow in one, has
 * none: whatever they hold stands in a command as it is.
 */
export function buttonVariables(
  { kind, secret: { id = '' }, state }: Pick<IncidentNotice, 'kind' | 'secret' | 'state'>,
  { stage = '', region: home = '', accountId }: OwnStack & { readonly accountId?: string },
): ButtonVariables {
  const { arn = '', region, accountId: owner } = identifySecret(id, {});
  if (!ARN.test(arn)) return {};
  const isPending = state.state === 'pending';
  const isMutable = state.state === 'gone' || (isPending && kind !== 'over');
  const canCall = STAGE.test(stage) && REGION.test(home);
  return {
    secret: arn,
    region,
    ...(canCall && { buttons: buttonsFunction(stage), home }),
    ...(isMutable && { canMute: YES }),
    ...(isPending && owner === accountId && { canRestore: YES }),
  };
}

/** The name of the function that the buttons call. */
export const buttonsFunction = (stage: string) => `deleted-secret-notifier-${stage}-buttons`;

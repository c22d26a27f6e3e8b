import type { Caller } from '../cloudtrail/caller.ts';
import type { SecretId } from '../cloudtrail/secret-id.ts';
import { MINUTE_MS } from '../time.ts';
import { isIgnored } from './ignored.ts';

/**
 * All attempts on one secret under one deletion, as the table keeps it; a secret that was restored and deleted anew begins
 * a new one in the same item.
 */
export interface Incident {
  /** The secret's {@link secretKey}; the incidents of a table are told apart by it. */
  readonly key: string;
  readonly secret: SecretId;
  /** When its first attempt was recorded; absent where none was, such as of a mute made in advance. */
  readonly openedAt?: Date;
  /** When an attempt was last known to be recorded; a process notes that every few minutes at most. */
  readonly newsAt?: Date;
  /** Since when, and until when, there may be a caller that nothing has named. */
  readonly unnamedSince?: Date;
  readonly unnamedAt?: Date;
  /** When a notice first named the secret. */
  readonly namedAt?: Date;
  /** How many of its callers had an alert of their own, by mail or by the channels beside it alone. */
  readonly alerts: number;
  /** How many notices named it. */
  readonly notices: number;
  /** All that was recorded until then has been reported. */
  readonly reportedUntil?: Date;
  /** When the next digest names it, if there is news by then, and how long the pause before was, in hours. */
  readonly digestAt?: Date;
  readonly pauseHours?: number;
  /** When to look at it because its end nears: for a last call, or whether it is gone. */
  readonly lookAt?: Date;
  /** The end of its recovery window: exact, or the earliest that is possible. */
  readonly endsAt?: Date;
  /** How many days were left at its last call, or when it was opened. */
  readonly lastCall?: LastCall;
  readonly ended?: Ending;
  readonly endedAt?: Date;
  /** Whether its end has been reported, or need not be. */
  readonly isEndReported: boolean;
  /** The id of the alert that was the first to be handed on to the channels beside the mail. */
  readonly toldAs?: string;
  /** As what news, and when, the channels beside the mail were last told of it although no mail could report it. */
  readonly unmailedAs?: string;
  readonly unmailedAt?: Date;
  readonly mutes: readonly Mute[];
}

/** How long a process may go on without noting that there is news, once it has. */
export const MARK_CACHED_MS = 5 * MINUTE_MS;

/** How an incident ended; `closed`: nobody can tell, such as of a secret of another account. */
export type Ending = 'restored' | 'gone' | 'closed';

/** At how many days before the end a last call goes out. */
export const LAST_CALLS = [7, 2] as const;
/** In the place of a last call: that the time is over, where nobody can tell whether the secret is gone. */
export const OVER = 0;
export type LastCall = (typeof LAST_CALLS)[number] | typeof OVER;

/** Somebody's decision that attempts on a secret need no notice; never beyond the deletion that it was made for. */
export interface Mute {
  readonly id: string;
  /** A pattern of callers' ARNs, as of the setting `ignoredCallers`; absent for all callers. */
  readonly caller?: string;
  /** Who made it, by the name of the user or of the session, and by the ARN; and why. */
  readonly by: string;
  readonly byArn?: string;
  readonly reason: string;
  readonly from: Date;
  readonly until?: Date;
  /** When it was removed, or the deletion that it was made for ended. */
  readonly endedAt?: Date;
}

/** The mute that holds for a caller's attempt recorded at a time. */
export function muteOf(
  { mutes }: Pick<Incident, 'mutes'>,
  caller: Pick<Caller, 'key' | 'issuerArn'>,
  time: Date,
): Mute | undefined {
  return mutes.find((mute) => isMuteOf(mute, caller) && isInForce(mute, time));
}

/** Whether a mute is of a caller, whenever it holds. */
export function isMuteOf(
  mute: Pick<Mute, 'caller'>,
  caller: Pick<Caller, 'key' | 'issuerArn'>,
): boolean {
  return mute.caller === undefined || isIgnored(caller, [mute.caller]);
}

/** Whether a mute holds at a time. */
export function isInForce({ from, until, endedAt }: Mute, time: Date): boolean {
  return from <= time && !(until && until <= time) && !(endedAt && endedAt <= time);
}

/** Whether all callers of a secret are muted at a time. */
export function isMuted({ mutes }: Pick<Incident, 'mutes'>, time: Date): boolean {
  return mutes.some((mute) => mute.caller === undefined && isInForce(mute, time));
}

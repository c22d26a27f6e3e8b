import { attemptEvent } from '../../simulation/cast.ts';
import { FIRST_QUIET_CALLER, REFUSED_SECRET, UNKNOWN_SECRET } from './answers.ts';

/** How long before now the attempts are made, in ms: as long as CloudTrail may well take. */
const AGO_MS = 3000;

const eventOf = (caller: number, attempt: number, secret = 0) =>
  attemptEvent({ attempt, secret, caller, time: new Date(Date.now() - AGO_MS) });

/** Attempts of so many callers, each the first of its pair. */
export const alertEvents = (count: number, firstCaller = 0) =>
  Array.from({ length: count }, (_, i) => eventOf(firstCaller + i, firstCaller + i));

/** Attempts on secrets whose deletion the ledger does not know; the second search for it is refused. */
export const unknownDeletionEvents = () =>
  [UNKNOWN_SECRET, REFUSED_SECRET].map((secret) => eventOf(secret, secret, secret));

/** Attempts of so many pairs that another process has alerted a moment ago. */
export const newRepeatEvents = (count: number) => alertEvents(count, FIRST_QUIET_CALLER);

/** Further attempts of one pair, which the process knows to be quiet after the first of them. */
export const repeatEvents = (count: number) =>
  Array.from({ length: count }, (_, i) => eventOf(FIRST_QUIET_CALLER - 1, 100_000 + i));

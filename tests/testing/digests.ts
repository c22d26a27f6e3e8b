import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { DeletionSchedule } from '../../lib/deletion/schedule.ts';
import type { CallerAttempts, KnownAttempts, SecretNews } from '../../lib/notice/digest.ts';
import { ACCOUNT, NOW, SECRET_ARN } from './attempts.ts';

/** A secret of the tests' account, by its name. */
export const named = (name: string) =>
  identifySecret(name, { accountId: ACCOUNT, region: 'eu-west-1' });

export const pending = (schedule: DeletionSchedule): SecretNews['state'] => ({
  state: 'pending',
  schedule,
});

export const EXACT = pending({ kind: 'exact', date: new Date('2026-11-29T14:03:00Z') });

/** A known caller's attempts: one of an application, now, unless told otherwise. */
export function calls(overrides: Partial<CallerAttempts> = {}): CallerAttempts {
  const { count = 1 } = overrides;
  return {
    callerKey: `arn:aws:iam::${ACCOUNT}:role/app-server`,
    callerName: 'role app-server',
    isNew: false,
    count,
    news: count,
    first: NOW,
    last: NOW,
    addresses: new Set(['10.0.3.7']),
    sessions: new Set(),
    ...overrides,
  };
}

/** A role's attempts. */
export const role = (name: string, overrides: Partial<CallerAttempts> = {}): CallerAttempts =>
  calls({
    callerKey: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    callerName: `role ${name}`,
    ...overrides,
  });

/** A known secret, read by these callers. */
export function known(
  callers: readonly CallerAttempts[],
  overrides: Partial<KnownAttempts> = {},
): KnownAttempts {
  return {
    secret: identifySecret(SECRET_ARN, {}),
    isNew: false,
    callers: new Map(callers.map((caller) => [caller.callerKey, caller])),
    muted: [],
    ignored: 0,
    isLeast: false,
    state: EXACT,
    ...overrides,
  };
}

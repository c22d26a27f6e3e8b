import type { Attempt } from '../../lib/attempt/attempt.ts';
import { identifySecret } from '../../lib/cloudtrail/secret-id.ts';
import type { Cancellation, Deletion } from '../../lib/deletion/change.ts';
import type { Lookup, Secret } from '../../lib/deletion/describe.ts';

/** The clock of the unit tests. */
export const NOW = new Date('2026-11-22T17:05:00Z');

export const ACCOUNT = '111122223333';
/** Where the stack is. */
export const HOME = { accountId: ACCOUNT, region: 'eu-west-1' };
export const SECRET_ARN = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:prod/db/password-AbC123`;

/** An attempt as read from a record: an application asks for `prod/db/password`, two minutes ago. */
export function attempt(overrides: Partial<Attempt> = {}): Attempt {
  return {
    id: '76c4a1f2-0000-4000-8000-000000000001',
    time: new Date('2026-11-22T17:03:00Z'),
    secret: identifySecret(SECRET_ARN, {}),
    caller: {
      key: `arn:aws:iam::${ACCOUNT}:role/app-server`,
      name: 'role app-server',
      shortName: 'app-server',
      description: `role app-server, session i-0abc, account ${ACCOUNT}`,
      accountId: ACCOUNT,
    },
    sourceAddress: '10.0.3.7',
    userAgent: 'aws-sdk-java/2.25.1',
    ...overrides,
  };
}

/** One of several attempts, which differ as given. */
export const nth = (n: number, overrides: Partial<Attempt> = {}): Attempt =>
  attempt({ id: `attempt-${n}`, ...overrides });

function secret(overrides: Partial<Secret> = {}): Secret {
  return {
    arn: SECRET_ARN,
    name: 'prod/db/password',
    deletedDate: new Date('2026-11-29T14:03:00Z'),
    tags: {},
    ...overrides,
  };
}

export function found(overrides: Partial<Secret> = {}): Lookup {
  return { kind: 'found', secret: secret(overrides) };
}

const ALICE = {
  key: `arn:aws:iam::${ACCOUNT}:user/alice`,
  name: 'user alice',
  shortName: 'alice',
  description: `user alice, account ${ACCOUNT}`,
  accountId: ACCOUNT,
};

/** The deletion that the date of {@link secret} belongs to. */
export function deletion(overrides: Partial<Deletion> = {}): Deletion {
  return {
    kind: 'deletion',
    id: '76c4a1f2-0000-4000-8000-000000000002',
    secret: identifySecret(SECRET_ARN, {}),
    requestedAt: new Date('2026-11-22T14:03:00Z'),
    requestedBy: ALICE,
    sourceAddress: '198.51.100.7',
    date: new Date('2026-11-29T14:03:00Z'),
    dateFrom: 'record',
    windowDays: 7,
    forced: false,
    ...overrides,
  };
}

export function cancellation(overrides: Partial<Cancellation> = {}): Cancellation {
  return {
    kind: 'cancellation',
    id: '76c4a1f2-0000-4000-8000-000000000003',
    secret: identifySecret(SECRET_ARN, {}),
    requestedAt: new Date('2026-11-22T17:04:00Z'),
    requestedBy: ALICE,
    sourceAddress: '198.51.100.7',
    ...overrides,
  };
}

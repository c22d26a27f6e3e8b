import { byKey, incidentsBeside, readThoughGone } from '../../cli/status/incident.ts';
import type { DatedSecret } from '../../cli/status/pending.ts';
import { type Status, secretStatuses } from '../../cli/status/status.ts';
import type { Survey } from '../../cli/status/survey.ts';
import type { Asking } from '../../lib/attempt/item.ts';
import type { Place } from '../../lib/aws/spokes.ts';
import { identifySecret, secretKey } from '../../lib/cloudtrail/secret-id.ts';
import type { RecordedClash } from '../../lib/deletion/clashes.ts';
import { changeItem, partitionKey } from '../../lib/deletion/ledger.ts';
import type { Incident } from '../../lib/incident/incident.ts';
import { addDays, HOUR_MS, MINUTE_MS } from '../../lib/time.ts';
import { ACCOUNT, deletion } from '../testing/attempts.ts';

/** When the examples are looked at. */
const TIME = new Date('2026-11-22T17:05:00Z');

/** Names of roles, `ACCOUNT:ROLE` for one of another account, and how many hours before {@link TIME} each of their attempts was. */
type Attempts = Readonly<Record<string, readonly number[]>>;

export interface Example {
  readonly name: string;
  /** Default: the account and the Region of the stack. */
  readonly place?: Place;
  /** From {@link TIME} to the end of the recovery window. */
  readonly daysLeft: number;
  /** As the ledger knows it; without it, the date is a range, whose near end is {@link daysLeft} away. */
  readonly windowDays?: number;
  readonly owner?: string;
  readonly daysSinceUse?: number;
  readonly attempts?: Attempts;
  readonly incident?: Partial<Incident>;
  /** Who could not create a secret of its name. */
  readonly clashes?: readonly Partial<RecordedClash>[];
}

/** The status of secrets, put together as `npm run status` does it. */
export async function statusOf(
  examples: readonly Example[],
  drills = 0,
  others: readonly Incident[] = [],
  survey?: Survey,
): Promise<Status> {
  const byArn = new Map(examples.map((example) => [arnOf(example), example]));
  const incidents = byKey([...examples.flatMap(incidentOf), ...others]);
  const knownSince = addDays(TIME, -12);
  const ports = {
    incidents,
    clashes: examples.flatMap(clashesOf),
    knownSince: () => knownSince,
    getItems: async (pk: string) => examples.flatMap((example) => ledgerOf(example, pk)),
    attemptsSince: async function* ({ arn = '' }, since: Date) {
      const items = askings(byArn.get(arn)?.attempts ?? {});
      yield items.filter(({ time }) => new Date(time) >= since);
    },
  };
  const secrets = await secretStatuses(
    examples.map(secretOf),
    ['owner', 'team'],
    ports,
    TIME,
    () => undefined,
  );
  const ids = secrets.map(({ id }) => id);
  const otherIncidents = incidentsBeside(ids, incidents);
  const goneIncidents = readThoughGone(incidents);
  return {
    time: TIME,
    ...HOME,
    secrets,
    survey,
    otherIncidents,
    goneIncidents,
    knownSince,
    drills,
  };
}

const clashesOf = ({ clashes = [], ...example }: Example): RecordedClash[] =>
  clashes.map((clash) => ({
    key: { pk: 'clashes', sk: example.name },
    secret: identifySecret(example.name, example.place ?? HOME),
    caller: deletion().requestedBy,
    calls: [],
    told: [{ id: '1', time: TIME }],
    isLeast: false,
    ...clash,
  }));

const HOME: Place = { accountId: ACCOUNT, region: 'eu-west-1' };

const arnOf = ({ name, place: { accountId, region } = HOME }: Pick<Example, 'name' | 'place'>) =>
  `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-AbC123`;

function secretOf(example: Example): DatedSecret {
  const { name, daysLeft, owner, daysSinceUse, windowDays } = example;
  return {
    arn: arnOf(example),
    name,
    deletedDate: addDays(TIME, daysLeft - (windowDays ?? 7)),
    lastAccessedDate: daysSinceUse === undefined ? undefined : addDays(TIME, -daysSinceUse),
    tags: owner ? { owner } : {},
  };
}

function ledgerOf(example: Example, pk: string) {
  const { daysLeft, windowDays } = example;
  const secret = identifySecret(arnOf(example), {});
  if (windowDays === undefined || partitionKey(secret) !== pk) return [];
  const date = addDays(TIME, daysLeft);
  const requestedBy = {
    key: `arn:aws:iam::${ACCOUNT}:role/platform-admin`,
    name: 'role platform-admin',
    shortName: 'platform-admin',
    description: `role platform-admin, session cleanup, account ${ACCOUNT}`,
    accountId: ACCOUNT,
  };
  const requestedAt = addDays(date, -windowDays);
  return [changeItem(deletion({ secret, date, windowDays, requestedAt, requestedBy }), pk)];
}

function incidentOf({ name, incident }: Example): Incident[] {
  return incident ? [incidentOn(name, incident)] : [];
}

/** The incident of a secret of this name. */
export function incidentOn(name: string, overrides: Partial<Incident> = {}): Incident {
  const secret = identifySecret(arnOf({ name }), {});
  const none = { alerts: 0, notices: 0, isEndReported: false, mutes: [] };
  return { key: secretKey(secret), secret, ...none, ...overrides };
}

/** Items as the table returns them. */
function askings(attempts: Attempts) {
  return Object.entries(attempts).flatMap(([role, hours]) =>
    hours.map((hour): Omit<Asking, 'time'> & { time: string } => ({
      callerKey: `arn:aws:iam::${accountOf(role) ?? ACCOUNT}:role/${roleOf(role)}`,
      callerName: `role ${roleOf(role)}`,
      time: new Date(TIME.getTime() - hour * HOUR_MS).toISOString(),
    })),
  );
}

const accountOf = (role: string) => /^(\d{12}):/.exec(role)?.[1];
const roleOf = (role: string) => role.replace(/^\d{12}:/, '');

const every = (hours: number, from: number, to: number) =>
  Array.from({ length: Math.floor((from - to) / hours) + 1 }, (_, i) => from - i * hours);

/** An application that retries every minute while it is up. */
const retries = every(MINUTE_MS / HOUR_MS, 64, 55.5);

const MEMBER = '444455556666';
const OTHER = '123456789012';
const at = (accountId: string, region: string): Place => ({ accountId, region });

/** What a hub finds in two of its four accounts; one cannot be read, and one can in part. */
export const SURVEY: Survey = {
  areAllAccounts: true,
  areAllRegions: true,
  names: new Map([
    [ACCOUNT, 'security'],
    [MEMBER, 'payments-prod'],
    [OTHER, 'sandbox'],
  ]),
  read: [
    ...['eu-west-1', 'us-east-1'].flatMap((region) => [at(ACCOUNT, region), at(MEMBER, region)]),
    at('777788889999', 'eu-west-1'),
  ],
  unread: [at('777788889999', 'us-east-1'), at(OTHER, 'eu-west-1'), at(OTHER, 'us-east-1')].map(
    (place) => ({ place, reason: 'the lookup role is missing', isRefused: true }),
  ),
};

/** The secrets of {@link SURVEY}: names that differ in nothing but their place among them. */
export const SPREAD: readonly Example[] = [
  { name: 'prod/db/password', daysLeft: 5, windowDays: 7, attempts: { 'app-server': [3, 2] } },
  { name: 'prod/db/password', place: at(MEMBER, 'us-east-1'), daysLeft: 2, windowDays: 7 },
  {
    name: 'prod/db/password',
    place: at(MEMBER, 'eu-west-1'),
    daysLeft: 1.2,
    windowDays: 7,
    owner: 'payments',
    attempts: { [`${MEMBER}:invoice-worker`]: [9, 1], importer: [1] },
  },
  { name: 'old/token', place: at(MEMBER, 'us-east-1'), daysLeft: 12, windowDays: 14 },
];

/** One secret of each kind. */
export const EXAMPLES: readonly Example[] = [
  {
    name: 'prod/billing/api-key',
    daysLeft: 1.2,
    windowDays: 7,
    owner: 'payments',
    daysSinceUse: 6,
    attempts: { 'invoice-worker': [...every(24, 130, 10), 2.5, 1.5, 0.2] },
    incident: {
      openedAt: new Date('2026-11-17T07:06:00Z'),
      alerts: 1,
      notices: 7,
      digestAt: new Date('2026-11-22T20:06:00Z'),
      endsAt: addDays(TIME, 1.2),
      lastCall: 2,
    },
  },
  {
    name: 'prod/db/password',
    daysLeft: 5.6,
    windowDays: 10,
    owner: 'payments',
    daysSinceUse: 4,
    attempts: {
      'app-server': [...retries, ...every(6, 50, 2), 0.1],
      'nightly-report': every(24, 86, 14),
      'migration-job': [70],
    },
    incident: {
      openedAt: new Date('2026-11-19T03:06:00Z'),
      alerts: 3,
      notices: 9,
      digestAt: new Date('2026-11-22T19:06:00Z'),
      endsAt: addDays(TIME, 5.6),
      lastCall: 7,
      mutes: [
        {
          id: 'nightly',
          caller: `arn:aws:iam::${ACCOUNT}:role/nightly-report`,
          by: 'alice',
          byArn: `arn:aws:sts::${ACCOUNT}:assumed-role/platform-admin/alice`,
          reason: 'replaced next week',
          from: addDays(TIME, -2),
          until: addDays(TIME, 5.6),
        },
      ],
    },
  },
  {
    name: 'staging/search/admin',
    daysLeft: 11.4,
    windowDays: 14,
    owner: 'search',
    daysSinceUse: 40,
  },
  {
    name: 'legacy/ftp/credentials',
    daysLeft: 17.3,
    windowDays: 30,
    daysSinceUse: 12,
    attempts: { '444455556666:partner-sync': [290, 266, 242, 218, 194] },
    incident: {
      openedAt: new Date('2026-11-10T15:06:00Z'),
      alerts: 1,
      notices: 5,
      digestAt: new Date('2026-11-15T15:06:00Z'),
      endsAt: addDays(TIME, 17.3),
    },
  },
  { name: 'prod/cache/token', daysLeft: 6.95, windowDays: 7, owner: 'search', daysSinceUse: 1 },
  { name: 'rotation-test', daysLeft: 5, daysSinceUse: 200 },
];

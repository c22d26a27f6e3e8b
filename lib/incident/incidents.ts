import * as v from 'valibot';
import { expiryOf } from '../attempt/item.ts';
import {
  allOf,
  anyOf,
  type Expression,
  expression,
  findItem,
  type Key,
  oneMore,
  query,
  type Table,
  type Update,
  updateItem,
} from '../aws/table.ts';
import { identifySecret, type SecretId, secretKey } from '../cloudtrail/secret-id.ts';
import { NotifierError } from '../errors.ts';
import { isoTime } from '../time.ts';
import {
  type Ending,
  type Incident,
  isInForce,
  LAST_CALLS,
  MARK_CACHED_MS,
  type Mute,
  OVER,
} from './incident.ts';

/** The partition of all incidents, which are so listed by one query. */
const INCIDENTS = 'incidents';

/** What tells a secret's incident from others. */
export const incidentKey = (secret: SecretId): string => secretKey(secret);

/** Whether a complete ARN that was found out for a secret is of the incident with this key. */
export const isArnOf = (key: string, arn: string, secret: SecretId): boolean =>
  incidentKey(identifySecret(arn, secret)) === key;

const itemKey = (key: string): Key => ({ pk: INCIDENTS, sk: key });

const text = v.optional(v.string());
const time = v.optional(isoTime);
const count = v.optional(v.number(), 0);

const MuteItem = v.object({
  id: v.string(),
  caller: text,
  by: v.string(),
  byArn: text,
  reason: v.string(),
  from: isoTime,
  until: time,
  endedAt: time,
});

const IncidentItem = v.object({
  sk: v.string(),
  secretId: text,
  accountId: text,
  region: text,
  partition: v.optional(v.string(), 'aws'),
  openedAt: time,
  newsAt: time,
  unnamedSince: time,
  unnamedAt: time,
  namedAt: time,
  alerts: count,
  notices: count,
  reportedUntil: time,
  digestAt: time,
  pauseHours: v.optional(v.number()),
  lookAt: time,
  endsAt: time,
  lastCall: v.optional(v.picklist([...LAST_CALLS, OVER])),
  ended: v.optional(v.picklist(['restored', 'gone', 'closed'])),
  endedAt: time,
  isEndReported: v.optional(v.boolean(), false),
  toldAs: text,
  unmailedAs: text,
  unmailedAt: time,
  mutes: v.optional(v.array(MuteItem), []),
});

/** How many mutes an item keeps, those that have ended included: it must stay below DynamoDB's 400 KB. */
const MAX_MUTES = 50;

/** What ends with an incident; what was reported of the secret's attempts, and its mutes, which have ended, stay. */
const OF_ONE_DELETION = [
  ...[
    'openedAt',
    'firstAt',
    'unnamedSince',
    'unnamedAt',
    'namedAt',
    'alerts',
    'notices',
    'digestAt',
    'pauseHours',
  ],
  ...['lookAt', 'endsAt', 'lastCall', 'ended', 'endedAt', 'isEndReported'],
  ...['toldAs', 'unmailedAs', 'unmailedAt'],
];

/**
 * Whether an incident was opened before a call on its secret, or by then: by when its first attempt was made, which may come
 * hours later, even after the record of the call. The version before noted only when that came.
 */
function wasOpened(before: '<' | '<=', call: Date): Expression {
  const isBefore = (name: string) =>
    expression`${() => name} ${() => before} ${call.toISOString()}`;
  const isOfOld = expression`attribute_not_exists(firstAt)`;
  return anyOf(isBefore('firstAt'), allOf(isOfOld, isBefore('openedAt')));
}

/** What a notice changes of an incident. */
export interface Change {
  /** The secret's complete ARN, as AWS or the ledger tells it. */
  readonly arn?: string;
  readonly openedAt?: Date;
  readonly namedAt?: Date;
  readonly reportedUntil?: Date;
  readonly digestAt?: Date;
  readonly pauseHours?: number;
  readonly endsAt?: Date;
  readonly lookAt?: Date;
  readonly lastCall?: Incident['lastCall'];
  readonly ended?: Ending;
  readonly endedAt?: Date;
  readonly isEndReported?: boolean;
  readonly toldAs?: string;
  readonly unmailedAs?: string;
  readonly unmailedAt?: Date;
  /** Whether a notice named it. */
  readonly isNotice?: boolean;
}

/** The incidents in a table. */
export type IncidentStore = ReturnType<typeof createIncidentStore>;

/** Its functions throw whatever the SDK throws. */
export function createIncidentStore(table: Table) {
  const update = (key: string, change: Update) => updateItem(table, itemKey(key), change);

  /** Ends some mutes; who made them, and why, is kept. */
  async function endSome(
    key: string,
    isToEnd: (mute: Mute) => boolean,
    endedAt: Date,
  ): Promise<void> {
    const mutes = (await find(key))?.mutes ?? [];
    for (const [index, mute] of mutes.entries()) {
      if (!isToEnd(mute)) continue;
      const condition = expression`${() => `#mutes[${index}].#id`} = ${mute.id}`;
      const set = { [`mutes[${index}].endedAt`]: endedAt.toISOString() };
      const { passed } = await update(key, { condition, set });
      // Somebody has trimmed the list since.
      if (!passed) return endSome(key, isToEnd, endedAt);
    }
  }

  /** Drops the oldest mute that has ended, where there are as many as an item keeps. */
  async function trimMutes(key: string, now: Date): Promise<void> {
    const mutes = (await find(key))?.mutes ?? [];
    if (mutes.length < MAX_MUTES) return;
    const index = mutes.findIndex((mute) => !isInForce(mute, now));
    const ended = mutes[index];
    if (!ended) {
      const expected = `Expected at most ${MAX_MUTES} mutes of a secret to be in force, got another`;
      const next = 'Nothing was muted. Remove some, or mute their callers by one pattern.';
      throw new NotifierError('TOO_MANY_MUTES', `${expected}. ${next}`);
    }
    const condition = expression`${() => `#mutes[${index}].#id`} = ${ended.id}`;
    await update(key, { condition, remove: [`mutes[${index}]`] });
  }

  /** The incident of a key, as it is at the time of reading. */
  async function find(key: string): Promise<Incident | undefined> {
    return readIncident(await findItem(table, itemKey(key)));
  }

  return {
    find,

    /** All incidents, as they are at the time of reading. */
    async all(): Promise<Incident[]> {
      const found: Incident[] = [];
      const key = expression`pk = ${INCIDENTS}`;
      for await (const { items } of query(table, key, { ConsistentRead: true })) {
        found.push(...items.map(readIncident).filter((incident) => incident !== undefined));
      }
      return found;
    },

    /**
     * Notes that an attempt on a secret is about to be recorded, before it is, so that no death in between hides it.
     * @param isToBeNamed whether an alert, or else a digest, has to name its caller
     * @param madeAt when the attempt was made. Default: now
     * @returns the incident, which is opened if there is none; `undefined` for an item changed by hand that is none any more
     */
    async mark(
      secret: SecretId,
      now: Date,
      isToBeNamed: boolean,
      madeAt = now,
    ): Promise<Incident | undefined> {
      const iso = now.toISOString();
      const { item } = await update(incidentKey(secret), {
        set: {
          ...naming(secret),
          openedAt: expression`if_not_exists(openedAt, ${iso})`,
          firstAt: expression`if_not_exists(firstAt, ${madeAt.toISOString()})`,
          newsAt: iso,
          ...(isToBeNamed && unnamedAt(iso)),
          expiresAt: expiryOf(now),
        },
        returnsNew: true,
      });
      return readIncident(item);
    },

    /**
     * Opens an incident of attempts that the version before reported, which begins with them also if it is open already; what is
     * noted of its end stays.
     */
    async openSince(
      secret: SecretId,
      openedAt: Date,
      { endsAt, lookAt, lastCall }: Pick<Change, 'endsAt' | 'lookAt' | 'lastCall'>,
      now: Date,
    ): Promise<void> {
      const iso = openedAt.toISOString();
      const isNotOpen = expression`attribute_not_exists(openedAt)`;
      const beginsEarlier = anyOf(isNotOpen, expression`openedAt > ${iso}`);
      const condition = allOf(beginsEarlier, expression`attribute_not_exists(ended)`);
      const begun = {
        ...naming(secret),
        openedAt: iso,
        firstAt: iso,
        namedAt: expression`if_not_exists(namedAt, ${iso})`,
        reportedUntil: expression`if_not_exists(reportedUntil, ${iso})`,
        expiresAt: expiryOf(now),
      };
      const key = incidentKey(secret);
      const { set = {} } = changing({ endsAt, lookAt, lastCall });
      const isLookedAt = expression`attribute_exists(lookAt)`;
      const { passed } = await update(key, {
        condition: allOf(condition, expression`attribute_not_exists(lookAt)`),
        set: { ...begun, ...set },
      });
      if (!passed) await update(key, { condition: allOf(condition, isLookedAt), set: begun });
    },

    /** Notes that a digest has to name a caller. */
    async markUnnamed(key: string, now: Date): Promise<void> {
      await update(key, { set: unnamedAt(now.toISOString()) });
    },

    /**
     * Begins anew, if it was opened before `since`: the secret has been deleted again. Attempts on the new deletion may have
     * been recorded by now, or be about to be by a process that takes their callers for known: a digest looks for them.
     * The secret may be another of the same name.
     * @returns whether it was.
     */
    async reopen(secret: SecretId, since: Date): Promise<boolean> {
      const key = incidentKey(secret);
      const condition = wasOpened('<', since);
      const set = { secretId: idOf(secret) };
      const change = { condition, set, remove: OF_ONE_DELETION, returnsNew: true };
      const { passed, item } = await update(key, change);
      const newsAt = passed ? readIncident(item)?.newsAt : undefined;
      const cachedUntil = new Date(since.getTime() + MARK_CACHED_MS);
      if (newsAt && newsAt.getTime() + MARK_CACHED_MS > since.getTime()) {
        const unnamedAt = newsAt > cachedUntil ? newsAt : cachedUntil;
        const iso = since.toISOString();
        const opened = newsAt > since ? { openedAt: newsAt.toISOString() } : {};
        const set = { unnamedSince: iso, unnamedAt: unnamedAt.toISOString(), ...opened };
        await update(key, { set });
      }
      return passed;
    },

    /** Lets an open incident be looked at in the next run: more is known of its end than when it was last looked at. */
    async lookAgain(key: string, now: Date): Promise<void> {
      const isNoted = expression`attribute_exists(lookAt)`;
      const condition = allOf(isNoted, expression`attribute_not_exists(ended)`);
      await update(key, { condition, set: { lookAt: now.toISOString() } });
    },

    /** Ends the mutes that were made before the secret was restored, or deleted anew, at this time. */
    async endMutes(key: string, at: Date): Promise<void> {
      await endSome(key, ({ from, endedAt }) => from < at && !endedAt, at);
    },

    /** Ends the mutes with these ids. */
    async unmute(key: string, ids: readonly string[], endedAt: Date): Promise<void> {
      await endSome(key, ({ id }) => ids.includes(id), endedAt);
    },

    /**
     * Notes that an incident has ended, if it was opened before and has not ended yet, for all that was known.
     * @returns whether it was noted.
     */
    async end(key: string, ended: Ending, at: Date, isEndReported: boolean): Promise<boolean> {
      const iso = at.toISOString();
      const isOpen = expression`attribute_exists(openedAt)`;
      const hasNotEnded = expression`attribute_not_exists(ended)`;
      const isClosed = expression`ended = ${'closed'}`;
      const isNotEnded = ended === 'gone' ? anyOf(hasNotEnded, isClosed) : hasNotEnded;
      // A restore that is reported late is one of a deletion before this one.
      const condition = allOf(isOpen, isNotEnded, wasOpened('<=', at));
      const set = { ended, endedAt: iso, isEndReported };
      return (await update(key, { condition, set })).passed;
    },

    /**
     * Notes a notice, or what was found out.
     * @param openedAt of the incident that it is of, if that must not have begun anew since
     * @returns whether it has not
     */
    async note(key: string, change: Change, openedAt?: Date): Promise<boolean> {
      const condition = openedAt && expression`openedAt = ${openedAt.toISOString()}`;
      return (await update(key, { ...changing(change), condition })).passed;
    },

    /**
     * Notes that an alert named an incident. What is noted already stays, so that no number of callers puts a digest or a last
     * call off, or takes the place of the report of an end.
     */
    async noteAlert(key: string, { arn, ...change }: Change): Promise<void> {
      const { set = {} } = changing({ ...change, isNotice: false });
      const first = Object.entries(set).map(([name, value]) => [
        name,
        value === undefined ? value : expression`if_not_exists(${() => `#${name}`}, ${value})`,
      ]);
      const counts = { alerts: oneMore('alerts'), notices: oneMore('notices') };
      await update(key, { set: { ...Object.fromEntries(first), ...counts, secretId: arn } });
    },

    /** Notes that the channels beside the mail were told of a caller at once, although no mail could be. */
    async noteUnmailedAlert(key: string): Promise<void> {
      await update(key, { set: { alerts: oneMore('alerts') } });
    },

    /** Notes that every caller of whom an attempt was recorded until then has been named. */
    async noteNamed(key: string, until: Date): Promise<void> {
      const iso = until.toISOString();
      const isOver: Expression = expression`unnamedAt <= ${iso}`;
      const { passed } = await update(key, { condition: isOver, remove: ['unnamedSince'] });
      if (!passed) {
        const isSince = expression`unnamedSince < ${iso}`;
        await update(key, { condition: isSince, set: { unnamedSince: iso } });
      }
    },

    /**
     * Adds a mute to a secret's incident, which is made, not opened, where there is none. Beyond {@link MAX_MUTES} the oldest that
     * has ended is dropped.
     * @throws NotifierError `TOO_MANY_MUTES` if none has.
     */
    async mute(secret: SecretId, mute: Mute): Promise<void> {
      await trimMutes(incidentKey(secret), mute.from);
      await update(incidentKey(secret), {
        set: {
          ...naming(secret),
          mutes: expression`list_append(if_not_exists(mutes, ${[]}), ${[muteItem(mute)]})`,
          expiresAt: expiryOf(mute.from),
        },
      });
    },
  };
}

const unnamedAt = (iso: string) => ({
  unnamedSince: expression`if_not_exists(unnamedSince, ${iso})`,
  unnamedAt: iso,
});

const idOf = ({ arn, sent = '' }: SecretId) => (arn ?? sent).slice(0, 2048);

function naming(secret: SecretId) {
  const { accountId, region, partition } = secret;
  return {
    // What the first attempt sent, until an alert finds out the ARN: what looks complete may be of another secret.
    secretId: expression`if_not_exists(secretId, ${idOf(secret)})`,
    accountId: accountId?.slice(0, 64),
    region: region?.slice(0, 64),
    partition,
  };
}

function muteItem({ from, until, endedAt, ...others }: Mute): Record<string, unknown> {
  const item = {
    ...others,
    from: from.toISOString(),
    until: until?.toISOString(),
    endedAt: endedAt?.toISOString(),
  };
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}

function changing({ isNotice = false, ...change }: Change): Update {
  const values = Object.entries(change).map(([name, value]) => [
    name,
    value instanceof Date ? value.toISOString() : value,
  ]);
  const notices = isNotice ? oneMore('notices') : undefined;
  const isToCome = 'lastCall' in change && change.lastCall === undefined;
  return { set: { ...Object.fromEntries(values), notices }, remove: isToCome ? ['lastCall'] : [] };
}

/** What is no incident, such as an item changed by hand, must not stop all others. */
function readIncident(item: unknown): Incident | undefined {
  const result = v.safeParse(IncidentItem, item);
  if (!result.success) return undefined;
  const { sk, secretId, accountId, region, partition, ...rest } = result.output;
  return { ...rest, key: sk, secret: identifySecret(secretId, { accountId, region, partition }) };
}

import { short } from '../attempt/item.ts';
import {
  allOf,
  anyOf,
  deleteItem,
  type Expression,
  expression,
  type Key,
  type Table,
  updateItem,
} from '../aws/table.ts';
import { NotifierError } from '../errors.ts';
import { inBatches } from '../in-batches.ts';
import { addDays, epochSeconds } from '../time.ts';
import type { IncidentNotice } from './incident-notice.ts';

/** The channels beside the mail, each with a function of its name. */
export const CHANNELS = ['chat', 'bus'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Days for which it is known what a channel has sent: longer than anything is kept that may be handed on again. */
const KEPT_DAYS = 40;

/** A run that delivers; times in ms since 1970. */
interface Run {
  /** The same for the retries of an invocation, which come when the run before has ended. */
  readonly token: string;
  readonly now: number;
  /** When the run will have ended: until then no other run may claim what it has claimed. */
  readonly leaseUntil: number;
}

/** `busy`: another run is sending it, and may yet fail. */
type Claimed = 'claimed' | 'sent' | 'busy';

/** What each channel has sent, by the notices' ids. */
export type SentStore = ReturnType<typeof createSentStore>;

/** Its functions throw whatever the SDK throws. */
export function createSentStore(table: Table) {
  const isOf = (token: string): Expression => expression`#token = ${token}`;
  const isNotSent = expression`attribute_not_exists(sentAt)`;
  return {
    /** Claims the sending of a notice by a channel, by one conditional write. */
    async claim(channel: string, id: string, { token, now, leaseUntil }: Run): Promise<Claimed> {
      const isNew = expression`attribute_not_exists(pk)`;
      const hasLapsed = expression`leaseUntil < ${now}`;
      const { passed, item } = await updateItem(table, keyOf(channel, id), {
        condition: anyOf(isNew, allOf(isNotSent, anyOf(hasLapsed, isOf(token)))),
        set: { token, leaseUntil, expiresAt: epochSeconds(addDays(new Date(now), KEPT_DAYS)) },
      });
      if (passed) return 'claimed';
      return item?.sentAt === undefined ? 'busy' : 'sent';
    },

    /** Notes that a channel has sent a notice, whoever has claimed it meanwhile. */
    async note(channel: string, id: string, now: Date): Promise<void> {
      const set = { sentAt: now.toISOString() };
      await updateItem(table, keyOf(channel, id), { set, remove: ['token', 'leaseUntil'] });
    },

    /** Gives a claim back, so that anybody may send the notice at once. */
    async release(channel: string, id: string, token: string): Promise<void> {
      await deleteItem(table, keyOf(channel, id), allOf(isNotSent, isOf(token)));
    },
  };
}

/** The partition of what is noted of a notice's sending by a channel: one item. */
export const sentPartition = (channel: string, id: string) => `sent#${channel}#${short(id, 1024)}`;

const keyOf = (channel: string, id: string): Key => ({
  pk: sentPartition(channel, id),
  sk: 'sent',
});

/** Dependencies of {@link deliver}: the run, and what has been sent. */
export interface DeliverPorts extends Omit<Run, 'now'> {
  readonly now: () => Date;
  /** How much of the run's time is left, in ms. */
  readonly timeLeft: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly sent: SentStore;
}

/** Notices that go out in one message. */
export type Group = readonly [IncidentNotice, ...IncidentNotice[]];

/** What came of sending: a channel without room for a message leaves it, and its notices count as not sent. */
export type Sending = 'sent' | 'left';

type Send = (claimed: Group) => Promise<Sending>;

/** How much of a run's time is kept, in ms, for sending what has been begun and noting that. */
const TIME_TO_SEND_MS = 10_000;

/**
 * How long a run waits for what another is sending before it asks again, in ms. It must outlast the other, which may wait for
 * its turn longer than three tries of Lambda's would take.
 */
const BUSY_MS = 10_000;

/**
 * Sends each group of notices by a channel in one message, but those of it that have been sent: claims, sends and notes them,
 * one group after the other. One that fails is given back, and keeps no other from being sent.
 * @param send is given those of a group that have not been sent
 * @throws at the end, so that Lambda tries again: what the first failure threw, or else NotifierError `BUSY` if another run is
 * still sending one when this one's time is up, and may die; at once `OUT_OF_TIME` if the time does not suffice for all. A retry
 * goes on with what has not been sent.
 */
export async function deliver(
  channel: string,
  groups: readonly (readonly IncidentNotice[])[],
  send: Send,
  ports: DeliverPorts,
): Promise<void> {
  const failures: unknown[] = [];
  for (let waiting = groups; ; ) {
    const others: IncidentNotice[][] = [];
    for (const group of waiting) {
      if (ports.timeLeft() < TIME_TO_SEND_MS) throw failures[0] ?? outOfTime(channel);
      try {
        others.push(await deliverGroup(channel, group, send, ports));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    waiting = others.filter(({ length }) => length > 0);
    if (waiting.length === 0) return;
    if (ports.now().getTime() + BUSY_MS > ports.leaseUntil - TIME_TO_SEND_MS) throw busy(channel);
    await ports.sleep(BUSY_MS);
  }
}

/** @returns those that other runs are sending. */
async function deliverGroup(
  channel: string,
  notices: readonly IncidentNotice[],
  send: Send,
  { sent, token, leaseUntil, now }: DeliverPorts,
): Promise<IncidentNotice[]> {
  const claims = new Map<IncidentNotice, Claimed>();
  const thoseThat = (are: Claimed) => notices.filter((notice) => claims.get(notice) === are);
  const giveBack = () =>
    // What cannot be given back lapses with the run.
    inBatches(thoseThat('claimed'), ({ id }) => sent.release(channel, id, token)).catch(
      () => undefined,
    );
  try {
    await inBatches(notices, async (notice) => {
      const run = { token, leaseUntil, now: now().getTime() };
      claims.set(notice, await sent.claim(channel, notice.id, run));
    });
    const [first, ...others] = thoseThat('claimed');
    if (first && (await send([first, ...others])) === 'left') {
      await giveBack();
    } else {
      // No failure: the retry of one would send it again for certain, another delivery of it perhaps.
      const note = ({ id }: IncidentNotice) => sent.note(channel, id, now());
      await inBatches(thoseThat('claimed'), note).catch(() => undefined);
    }
  } catch (error) {
    await giveBack();
    throw error;
  }
  return thoseThat('busy');
}

const AGAIN = 'Lambda tries again in a minute, and sends what has not been sent.';

const busy = (channel: string) =>
  new NotifierError('BUSY', `Another run is sending a notice by ${channel}, and may die. ${AGAIN}`);

const outOfTime = (channel: string) =>
  new NotifierError('OUT_OF_TIME', `There was no time to send all notices by ${channel}. ${AGAIN}`);

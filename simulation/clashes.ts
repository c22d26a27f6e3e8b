import {
  cloudTrailRecord,
  type EventBridgeEvent,
  eventBridgeEvent,
  subscriptionEvent,
} from '../emulators/cloudtrail.ts';
import type { Lambda } from '../emulators/lambda.ts';
import { DAY_MS, MINUTE_MS } from '../lib/time.ts';
import { creatorName, secretName } from './cast.ts';
import { type Places, placeOf } from './places.ts';
import type { Message } from './tally.ts';
import { FIRST_TRY, type Task } from './task.ts';
import { below, type Random } from './traffic.ts';
import { TRAIL_LATEST_MS } from './trail.ts';

export interface ClashOptions {
  /** How many tools, each of its own, try to create a secret whose name is of one that is scheduled for deletion. */
  readonly clashes: number;
}

/** One try, by the number of its tool; its time in ms since the storm began. */
export interface ClashCall {
  readonly creator: number;
  readonly secret: number;
  readonly time: number;
}

/** A tool tries again as it has learned: often soon, and sometimes an hour later. */
const TRIES = 3;
const SOON_MS = MINUTE_MS;
const LATER_MS = 60 * MINUTE_MS;

/** The tries of a storm, the earliest first. @param pending how many secrets are scheduled for deletion */
export function makeClashes(
  { clashes, minutes }: ClashOptions & { readonly minutes: number },
  pending: number,
  random: Random,
): ClashCall[] {
  const calls = Array.from({ length: clashes }, (_, creator) => {
    const secret = below(random, pending);
    let time = below(random, minutes * MINUTE_MS);
    return Array.from({ length: TRIES }, (): ClashCall => {
      const call = { creator, secret, time: 1000 * Math.floor(time / 1000) };
      time += 1000 + below(random, random() < 0.5 ? SOON_MS : LATER_MS);
      return call;
    });
  });
  return calls.flat().sort((a, b) => a.time - b.time);
}

/**
 * The tries as they are delivered: by EventBridge, those apart that it loses or hears nothing of; and all of them by the trail.
 * @param beginning of the storm, in ms since 1970
 */
export function clashTasks(
  calls: readonly ClashCall[],
  places: Places,
  { trackDeletion, readTrail }: { readonly trackDeletion: Lambda; readonly readTrail: Lambda },
  { beginning, losses, random }: { beginning: number; losses: number; random: Random },
): Task[] {
  return calls.flatMap((call, i): Task[] => {
    const time = beginning + call.time;
    const event = () => clashEvent(call, i, beginning, places);
    const byRule = { ...FIRST_TRY, time: time + below(random, 5000), lambda: trackDeletion, event };
    const byTrail = {
      ...FIRST_TRY,
      time: time + TRAIL_LATEST_MS,
      lambda: readTrail,
      event: () => subscriptionEvent([event().detail]),
    };
    const isHeard = placeOf(call.secret, places).hasSpoke && random() >= losses;
    return isHeard ? [byRule, byTrail] : [byTrail];
  });
}

function clashEvent(
  { creator, secret, time }: ClashCall,
  id: number,
  beginning: number,
  places: Places,
): EventBridgeEvent {
  const place = placeOf(secret, places);
  const record = cloudTrailRecord({
    eventName: 'CreateSecret',
    time: new Date(beginning + time),
    place,
    caller: {
      account: place.accountId,
      role: creatorName(creator),
      session: 'apply',
      sourceIPAddress: `10.1.0.${creator % 256}`,
    },
    accessKeyId: 'ASIAEXAMPLE',
    userAgent: 'APN/1.0 HashiCorp/1.0 Terraform/1.13.0 terraform-provider-aws/6.0.0',
    request: { Name: secretName(secret, places) },
    outcome: {
      error: {
        code: 'InvalidRequestException',
        message:
          "You can't create this secret because a secret with this name is already scheduled for deletion.",
      },
    },
  });
  const eventID = `00000000-0000-4000-9000-${String(id).padStart(12, '0')}` as const;
  return eventBridgeEvent({ ...record, eventID });
}

export interface ClashTally {
  /** Tools of which no mail reports that the name of its secret is taken. */
  readonly clashesUntold: number;
  /** How often a mail named one again within a day of one that was sure. */
  readonly clashesToldTwice: number;
}

/** Counts what mails report of clashes, by the mails alone. */
export function tallyClashes(
  calls: readonly ClashCall[],
  messages: readonly Message[],
): ClashTally {
  const told = new Map<string, number>();
  const sure = new Map<string, number>();
  let clashesToldTwice = 0;
  for (const { reading, time, isSure } of messages.toSorted((a, b) => a.time - b.time)) {
    if (reading.kind !== 'clash') continue;
    for (const { creator, secret } of reading.clashes) {
      const key = keyOf({ creator, secret });
      if (time < (sure.get(key) ?? Number.NEGATIVE_INFINITY) + DAY_MS) clashesToldTwice++;
      told.set(key, time);
      if (isSure) sure.set(key, time);
    }
  }
  const made = new Set(calls.map(keyOf));
  return {
    clashesUntold: [...made].filter((key) => !told.has(key)).length,
    clashesToldTwice,
  };
}

const keyOf = ({ creator, secret }: Pick<ClashCall, 'creator' | 'secret'>) =>
  `${creator} ${secret}`;

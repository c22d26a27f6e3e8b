import { HOME } from '../emulators/client.ts';
import type { Place } from '../lib/aws/spokes.ts';
import type { Random } from './traffic.ts';

/** An account and a Region of a storm. */
export interface StormPlace extends Place {
  /** Whether its events reach the service at once, and the service may look there; without one only the trail tells of it. */
  readonly hasSpoke: boolean;
}

/** The places of a storm; the first is the service's own. */
export type Places = readonly StormPlace[];

export interface PlacesOptions {
  readonly accounts: number;
  /** Of each account. */
  readonly regions: number;
}

/** Where all of a storm is that does not say otherwise. */
export const AT_HOME: Places = [{ ...HOME, hasSpoke: true }];

/** The share of other places where no spoke is deployed. */
const WITHOUT_SPOKE = 0.2;

const REGIONS = [
  HOME.region,
  'eu-central-1',
  'us-east-1',
  'us-west-2',
  'ap-southeast-1',
  'ap-northeast-1',
  'sa-east-1',
  'ca-central-1',
];

export const MAX_REGIONS = REGIONS.length;

export function makePlaces({ accounts, regions }: PlacesOptions, random: Random): Places {
  return Array.from({ length: accounts * regions }, (_, i): StormPlace => {
    if (i === 0) return { ...HOME, hasSpoke: true };
    const account = Math.floor(i / regions);
    return {
      accountId: account === 0 ? HOME.accountId : String(444455556665 + account),
      region: REGIONS[i % regions] ?? HOME.region,
      hasSpoke: random() >= WITHOUT_SPOKE,
    };
  });
}

/** The secrets go around the places: those of one round have the same name. */
export function placeOf(secret: number, places: Places): StormPlace {
  const place = places[secret % places.length];
  if (!place) throw new Error(`Expected places for secret ${secret}, got none`);
  return place;
}

/** The number of the name of a secret. */
export const nameOf = (secret: number, places: Places) => Math.floor(secret / places.length);

/** The secret with a name in an account and a Region. @throws Error if the storm has no such place. */
export function secretIn(name: number, { accountId, region }: Place, places: Places): number {
  const index = places.findIndex((one) => one.accountId === accountId && one.region === region);
  if (index < 0) throw new Error(`Expected a place of the storm, got ${accountId} ${region}`);
  return name * places.length + index;
}

/** The account of a caller of a secret: every fourth caller comes from the next account. */
export function accountOfCaller(caller: number, secret: number, places: Places): string {
  const { accountId } = placeOf(secret, places);
  if (caller % 4 !== 3) return accountId;
  const accounts = [...new Set(places.map((place) => place.accountId))];
  return accounts[(accounts.indexOf(accountId) + 1) % accounts.length] ?? accountId;
}

import type { SecretId, Whereabouts } from '../../lib/cloudtrail/secret-id.ts';
import { about, elsewhereOf, type Lookup, outOfSight } from '../../lib/deletion/describe.ts';
import type { OwnStack } from '../../lib/notice/commands.ts';

/** What is given of the stack, and of what it finds out. */
export interface Given {
  /** What DescribeSecret says. */
  readonly described: Lookup;
  /** Where the stack is; absent: where each secret is. */
  readonly home?: Whereabouts;
}

const placeOf = (secret: SecretId, { home }: Given) => home && elsewhereOf(secret, home);

/** What a lookup finds: of a secret elsewhere what DescribeSecret says, if that is given, as a hub that has a spoke there. */
export function lookUp(secret: SecretId, given: Given): Lookup {
  const place = placeOf(secret, given);
  const lookup = about(secret, given.described);
  if (!place) return lookup;
  return given.described.kind === 'found' ? { ...lookup, place } : outOfSight(place);
}

/** What is found out for an announcement: its function may look into no other place. */
export function lookUpAtHome(secret: SecretId, given: Given): Lookup {
  const place = placeOf(secret, given);
  return place ? outOfSight(place) : about(secret, given.described);
}

/** The stack that mails; in the Region of this secret if nobody knows. */
export const stackOf = ({ home, described }: Given, secret?: SecretId): OwnStack => ({
  region: home?.region ?? secret?.region,
  hasSpokes: home !== undefined && described.kind === 'found',
});

import type { Place } from '../../lib/aws/spokes.ts';
import { errorName, NotifierError } from '../../lib/errors.ts';
import { expected } from '../aws-errors.ts';
import { inPool } from '../pool.ts';
import type { KnownPlaces } from '../spokes/places.ts';
import type { DatedSecret } from './pending.ts';

/** What came of looking into many accounts and Regions. */
export interface Survey extends Omit<KnownPlaces, 'places'> {
  /** The places that were read. */
  readonly read: readonly Place[];
  readonly unread: readonly Unread[];
}

/** A place that could not be read. */
interface Unread {
  readonly place: Place;
  /** What refused or failed, in the same words for each place of which it is true. */
  readonly reason: string;
  /** Whether AWS said no, as opposed to nothing, or to not now. */
  readonly isRefused: boolean;
}

/** How many places are read at a time, and for how long each at most, in ms: AWS may throttle for minutes. */
const WIDTH = 25;
const PATIENCE_MS = 30_000;

/**
 * Reads all places, some at a time. One that cannot be read costs no other.
 * @param read returns the pending secrets of a place, until the signal.
 * @param advance is called after each place.
 * @param patience for how long a place may take, in ms
 * @returns all in the order of the places.
 * @throws what `read` throws if it is a defect.
 */
export async function surveyPlaces(
  places: readonly Place[],
  read: (place: Place, signal: AbortSignal) => Promise<readonly DatedSecret[]>,
  advance: () => void,
  patience = PATIENCE_MS,
): Promise<Pick<Survey, 'read' | 'unread'> & { readonly secrets: DatedSecret[] }> {
  const found = new Map<Place, readonly DatedSecret[]>();
  const faults = new Map<Place, Omit<Unread, 'place'>>();
  await inPool(places, WIDTH, async (place) => {
    const signal = AbortSignal.timeout(patience);
    try {
      found.set(place, await Promise.race([read(place, signal), rejection(signal)]));
    } catch (error) {
      const reason = `no answer within ${patience / 1000} s`;
      faults.set(place, signal.aborted ? { reason, isRefused: false } : faultOf(error));
    }
    advance();
  });
  return {
    secrets: places.flatMap((place) => found.get(place) ?? []),
    read: places.filter((place) => found.has(place)),
    unread: places.flatMap((place) => {
      const fault = faults.get(place);
      return fault ? [{ place, ...fault }] : [];
    }),
  };
}

/** Rejects once the signal is aborted. */
const rejection = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

/** What AWS answers with where it does not know or let the caller; also in a Region that an account has not opted in to. */
const REFUSALS = /^(AccessDenied|UnrecognizedClient|InvalidClientTokenId|OptInRequired)/;

function faultOf(error: unknown): Omit<Unread, 'place'> {
  if (error instanceof NotifierError && error.code === 'NO_SPOKE') {
    const reason =
      'the lookup role is missing, or does not let this hub in (deploy the spoke there)';
    return { reason, isRefused: true };
  }
  if (error instanceof NotifierError) {
    return { reason: `AssumeRole failed (${errorName(error.cause)})`, isRefused: false };
  }
  if (!(expected(error) instanceof NotifierError)) throw error;
  const name = errorName(error);
  return { reason: `ListSecrets failed (${name})`, isRefused: REFUSALS.test(name) };
}

import type { Place } from '../../lib/aws/spokes.ts';
import { NotifierError } from '../../lib/errors.ts';
import { inBatches } from '../../lib/in-batches.ts';
import { oneLine } from '../../lib/text.ts';
import { formatUtc, plural } from '../../lib/time.ts';
import { lookupRoleArn, spokeNames } from '../../stack/names.ts';
import { TABLE } from '../../stack/table.ts';
import { type Heard, placeKey, readHeard } from '../spokes/heard.ts';
import type { Hub } from '../spokes/hub.ts';
import { knownPlaces, listAccounts, listDeployed } from '../spokes/places.ts';
import { ask, UnreadableError } from './ask.ts';
import type { Context } from './context.ts';
import { npm, type Target } from './remedy.ts';
import { isHub, physicalId, type Stack } from './stack.ts';
import { type Checks, type Details, type Finding, ok, unknown, warn } from './verdict.ts';

/** The check of all spokes from the hub: which of them let it look, and which have sent something. None without a hub. */
export const spokesChecks = (context: Context): Checks =>
  isHub(context.stack)
    ? { spokes: async () => judgeSpokes(context.stack, await readSpokes(context)) }
    : {};

/** A place with a spoke, or without one. */
export interface Spoke extends Place {
  /** Whatever its account is called by strangers. */
  readonly name?: string | undefined;
  /** Whether its role lets the hub look; `undefined` if AWS did not say. */
  readonly mayLookUp: boolean | undefined;
  readonly heard?: Pick<Heard, 'last' | 'lastByRule' | 'lastByTrail'> | undefined;
}

/** All places but the hub's own where a spoke may be. Each is asked by assuming its role. */
async function readSpokes({ clients, stack }: Context): Promise<Spoke[]> {
  const { account, region, partition, stage } = stack;
  const table = { client: clients.dynamoDb, name: physicalId(stack, TABLE) };
  const home = { accountId: account, region };
  const [heard, accounts, deployed] = await Promise.all([
    ask(
      'dynamodb:Scan',
      readHeard(table, (_, read) => read(() => undefined)),
    ),
    listAccounts(clients.organizations),
    listDeployed(clients.cloudFormation, spokeNames(stage).stackSet),
  ]);
  const { places, names } = knownPlaces({ home, heard, accounts, deployed });
  const spokes = await reach(clients.reachSpokes, {
    home,
    operatorRoleArn: stack.outputs.get('OperatorRoleArn') ?? '',
    lookupRoleArn: lookupRoleArn(stage, { partition, accountId: 'ACCOUNT', region: 'REGION' }),
  });
  const found: Spoke[] = [];
  await inBatches(
    places.filter((place) => placeKey(place) !== placeKey(home)),
    async (place) => {
      const mayLookUp = await spokes.at(place).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof NotifierError)) throw error;
          return error.code === 'NO_SPOKE' ? false : undefined;
        },
      );
      const name = names.get(place.accountId);
      found.push({ ...place, name, mayLookUp, heard: heard.get(placeKey(place)) });
    },
  );
  return found.toSorted((one, other) => (placeKey(one) < placeKey(other) ? -1 : 1));
}

/** @throws UnreadableError if the operator may not assume the role for that. */
async function reach(reachSpokes: Context['clients']['reachSpokes'], hub: Hub) {
  try {
    return await reachSpokes(hub);
  } catch (cause) {
    if (!(cause instanceof NotifierError)) throw cause;
    throw new UnreadableError('no permission sts:AssumeRole', 'sts:AssumeRole', { cause });
  }
}

/** What can be said of a place, the worst first: in a few words, and as the title of a list. */
const STATES = {
  silent: [
    'by the trail only',
    'Heard of by the trail only: the rules of their spokes do not forward',
  ],
  none: [
    'heard of without a role',
    'Heard of, but no role lets the hub look there: no spoke, or one that refuses',
  ],
  unknown: ['unknown', 'AWS STS did not say whether a role lets the hub look there'],
  forwards: ['with a spoke, and heard of', 'A spoke, and heard of'],
  quiet: ['with a spoke, nothing yet', 'A spoke, from which nothing has come yet'],
  absent: ['without a spoke, nothing yet', 'No spoke, and nothing has come'],
} as const;
type State = keyof typeof STATES;
const ALL_STATES = Object.keys(STATES) as State[];

function stateOf({ mayLookUp, heard }: Spoke): State {
  if (mayLookUp === undefined) return 'unknown';
  if (!mayLookUp) return heard ? 'none' : 'absent';
  if (!heard) return 'quiet';
  return heard.lastByTrail && !heard.lastByRule ? 'silent' : 'forwards';
}

/** Whether each spoke lets the hub look, and forwards. One from which nothing has come is fine: nobody may have read there. */
function judgeSpokes(stack: Stack, spokes: readonly Spoke[]): Finding {
  if (spokes.length === 0) return ok('none is known: npm run spoke shows how to deploy them');
  const groups = Object.groupBy(spokes, stateOf);
  const counts = ALL_STATES.filter((state) => groups[state]).map(
    (state) => `${groups[state]?.length} ${STATES[state][0]}`,
  );
  const details = detailsOf(stack, groups);
  const message = `${plural(spokes.length, 'place')}: ${counts.join('; ')}`;
  const [silent] = groups.silent ?? [];
  if (silent)
    return { ...warn(`${message}.`, npm('doctor', there(stack, silent), '--spoke')), details };
  if (groups.none) return { ...warn(`${message}.`, npm('spoke', stack)), details };
  if (groups.unknown) return { ...unknown(`${message}.`), details };
  return { ...ok(message), details };
}

/** Another account is reached by a profile of it, which only the reader knows. */
const there = ({ stage }: Stack, { accountId, region }: Place): Target => ({
  stage,
  region,
  profile: `PROFILE-OF-${accountId}`,
});

/** How many accounts of a state are shown. */
const MOST_ACCOUNTS = 10;

/** What to know of each place: for people by state and account, cut; as data complete. */
function detailsOf(stack: Stack, groups: Partial<Record<State, Spoke[]>>): Details {
  const states = ALL_STATES.filter((state) => state !== 'absent');
  const lines = states.flatMap((state) => {
    const accounts = Array.from(
      Map.groupBy(groups[state] ?? [], ({ accountId }) => accountId).values(),
    );
    if (accounts.length === 0) return [];
    const more = accounts.length - MOST_ACCOUNTS;
    return [
      `${STATES[state][1]}:`,
      ...accounts.slice(0, MOST_ACCOUNTS).map((places) => `  ${accountLine(places)}`),
      ...(more > 0 ? [`  and ${plural(more, 'account')} more, which --json lists`] : []),
      ...hintOf(stack, state, accounts[0]?.[0]),
    ];
  });
  const data = ALL_STATES.flatMap((state) =>
    (groups[state] ?? []).map(({ accountId, region, name, heard }) => ({
      account: accountId,
      name,
      region,
      state,
      last: heard?.last,
      lastByRule: heard?.lastByRule,
      lastByTrail: heard?.lastByTrail,
    })),
  );
  return { lines, data };
}

/** `444455556666 payments: eu-west-1 (last 2026-11-23 10:00 UTC), us-east-1` */
function accountLine(places: readonly Spoke[]): string {
  const [{ accountId = '', name = '' } = {}] = places;
  const regions = places.map(({ region, heard }) =>
    heard ? `${region} (last ${formatUtc(heard.last)})` : region,
  );
  return `${oneLine(`${accountId} ${name}`, 64)}: ${regions.join(', ')}`;
}

/** What to do about the first place of a state. */
function hintOf(stack: Stack, state: State, first: Place | undefined): string[] {
  if (!first) return [];
  switch (state) {
    case 'silent':
      return [`  to see why: ${npm('doctor', there(stack, first), '--spoke')}`];
    case 'none':
      return [`  to deploy them: ${npm('spoke', stack)}`];
    case 'quiet':
      // The hub's Region comes from the environment then.
      return [`  to prove one: ${npm('drill', there(stack, first), '--account', first.accountId)}`];
    default:
      return [];
  }
}

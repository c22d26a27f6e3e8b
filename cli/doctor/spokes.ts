import { type Place, placeKey } from '../../lib/aws/spokes.ts';
import { NotifierError } from '../../lib/errors.ts';
import { inBatches } from '../../lib/in-batches.ts';
import { profileOf } from '../../lib/notice/commands.ts';
import { DAY_MS, formatUtc, plural } from '../../lib/time.ts';
import { lookupRoleArn, spokeNames } from '../../stack/names.ts';
import { TABLE } from '../../stack/table.ts';
import { type Heard, readHeard } from '../spokes/heard.ts';
import type { Hub } from '../spokes/hub.ts';
import { type Instance, knownPlaces, listAccounts, listDeployed } from '../spokes/places.ts';
import { accountName } from '../status/accounts.ts';
import { ask, UnreadableError } from './ask.ts';
import type { Context } from './context.ts';
import { aws, drillThere, npm, type Target } from './remedy.ts';
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
  /** What the StackSet knows of it. */
  readonly instance?: Instance | undefined;
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
    ask('organizations:ListAccounts', listAccounts(clients.organizations)),
    ask(
      'cloudformation:ListStackInstances',
      listDeployed(clients.cloudFormation, spokeNames(stage).stackSet),
    ),
  ]);
  const { places, names } = knownPlaces({ home, heard, accounts, deployed });
  const spokes = await reach(clients.reachSpokes, {
    home,
    operatorRoleArn: stack.outputs.get('OperatorRoleArn') ?? '',
    lookupRoleArn: lookupRoleArn(stage, { partition, accountId: 'ACCOUNT', region: 'REGION' }),
  });
  const instances = new Map(deployed?.map((one) => [placeKey(one), one]));
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
      const key = placeKey(place);
      found.push({
        ...place,
        name,
        mayLookUp,
        heard: heard.get(key),
        instance: instances.get(key),
      });
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

/**
 * What can be said of a place, the worst first: in a few words, and as the title of a list. A spoke that is `silent` may be
 * fine: the table remembers attempts of before it was deployed, and nothing here says when that was. Of `changes` nobody notes
 * which way they came.
 */
const STATES = {
  refuses: [
    'of the StackSet that failed to deploy, or whose role refuses the hub',
    'The StackSet has a spoke there, but it failed to deploy, or its role refuses the hub',
  ],
  silent: [
    'lately by the trail only',
    'A spoke, but its rules did not bring what the trail brought last; if that is younger than the spoke, they do not forward',
  ],
  none: [
    'heard of without a role',
    'Heard of, but no role lets the hub look there: no spoke, one that refuses, or an account that has left',
  ],
  outdated: [
    'with a spoke that is not up to date',
    'A spoke that the StackSet could not bring up to date',
  ],
  unknown: ['unknown', 'AWS STS did not say whether a role lets the hub look there'],
  forwards: ['with a spoke, and heard of by its rules', 'A spoke, and heard of by its rules'],
  changes: [
    'with a spoke, and only changes heard of',
    'A spoke, of which only deletions or restores of secrets were heard, whether by its rules or by the trail',
  ],
  quiet: ['with a spoke, nothing yet', 'A spoke, from which nothing has come yet'],
  absent: ['without a spoke, nothing yet', 'No spoke, and nothing has come'],
} as const;
type State = keyof typeof STATES;
const ALL_STATES = Object.keys(STATES) as State[];
const FAULTS: readonly State[] = ['refuses', 'silent', 'none', 'outdated'];

/**
 * How much later than by the rules something may come by the trail: EventBridge tries for a day to deliver, and what the trail
 * brings meanwhile is noted as its own. What can be delivered at last shows that the rules forward.
 */
const RULES_MAY_LAG_MS = DAY_MS;

const isSilent = ({ lastByRule, lastByTrail }: Pick<Heard, 'lastByRule' | 'lastByTrail'>) =>
  lastByTrail !== undefined && +lastByTrail - +(lastByRule ?? 0) > RULES_MAY_LAG_MS;

function stateOf({ mayLookUp, heard, instance }: Spoke): State {
  if (mayLookUp === undefined) return 'unknown';
  if (!mayLookUp) {
    if (instance) return 'refuses';
    return heard ? 'none' : 'absent';
  }
  if (heard && isSilent(heard)) return 'silent';
  if (instance?.isOutdated) return 'outdated';
  if (!heard) return 'quiet';
  return heard.lastByRule ? 'forwards' : 'changes';
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
  const fault = FAULTS.find((state) => groups[state]);
  const [remedy] = fault ? hintsOf(stack, fault, groups[fault]?.[0]) : [];
  if (remedy) return { ...warn(`${message}.`, remedy.command), details };
  if (groups.unknown) return { ...unknown(`${message}.`), details };
  return { ...ok(message), details };
}

/** Another account is reached by a profile of it, which only the reader knows. */
const there = ({ stage }: Stack, { accountId, region }: Place): Target => ({
  stage,
  region,
  profile: profileOf(accountId),
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
      ...accounts.slice(0, MOST_ACCOUNTS).map((places) => `  ${accountLine(state, places)}`),
      ...(more > 0 ? [`  and ${plural(more, 'account')} more, which --json lists`] : []),
      ...hintsOf(stack, state, accounts[0]?.[0]).map(({ to, command }) => `  ${to}: ${command}`),
    ];
  });
  const data = ALL_STATES.flatMap((state) =>
    (groups[state] ?? []).map(({ accountId, region, name, heard, instance }) => ({
      account: accountId,
      name,
      region,
      state,
      stackSet: instance?.status,
      last: heard?.last,
      lastByRule: heard?.lastByRule,
      lastByTrail: heard?.lastByTrail,
    })),
  );
  return { lines, data };
}

/**
 * `444455556666: eu-west-1 (OUTDATED, FAILED; last 2026-11-23 10:00 UTC), us-east-1 [payments]`. The name is the last, in brackets
 * of which it can have none, lest it pass for a Region.
 */
function accountLine(state: State, places: readonly Spoke[]): string {
  const [{ accountId = '', name: given } = {}] = places;
  const name = accountName({ name: given?.replace(/[[\]]/g, '?') });
  const regions = places.map(({ region, heard, instance }) => {
    const known = [
      ...(instance && (state === 'refuses' || state === 'outdated') ? [instance.status] : []),
      ...(heard ? lastTexts(state, heard) : []),
    ];
    return known.length > 0 ? `${region} (${known.join('; ')})` : region;
  });
  return `${accountId}: ${regions.join(', ')}${name ? ` [${name}]` : ''}`;
}

function lastTexts(state: State, { last, lastByRule, lastByTrail }: NonNullable<Spoke['heard']>) {
  if (state !== 'silent') return [`last ${formatUtc(last)}`];
  return Object.entries({ 'by the trail': lastByTrail, 'by its rules': lastByRule }).flatMap(
    ([how, time]) => (time ? [`last ${how} ${formatUtc(time)}`] : []),
  );
}

/** A command, and what it is for. */
interface Hint {
  readonly to: string;
  readonly command: string;
}

/** What to do about a state, by its first place where a command is for one. */
function hintsOf(stack: Stack, state: State, first: Spoke | undefined): Hint[] {
  if (!first) return [];
  const place = there(stack, first);
  const look = { to: 'to see why', command: npm('doctor', place, '--spoke') };
  const deploy = { to: 'to deploy again', command: npm('spoke', stack) };
  switch (state) {
    case 'refuses':
      return [listInstances(stack, first), look, deploy];
    case 'silent':
      return [look];
    case 'none':
      return [
        {
          to: 'to deploy them',
          command: `${deploy.command} # but never to an account that has left the organization`,
        },
      ];
    case 'outdated':
      return [listInstances(stack, first), deploy];
    case 'changes':
    case 'quiet':
      return [{ to: 'to prove one', command: drillThere(stack, place, first.accountId) }];
    default:
      return [];
  }
}

const listInstances = (stack: Stack, { instance }: Spoke): Hint => ({
  to: 'what AWS says of each',
  command: aws(stack)`cloudformation list-stack-instances
    --stack-set-name ${spokeNames(stack.stage).stackSet} --call-as ${instance?.callAs}`,
});

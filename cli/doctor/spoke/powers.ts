import { isDeepStrictEqual } from 'node:util';
import type { IAM } from '@aws-sdk/client-iam';
import { AUTO_CANCEL_TAG } from '../../../lib/deletion/auto-cancel.ts';
import { TAGGED } from '../../../stack/functions.ts';
import { NOTIFY } from '../../../stack/names.ts';
import { cancelDeletions, lookUps } from '../../../stack/spoke.ts';
import { type Decision, decide, statementsOf } from '../policy.ts';
import { aws } from '../remedy.ts';
import { entriesOf, LOOKING, readDecisions } from '../role.ts';
import { type Finding, fail, ok, unknown, warn } from '../verdict.ts';
import { arnAt, deploySpoke, type SpokePlace, updateSpokes } from './place.ts';
import type { LookupRole } from './role.ts';

/** Whose role is asked, and where. */
interface Asked {
  readonly client: IAM;
  readonly place: SpokePlace;
  readonly role: LookupRole;
}

/** Which sessions of the hub ask for a secret, and how that is tagged. */
interface Request {
  readonly session: string;
  readonly isTagged: boolean;
}

/** Any secret of the place. */
const secretOf = (place: SpokePlace) => arnAt(place, 'secretsmanager', 'secret:prod/db-AbCdEf');

/** IAM takes each key for its simulation: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html */
const contextOf = ({ place, role }: Asked, { session, isTagged }: Request) => ({
  'aws:RequestedRegion': place.region,
  'aws:userid': `${role.id}:${session}`,
  [`aws:ResourceTag/${AUTO_CANCEL_TAG}`]: String(isTagged),
});

/** What all of the role's policies, its boundary and the organization's decide on actions. */
const readPowers = (asked: Asked, request: Request, actions: readonly string[], resource: string) =>
  readDecisions(asked.client, asked.role.arn, actions, resource, contextOf(asked, request));

/** What its inline policies alone decide, which are what the template gives it. */
const isGranted = (asked: Asked, request: Request, action: string, resource: string) =>
  decide(asked.role.policy, {
    principals: [],
    action,
    resource,
    context: Object.fromEntries(
      Object.entries(contextOf(asked, request)).map(([key, value]) => [key.toLowerCase(), value]),
    ),
  }) === 'allowed';

/** Shows which policy decides on actions of a session. */
const showDecisions = (asked: Asked, session: string, actions: readonly string[]) => {
  const entries = entriesOf(contextOf(asked, { session, isTagged: false }));
  return aws(asked.place)`iam simulate-principal-policy --policy-source-arn ${asked.role.arn}
    --action-names ${actions} --resource-arns ${secretOf(asked.place)}
    --context-entries ${JSON.stringify(entries)}`;
};

const NOT_EVALUATED = 'Its policies have conditions that cannot be evaluated here.';
const READ_VALUE = 'secretsmanager:GetSecretValue';

/** Whether the role may look here in each session of the hub, and read no value of a secret. */
export async function judgeReads(asked: Asked, hubRegion?: string): Promise<Finding> {
  const { place, role } = asked;
  const powers = await readReads(asked);
  const values = powers.filter(({ action }) => action === READ_VALUE);
  if (values.some(({ may }) => may === 'allowed') || namesValues(role)) {
    return fail(
      `It has ${READ_VALUE}: it may read the values of secrets, which no role of the notifier needs.`,
      showDecisions(asked, NOTIFY.key, [READ_VALUE]),
    );
  }
  const reads = powers.filter(({ action }) => action !== READ_VALUE);
  const missing = reads.filter(({ may }) => may === 'not allowed' || may === 'forbidden');
  if (missing.length > 0) {
    const actions = [...new Set(missing.map(({ action }) => action))];
    const sessions = [...new Set(missing.map(({ session }) => session))];
    const whose =
      sessions.length < LOOKING.length ? ` in sessions of the hub's ${sessions.join(', ')}` : '';
    return missing.every((one) => one.isGranted)
      ? fail(
          `It may not ${actions.join(', ')}${whose}: its boundary or another policy forbids it.`,
          showDecisions(asked, sessions[0] ?? '', actions),
        )
      : fail(`It may not ${actions.join(', ')}${whose}.`, deploySpoke(place, hubRegion));
  }
  const undecided = powers.find(({ may }) => may === 'undecided');
  if (undecided) {
    const { session, action } = undecided;
    return unknown(NOT_EVALUATED, showDecisions(asked, session, [action]));
  }
  return ok('may describe and list secrets, and read the event history');
}

interface Power {
  readonly session: string;
  readonly action: string;
  readonly may: Decision;
  readonly isGranted: boolean;
}

/** What each session may do of that by which the hub looks, and by which it could read values. */
async function readReads(asked: Asked): Promise<Power[]> {
  const { place } = asked;
  const [describe, ...others] = lookUps(secretOf(place), place.region);
  const requests = LOOKING.flatMap(({ session }) => [
    { session, resource: secretOf(place), actions: [describe?.Action ?? [], READ_VALUE].flat() },
    ...others.map(({ Action }) => ({ session, resource: '*', actions: [Action].flat() })),
  ]);
  const powers = await Promise.all(
    requests.map(async ({ session, resource, actions }) => {
      const request = { session, isTagged: false };
      const decisions = await readPowers(asked, request, actions, resource);
      return decisions.map((may, i) => {
        const action = actions[i] ?? '';
        return { session, action, may, isGranted: isGranted(asked, request, action, resource) };
      });
    }),
  );
  return powers.flat();
}

/** Whether an inline policy allows to read values of any secret, under whatever condition. */
const namesValues = ({ policy }: LookupRole) =>
  statementsOf(policy).some(({ Effect, Action, NotAction }) => {
    const Statement = { Effect, Action, NotAction };
    const request = { principals: [], action: READ_VALUE, resource: '*', context: {} };
    return decide(JSON.stringify({ Statement }), request) === 'allowed';
  });

/** All secrets of the place, as a policy names them. */
const secretsOf = (place: SpokePlace) => arnAt(place, 'secretsmanager', 'secret:*');

/** Whether the role may do what it may by the template of this checkout, with any RestoreMode. */
export function judgeTemplate({ place, role }: Asked, hubRegion?: string): Finding {
  const [attached] = role.attached;
  if (attached) {
    return warn(
      `It has policies besides that of the template: ${role.attached.join(', ')}.`,
      aws(place)`iam detach-role-policy --role-name ${role.name} --policy-arn ${attached}`,
    );
  }
  const secrets = secretsOf(place);
  const byMode = [[], [cancelDeletions(secrets, TAGGED)], [cancelDeletions(secrets)]];
  const isSame = byMode.some((more) =>
    isDeepStrictEqual(statementsOf(role.policy), [...lookUps(secrets, place.region), ...more]),
  );
  if (isSame) return ok('its policy is that of the template here');
  return warn(
    'Its policy is not that of the template here: the spoke is of another version. Update the spokes; if that changes nothing, it was changed by hand.',
    updateSpokes(place, hubRegion),
  );
}

const RESTORE = 'secretsmanager:RestoreSecret';
/** What the parameter RestoreMode may say, from the least to the most. */
const MODES = {
  off: 'the hub may cancel no deletion here',
  tagged: `the hub may cancel deletions of secrets tagged ${AUTO_CANCEL_TAG}=true here`,
  all: 'the hub may cancel every deletion here, if its own setting says so',
} as const;
type Mode = keyof typeof MODES;

const modeOf = (tagged: boolean, any: boolean): Mode => (any ? 'all' : tagged ? 'tagged' : 'off');

/** Which deletions the hub may cancel here, by the parameter RestoreMode as it is in effect. */
export async function judgeRestore(asked: Asked, hubRegion?: string): Promise<Finding> {
  const { place } = asked;
  const secret = secretOf(place);
  const powers = await Promise.all(
    LOOKING.map(async ({ session }) => {
      const may = async (isTagged: boolean) =>
        (await readPowers(asked, { session, isTagged }, [RESTORE], secret))[0] ?? 'not allowed';
      const [tagged, any] = await Promise.all([may(true), may(false)]);
      return { session, tagged, any };
    }),
  );
  const others = powers.filter(
    ({ session, tagged, any }) => session !== NOTIFY.key && [tagged, any].includes('allowed'),
  );
  if (others.length > 0) {
    const sessions = others.map(({ session }) => session).join(', ');
    return warn(
      `Sessions of the hub's ${sessions} may restore secrets here too, which only those of ${NOTIFY.key} need.`,
      deploySpoke(place, hubRegion),
    );
  }
  if (powers.some(({ tagged, any }) => [tagged, any].includes('undecided'))) {
    return unknown(NOT_EVALUATED, showDecisions(asked, NOTIFY.key, [RESTORE]));
  }
  const own = powers.find(({ session }) => session === NOTIFY.key);
  const mode = modeOf(own?.tagged === 'allowed', own?.any === 'allowed');
  const granted = (isTagged: boolean) =>
    isGranted(asked, { session: NOTIFY.key, isTagged }, RESTORE, secret);
  const set = modeOf(granted(true), granted(false));
  const order = Object.keys(MODES);
  if (order.indexOf(mode) < order.indexOf(set)) {
    return warn(
      `RestoreMode is ${set}, but its boundary or another policy forbids it: ${MODES[mode]}.`,
      showDecisions(asked, NOTIFY.key, [RESTORE]),
    );
  }
  return ok(`${mode}: ${MODES[mode]}`);
}

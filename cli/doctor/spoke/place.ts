import { spokeNames, stackNameOf } from '../../../stack/names.ts';
import { ask, find } from '../ask.ts';
import type { Clients } from '../context.ts';
import { drillThere } from '../remedy.ts';
import { type From, ORGANIZATION_PAGE } from '../trail.ts';

/** The account and Region that is checked from within, for the hub of a stage. */
export interface SpokePlace extends From {
  readonly partition: string;
}

/** For the reader to fill in: the profile and the Region of the hub, which nothing here tells. */
const HUB = { profile: 'PROFILE-OF-HUB', region: 'REGION-OF-HUB' };

/** Where the credentials lead. */
export async function findPlace(
  { sts }: Clients,
  { stage, region, profile }: { stage: string; region: string; profile: string | undefined },
): Promise<SpokePlace> {
  const { Account: account = '', Arn = '' } = await ask(
    'sts:GetCallerIdentity',
    sts.getCallerIdentity({}),
  );
  const target = { stage, region, profile };
  return {
    ...target,
    account,
    partition: Arn.split(':')[1] ?? '',
    createTrail: ORGANIZATION_PAGE,
    drill: (...options) => drillThere(HUB, target, account, ...options),
  };
}

/** Whether it is the hub's own account and Region, where a spoke has no rules: the bus of that name is there. */
export const isHubsOwn = async ({ eventBridge }: Clients, { stage }: SpokePlace) =>
  (await find(
    'events:DescribeEventBus',
    eventBridge.describeEventBus({ Name: stackNameOf(stage) }),
  )) !== undefined;

/** The rules of the spoke. */
export const rulesOf = (place: SpokePlace) => {
  const { attemptRule, readRule, changeRule, clashRule } = spokeNames(place.stage);
  return [attemptRule, readRule, changeRule, clashRule].map((name) => ({
    name,
    arn: arnAt(place, 'events', `rule/${name}`),
  }));
};

/** An ARN in the place. */
export const arnAt = ({ partition, region, account }: SpokePlace, service: string, rest: string) =>
  `arn:${partition}:${service}:${region}:${account}:${rest}`;

/**
 * Shows how to deploy the spoke again, with the hub's credentials. An update makes nothing again that was deleted by hand.
 * @param hubRegion `undefined` if it is not known: then that of the environment
 */
export const deploySpoke = (place: SpokePlace, hubRegion?: string) =>
  `${showSpoke(place, hubRegion)}, for ${place.account} in ${place.region}; remove there first what is left of the stack`;

/** Shows how to bring all spokes up to date. @param hubRegion as of {@link deploySpoke} */
export const updateSpokes = (place: SpokePlace, hubRegion?: string) =>
  `${showSpoke(place, hubRegion)} on updates`;

const showSpoke = ({ stage }: SpokePlace, hubRegion: string | undefined) =>
  `npm run spoke -- --stage ${stage}${hubRegion ? ` --region ${hubRegion}` : ''} # with the hub's credentials: then as it says`;

import type { IAM } from '@aws-sdk/client-iam';
import { hubPath, SPOKE_PATH, spokeNames, stackNameOf } from '../../../stack/names.ts';
import { collect } from '../../pages.ts';
import { ask, find } from '../ask.ts';
import { decide, statementsOf } from '../policy.ts';
import { aws } from '../remedy.ts';
import { LOOKING } from '../role.ts';
import { type Finding, fail, ok, unknown, warn } from '../verdict.ts';
import { deploySpoke, type SpokePlace } from './place.ts';
import type { HubBus } from './target.ts';

/** The role by which the hub looks here. */
export interface LookupRole {
  readonly name: string;
  readonly arn: string;
  /** What the ids of its sessions begin with, such as `AROAEXAMPLEID`. */
  readonly id: string;
  readonly path: string;
  /** Who may assume it, and its inline policies as one: both JSON. */
  readonly trust: string;
  readonly policy: string;
  /** The ARNs of the policies that are attached to it. */
  readonly attached: readonly string[];
}

/** `undefined` if there is no such role. */
export async function readLookupRole(
  client: IAM,
  { stage, region }: SpokePlace,
): Promise<LookupRole | undefined> {
  const RoleName = spokeNames(stage).lookupRole(region);
  const answer = await find('iam:GetRole', client.getRole({ RoleName }));
  if (!answer) return undefined;
  const {
    Arn: arn = '',
    RoleId: id = '',
    Path: path = '',
    AssumeRolePolicyDocument: trust = '',
  } = answer.Role ?? {};
  const names = await ask(
    'iam:ListRolePolicies',
    collect(client.paginateListRolePolicies({ RoleName }), ({ PolicyNames }) => PolicyNames),
  );
  const policies = await Promise.all(
    names.map((PolicyName) =>
      ask('iam:GetRolePolicy', client.getRolePolicy({ RoleName, PolicyName })),
    ),
  );
  const attached = await ask(
    'iam:ListAttachedRolePolicies',
    collect(
      client.paginateListAttachedRolePolicies({ RoleName }),
      ({ AttachedPolicies }) => AttachedPolicies,
    ),
  );
  // IAM returns policies encoded as in a URL: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
  const Statement = policies.flatMap(({ PolicyDocument = '' }) =>
    statementsOf(decodeURIComponent(PolicyDocument)),
  );
  return {
    name: RoleName,
    arn,
    id,
    path,
    trust: decodeURIComponent(trust),
    policy: JSON.stringify({ Statement }),
    attached: attached.flatMap(({ PolicyArn }) => PolicyArn ?? []),
  };
}

/** The account of a hub and the organization, as a trust policy names them. */
function trusted(trust: string): {
  account?: string | undefined;
  organization?: string | undefined;
} {
  const account = /:iam::(\d{12}):/.exec(trust)?.[1];
  const organization = /"o-[a-z\d]{10,32}"/.exec(trust)?.[0].slice(1, -1);
  return { account, organization };
}

/**
 * Whether the role trusts the roles of the hub, of its organization, and nobody else.
 * @param bus that the rules forward to; `undefined` if they forward to none
 */
export function judgeTrust(
  place: SpokePlace,
  role: LookupRole | undefined,
  bus: HubBus | undefined,
): Finding {
  const { partition, stage, region } = place;
  const again = deploySpoke(place, bus?.region);
  if (!role) {
    const name = spokeNames(stage).lookupRole(region);
    return fail(`There is no role ${name}: the hub cannot look here, nor rescue anything.`, again);
  }
  if (role.path !== SPOKE_PATH) {
    return fail(`Its path is ${role.path}, not ${SPOKE_PATH}: the hub does not find it.`, again);
  }
  const { account = bus?.account, organization } = trusted(role.trust);
  const fix =
    account && organization
      ? aws(place)`iam update-assume-role-policy --role-name ${role.name}
          --policy-document ${JSON.stringify(trustOf(place, account, organization))}`
      : again;
  const named = principalsOf(role.trust);
  const dead = named.find((one) => /^A(RO|ID)A/.test(one));
  if (dead) return fail(`It trusts ${dead}, which is a role or a user that is gone.`, fix);
  const byRole = named.find((one) => /:role\//.test(one));
  if (byRole) {
    return warn(`It trusts ${byRole} itself, which ends once that role is made anew.`, fix);
  }
  // Which of the two is the hub's nothing here tells.
  if (bus && account !== bus.account) {
    return fail(
      `It trusts the account ${account}, but the rules forward to ${bus.account}.`,
      again,
    );
  }
  const asks = (principalArn: string, session: string, ofOrganization = organization) =>
    decide(role.trust, {
      principals: [`arn:${partition}:iam::${account}:root`, `${account}`, principalArn],
      action: 'sts:AssumeRole',
      resource: '',
      context: {
        'aws:principalarn': principalArn,
        'aws:principalorgid': ofOrganization,
        'aws:principalaccount': account,
        'sts:rolesessionname': session,
        'sts:externalid': undefined,
      },
    });
  // As CloudFormation calls them, but for the end.
  const hubRoles = LOOKING.map((one) => ({
    ...one,
    arn: `arn:${partition}:iam::${account}:role${hubPath(stage)}${stackNameOf(stage)}-${one.role}-EXAMPLE`,
  }));
  const hub = hubRoles.map((one) => ({ ...one, may: asks(one.arn, one.session) }));
  const refused = hub.filter(({ may }) => may === 'not allowed' || may === 'forbidden');
  if (refused.length > 0) {
    const names = refused.map((one) => one.role).join(', ');
    const of = account ? ` of ${account}` : '';
    return fail(`It does not trust these of the hub's roles${of}: ${names}.`, fix);
  }
  const isOfAny = hubRoles.some(
    ({ arn, session }) => asks(arn, session, 'o-another000') === 'allowed',
  );
  if (!organization || isOfAny) {
    return fail(
      'It trusts the hub whatever the organization: the condition on it is missing.',
      fix,
    );
  }
  const another = `arn:${partition}:iam::${account}:role/another`;
  if (LOOKING.some(({ session }) => asks(another, session) === 'allowed')) {
    return fail(`It trusts every role of the account ${account}, not those of the hub alone.`, fix);
  }
  const others = named.filter((one) => !one.includes(`${account}`));
  if (others.length > 0) return fail(`It trusts others too: ${others.join(', ')}.`, fix);
  if (hub.some(({ may }) => may === 'undecided')) {
    const show = aws(place)`iam get-role --role-name ${role.name}`;
    return unknown('It trusts the hub on conditions that cannot be evaluated here.', show);
  }
  return ok(`trusts the hub's roles of ${account}, of ${organization}, and nobody else`);
}

/** All that a trust policy allows to assume the role. */
const principalsOf = (trust: string): string[] =>
  statementsOf(trust)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Principal }) =>
      typeof Principal === 'object' && Principal !== null
        ? Object.values(Principal).flat().map(String)
        : [String(Principal)],
    );

/** The trust policy as it is deployed. */
const trustOf = ({ partition, stage }: SpokePlace, account: string, organization: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'AssumedByHub',
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: 'sts:AssumeRole',
      Condition: {
        ArnLike: { 'aws:PrincipalArn': `arn:${partition}:iam::${account}:role${hubPath(stage)}*` },
        StringEquals: { 'aws:PrincipalOrgID': organization },
      },
    },
  ],
});

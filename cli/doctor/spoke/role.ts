import type { IAM } from '@aws-sdk/client-iam';
import { AUTO_CANCEL_TAG } from '../../../lib/deletion/auto-cancel.ts';
import { hubPath, NOTIFY, OPERATOR_SESSION, SPOKE_PATH, spokeNames } from '../../../stack/names.ts';
import { collect } from '../../pages.ts';
import { ask, find } from '../ask.ts';
import { decide, statementsOf } from '../policy.ts';
import { aws } from '../remedy.ts';
import { type Finding, fail, ok, unknown, warn } from '../verdict.ts';
import { arnAt, deploySpoke, type SpokePlace } from './place.ts';
import type { HubBus } from './target.ts';

/** The role by which the hub looks here. */
interface LookupRole {
  readonly name: string;
  readonly path: string;
  /** Who may assume it, and what it may do itself: both JSON. */
  readonly trust: string;
  readonly policy: string;
}

/** `undefined` if there is no such role. */
export async function readLookupRole(
  client: IAM,
  { stage, region }: SpokePlace,
): Promise<LookupRole | undefined> {
  const RoleName = spokeNames(stage).lookupRole(region);
  const answer = await find('iam:GetRole', client.getRole({ RoleName }));
  if (!answer) return undefined;
  const { Path: path = '', AssumeRolePolicyDocument: trust = '' } = answer.Role ?? {};
  const names = await ask(
    'iam:ListRolePolicies',
    collect(client.paginateListRolePolicies({ RoleName }), ({ PolicyNames }) => PolicyNames),
  );
  const policies = await Promise.all(
    names.map((PolicyName) =>
      ask('iam:GetRolePolicy', client.getRolePolicy({ RoleName, PolicyName })),
    ),
  );
  // IAM returns policies encoded as in a URL: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
  const Statement = policies.flatMap(({ PolicyDocument = '' }) =>
    statementsOf(decodeURIComponent(PolicyDocument)),
  );
  return {
    name: RoleName,
    path,
    trust: decodeURIComponent(trust),
    policy: JSON.stringify({ Statement }),
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
  const hubRole = `arn:${partition}:iam::${account}:role${hubPath(stage)}notify`;
  const asks = (principalArn: string, ofOrganization = organization) =>
    decide(role.trust, {
      principals: [`arn:${partition}:iam::${account}:root`, `${account}`, hubRole],
      action: 'sts:AssumeRole',
      resource: '',
      context: {
        'aws:principalarn': principalArn,
        'aws:principalorgid': ofOrganization,
        'aws:principalaccount': account,
      },
    });
  const hub = asks(hubRole);
  if (hub === 'not allowed' || hub === 'forbidden') {
    return fail(`It does not trust the hub's roles${account ? ` of ${account}` : ''}.`, fix);
  }
  if (!organization || asks(hubRole, 'o-another000') === 'allowed') {
    return fail(
      'It trusts the hub whatever the organization: the condition on it is missing.',
      fix,
    );
  }
  if (asks(`arn:${partition}:iam::${account}:role/another`) === 'allowed') {
    return fail(`It trusts every role of the account ${account}, not those of the hub alone.`, fix);
  }
  const others = named.filter((one) => !one.includes(`${account}`));
  if (others.length > 0) return fail(`It trusts others too: ${others.join(', ')}.`, fix);
  if (hub === 'undecided') {
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

/** What a session of the hub asks, on a secret of the place. */
function mayDo(
  place: SpokePlace,
  { policy }: LookupRole,
  action: string,
  session: string,
  tag?: string,
) {
  const decision = decide(policy, {
    principals: [],
    action,
    resource:
      action.endsWith(':DescribeSecret') || action.endsWith(':RestoreSecret')
        ? arnAt(place, 'secretsmanager', 'secret:prod/db-AbCdEf')
        : '*',
    context: {
      'aws:requestedregion': place.region,
      'aws:userid': `AROAEXAMPLE:${session}`,
      [`aws:resourcetag/${AUTO_CANCEL_TAG.toLowerCase()}`]: tag,
    },
  });
  return decision === 'allowed';
}

const READS = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:ListSecrets',
  'cloudtrail:LookupEvents',
];

/** Whether the role may look here. */
export function judgeReads(place: SpokePlace, role: LookupRole, hubRegion?: string): Finding {
  const missing = READS.filter((action) => !mayDo(place, role, action, OPERATOR_SESSION));
  if (missing.length === 0) return ok('may describe and list secrets, and read the event history');
  return fail(`It may not ${missing.join(', ')}.`, deploySpoke(place, hubRegion));
}

/** Which deletions the hub may cancel here, by the parameter RestoreMode as it is in effect. */
export function judgeRestore(place: SpokePlace, role: LookupRole, hubRegion?: string): Finding {
  const may = (session: string, tag?: string) =>
    mayDo(place, role, 'secretsmanager:RestoreSecret', session, tag);
  if (may(OPERATOR_SESSION, 'true')) {
    return warn(
      'Operators of the hub may restore secrets here too.',
      deploySpoke(place, hubRegion),
    );
  }
  if (may(NOTIFY.key))
    return ok('all: the hub may cancel every deletion here, if its own setting says so');
  if (may(NOTIFY.key, 'true')) {
    return ok(
      `tagged: the hub may cancel deletions of secrets tagged ${AUTO_CANCEL_TAG}=true here`,
    );
  }
  return ok('off: the hub may cancel no deletion here');
}

import type { Stack } from '../../../../cli/service.ts';
import { hubOf, reachSpokes } from '../../../../cli/spokes/hub.ts';
import type { RoleSession } from '../../../../emulators/cloudtrail.ts';
import { type Sts, startSts } from '../../../../emulators/sts.ts';
import { OPERATOR } from '../../../testing/cli.ts';
import { APP_SERVER } from '../../../testing/records.ts';

const OPERATOR_ROLE = 'arn:aws:iam::111122223333:role/deleted-secret-notifier/dev/OperatorRole';
const LOOKUP_ROLE =
  'arn:aws:iam::ACCOUNT:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-REGION';
const HOME = { accountId: '111122223333', region: 'eu-west-1' };

const stack: Stack = {
  name: 'deleted-secret-notifier-dev',
  ...HOME,
  output: (name) => (name === 'OperatorRoleArn' ? OPERATOR_ROLE : ''),
  findOutput: () => undefined,
};

const HUB = { home: HOME, operatorRoleArn: OPERATOR_ROLE, lookupRoleArn: LOOKUP_ROLE };

test('a stack whose functions look into spokes is a hub', () => {
  expect(hubOf(stack, { lookupRoleArn: LOOKUP_ROLE })).toEqual(HUB);
});

test('any other is none, with how to make it one', () => {
  expect(() => hubOf(stack, {})).toThrow(
    'Expected the stack deleted-secret-notifier-dev to be a hub, got one that looks into no other account or Region. Deploy it with --param="organizationId=o-..." and its other settings.',
  );
});

const AWS = { region: 'eu-west-1' };
const PLACE = { accountId: '444455556666', region: 'us-east-1' };
const ITS_ROLE =
  'arn:aws:iam::444455556666:role/deleted-secret-notifier/spoke/deleted-secret-notifier-dev-us-east-1';

/** Runs with an AWS STS that knows these roles; `callers`: whom it knows, by their access keys. */
async function withRoles(
  roles: readonly string[],
  use: (sts: Sts, callers: Record<string, RoleSession>) => Promise<void>,
) {
  const callers: Record<string, RoleSession> = { operator: { ...APP_SERVER, role: 'admin' } };
  const known = new Map(roles.map((role) => [role, { region: '', operations: [] }]));
  const sts = await startSts(() => new Date(), callers, known);
  const { env } = process;
  process.env = { ...OPERATOR, AWS_ENDPOINT_URL_STS: sts.endpoint };
  try {
    await use(sts, callers);
  } finally {
    process.env = env;
    await sts.stop();
  }
}

test('a spoke is reached by its role, once, out of the role for operators', async () => {
  await withRoles([OPERATOR_ROLE, ITS_ROLE], async ({ assumptions }, callers) => {
    const spokes = await reachSpokes(HUB, AWS, (place) => ({ place }));
    // Spokes do not let the operator in.
    delete callers.operator;
    expect(await spokes.at(PLACE)).toEqual({ place: PLACE });
    await spokes.at(PLACE);
    expect(assumptions).toMatchObject([
      { roleArn: OPERATOR_ROLE, session: 'operator' },
      { roleArn: ITS_ROLE, session: 'operator' },
    ]);
  });
});

test('what permission is missing is said at once', async () => {
  await withRoles([ITS_ROLE], async ({ assumptions }) => {
    await expect(reachSpokes(HUB, AWS, () => undefined)).rejects.toMatchObject({
      code: 'AWS_REFUSED',
      message: `Expected to assume the role ${OPERATOR_ROLE}, by which spokes are reached, and may not. It takes the permission sts:AssumeRole on it: docs/permissions.md.`,
    });
    expect(assumptions).toHaveLength(1);
  });
});

test('a spoke that refuses costs no other', async () => {
  await withRoles([OPERATOR_ROLE, ITS_ROLE], async () => {
    const spokes = await reachSpokes(HUB, AWS, (place) => place);
    await expect(spokes.at({ ...PLACE, region: 'eu-west-1' })).rejects.toMatchObject({
      code: 'NO_SPOKE',
    });
    expect(await spokes.at(PLACE)).toEqual(PLACE);
  });
});

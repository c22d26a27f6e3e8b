import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { Client } from '@smithy/core/client';
import type { Heard } from '../../../../cli/spokes/heard.ts';
import {
  findPlaces,
  type Knowledge,
  type KnownPlaces,
  knownPlaces,
  listAccounts,
  listDeployed,
} from '../../../../cli/spokes/places.ts';
import { refusal } from '../../../testing/account.ts';
import { captured, OPERATOR } from '../../../testing/cli.ts';

const HUB = '111122223333';
const MEMBER = '444455556666';
const OTHER = '123456789012';
const HOME = { accountId: HUB, region: 'eu-west-1' };

const heardIn = (accountId: string, region: string): [string, Heard] => [
  `${accountId} ${region}`,
  { place: { accountId, region }, first: new Date(0), last: new Date(0) },
];

describe('the places of a hub are each account with each Region of', () => {
  const texts = (given: Partial<Knowledge>) =>
    knownPlaces({ home: HOME, heard: new Map(), deployed: [], ...given }).places.map(
      ({ accountId, region }) => `${accountId} ${region}`,
    );

  test.each<[of: string, given: Partial<Knowledge>, expected: string[]]>([
    ['the hub alone, where nothing else is known', {}, [`${HUB} eu-west-1`]],
    [
      'what the table has heard of',
      { heard: new Map([heardIn(MEMBER, 'us-east-1')]) },
      [`${HUB} eu-west-1`, `${HUB} us-east-1`, `${MEMBER} eu-west-1`, `${MEMBER} us-east-1`],
    ],
    [
      "the StackSet's instances",
      { deployed: [{ accountId: MEMBER, region: 'eu-west-1' }] },
      [`${HUB} eu-west-1`, `${MEMBER} eu-west-1`],
    ],
    [
      'the organization, by their ids, the hub first',
      { accounts: [{ id: MEMBER }, { id: OTHER }, { id: HUB }] },
      [`${HUB} eu-west-1`, `${OTHER} eu-west-1`, `${MEMBER} eu-west-1`],
    ],
    [
      'the organization, without those that are none of its active accounts, and with the Regions of these',
      {
        accounts: [{ id: HUB }, { id: MEMBER }],
        heard: new Map([heardIn(OTHER, 'us-east-1')]),
      },
      [`${HUB} eu-west-1`, `${HUB} us-east-1`, `${MEMBER} eu-west-1`, `${MEMBER} us-east-1`],
    ],
  ])('%s', (_, given, expected) => {
    expect(texts(given)).toEqual(expected);
  });

  test('which are not all where the organization or the StackSet is not known', () => {
    const known = { home: HOME, heard: new Map() };
    expect(knownPlaces(known)).toMatchObject({ areAllAccounts: false, areAllRegions: false });
    expect(knownPlaces({ ...known, accounts: [], deployed: [] })).toMatchObject({
      areAllAccounts: true,
      areAllRegions: true,
    });
  });

  test('with the names that the organization knows', () => {
    const accounts = [{ id: MEMBER, name: 'payments-prod' }, { id: OTHER }];
    const { names } = knownPlaces({ home: HOME, heard: new Map(), deployed: [], accounts });
    expect([...names]).toEqual([[MEMBER, 'payments-prod']]);
  });
});

/** A client that answers each call so, or throws it. */
function answering<Client extends object>(client: Client, ...answers: (object | Error)[]) {
  const inputs: unknown[] = [];
  const send = async ({ input }: { input: unknown }) => {
    inputs.push({ ...(input as object) });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { client: Object.assign(Object.create(client), { send }) as Client, inputs };
}

describe('of Organizations', () => {
  const organizations = (...answers: (object | Error)[]) =>
    answering(new OrganizationsClient({ region: 'eu-west-1' }), ...answers).client;

  test('the active accounts of all pages are taken, by their state', async () => {
    const client = organizations(
      {
        Accounts: [
          { Id: HUB, Name: 'security', State: 'ACTIVE' },
          { Id: '1', Name: 'old', State: 'SUSPENDED' },
          { Id: '2', Name: 'older', State: 'PENDING_CLOSURE', Status: 'ACTIVE' },
        ],
        NextToken: 'more',
      },
      { Accounts: [{ Id: MEMBER, Name: 'payments', Status: 'ACTIVE' }, { Id: '3' }] },
    );
    expect(await listAccounts(client)).toEqual([
      { id: HUB, name: 'security' },
      { id: MEMBER, name: 'payments' },
    ]);
  });

  test.each(['AccessDeniedException', 'AWSOrganizationsNotInUseException'])(
    'nothing is known after %s',
    async (name) => {
      expect(await listAccounts(organizations(refusal(name)))).toBeUndefined();
    },
  );

  test('any other error is thrown', async () => {
    const error = refusal('TooManyRequestsException');
    await expect(listAccounts(organizations(error))).rejects.toBe(error);
  });
});

describe('of the StackSet', () => {
  const cloudFormation = (...answers: (object | Error)[]) =>
    answering(new CloudFormation({ region: 'eu-west-1' }), ...answers);
  const SUMMARIES = {
    Summaries: [{ Account: MEMBER, Region: 'us-east-1', Status: 'CURRENT' }, { Account: OTHER }],
  };

  test('the instances are read in its own account', async () => {
    const { client, inputs } = cloudFormation(SUMMARIES);
    expect(await listDeployed(client, 'x-spoke')).toEqual([
      {
        accountId: MEMBER,
        region: 'us-east-1',
        status: 'CURRENT',
        isOutdated: false,
        callAs: 'SELF',
      },
    ]);
    expect(inputs).toEqual([expect.objectContaining({ StackSetName: 'x-spoke', CallAs: 'SELF' })]);
  });

  test.each<[Status: string, DetailedStatus: string, status: string, isOutdated: boolean]>([
    ['CURRENT', 'SUCCEEDED', 'CURRENT, SUCCEEDED', false],
    ['OUTDATED', 'FAILED', 'OUTDATED, FAILED', true],
    ['OUTDATED', 'CANCELLED', 'OUTDATED, CANCELLED', true],
    ['OUTDATED', 'PENDING', 'OUTDATED, PENDING', false],
    ['OUTDATED', 'RUNNING', 'OUTDATED, RUNNING', false],
    ['INOPERABLE', 'INOPERABLE', 'INOPERABLE', true],
  ])(
    'one that is %s, %s is outdated or not',
    async (Status, DetailedStatus, status, isOutdated) => {
      const [summary] = SUMMARIES.Summaries;
      const Summaries = [{ ...summary, Status, StackInstanceStatus: { DetailedStatus } }];
      const { client } = cloudFormation({ Summaries });
      expect(await listDeployed(client, 'x-spoke')).toMatchObject([{ status, isOutdated }]);
    },
  );

  test('a suspended account is left out', async () => {
    const StackInstanceStatus = { DetailedStatus: 'SKIPPED_SUSPENDED_ACCOUNT' };
    const { client } = cloudFormation({
      Summaries: [{ Account: MEMBER, Region: 'us-east-1', StackInstanceStatus }],
    });
    expect(await listDeployed(client, 'x-spoke')).toEqual([]);
  });

  test('they are read by a delegated administrator where it is not', async () => {
    const { client, inputs } = cloudFormation(refusal('StackSetNotFoundException'), SUMMARIES);
    expect(await listDeployed(client, 'x-spoke')).toMatchObject([{ callAs: 'DELEGATED_ADMIN' }]);
    expect(inputs).toEqual([
      expect.objectContaining({ CallAs: 'SELF' }),
      expect.objectContaining({ CallAs: 'DELEGATED_ADMIN' }),
    ]);
  });

  test.each(['AccessDenied', 'StackSetNotFoundException', 'ValidationError'])(
    'nothing is known after %s',
    async (name) => {
      const { client } = cloudFormation(refusal(name), refusal(name));
      expect(await listDeployed(client, 'x-spoke')).toBeUndefined();
    },
  );
});

describe('a listing that fails', () => {
  const find = async (error: Error) => {
    const send = import.meta.jest.spyOn(Client.prototype, 'send').mockImplementation(async () => {
      throw error;
    });
    try {
      const known = { home: HOME, heard: new Map([heardIn(MEMBER, 'us-east-1')]) };
      let found: KnownPlaces | undefined;
      const { code, stderr } = await captured(OPERATOR, async () => {
        found = await findPlaces({ region: 'eu-west-1' }, 'dev', known);
      });
      return { found, code, stderr };
    } finally {
      send.mockRestore();
    }
  };

  test.each(['TooManyRequestsException', 'InternalFailure', 'TimeoutError'])(
    'by %s is as one that nobody knows, but noted, with exit code 1',
    async (name) => {
      const { found, code, stderr } = await find(refusal(name));
      expect(found).toMatchObject({ areAllAccounts: false, areAllRegions: false });
      expect(found?.places).toHaveLength(4);
      expect(code).toBe(1);
      expect(stderr.split('\n')).toEqual([
        expect.stringMatching(`^Not read: the accounts of AWS Organizations \\(.*${name}.+\\)$`),
        expect.stringMatching(`^Not read: the StackSet of the spokes \\(.*${name}.+\\)$`),
        '',
      ]);
    },
  );

  test('by a refusal is none, and by a defect ends the command', async () => {
    const { code, stderr } = await find(refusal('AccessDeniedException'));
    expect([code, stderr]).toEqual([0, '']);
    const defect = new TypeError('x is not a function');
    await expect(find(defect)).rejects.toBe(defect);
  });
});

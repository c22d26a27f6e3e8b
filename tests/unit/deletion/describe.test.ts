import type { Place } from '../../../lib/aws/spokes.ts';
import {
  identifySecret,
  type SecretId,
  type Whereabouts,
} from '../../../lib/cloudtrail/secret-id.ts';
import {
  describeSecret,
  type Elsewhere,
  elsewhereOf,
  type Lookup,
  lookUp,
} from '../../../lib/deletion/describe.ts';
import { NotifierError } from '../../../lib/errors.ts';
import { ACCOUNT, found, HOME, SECRET_ARN } from '../../testing/attempts.ts';

const OTHER = '444455556666';
const arnOf = (region: string, account: string, end: string) =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${end}`;

describe('a secret is elsewhere', () => {
  test.each([
    [
      'in another account',
      arnOf('eu-west-1', OTHER, 'a'),
      { accountId: OTHER, region: 'eu-west-1' },
    ],
    ['in another Region', arnOf('us-east-1', ACCOUNT, 'a'), { region: 'us-east-1' }],
    ['in both', arnOf('us-east-1', OTHER, 'a'), { accountId: OTHER, region: 'us-east-1' }],
  ])('%s', (_, sent, place) => {
    expect(elsewhereOf(identifySecret(sent, HOME), HOME)).toEqual(place);
  });

  test.each([
    ['at home, by a bare name', 'prod/db', HOME],
    ['where nobody knows', 'prod/db', {}],
    ['in an account that cannot be one', 'prod/db', { accountId: 'x', region: 'eu-west-1' }],
  ])('never %s', (_, sent, recorded) => {
    expect(elsewhereOf(identifySecret(sent, recorded), HOME)).toBeUndefined();
  });

  test('never as seen by a function that does not know where it is', () => {
    expect(elsewhereOf(identifySecret(SECRET_ARN, {}), {})).toBeUndefined();
  });
});

// By its bare name, Secrets Manager would answer for the one of this account and Region.
test.each(['prod/db/password', 'app-config', arnOf('', '', 'app-config')])(
  'a secret elsewhere read as %s is not looked up under that id here',
  async (sent) => {
    const asked: string[] = [];
    const describeSecret = async (id: string) => {
      asked.push(id);
      return found();
    };
    const secret = identifySecret(sent, { accountId: OTHER, region: 'eu-west-1' });
    const lookup = await lookUp(secret, { home: HOME, describeSecret });
    expect(lookup).toEqual({
      kind: 'elsewhere',
      place: {
        accountId: OTHER,
        region: 'eu-west-1',
        notLookedUp: `It is in account ${OTHER}, eu-west-1, which was not looked into.`,
      },
    });
    expect(asked).toEqual([]);
  },
);

describe('with spokes', () => {
  /** Looks a secret up, that others' answers say there is. @returns what came of it, and which ids were asked for where. */
  async function look(secret: SecretId, answer: Lookup = found({ arn: ARN_THERE })) {
    const asked: [id: string, place?: Place][] = [];
    const lookup = await lookUp(secret, {
      home: HOME,
      hasSpokes: true,
      describeSecret: async (...args) => {
        asked.push(args);
        return answer;
      },
    });
    return { lookup, asked };
  }
  const THERE: Place = { accountId: OTHER, region: 'us-east-1' };
  const ARN_THERE = arnOf('us-east-1', OTHER, 'prod/db/password-AbC123');
  const bare = (place: Whereabouts) => identifySecret('prod/db/password', place);

  test.each<[string, Place, Elsewhere]>([
    [
      'another account',
      { accountId: OTHER, region: HOME.region },
      { accountId: OTHER, region: HOME.region },
    ],
    ['another Region', { ...HOME, region: 'us-east-1' }, { region: 'us-east-1' }],
    ['both', THERE, THERE],
  ])('a secret of %s is looked up there', async (_, place, elsewhere) => {
    const arn = arnOf(place.region, place.accountId, 'prod/db/password-AbC123');
    const { lookup, asked } = await look(bare(place), found({ arn }));
    expect(asked).toEqual([[arnOf(place.region, place.accountId, 'prod/db/password'), place]]);
    expect(lookup).toEqual({ ...found({ arn }), place: elsewhere });
  });

  test('a secret at home is looked up at home', async () => {
    const { lookup, asked } = await look(bare(HOME), found());
    expect(asked).toEqual([[SECRET_ARN.replace(/-AbC123$/, '')]]);
    expect(lookup).toEqual(found());
  });

  test('a secret of the same name at home is no answer', async () => {
    const { lookup } = await look(bare(THERE), found());
    expect(lookup).toMatchObject({ kind: 'unavailable', place: THERE });
  });

  test('a name that ends like a suffix is asked for bare in its own place alone', async () => {
    const secret = identifySecret(arnOf('us-east-1', OTHER, 'app-config'), {});
    const { lookup, asked } = await look(secret, { kind: 'not-found' });
    expect(asked).toEqual([
      [secret.sent, THERE],
      ['app-config', THERE],
      [arnOf('us-east-1', OTHER, 'app'), THERE],
    ]);
    expect(lookup).toEqual({ kind: 'not-found', place: THERE });
  });

  test.each<[string, Whereabouts, string]>([
    ['account', { region: 'us-east-1' }, 'It is in us-east-1, which was not looked into.'],
    ['Region', { accountId: OTHER }, `It is in account ${OTHER}, which was not looked into.`],
  ])('nobody is asked where the %s is not known', async (_, place, notLookedUp) => {
    const { lookup, asked } = await look(bare(place));
    expect(asked).toEqual([]);
    expect(lookup).toEqual({ kind: 'elsewhere', place: { ...place, notLookedUp } });
  });

  test.each<[string, Lookup, Lookup]>([
    [
      'refuses says why',
      { kind: 'elsewhere', place: { notLookedUp: 'It refuses.' } },
      { kind: 'elsewhere', place: { ...THERE, notLookedUp: 'It refuses.' } },
    ],
    [
      'does not answer is a failure',
      { kind: 'unavailable', reason: 'It does not answer.' },
      { kind: 'unavailable', reason: 'It does not answer.', place: THERE },
    ],
  ])('a spoke that %s', async (_, answer, expected) => {
    expect((await look(bare(THERE), answer)).lookup).toEqual(expected);
  });

  test('of a secret that the record does not name nobody is asked', async () => {
    const { lookup, asked } = await look(identifySecret(undefined, THERE));
    expect(asked).toEqual([]);
    expect(lookup).toMatchObject({ kind: 'unavailable', place: THERE });
  });
});

test.each<[string, Error, Lookup]>([
  [
    'a spoke that is missing',
    new NotifierError('NO_SPOKE', 'There is none.'),
    { kind: 'elsewhere', place: { notLookedUp: 'There is none.' } },
  ],
  [
    'AWS STS that does not answer',
    new NotifierError('AWS_REFUSED', 'It does not answer.'),
    { kind: 'unavailable', reason: 'It does not answer.' },
  ],
  [
    'a call that is refused',
    Object.assign(new Error('no'), { name: 'AccessDeniedException' }),
    { kind: 'unavailable', reason: 'DescribeSecret was refused (AccessDeniedException).' },
  ],
])('%s is an answer', async (_, error, expected) => {
  expect(await describeSecret(Promise.reject(error), 'prod/db')).toEqual(expected);
});

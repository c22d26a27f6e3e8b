import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { elsewhereOf, lookUp } from '../../../lib/deletion/describe.ts';
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
      place: { accountId: OTHER, region: 'eu-west-1' },
    });
    expect(asked).toEqual([]);
  },
);

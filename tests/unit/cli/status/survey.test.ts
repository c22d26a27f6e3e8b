import { surveyPlaces } from '../../../../cli/status/survey.ts';
import { NotifierError } from '../../../../lib/errors.ts';
import { refusal } from '../../../testing/account.ts';

const PLACES = ['eu-west-1', 'us-east-1', 'us-west-2'].map((region) => ({
  accountId: '444455556666',
  region,
}));
const [FIRST, SECOND, THIRD] = PLACES;

const secretIn = (region: string) => ({
  arn: `arn:aws:secretsmanager:${region}:444455556666:secret:prod/db-AbC123`,
  name: 'prod/db',
  tags: {},
  deletedDate: new Date(0),
});

/** A survey in which the second place fails so. */
function survey(error: unknown) {
  let done = 0;
  const read = async ({ region }: { region: string }) => {
    if (region === SECOND?.region) throw error;
    // The first answers last.
    if (region === FIRST?.region) await new Promise(setImmediate);
    return [secretIn(region)];
  };
  return surveyPlaces(PLACES, read, () => {
    done++;
  }).then((found) => ({ ...found, done }));
}

test('a place that fails costs no other, and all stand in the order of the places', async () => {
  const { read, secrets, done } = await survey(new NotifierError('NO_SPOKE', 'no'));
  expect(read).toEqual([FIRST, THIRD]);
  expect(secrets.map(({ arn }) => arn.split(':')[3])).toEqual(['eu-west-1', 'us-west-2']);
  expect(done).toBe(3);
});

test.each<[what: string, error: Error, reason: string, isRefused: boolean]>([
  [
    'a role that is missing or refuses is a refusal',
    new NotifierError('NO_SPOKE', 'This stack may not assume the role x of account y.'),
    'the lookup role is missing, or does not let this hub in (deploy the spoke there)',
    true,
  ],
  [
    'no answer of AWS STS is none',
    new NotifierError('AWS_REFUSED', 'no', { cause: refusal('Throttling') }),
    'AssumeRole failed (Throttling)',
    false,
  ],
  [
    'a role that may not list is a refusal',
    refusal('AccessDeniedException'),
    'ListSecrets failed (AccessDeniedException)',
    true,
  ],
  [
    'a Region that the account has not opted in to is a refusal',
    refusal('UnrecognizedClientException'),
    'ListSecrets failed (UnrecognizedClientException)',
    true,
  ],
  [
    'throttling is none',
    refusal('ThrottlingException'),
    'ListSecrets failed (ThrottlingException)',
    false,
  ],
])('%s', async (_, error, reason, isRefused) => {
  expect((await survey(error)).unread).toEqual([{ place: SECOND, reason, isRefused }]);
});

test('a defect is thrown', async () => {
  const defect = new TypeError('x is not a function');
  await expect(survey(defect)).rejects.toBe(defect);
});

/** Places of which each eighth never answers. */
const MANY = Array.from({ length: 32 }, (_, i) => ({
  accountId: String(200000000000 + i),
  region: 'eu-west-1',
}));
const isSilent = ({ accountId }: { accountId: string }) => Number(accountId) % 8 === 7;

test('places that do not answer cost about the bound of one, and are told to stop', async () => {
  const stopped: string[] = [];
  const start = performance.now();
  const { read, unread } = await surveyPlaces(
    MANY,
    async (place, signal) => {
      if (!isSilent(place)) return [];
      signal.addEventListener('abort', () => stopped.push(place.accountId));
      return new Promise(() => undefined);
    },
    () => undefined,
    500,
  );
  expect(performance.now() - start).toBeLessThan(900);
  expect(read).toHaveLength(28);
  const silent = MANY.filter(isSilent);
  expect(unread).toEqual(
    silent.map((place) => ({ place, reason: 'no answer within 0.5 s', isRefused: false })),
  );
  expect(stopped).toEqual(silent.map(({ accountId }) => accountId));
});

import { parseEvent } from '../../../lib/cloudtrail/record.ts';
import { type Clash, isCreation, readClash } from '../../../lib/deletion/clash.ts';
import { ACCOUNT } from '../../testing/attempts.ts';
import { asEvent, deleteSecret, failedCreateSecret, NAME_TAKEN } from '../../testing/records.ts';

type Overrides = Readonly<Record<string, unknown>>;

const read = (overrides: Overrides = {}, envelope: Overrides = {}): Clash | undefined =>
  readClash(parseEvent(asEvent(failedCreateSecret(overrides), envelope)));

describe('a clash', () => {
  test('bears the secret of the name, who tried to create it, when and by what', () => {
    const userAgent = 'APN/1.0 HashiCorp/1.0 Terraform/1.9.5 terraform-provider-aws/5.64.0';
    expect(read({ userAgent, sourceIPAddress: '203.0.113.24', eventID: 'own' })).toEqual({
      id: 'own',
      time: new Date('2026-11-22T14:03:00Z'),
      secret: {
        sent: 'prod/db-password',
        name: 'prod/db-password',
        partition: 'aws',
        accountId: ACCOUNT,
        region: 'eu-west-1',
      },
      caller: expect.objectContaining({ name: 'role app-server' }),
      sourceAddress: '203.0.113.24',
      userAgent,
    });
  });

  test.each([
    ['today', NAME_TAKEN],
    ['with a curly apostrophe', NAME_TAKEN.replace("'", '’')],
    ['without an apostrophe', NAME_TAKEN.replace("'", '')],
    ['in other words', 'The name is that of a secret already scheduled  for deletion'],
  ])('is told by the message as it is %s', (_, errorMessage) => {
    expect(read({ errorMessage })).toBeDefined();
  });

  test.each([undefined, 'InvalidRequest', 'com.amazonaws.secretsmanager#InvalidRequestException'])(
    'may bear the error code %p',
    (errorCode) => {
      expect(read({ errorCode })).toBeDefined();
    },
  );

  test.each([
    [{ sharedEventID: 'shared', eventID: 'own' }, 'shared'],
    [{ eventID: 'second', addendum: { originalEventID: 'first' } }, 'first'],
    [{ eventID: undefined }, 'envelope'],
  ])('with %j is identified by %s', (overrides, id) => {
    expect(read(overrides, { id: 'envelope' })?.id).toBe(id);
  });

  test('without a time of its own is of that of the event', () => {
    const envelope = { time: '2026-11-22T14:05:00Z' };
    expect(read({ eventTime: undefined }, envelope)?.time).toEqual(new Date(envelope.time));
  });

  test('of another account and Region is of the secret there, even one whose name ends like a suffix', () => {
    const record = {
      recipientAccountId: '444455556666',
      awsRegion: 'us-west-2',
      requestParameters: { name: 'app-config' },
    };
    expect(read(record)?.secret).toMatchObject({
      name: 'app-config',
      accountId: '444455556666',
      region: 'us-west-2',
    });
  });
});

describe('no clash', () => {
  const words = 'already scheduled for deletion';
  test.each<[string, Overrides]>([
    ['succeeded', { errorCode: undefined, errorMessage: undefined }],
    [
      'failed because the secret exists',
      { errorCode: 'ResourceExistsException', errorMessage: 'x' },
    ],
    [
      'was refused by IAM, which quotes the words',
      { errorCode: 'AccessDenied', errorMessage: words },
    ],
    [
      'failed for another reason, and quotes the words',
      { errorMessage: `Invalid name: ${words}`, requestParameters: { name: words } },
    ],
    [
      'failed for another reason, and quotes the words cut',
      { errorMessage: `Invalid name: ${words}...`, requestParameters: { name: `${words} of x` } },
    ],
  ])('is a creation that %s', (_, overrides) => {
    expect(read(overrides)).toBeUndefined();
  });

  test.each<[string, Overrides]>([
    ['no name', { requestParameters: null }],
    ['a name that AWS does not allow', { requestParameters: { name: 'arn:aws:x\nsecret' } }],
    ['no time', { eventTime: 'yesterday' }],
  ])('can be read of a record with %s', (_, overrides) => {
    expect(() => read(overrides, { time: undefined })).toThrow(
      expect.objectContaining({ code: 'INVALID_EVENT' }),
    );
  });
});

test.each([
  ['a creation', failedCreateSecret(), true],
  ['a deletion', deleteSecret(), false],
  ['another service’s', failedCreateSecret({ eventSource: 'kms.amazonaws.com' }), false],
])('%s is told from other calls', (_, record, expected) => {
  expect(isCreation(parseEvent(asEvent(record)))).toBe(expected);
});

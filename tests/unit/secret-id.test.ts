import { identifySecret, isSameSecret, lookupId, partitionOfArn } from '../../lib/secret-id.ts';

const ELSEWHERE = { accountId: '111122223333', region: 'eu-west-1', partition: 'aws' };
const ARN = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-AbC123';

describe('identifySecret', () => {
  test.each([
    ['a name', 'prod/db', { name: 'prod/db', accountId: '111122223333', region: 'eu-west-1' }],
    ['a name that ends like an ARN', 'prod-db-abcdef', { name: 'prod-db-abcdef' }],
    [
      'a complete ARN',
      ARN,
      { name: 'prod/db', arn: ARN, accountId: '444455556666', region: 'us-east-1' },
    ],
    [
      'a partial ARN',
      ARN.slice(0, -7),
      { name: 'prod/db', arn: undefined, accountId: '444455556666' },
    ],
    ['a managed secret', 'rds!db-1', { name: 'rds!db-1' }],
    ['nothing', undefined, { name: undefined, sent: undefined, accountId: '111122223333' }],
    [
      'another partition',
      ARN.replace('arn:aws:', 'arn:aws-cn:'),
      { partition: 'aws-cn', name: 'prod/db' },
    ],
    [
      'an ARN with holes',
      'arn:aws:secretsmanager:::secret:x',
      { name: 'x', accountId: '111122223333' },
    ],
  ])('reads %s', (_, sent, expected) => {
    expect(identifySecret(sent, ELSEWHERE)).toMatchObject(expected);
  });

  test.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eu-west-1', 'aws'],
    [undefined, 'aws'],
  ])('knows the partition of Region %s', (region, partition) => {
    expect(identifySecret('x', { region }).partition).toBe(partition);
  });
});

describe('lookupId', () => {
  test.each([
    [
      'makes an ARN of a name, which would be looked up in the wrong account',
      'prod/db',
      ARN.slice(0, -7),
    ],
    ['leaves a complete ARN', ARN, ARN],
    ['leaves a partial ARN', ARN.slice(0, -7), ARN.slice(0, -7)],
    ['leaves a name that would pass for a complete ARN', 'prod-db-abcdef', 'prod-db-abcdef'],
    ['has nothing to look up', undefined, undefined],
  ])('%s', (_, sent, expected) => {
    const owner = { accountId: '444455556666', region: 'us-east-1', partition: 'aws' };
    expect(lookupId(identifySecret(sent, owner))).toBe(expected);
  });

  test('leaves a name whose account is unknown', () => {
    expect(lookupId(identifySecret('prod/db', { region: 'us-east-1' }))).toBe('prod/db');
  });
});

describe('two ids are of one secret', () => {
  const asked = identifySecret('prod/db', { accountId: '444455556666', region: 'us-east-1' });
  test.each([
    ['of the same name, account and Region', ARN, true],
    ['unless the account differs', ARN.replace('444455556666', '111122223333'), false],
    ['unless the Region differs', ARN.replace('us-east-1', 'us-east-2'), false],
    ['unless the name differs', ARN.replace('prod', 'test'), false],
  ])('%s', (_, arn, expected) => {
    expect(isSameSecret(asked, identifySecret(arn, {}))).toBe(expected);
  });

  test('unless both have an ARN and it differs, as after the name was used anew', () => {
    const other = identifySecret(ARN.replace('AbC123', 'xYz789'), {});
    expect(isSameSecret(identifySecret(ARN, {}), other)).toBe(false);
  });

  test('as far as anything is known', () => {
    expect(isSameSecret(identifySecret('prod/db', {}), identifySecret(ARN, {}))).toBe(true);
    expect(isSameSecret(identifySecret(undefined, {}), identifySecret(ARN, {}))).toBe(true);
  });
});

test('only an ARN tells a partition', () => {
  expect(partitionOfArn('arn:aws-us-gov:iam::111122223333:role/x')).toBe('aws-us-gov');
  expect(partitionOfArn('role/x')).toBeUndefined();
  expect(partitionOfArn(undefined)).toBeUndefined();
});

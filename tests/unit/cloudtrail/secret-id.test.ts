import fc from 'fast-check';
import {
  completedBy,
  identifySecret,
  isAmbiguous,
  isSameSecret,
  lookupId,
  partitionOfArn,
  readAsPartial,
  secretKey,
} from '../../../lib/cloudtrail/secret-id.ts';

const ELSEWHERE = { accountId: '111122223333', region: 'eu-west-1', partition: 'aws' };
const ARN = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:prod/db-AbC123';

/** A partial ARN that ends like a complete one. */
const SUPER = 'arn:aws:secretsmanager:us-east-1:444455556666:secret:my-super-secret';

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
    ['partition', ARN.replace('arn:aws:', 'arn:aws marked for deletion:')],
    ['Region', ARN.replace('us-east-1', 'us#east')],
    ['account', ARN.replace('444455556666', '4444')],
  ])('reads an ARN of no possible %s as a name', (_, sent) => {
    const secret = identifySecret(sent, ELSEWHERE);
    expect(secret).toEqual({ sent, name: sent, ...ELSEWHERE });
    expect(lookupId(secret)).toBe(sent);
  });

  test('does not know of an account or a Region that cannot exist', () => {
    const elsewhere = { accountId: '1#2', region: 'a#b', partition: 'aws#' };
    expect(identifySecret('x', elsewhere)).toEqual({ sent: 'x', name: 'x', partition: 'aws' });
  });

  test.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eu-isoe-west-1', 'aws-iso-e'],
    ['us-isof-south-1', 'aws-iso-f'],
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

  test('if one is the other, which ends like a complete ARN, without its suffix', () => {
    const partial = identifySecret(`${SUPER}`, {});
    expect(isSameSecret(partial, identifySecret(`${SUPER}-AbC123`, {}))).toBe(true);
    expect(isSameSecret(identifySecret(`${SUPER}-AbC123`, {}), partial)).toBe(true);
    expect(isSameSecret(partial, identifySecret(`${SUPER}-AbC1234`, {}))).toBe(false);
  });

  test('though that ARN leaves its account and Region to the record', () => {
    const partial = identifySecret('arn:aws:secretsmanager:::secret:my-super-secret', ELSEWHERE);
    const { region, accountId } = ELSEWHERE;
    const arnIn = (place: string) =>
      `arn:aws:secretsmanager:${place}:secret:my-super-secret-AbC123`;
    expect(isSameSecret(partial, identifySecret(arnIn(`${region}:${accountId}`), {}))).toBe(true);
    expect(isSameSecret(partial, identifySecret(arnIn(`us-east-1:${accountId}`), {}))).toBe(false);
    expect(isSameSecret(partial, identifySecret(arnIn(`${region}:444455556666`), {}))).toBe(false);
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

describe('a secret is completed by', () => {
  const asked = identifySecret(SUPER, {});
  const complete = `${SUPER}-AbC123`;
  test.each([
    ['its complete ARN', complete, { sent: SUPER, name: 'my-super-secret', arn: complete }],
    ['no ARN of another', ARN, asked],
    ['no partial ARN', SUPER.replace('super-secret', 'x'), asked],
    ['nothing', undefined, asked],
  ])('%s', (_, arn, expected) => {
    expect(completedBy(asked, arn)).toMatchObject(expected);
  });
});

test('only an ARN that ends like a complete one can be read as a partial one', () => {
  const partial = readAsPartial(identifySecret(SUPER, {}));
  expect(partial).toMatchObject({ name: 'my-super-secret', accountId: '444455556666' });
  expect(partial?.arn).toBeUndefined();
  for (const sent of [ARN.slice(0, -7), 'prod-db-abcdef', undefined]) {
    expect(readAsPartial(identifySecret(sent, ELSEWHERE))).toBeUndefined();
  }
});

test.each([
  [
    'a word',
    ['config', 'Config', 'CONFIG', 'apiKey', 'tokenS', '202611', 'v2prod', 'PROD01'],
    true,
  ],
  ['random characters', ['AbCdEf', 'aBc123', 'OAuth2', 'xYz789', 'ABCdef'], false],
])('an ARN that ends in %s may well be a partial one: %j, %s', (_, endings, expected) => {
  for (const ending of endings) {
    const sent = `${ARN.slice(0, -6)}${ending}`;
    expect([sent, isAmbiguous(identifySecret(sent, {}))]).toEqual([sent, expected]);
  }
});

test('nothing but an ARN that ends like a complete one may be a partial one of another name', () => {
  for (const sent of [ARN.slice(0, -7), `${ARN}-long-endings`, 'app-config', undefined]) {
    expect(isAmbiguous(identifySecret(sent, ELSEWHERE))).toBe(false);
  }
});

describe('the key of a secret', () => {
  test('is as it was for what AWS allows', () => {
    expect(secretKey(identifySecret(ARN, {}))).toBe('444455556666#us-east-1#prod/db');
    const managed = { accountId: '444455556666', region: 'us-gov-west-1' };
    expect(secretKey(identifySecret('rds!db-1=x', managed))).toBe(
      '444455556666#us-gov-west-1#rds!db-1=x',
    );
  });

  test('is short, whatever was sent', () => {
    expect(secretKey(identifySecret('x'.repeat(3000), ELSEWHERE)).length).toBeLessThan(512);
  });

  test('is shared by no two', () => {
    const part = fc.oneof(
      fc.constantFrom('', '?', '#', 'a', 'b', 'a#b', 'eu-west-1', '111122223333', '?#?'),
      fc.string(),
    );
    const secret = fc.record(
      { accountId: part, region: part, name: part },
      { requiredKeys: ['name'] },
    );
    const read = ({ name, ...elsewhere }: { name: string }) => identifySecret(name, elsewhere);
    const tuple = ({ accountId, region, name }: ReturnType<typeof read>) =>
      JSON.stringify([accountId, region, name || undefined]);
    fc.assert(
      fc.property(secret, secret, (a, b) => {
        const [one, other] = [read(a), read(b)];
        expect(secretKey(one) === secretKey(other)).toBe(tuple(one) === tuple(other));
      }),
      { numRuns: 1000 },
    );
  });

  test('is not made of an account or a Region that cannot exist', () => {
    expect(secretKey({ accountId: 'a#b', region: 'c', name: 'x', partition: 'aws' })).toBe('?#?#x');
  });
});

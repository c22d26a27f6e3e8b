import { unmarshall } from '@aws-sdk/util-dynamodb';
import { answersAt, REFUSED_SECRET, UNKNOWN_SECRET } from '../../../bench/measure/answers.ts';
import { identifySecret } from '../../../lib/cloudtrail/secret-id.ts';
import { readPage } from '../../../lib/deletion/ledger.ts';
import { secretName } from '../../../simulation/cast.ts';

const NOW = Date.parse('2026-11-22T14:03:00Z');
const answer = answersAt(NOW);

const claimBy = (caller: number) =>
  `{"Key":{"pk":{"S":"pair#111122223333#eu-west-1#storm/s0000"},"sk":{"S":"arn:aws:iam::111122223333:role/caller-${caller}"}}}`;

test.each([
  [4999, 200, '{}'],
  [5000, 400, 'ConditionalCheckFailedException'],
])('the claim of caller %d is answered with %d', (caller, status, body) => {
  expect(answer('UpdateItem', claimBy(caller))).toMatchObject({
    status,
    body: expect.stringContaining(body),
  });
});

test('the ledger knows the deletion of one secret only', () => {
  const pageOf = (secret: number) => {
    const { body } = answer('Query', `{":pk":{"S":"secret#1#r#${secretName(secret)}"}}`);
    const items = JSON.parse(body).Items.map(unmarshall);
    return readPage(items, identifySecret(secretName(secret), { partition: 'aws' }));
  };
  expect(pageOf(0).change).toMatchObject({
    kind: 'deletion',
    date: new Date('2026-12-21T14:03:00Z'),
  });
  expect(pageOf(UNKNOWN_SECRET).change).toBeUndefined();
});

test('the event history finds nothing, and refuses one secret', () => {
  const search = (secret: number) => answer('LookupEvents', secretName(secret)).status;
  expect(search(UNKNOWN_SECRET)).toBe(200);
  expect(search(REFUSED_SECRET)).toBe(400);
});

test('a summary begins, and finds nothing to tell', () => {
  expect(answer('UpdateItem', '{"ReturnValues":"ALL_NEW"}').body).toContain('summary#1');
  expect(JSON.parse(answer('Query', '{"IndexName":"tell"}').body).Items).toEqual([]);
});

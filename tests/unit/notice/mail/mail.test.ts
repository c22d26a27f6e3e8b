import { DRILL_PREFIX } from '../../../../lib/drill.ts';
import {
  attributesSize,
  encodeAttribute,
  renderAttributes,
} from '../../../../lib/notice/mail/mail.ts';
import { findTags } from '../../../../lib/notice/tags.ts';

test('attributes that SNS would refuse are cleaned or left out', () => {
  expect(
    renderAttributes({
      owner: 'Zoë 😀',
      secret: '',
      caller: undefined,
      region: ' \n',
      long: 'x'.repeat(3000),
    }),
  ).toEqual({ owner: 'Zo? ?', long: `${'x'.repeat(2045)}...` });
});

test('several values are an array, each of them once; a single one is a string', () => {
  const attributes = renderAttributes({
    secret: ['prod/db', undefined, 'Zoë', 'prod/db', ''],
    caller: ['role', 'role'],
    owner: [],
  });
  expect(attributes).toEqual({ secret: ['prod/db', 'Zo?'], caller: 'role' });
  expect(encodeAttribute(attributes.secret ?? '')).toEqual({
    DataType: 'String.Array',
    StringValue: '["prod/db","Zo?"]',
  });
  expect(encodeAttribute(attributes.caller ?? '')).toEqual({
    DataType: 'String',
    StringValue: 'role',
  });
  expect(attributesSize(attributes)).toBe(
    'secretString.Array["prod/db","Zo?"]callerStringrole'.length,
  );
});

test('a list that has no room for all ends in a star', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `"secret"-${i}`);
  const { secret = [], caller } = renderAttributes({ secret: names, caller: names.slice(0, 500) });
  expect(secret.slice(0, 2)).toEqual(names.slice(0, 2));
  expect(secret.length).toBeGreaterThan(500);
  expect(secret.at(-1)).toBe('*');
  expect(attributesSize({ secret })).toBeLessThan(17 * 1024);
  expect(caller).toEqual(names.slice(0, 500));
});

test('each message about a drill has an action of its own', () => {
  const secret = `${DRILL_PREFIX}dev-1`;
  for (const action of ['none', 'already-restored', 'scheduled']) {
    expect(renderAttributes({ secret, action })).toEqual({ secret, action: 'drill' });
  }
});

test('hints are found in the order of the keys, in upper or lower case', () => {
  const tags = { Team: 'core', OWNER: 'payments', owner: ' ', cost: '1' };
  expect(findTags(tags, ['owner', 'team'])).toEqual([
    { key: 'OWNER', value: 'payments' },
    { key: 'Team', value: 'core' },
  ]);
});

import { renderAttributes } from '../../../lib/message/attributes.ts';
import { findHints } from '../../../lib/message/hints.ts';

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

test('hints are found in the order of the keys, in upper or lower case', () => {
  const tags = { Team: 'core', OWNER: 'payments', owner: ' ', cost: '1' };
  expect(findHints(tags, ['owner', 'team'])).toEqual([
    { key: 'OWNER', value: 'payments' },
    { key: 'Team', value: 'core' },
  ]);
});

import { identifyCaller } from '../../../../lib/cloudtrail/caller.ts';
import { chooseCallers, inTurns } from '../../../../lib/notice/mail/choose-callers.ts';
import { calls, role } from '../../../testing/digests.ts';

const SSO = 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/';
/** What a record of another account's federated user tells of it. */
const FOREIGN = identifyCaller({
  type: 'AWSAccount',
  principalId: '444455556666:',
  accountId: '444455556666',
}).key;
const FEDERATED = 'arn:aws:sts::111122223333:federated-user/';

test.each([
  ['one role of IAM Identity Center', SSO],
  ['federated users', FEDERATED],
  ['federated users of another account', FOREIGN],
])('10,000 session names of %s cannot hide the role that came last', (_, prefix) => {
  const invented = Array.from({ length: 10_000 }, (__, i) =>
    calls({ callerKey: `${prefix}x${i}`, count: 1000 }),
  );
  const { named, others } = chooseCallers([...invented, role('batch')], 100);
  expect(named).toHaveLength(100);
  expect(named.map(({ callerName }) => callerName)).toContain('role batch');
  expect(others).toHaveLength(9901);
});

test('groups take turns, in each those with the most attempts first', () => {
  const sso = [3, 9, 5].map((count) => calls({ callerKey: `${SSO}${count}`, count }));
  const order = inTurns([...sso, role('few'), role('many', { count: 7 })]);
  expect(order.map(({ count }) => count)).toEqual([9, 7, 1, 5, 3]);
});

test('who is named stands by the count', () => {
  const sso = [9, 8].map((count) => calls({ callerKey: `${SSO}${count}`, count }));
  const { named, others } = chooseCallers([role('few'), ...sso, role('none')], 3);
  expect([named, others].map((callers) => callers.map(({ count }) => count))).toEqual([
    [9, 1, 1],
    [8],
  ]);
});

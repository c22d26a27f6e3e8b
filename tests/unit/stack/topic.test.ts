import type { Settings } from '../../../stack/settings.ts';
import { topic } from '../../../stack/topic.ts';

const subscriptions = (...alertEmails: string[]) =>
  Object.entries(topic({ alertEmails } as Settings, [])).filter(
    ([, { Type }]) => Type === 'AWS::SNS::Subscription',
  );

test('removing or adding an address leaves the others subscribed', () => {
  const [a, b, c] = subscriptions('a@example.com', 'b@example.com', 'c@example.com');
  expect(subscriptions('c@example.com', 'a@example.com')).toEqual([c, a]);
  expect(b).not.toEqual(c);
});

import { consolePage } from '../../../cli/doctor/remedy.ts';
import type { Stack } from '../../../cli/doctor/stack.ts';

test.each([
  ['aws', 'eu-west-1', 'https://eu-west-1.console.aws.amazon.com/'],
  ['aws-cn', 'cn-north-1', 'https://cn-north-1.console.amazonaws.cn/'],
  ['aws-us-gov', 'us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com/'],
  ['aws-eusc', 'eusc-de-east-1', 'https://eusc-de-east-1.console.amazonaws-eusc.eu/'],
])("the doctor's page in partition %s is in its own console", (...args) => {
  const [partition, region, beginning] = args;
  const page = consolePage({ partition, region } as Stack, 'cloudwatch', 'alarmsV2:create');
  expect(page).toBe(`${beginning}cloudwatch/home?region=${region}#alarmsV2:create`);
});

test('a partition whose console is not known has no page', () => {
  const stack = { partition: 'aws-iso', region: 'us-iso-east-1' } as Stack;
  expect(consolePage(stack, 'cloudwatch', 'alarmsV2:create')).toBeUndefined();
});

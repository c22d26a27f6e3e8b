import { ASSUMED, PRICES, PRICES_OF, PRICES_REGION } from '../../money/prices.ts';
import { dollars, whole } from '../numbers.ts';
import type { Results } from '../results.ts';
import type { Section } from '../section.ts';

export function moneyTable({ months }: Results): Section {
  const names = Object.keys(PRICES) as (keyof typeof PRICES)[];
  const idle = months[0]?.idle ?? 0;
  return {
    title: 'Money',
    text: `A month at AWS's list prices of ${PRICES_REGION}, as of ${PRICES_OF} (\`bench/money/prices.ts\`), without any free tier,
from the measured calls, processor time and logs. The attempts come as storms like those above. Rather too much than too
little: each call is taken to last ${ASSUMED.callMs} ms, each call of DynamoDB to be a write that moves an item within the index too, each
alert and each hourly run of \`summarize\` to be a cold start, which AWS
[bills](https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/). Each mail goes to one
address. A trail that you make for this service comes on top.`,
    head: ['attempts a month', ...months.map(({ attempts }) => whole(attempts))],
    rows: [
      ['**all**', ...months.map(({ total }) => `**${dollars(total)}**`)],
      ['of it idle cost', ...months.map(() => dollars(idle))],
      ...names.map((name) => [WHAT[name], ...months.map(({ costs }) => dollars(costs[name]))]),
    ],
  };
}

const WHAT: Readonly<Record<keyof typeof PRICES, string>> = {
  lambdaGbSeconds: 'Lambda, time',
  lambdaRequests: 'Lambda, requests',
  tableWriteUnits: 'DynamoDB, calls',
  tableGb: 'DynamoDB, storage',
  backupGb: 'DynamoDB, point-in-time recovery',
  secretsManagerCalls: 'Secrets Manager, calls',
  snsPublications: 'SNS, messages',
  emails: 'SNS, e-mails',
  logGb: 'CloudWatch Logs, ingestion',
  logStorageGb: 'CloudWatch Logs, storage',
  metrics: 'CloudWatch, metrics',
  alarms: 'CloudWatch, alarms',
  dashboards: 'CloudWatch, dashboard',
};

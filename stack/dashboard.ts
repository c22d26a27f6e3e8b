import { type Resources, sub } from './cloudformation.ts';
import { DEAD_LETTER_QUEUE } from './dead-letter-queue.ts';
import { FUNCTIONS, SERVICE } from './names.ts';
import type { Settings } from './settings.ts';
import { NOTICE_OVERDUE, OWN_DIMENSION, watch } from './watch.ts';

export const DASHBOARD = 'Dashboard';

/** Namespace, name, dimensions' names and values, and how to draw it. */
type Metric = (string | Record<string, string>)[];

const own = (name: string, drawing: Record<string, string> = {}): Metric => [
  SERVICE,
  name,
  OWN_DIMENSION.Name,
  OWN_DIMENSION.Value,
  drawing,
];

const ofFunction = (name: string): Metric[] =>
  FUNCTIONS.map(({ key, function: logicalId }) => [
    'AWS/Lambda',
    name,
    'FunctionName',
    `\${${logicalId}}`,
    { label: `${name}: ${key}` },
  ]);

const deadLetters: Metric = [
  'AWS/SQS',
  'ApproximateNumberOfMessagesVisible',
  'QueueName',
  `\${${DEAD_LETTER_QUEUE}.QueueName}`,
  { stat: 'Maximum', label: 'Waiting' },
];

/** Widgets without a position fill rows of 24 columns from left to right. */
const graph = (title: string, ...metrics: Metric[]) => ({
  type: 'metric',
  width: 12,
  height: 6,
  properties: {
    title,
    metrics,
    region: '${AWS::Region}',
    view: 'timeSeries',
    stat: 'Sum',
    period: 300, // seconds
  },
});

const stateOf = (alarms: string[]) => ({
  type: 'alarm',
  width: 24,
  height: 3,
  properties: {
    title: 'The notifier itself',
    alarms: alarms.map((logicalId) => `\${${logicalId}.Arn}`),
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
const body = (settings: Settings, stage: string) => ({
  widgets: [
    stateOf(Object.keys(watch(settings, stage))),
    graph('Attempts, by both paths', own('Attempts', { label: 'EventBridge' }), [
      settings.metricNamespace,
      settings.metricName,
      { label: 'Metric filter' },
    ]),
    graph(
      'What became of them',
      own('Alerts'),
      own('Deferred'),
      own('Digests'),
      own('LastCalls', { label: 'Last calls' }),
    ),
    graph(
      'From attempt to alert, in seconds',
      own('AlertDelay', { stat: 'p50', label: 'Median' }),
      own('AlertDelay', { stat: 'Maximum', label: 'Slowest' }),
    ),
    graph(
      'By how much the notice that is most overdue has missed its time, in seconds',
      own(NOTICE_OVERDUE, { stat: 'Maximum', label: 'Most overdue' }),
    ),
    graph('Restored, or reported with gaps', own('Restores'), own('EnrichmentFailures')),
    graph('Dead letters', deadLetters),
    graph('Functions', ...ofFunction('Errors'), ...ofFunction('Throttles')),
  ],
});

/** The dashboard of the service; nothing unless `dashboard` is set. */
export function dashboard(settings: Settings, stage: string): Resources {
  if (!settings.dashboard) return {};
  return {
    [DASHBOARD]: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        // With the Region, because the names of dashboards are unique in an account, not in a Region.
        // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
        DashboardName: sub('${AWS::StackName}-${AWS::Region}'),
        DashboardBody: sub(JSON.stringify(body(settings, stage))),
      },
    },
  };
}

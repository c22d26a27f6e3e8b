import { alarm, OWN_DIMENSION } from './alarm.ts';
import { type Resources, sub } from './cloudformation.ts';
import { DEAD_LETTER_QUEUE } from './dead-letter-queue.ts';
import { functionsOf, SERVICE } from './names.ts';
import { hasChat, type Settings } from './settings.ts';
import { NOTICE_OVERDUE, NOTICES_NOT_TAKEN, watch } from './watch.ts';

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

const ofFunction = (settings: Settings, name: string): Metric[] =>
  functionsOf(settings).map(({ key, function: logicalId }) => [
    'AWS/Lambda',
    name,
    'FunctionName',
    `\${${logicalId}}`,
    { label: `${name}: ${key}` },
  ]);

const classic = ({ classicAlarm, metricNamespace, metricName }: Settings): Metric[] =>
  classicAlarm ? [[metricNamespace, metricName, { label: 'Metric filter' }]] : [];

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

/** What the channels beside the mail have sent; no graph without one. */
const besideTheMail = (settings: Settings) => {
  const metrics = [
    ...(hasChat(settings)
      ? [
          own('ChatMessages', { label: 'Messages to the chat' }),
          own('ChatDeferred', { label: 'Left out of the chat' }),
        ]
      : []),
    ...(settings.eventBusName ? [own('BusEvents', { label: 'Events on the bus' })] : []),
  ];
  return metrics.length > 0
    ? [graph('Beside the mail', ...metrics, own(NOTICES_NOT_TAKEN, { label: 'Not handed on' }))]
    : [];
};

const stateOf = (title: string, resources: Resources) => ({
  type: 'alarm',
  width: 24,
  height: 3,
  properties: {
    title,
    alarms: Object.keys(resources)
      .filter((logicalId) => resources[logicalId]?.Type.endsWith('Alarm'))
      .map((logicalId) => `\${${logicalId}.Arn}`),
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
const body = (settings: Settings, stage: string) => ({
  widgets: [
    stateOf('The notifier itself', watch(settings, stage)),
    ...(settings.classicAlarm
      ? [stateOf('The classic path, and whether it mails', alarm(settings, stage))]
      : []),
    graph(
      'Attempts, by path',
      own('Attempts', { label: 'Recorded' }),
      ...(settings.trailPath === 'off'
        ? []
        : [
            own('AttemptsByTrail', { label: 'Of these by the trail first' }),
            own('MissedByRule', { label: 'Of these missed by the rule' }),
            own('HeardByTrail', { label: 'By the trail at all' }),
          ]),
      ...classic(settings),
    ),
    ...(settings.watchGoneSecrets
      ? [
          graph(
            'Reads that found no secret',
            own('GoneReads', { label: 'Of secrets that are gone' }),
            own('UnknownReads', { label: 'Of names that never were' }),
          ),
        ]
      : []),
    graph(
      'What became of them',
      own('Alerts'),
      own('Deferred'),
      own('Digests'),
      own('LastCalls', { label: 'Last calls' }),
    ),
    ...besideTheMail(settings),
    graph(
      `From attempt to alert, in seconds: by the rule, of this account and Region${settings.organizationId ? ', and of the spokes' : ''}`,
      own('AlertDelay', { stat: 'p50', label: 'Median' }),
      own('AlertDelay', { stat: 'Maximum', label: 'Slowest' }),
    ),
    graph(
      'By how much the notice that is most overdue has missed its time, in seconds',
      own(NOTICE_OVERDUE, { stat: 'Maximum', label: 'Most overdue' }),
    ),
    graph('Restored, or reported with gaps', own('Restores'), own('EnrichmentFailures')),
    graph('Dead letters', deadLetters),
    graph('Functions', ...ofFunction(settings, 'Errors'), ...ofFunction(settings, 'Throttles')),
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

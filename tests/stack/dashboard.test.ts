import { unzipSync } from 'fflate';
import { type Combination, packaged, properties, template } from './template.ts';

type Metric = (string | object)[];

/** The body as CloudFormation would send it, each name of a resource kept as it is referred to. */
const { widgets } = JSON.parse(properties('everything', 'Dashboard').DashboardBody['Fn::Sub']);

const metrics: Metric[] = widgets.flatMap(
  ({ properties: { metrics = [] } }: { properties: { metrics?: Metric[] } }) => metrics,
);

const withoutDrawing = (metric: Metric) => metric.filter((part) => typeof part === 'string');

test('a dashboard has a name of its own in each stage and Region of the account', () => {
  expect(properties('example', 'Dashboard').DashboardName).toEqual({
    'Fn::Sub': '${AWS::StackName}-${AWS::Region}',
  });
});

test('the setting leaves the dashboard out', () => {
  expect(template('own-trail').Resources).not.toHaveProperty('Dashboard');
});

test('the dashboard shows attempts, alerts, delay, dead letters and faults', () => {
  const own = 'deleted-secret-notifier';
  const stack = '${AWS::StackName}';
  const ofFunctions = (metric: string) =>
    [
      'Notify',
      'TrackDeletion',
      'Summarize',
      'SiftReads',
      'ReadTrail',
      'Chat',
      'Bus',
      'Buttons',
    ].map((prefix) => ['AWS/Lambda', metric, 'FunctionName', `\${${prefix}LambdaFunction}`]);
  expect(metrics.map(withoutDrawing)).toEqual([
    [own, 'Attempts', 'service', stack],
    [own, 'AttemptsByTrail', 'service', stack],
    [own, 'MissedByRule', 'service', stack],
    [own, 'HeardByTrail', 'service', stack],
    ['Security/Secrets', 'Attempts'],
    [own, 'GoneReads', 'service', stack],
    [own, 'UnknownReads', 'service', stack],
    [own, 'Alerts', 'service', stack],
    [own, 'Deferred', 'service', stack],
    [own, 'Digests', 'service', stack],
    [own, 'LastCalls', 'service', stack],
    [own, 'ChatMessages', 'service', stack],
    [own, 'ChatDeferred', 'service', stack],
    [own, 'BusEvents', 'service', stack],
    [own, 'NoticesNotTaken', 'service', stack],
    [own, 'AlertDelay', 'service', stack],
    [own, 'AlertDelay', 'service', stack],
    [own, 'NoticeOverdue', 'service', stack],
    [own, 'Restores', 'service', stack],
    [own, 'EnrichmentFailures', 'service', stack],
    ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', '${DeadLetterQueue.QueueName}'],
    ...ofFunctions('Errors'),
    ...ofFunctions('Throttles'),
  ]);
});

test('without its path and the classic alarm the dashboard shows neither', () => {
  const body: string = properties('member', 'Dashboard').DashboardBody['Fn::Sub'];
  expect(body).toContain('"Attempts"');
  expect(body).not.toMatch(/ReadTrail|AttemptsToAccessDeletedSecrets/);
});

test('without a channel beside the mail the dashboard shows none', () => {
  const body = (name: Combination): string =>
    properties(name, 'Dashboard').DashboardBody['Fn::Sub'];
  expect(body('example')).not.toMatch(/Chat|Bus|Beside/);
  expect(body('member')).toContain('"ChatMessages"');
  expect(body('member')).not.toContain('Bus');
});

test('the functions write what the dashboard shows of them', () => {
  const { POWERTOOLS_METRICS_NAMESPACE, POWERTOOLS_SERVICE_NAME } = properties(
    'everything',
    'NotifyLambdaFunction',
  ).Environment.Variables;
  const code = ['notify', 'trackDeletion', 'siftReads', 'summarize', 'chat', 'bus']
    .flatMap((name) => Object.values(unzipSync(packaged('everything', `${name}.zip`))))
    .map((file) => Buffer.from(file).toString())
    .join();

  const own = metrics.filter(([, , dimension]) => dimension === 'service');
  expect(own.length).toBeGreaterThan(0);
  for (const [namespace, , , service] of own) {
    // osls names the stack after service and stage.
    const stack = String(service).replace('${AWS::StackName}', 'deleted-secret-notifier-dev');
    expect([namespace, stack]).toEqual([POWERTOOLS_METRICS_NAMESPACE, POWERTOOLS_SERVICE_NAME]);
  }
  const isWritten = (name: unknown) => new RegExp(`\\b${name}\\b`).test(code);
  expect(own.map(([, name]) => name).filter((name) => !isWritten(name))).toEqual([]);
});

test('every alarm is on the dashboard, and all that it refers to exists', () => {
  const body: string = properties('everything', 'Dashboard').DashboardBody['Fn::Sub'];
  const { Resources } = template('everything');
  const referred = [...body.matchAll(/\$\{(\w+)[^}]*\}/g)].map(([, id = '']) => id);
  expect(referred.filter((id) => id !== 'AWS' && !(id in Resources))).toEqual([]);

  const alarms = Object.keys(Resources).filter((id) => /.Alarm$/.test(id) && !/Attempts/.test(id));
  expect(widgets[0].properties.alarms).toEqual(alarms.map((id) => `\${${id}.Arn}`));
  const classic = ['AttemptsAlarm', 'AttemptsRecordedAlarm', 'UnexplainedAttemptsAlarm'];
  expect(widgets[1].properties.alarms).toEqual(classic.map((id) => `\${${id}.Arn}`));
});

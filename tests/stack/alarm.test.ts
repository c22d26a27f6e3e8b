import { properties } from './template.ts';

test("the metric filter and the alarm are those of AWS's guide", () => {
  expect(properties('example', 'AttemptsMetricFilter')).toEqual({
    LogGroupName: 'CloudTrail/MyCloudWatchLogGroup',
    FilterPattern:
      '{ $.eventName = "GetSecretValue" && $.errorMessage = "*secret because it was marked for deletion*" }',
    MetricTransformations: [
      {
        MetricNamespace: 'CloudTrailLogMetrics',
        MetricName: 'AttemptsToAccessDeletedSecrets',
        MetricValue: '1',
      },
    ],
  });
  const { AlarmDescription, ...alarm } = properties('example', 'AttemptsAlarm');
  expect(alarm).toEqual({
    AlarmName: 'AttemptsToAccessDeletedSecretsAlarm',
    Namespace: 'CloudTrailLogMetrics',
    MetricName: 'AttemptsToAccessDeletedSecrets',
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [{ Ref: 'AlertTopic' }],
  });
});

test('the alarm listens to the metric that the filter writes, under other names too', () => {
  expect(properties('everything', 'AttemptsMetricFilter')).toMatchObject({
    LogGroupName: 'aws-cloudtrail-logs',
    MetricTransformations: [{ MetricNamespace: 'Security/Secrets', MetricName: 'Attempts' }],
  });
  expect(properties('everything', 'AttemptsAlarm')).toMatchObject({
    AlarmName: 'Attempts on deleted secrets',
    Namespace: 'Security/Secrets',
    MetricName: 'Attempts',
  });
});

test('the alarm acts on the given topic', () => {
  expect(properties('own-trail', 'AttemptsAlarm').AlarmActions).toEqual([
    'arn:aws:sns:eu-west-1:111122223333:alerts',
  ]);
});

test('the text of the alarm says what happened and what to do, within the limit of CloudWatch', () => {
  const text: string = properties('example', 'AttemptsAlarm').AlarmDescription['Fn::Sub'];
  const longest = text
    .replaceAll('${NotifyLambdaFunction}', 'f'.repeat(64))
    .replaceAll('${AWS::Region}', 'ap-southeast-1');
  expect(longest).not.toContain('${');
  expect(longest.length).toBeLessThanOrEqual(1024);
  expect(text).toMatchInlineSnapshot(`
"Someone asked for the value of a secret that is scheduled for deletion, and was refused.
A mail of its own tells which secret, who asks, until when it can be saved, and how. It comes from \${NotifyLambdaFunction} and covers \${AWS::Region} only; this alarm covers all that the trail logs, a few minutes later, and mails only when it goes from OK to ALARM.
Of a caller that has been reported, or is muted, no mail comes before the next digest: npm run status shows who has read what. No such mail, and not in the status? 1. See that function's log group and the stack's dead-letter queue.
2. In CloudWatch Logs Insights, on the trail's log group: fields eventTime, awsRegion, requestParameters.secretId, userIdentity.arn, sourceIPAddress | filter eventName = "GetSecretValue" and errorMessage like "marked for deletion"
3. Still needed: aws secretsmanager restore-secret --secret-id ID --region REGION. Replaced: tell its caller the new secret. Truly unused: do nothing."
`);
});

import { alarm } from '../../stack/alarm.ts';
import { checkSettings } from '../../stack/check-settings.ts';
import { COMBINATIONS, properties, template } from './template.ts';

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
  });
});

test('a composite alarm mails for it, unless an attempt was recorded within an hour', () => {
  const { AlarmDescription: _, ...composite } = properties('example', 'UnexplainedAttemptsAlarm');
  expect(composite).toEqual({
    AlarmName: { 'Fn::Sub': '${AWS::StackName}-UnexplainedAttempts' },
    AlarmRule: { 'Fn::Sub': 'ALARM("${AttemptsAlarm.Arn}")' },
    ActionsSuppressor: { 'Fn::GetAtt': ['AttemptsRecordedAlarm', 'Arn'] },
    ActionsSuppressorWaitPeriod: 180,
    ActionsSuppressorExtensionPeriod: 60,
    AlarmActions: [{ Ref: 'AlertTopic' }],
  });
  const { AlarmDescription: __, ...suppressor } = properties('example', 'AttemptsRecordedAlarm');
  expect(suppressor).toEqual({
    AlarmName: { 'Fn::Sub': '${AWS::StackName}-AttemptsRecorded' },
    Namespace: 'deleted-secret-notifier',
    MetricName: 'HeardByTrail',
    Dimensions: [{ Name: 'service', Value: { 'Fn::Sub': '${AWS::StackName}' } }],
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 12,
    DatapointsToAlarm: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
});

test("with alarmMails=always the alarm mails itself, as in AWS's guide", () => {
  expect(properties('own-trail', 'AttemptsAlarm').AlarmActions).toHaveLength(1);
  const { Resources, Outputs } = template('own-trail');
  expect(Object.keys(Resources).filter((id) => /Unexplained|Recorded/.test(id))).toEqual([]);
  expect(Outputs).not.toHaveProperty('UnexplainedAlarmName');
  expect(template('example').Outputs.UnexplainedAlarmName?.Value).toEqual({
    Ref: 'UnexplainedAttemptsAlarm',
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

const TEXTS = [
  ['example', 'AttemptsAlarm'],
  ['example', 'UnexplainedAttemptsAlarm'],
  ['example', 'AttemptsRecordedAlarm'],
  ['own-trail', 'AttemptsAlarm'],
] as const;

const expectToFit = (text: string) => {
  const longest = text
    .replaceAll('${NotifyLambdaFunction}', 'f'.repeat(56))
    .replaceAll('${AWS::StackName}', 's'.repeat(49))
    .replaceAll('${TrailLogGroup}', 'g'.repeat(80))
    .replaceAll(' --stage dev ', ` --stage ${'s'.repeat(25)} `) // a longer stage makes the name of a function too long
    .replaceAll('CloudTrail/MyCloudWatchLogGroup', 'g'.repeat(80))
    .replaceAll('${AWS::Region}', 'ap-southeast-1');
  expect(longest).not.toContain('${');
  expect(longest.length).toBeLessThanOrEqual(1024);
};

test.each(TEXTS)('the text of the alarm is within the limit of CloudWatch: %s: %s', (name, id) => {
  expectToFit(properties(name, id).AlarmDescription['Fn::Sub']);
});

test('with trailPath=off the alarm mails itself, and says what the functions hear', () => {
  const raw = { ...COMBINATIONS.example, trailPath: 'off' };
  const { AttemptsAlarm, ...others } = alarm(
    checkSettings(raw, { region: 'eu-west-1', functionNames: [], stage: 'dev' }),
    'dev',
  );
  expect(Object.keys(others)).toEqual(['AttemptsMetricFilter']);
  const { AlarmActions, AlarmDescription } = AttemptsAlarm?.Properties ?? {};
  expect(AlarmActions).toEqual([{ Ref: 'AlertTopic' }]);
  const text = (AlarmDescription as { 'Fn::Sub': string })['Fn::Sub'];
  expect(text).toContain(
    '${NotifyLambdaFunction}, which hears ${AWS::Region} of this account only;',
  );
  expectToFit(text);
});

test('with trailPath=off the alarm of a hub says that its spokes are heard', () => {
  const raw = { ...COMBINATIONS.example, trailPath: 'off', organizationId: 'o-a1b2c3d4e5' };
  const settings = checkSettings(raw, { region: 'eu-west-1', functionNames: [], stage: 'dev' });
  const { AlarmDescription } = alarm(settings, 'dev').AttemptsAlarm?.Properties ?? {};
  const text = (AlarmDescription as { 'Fn::Sub': string })['Fn::Sub'];
  expect(text).toContain(', which hears its own Region and spokes only;');
  expectToFit(text);
});

test('a log group whose name is too long for a mail is not named', () => {
  const textFor = (cloudTrailLogGroup: string): string => {
    const raw = { ...COMBINATIONS.example, cloudTrailLogGroup };
    const settings = checkSettings(raw, { region: 'eu-west-1', functionNames: [], stage: 'dev' });
    const { AlarmDescription } = alarm(settings, 'dev').UnexplainedAttemptsAlarm?.Properties ?? {};
    return (AlarmDescription as { 'Fn::Sub': string })['Fn::Sub'];
  };
  expectToFit(textFor('g'.repeat(80)));
  expect(textFor('g'.repeat(80))).toContain(`log group ${'g'.repeat(80)}: fields`);
  expectToFit(textFor('g'.repeat(512)));
  expect(textFor('g'.repeat(512))).toContain('log group of the trail: fields');
});

test('the texts of the alarm say what happened and what to do', () => {
  const [classic, unexplained, recorded, always] = TEXTS.map(
    ([name, id]): string => properties(name, id).AlarmDescription['Fn::Sub'],
  );
  expect(unexplained).toMatchInlineSnapshot(`
"Someone tried to read a secret scheduled for deletion. The trail has logged it, but for an hour none has come from its log group to \${NotifyLambdaFunction}: unless the rule brought it, nothing reports it.
1. Why? npm run doctor -- --stage dev --region \${AWS::Region}; the dead-letter queue. Reported all the same? npm run status, with the same options. errorMessage says more than AWS does? Somebody sent AWS's words as a secret's id.
2. CloudWatch Logs Insights, log group CloudTrail/MyCloudWatchLogGroup: fields eventTime, recipientAccountId, awsRegion, requestParameters.secretId, userIdentity.arn, errorMessage | filter eventName = "GetSecretValue" and errorMessage like "marked for deletion"
3. Still needed? With credentials of that account: aws secretsmanager restore-secret --secret-id ID --region REGION. Replaced: tell the caller. Unused: do nothing.
The next mail comes after ten minutes without an attempt."
`);
  expect(always).toMatchInlineSnapshot(`
"Someone tried to read a secret scheduled for deletion.
Another mail says which, who, until when to save it, and how. It comes from \${NotifyLambdaFunction}; this alarm covers all that the trail logs, minutes later, and mails only on going from OK to ALARM.
Of a caller reported or muted none comes before the next digest: npm run status -- --stage dev --region \${AWS::Region}
1. Not there either? See that function's log, the dead-letter queue.
2. CloudWatch Logs Insights, log group \${TrailLogGroup}: fields eventTime, recipientAccountId, awsRegion, requestParameters.secretId, userIdentity.arn, errorMessage | filter eventName = "GetSecretValue" and errorMessage like "marked for deletion"
3. Still needed? With credentials of that account: aws secretsmanager restore-secret --secret-id ID --region REGION. Replaced: tell the caller. Unused: do nothing."
`);
  expect(classic).toMatchInlineSnapshot(`
"Someone asked for the value of a secret that is scheduled for deletion, and was refused: the alarm of AWS's guide.
It mails nothing itself. \${AWS::StackName}-UnexplainedAttempts mails for it if \${NotifyLambdaFunction} has heard nothing by the trail's log group; alarmMails=always has this one mail whenever it goes off."
`);
  expect(recorded).toMatchInlineSnapshot(
    `"No fault: within the last hour an attempt on a deleted secret has come to \${NotifyLambdaFunction} by the trail's log group, and is recorded: mailed, left to a digest, or known by the rule. Until this is OK again \${AWS::StackName}-UnexplainedAttempts does not mail."`,
  );
});

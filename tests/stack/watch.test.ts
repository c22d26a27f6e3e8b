import {
  type Combination,
  combinations,
  properties,
  resourcesOfType,
  template,
} from './template.ts';

const CLASSIC = ['AttemptsAlarm', 'AttemptsRecordedAlarm']; // alarm.test.ts

const DEAD_LETTERS = 'DeadLettersAlarm';
const OVERDUE = 'NoticeOverdueAlarm';
const NOT_TAKEN = 'NoticesNotTakenAlarm';
const WAITING = 'ReadsWaitingAlarm';

// Longer ones are refused: tests/unit/stack/check-settings.test.ts.
const LONGEST_STAGE = 's'.repeat(25);

const FAULTS = ['Errors', 'Throttles'];
const LOST = ['AsyncEventsDropped', 'DestinationDeliveryFailures'];

const watched = (name: Combination) => [
  [DEAD_LETTERS, '${AWS::StackName}-DeadLetters'],
  [OVERDUE, '${AWS::StackName}-NoticeOverdue'],
  ...('NoticeTopic' in template(name).Resources
    ? [[NOT_TAKEN, '${AWS::StackName}-NoticesNotTaken']]
    : []),
  ...alarmsOf(name, 'Notify', ['', ...FAULTS], LOST),
  ...alarmsOf(name, 'TrackDeletion', ['', ...FAULTS], LOST),
  ...(name === 'member' ? [] : alarmsOf(name, 'TrackDeletion', ['Clash'], [])),
  // What it fails on its queue keeps.
  ...(name === 'own-trail' ? [] : alarmsOf(name, 'SiftReads', ['', ...FAULTS], [])),
  // What is lost of this one a later run makes up for.
  ...[...FAULTS, 'FailedInvocations'].map((metric) => [
    `Summarize${metric}Alarm`,
    `\${SummarizeLambdaFunction}-${metric}`,
  ]),
  ...(name === 'member' ? [] : ['Errors', 'Throttles', ...LOST]).map((metric) => [
    `ReadTrail${metric}Alarm`,
    `\${ReadTrailLambdaFunction}-${metric}`,
  ]),
  ...['Chat', 'Bus', 'Buttons']
    .filter((prefix) => `${prefix}LambdaFunction` in template(name).Resources)
    .flatMap((prefix) =>
      (prefix === 'Buttons' ? ['Errors'] : ['Errors', 'Throttles', ...LOST]).map((metric) => [
        `${prefix}${metric}Alarm`,
        `\${${prefix}LambdaFunction}-${metric}`,
      ]),
    ),
  ...(name === 'own-trail' ? [] : [[WAITING, '${AWS::StackName}-ReadsWaiting']]),
];

/** Of a function that a rule brings events to, and of the rule: in a hub of that on its bus too. @param rule '', or what it is called besides */
function alarmsOf(
  name: Combination,
  prefix: string,
  [rule = '', ...faults]: string[],
  losses: string[],
): string[][] {
  const ofRules = (metric: string) => [
    `${rule}${metric}`,
    ...(name === 'organization' ? [`${rule}Hub${metric}`] : []),
  ];
  const metrics = [
    ...faults,
    ...ofRules('FailedInvocations'),
    ...losses,
    ...ofRules('InvocationsFailedToBeSentToDlq'),
  ];
  return metrics.map((metric) => [
    `${prefix}${metric}Alarm`,
    `\${${prefix}LambdaFunction}-${metric}`,
  ]);
}

test.each(combinations)(
  'what can go wrong has an alarm, one of its own in each stage: %s',
  (name) => {
    const alarms = resourcesOfType(name, 'AWS::CloudWatch::Alarm').filter(
      ([id]) => !CLASSIC.includes(id),
    );
    expect(alarms.map(([id, { Properties }]) => [id, Properties.AlarmName])).toEqual(
      watched(name).map(([id, text]) => [id, { 'Fn::Sub': text }]),
    );
  },
);

test.each(combinations)(
  'each alarm on a fault goes off at the first, and publishes to the topic: %s',
  (name) => {
    const { AlarmActions } = properties(name, DEAD_LETTERS);
    for (const [id, { Properties }] of resourcesOfType(name, 'AWS::CloudWatch::Alarm')) {
      if (id === OVERDUE || CLASSIC.includes(id)) continue;
      expect(Properties).toMatchObject({
        Threshold: id === WAITING ? 3600 : 1, // of the queue's age in seconds
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        EvaluationPeriods: 1,
        Period: 300,
        TreatMissingData: 'notBreaching',
        AlarmActions,
      });
    }
  },
);

test.each(combinations)(
  'a notice that is 15 minutes later than it may be, or no complete run for as long, raises an alarm: %s',
  (name) => {
    const { AlarmActions } = properties(name, DEAD_LETTERS);
    expect(AlarmActions).toHaveLength(1);
    expect(properties(name, OVERDUE)).toMatchObject({
      Namespace: 'deleted-secret-notifier',
      MetricName: 'NoticeOverdue',
      Dimensions: [{ Name: 'service', Value: { 'Fn::Sub': '${AWS::StackName}' } }],
      Statistic: 'Maximum',
      Period: 300,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 1,
      Threshold: 900,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'missing',
      AlarmActions,
      InsufficientDataActions: AlarmActions,
    });
  },
);

test('what the topic of the notices does not take raises an alarm, whichever function it was', () => {
  expect(properties('everything', NOT_TAKEN)).toMatchObject({
    Namespace: 'deleted-secret-notifier',
    MetricName: 'NoticesNotTaken',
    Dimensions: [{ Name: 'service', Value: { 'Fn::Sub': '${AWS::StackName}' } }],
    Statistic: 'Sum',
  });
});

const onFunction = [{ Name: 'FunctionName', Value: { Ref: 'NotifyLambdaFunction' } }];
const onRule = [{ Name: 'RuleName', Value: { Ref: 'NotifyRule' } }];

test.each([
  [
    'DeadLettersAlarm',
    'AWS/SQS',
    'ApproximateNumberOfMessagesVisible',
    'Maximum',
    [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['DeadLetterQueue', 'QueueName'] } }],
  ],
  [
    'ReadsWaitingAlarm',
    'AWS/SQS',
    'ApproximateAgeOfOldestMessage',
    'Maximum',
    [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['SiftReadsQueue', 'QueueName'] } }],
  ],
  ['NotifyErrorsAlarm', 'AWS/Lambda', 'Errors', 'Sum', onFunction],
  ['NotifyThrottlesAlarm', 'AWS/Lambda', 'Throttles', 'Sum', onFunction],
  ['NotifyFailedInvocationsAlarm', 'AWS/Events', 'FailedInvocations', 'Sum', onRule],
  ['NotifyAsyncEventsDroppedAlarm', 'AWS/Lambda', 'AsyncEventsDropped', 'Sum', onFunction],
  [
    'NotifyDestinationDeliveryFailuresAlarm',
    'AWS/Lambda',
    'DestinationDeliveryFailures',
    'Sum',
    onFunction,
  ],
  [
    'NotifyInvocationsFailedToBeSentToDlqAlarm',
    'AWS/Events',
    'InvocationsFailedToBeSentToDlq',
    'Sum',
    onRule,
  ],
])('%s counts %s %s', (id, Namespace, MetricName, Statistic, Dimensions) => {
  expect(properties('example', id)).toMatchObject({ Namespace, MetricName, Statistic, Dimensions });
});

test.each(['FailedInvocations', 'InvocationsFailedToBeSentToDlq'])(
  "what the rules on the hub's bus do not deliver is counted by bus and rule: %s",
  (MetricName) => {
    const picked = [
      ['Notify', 'attempts'],
      ['SiftReads', 'reads'],
      ['TrackDeletion', 'changes'],
      ['TrackDeletionClash', 'clashes'],
    ];
    for (const [prefix, picks] of picked) {
      expect(properties('organization', `${prefix}Hub${MetricName}Alarm`)).toMatchObject({
        Namespace: 'AWS/Events',
        MetricName,
        Statistic: 'Sum',
        Dimensions: [
          { Name: 'EventBusName', Value: { Ref: 'HubBus' } },
          { Name: 'RuleName', Value: `deleted-secret-notifier-dev-hub-${picks}` },
        ],
      });
    }
  },
);

/** Of the hub's alarms, and of those on buttons, which that hub has not. */
const descriptionOf = (id: string): string =>
  properties(id.startsWith('Buttons') ? 'everything' : 'organization', id).AlarmDescription[
    'Fn::Sub'
  ];

const texts = [...watched('organization'), ...watched('everything')].map(([id = '']) => id);

test.each([...new Set(texts)])(
  '%s fits into what CloudWatch takes, however long the names are',
  (id) => {
    const longest = descriptionOf(id)
      .replaceAll('${AWS::Region}', 'ap-southeast-1')
      .replaceAll('${DeadLetterQueue.QueueName}', 'q'.repeat(80))
      .replaceAll('${SiftReadsQueue.QueueName}', 'q'.repeat(80))
      .replaceAll('${NoticeTopic.TopicName}', 't'.repeat(80))
      .replaceAll('--stage dev', `--stage ${LONGEST_STAGE}`)
      .replaceAll('notifier-dev', `notifier-${LONGEST_STAGE}`)
      .replaceAll(/\$\{\w+(LambdaFunction|Rule)\}/g, 'f'.repeat(64));
    expect(longest).not.toContain('${');
    expect(longest.length).toBeLessThanOrEqual(1024);
  },
);

test('the texts of the alarms say at three in the morning what happened and what to do', () => {
  expect(descriptionOf('DeadLettersAlarm')).toMatchInlineSnapshot(`
"Something could not be handled: an attempt on a deleted secret may not be reported, or a deletion unknown, or a notice was mailed, but is missing in the chat or on the event bus.
Each message of \${DeadLetterQueue.QueueName} is an event that a function failed on three times, or that a rule could not hand to it. The queue keeps it for 14 days; this alarm may see it 20 minutes late.
1. What and why: the alarms of functions and rules that went off up to half an hour before this one say where to look; the message itself holds the event and the error.
2. Fix that, then: npm run replay -- --stage dev --region \${AWS::Region} (each message is deleted only once it has been handled)
This alarm mails no more until the queue is empty."
`);
  expect(descriptionOf(OVERDUE)).toMatchInlineSnapshot(`
"ALARM: a mail on deleted secrets (digest, last call, end, name taken) is over 75 minutes late, or a secret has been read for 25 minutes without one that names it. INSUFFICIENT_DATA: for 15 minutes no run of \${SummarizeLambdaFunction}, which sends them, has come to its end. First attempts are still alerted, nothing is lost: its next complete run sends what is due.
1. An alarm on its errors, throttles or failed invocations has gone off too? Do what that says.
2. INSUFFICIENT_DATA alone: nothing starts it. aws events describe-rule --name \${SummarizeRule} must say ENABLED; if not: aws events enable-rule --name \${SummarizeRule}
3. ALARM alone: more attempts than a run can count, or mails than an hour may have. npm run status -- --stage dev --region \${AWS::Region} shows who makes so many: restore that secret, or stop that caller."
`);
  expect(properties('example', 'DeadLettersAlarm').AlarmDescription['Fn::Sub']).toMatch(
    /^Something could not be handled: .*, or a deletion unknown\.\n/,
  );
  expect(descriptionOf('ButtonsErrorsAlarm')).toMatchInlineSnapshot(`
"\${ButtonsLambdaFunction} failed: somebody has pressed a button of the chat, and nothing was done. Nothing tries that again.
1. npm run mute -- --stage dev --region \${AWS::Region} --secret NAME --for 7d --reason "why" and npm run status -- --stage dev --region \${AWS::Region} do what the buttons do; of a secret elsewhere its ARN for NAME.
2. See why, in CloudWatch Logs Insights, on /aws/lambda/\${ButtonsLambdaFunction}: fields @timestamp, message, error.name, error.message | filter level = "ERROR" or record.status = "timeout" | sort @timestamp desc
AccessDenied: a policy (of the function, the organization) was changed. Faulty environment: deploy again."
`);
  const notTaken = (name: Combination) => properties(name, NOT_TAKEN).AlarmDescription['Fn::Sub'];
  expect(notTaken('everything')).toMatchInlineSnapshot(`
"Notices are missing in the chat and on the event bus: the topic \${NoticeTopic.TopicName} does not take them. They are mailed all the same.
Each is kept for 20 days, and \${SummarizeLambdaFunction} tries again every two minutes: once the topic takes them, nothing is left to do, and this alarm ends.
1. npm run doctor -- --stage dev --region \${AWS::Region} says whether the topic is there, and who may not publish to it.
2. Else see why, in CloudWatch Logs Insights, on /aws/lambda/\${SummarizeLambdaFunction}: fields @timestamp, error.name, error.message | filter message like "not handed on"
3. AuthorizationError: a policy was changed, of the topic, the function's role or the organization; KMSAccessDenied: that of the key in kmsKeyArn. NotFound: the topic is gone. What was changed by hand a deployment does not put back."
`);
  expect(notTaken('member')).toMatch(/^Notices are missing in the chat: /);
  expect(descriptionOf('BusDestinationDeliveryFailuresAlarm')).toMatchInlineSnapshot(`
"AN EVENT IS LOST. Lambda gave up an event for \${BusLambdaFunction}, and could not send it to the dead-letter queue either: a notice is missing on the event bus, though a mail has it.
1. The queue \${DeadLetterQueue.QueueName} must exist, and the function's role must allow sqs:SendMessage to it. What was changed by hand a deployment does not put back.
2. Nothing sends it there again. npm run status -- --stage dev --region \${AWS::Region} shows the secrets that are scheduled for deletion, and who has tried to read them."
`);
  expect(descriptionOf('NotifyErrorsAlarm')).toMatchInlineSnapshot(`
"\${NotifyLambdaFunction} failed. Until it succeeds alerts are late: an attempt on a deleted secret may not be reported.
Lambda tries each event again after one minute and after two more; then, some three minutes after the first failure, it goes to the dead-letter queue, which has an alarm of its own. No such alarm within half an hour: a retry has succeeded, nothing is to be done.
Otherwise see why, in CloudWatch Logs Insights, on /aws/lambda/\${NotifyLambdaFunction}: fields @timestamp, message, error.name, error.message | filter level = "ERROR" or record.status = "timeout" | sort @timestamp desc
AccessDenied: a policy (of the topic, its key, the organization) was changed. Faulty environment: deploy again. Then: npm run replay -- --stage dev --region \${AWS::Region}"
`);
  expect(descriptionOf('TrackDeletionThrottlesAlarm')).toMatchInlineSnapshot(`
"Lambda could not run \${TrackDeletionLambdaFunction} for want of concurrency. Meanwhile alerts may not know when a secret goes, and who scheduled that.
Lambda keeps each event and tries again for 6 hours, then it goes to the dead-letter queue, which has an alarm of its own.
1. Which function uses up the account's concurrency in \${AWS::Region}? CloudWatch, Lambda, ConcurrentExecutions by function name.
2. Give that one a limit: aws lambda put-function-concurrency. Or ask for more: Service Quotas, AWS Lambda, Concurrent executions.
3. After more than 6 hours: npm run replay -- --stage dev --region \${AWS::Region}"
`);
  expect(descriptionOf('SummarizeFailedInvocationsAlarm')).toMatchInlineSnapshot(`
"EventBridge gave up handing an event to \${SummarizeLambdaFunction}. Meanwhile digests, last calls and what became of secrets are not sent; a later run sends them.
The event is in the dead-letter queue, which has an alarm of its own. The usual cause is a change by hand, of the function or of what lets the rule invoke it; then it gives up at once, else after a day.
1. aws lambda get-policy --function-name \${SummarizeLambdaFunction} must allow events.amazonaws.com for the rule \${SummarizeRule}; aws events list-targets-by-rule --rule \${SummarizeRule} must name the function.
2. If not: npm run doctor -- --stage dev --region \${AWS::Region} names the call that puts it back, a deployment does not. 3. npm run replay -- --stage dev --region \${AWS::Region}"
`);
  expect(descriptionOf('NotifyAsyncEventsDroppedAlarm')).toMatchInlineSnapshot(`
"Lambda gave up an event for \${NotifyLambdaFunction}, and has sent it to the dead-letter queue, whose alarm follows within 20 minutes. Until it is replayed an attempt on a deleted secret is not reported.
It failed three times, some three minutes, or found no concurrency for 6 hours: the alarms on errors and throttles say why.
1. Fix that, then: npm run replay -- --stage dev --region \${AWS::Region}
2. An alarm on DestinationDeliveryFailures too? Then it is not in the queue: do what that says."
`);
  expect(descriptionOf('NotifyDestinationDeliveryFailuresAlarm')).toMatchInlineSnapshot(`
"AN EVENT IS LOST. Lambda gave up an event for \${NotifyLambdaFunction}, and could not send it to the dead-letter queue either: an attempt on a deleted secret is not reported.
1. The queue \${DeadLetterQueue.QueueName} must exist, and the function's role must allow sqs:SendMessage to it. What was changed by hand a deployment does not put back.
2. npm run status -- --stage dev --region \${AWS::Region} --backfill reads from CloudTrail's event history what is not in the table, of this account and Region, and shows it; no mail follows. The trail's log group keeps all records, of other Regions and accounts too: search it for eventSource = "secretsmanager.amazonaws.com"."
`);
  expect(descriptionOf('TrackDeletionInvocationsFailedToBeSentToDlqAlarm')).toMatchInlineSnapshot(`
"AN EVENT IS LOST. EventBridge gave up handing an event to \${TrackDeletionLambdaFunction}, and could not send it to the dead-letter queue either: a deletion, or its end, is not known.
1. The queue \${DeadLetterQueue.QueueName} must exist, and its policy must allow events.amazonaws.com to send for the rule \${TrackDeletionRule}. What was changed by hand a deployment does not put back.
2. npm run status -- --stage dev --region \${AWS::Region} --backfill reads from CloudTrail's event history what is not in the table, of this account and Region, and shows it; no mail follows. The trail's log group keeps all records, of other Regions and accounts too: search it for eventSource = "secretsmanager.amazonaws.com"."
`);
  expect(descriptionOf('SiftReadsErrorsAlarm')).toMatchInlineSnapshot(`
"\${SiftReadsLambdaFunction} failed. Until it succeeds reads of secrets that are gone are not reported.
\${SiftReadsQueue.QueueName} hands each read over again after 6 minutes; after 5 tries it goes to the dead-letter queue, which has an alarm of its own. No such alarm within an hour: a later try has succeeded, nothing is to be done.
Otherwise see why, in CloudWatch Logs Insights, on /aws/lambda/\${SiftReadsLambdaFunction}: fields @timestamp, message, error.name, error.message | filter level = "ERROR" or record.status = "timeout" | sort @timestamp desc
AccessDenied: a policy (of the function, the organization) was changed. Faulty environment: deploy again. Then: npm run replay -- --stage dev --region \${AWS::Region}"
`);
  expect(descriptionOf('SiftReadsThrottlesAlarm')).toMatchInlineSnapshot(`
"Lambda could not run \${SiftReadsLambdaFunction} for want of concurrency. Meanwhile reads of secrets that are gone are not reported.
\${SiftReadsQueue.QueueName} hands each read over again after 6 minutes; after 5 tries it goes to the dead-letter queue, which has an alarm of its own. No such alarm within an hour: a later try has succeeded, nothing is to be done.
1. Which function uses up the account's concurrency in \${AWS::Region}? CloudWatch, Lambda, ConcurrentExecutions by function name.
2. Give that one a limit: aws lambda put-function-concurrency. Or ask for more: Service Quotas, AWS Lambda, Concurrent executions.
3. Messages in the dead-letter queue? npm run replay -- --stage dev --region \${AWS::Region}"
`);
  expect(descriptionOf('SiftReadsFailedInvocationsAlarm')).toMatchInlineSnapshot(`
"EventBridge gave up handing an event to the queue of \${SiftReadsLambdaFunction}. Meanwhile reads of secrets that are gone are not reported.
The event is in the dead-letter queue, which has an alarm of its own. The usual cause is a change by hand, of the queue \${SiftReadsQueue.QueueName}, its policy, or the target of the rule \${SiftReadsRule}.
1. npm run doctor -- --stage dev --region \${AWS::Region} names the call that puts it back, a deployment does not.
2. npm run replay -- --stage dev --region \${AWS::Region}"
`);
  expect(descriptionOf('SiftReadsHubInvocationsFailedToBeSentToDlqAlarm')).toMatchInlineSnapshot(`
"AN EVENT IS LOST. EventBridge gave up handing an event to \${SiftReadsQueue.QueueName}, and could not send it to the dead-letter queue either: a read of a secret that may be gone is not reported.
1. The queue \${DeadLetterQueue.QueueName} must exist, and its policy must allow events.amazonaws.com to send for the rule deleted-secret-notifier-dev-hub-reads. What was changed by hand a deployment does not put back.
2. The trail's log group keeps all records, of other Regions and accounts too: search it for eventSource = "secretsmanager.amazonaws.com"."
`);
  expect(descriptionOf('TrackDeletionClashFailedInvocationsAlarm')).toMatchInlineSnapshot(`
"EventBridge gave up handing an event to \${TrackDeletionLambdaFunction}. Meanwhile nobody hears of secrets that a deletion keeps from being created.
The event is in the dead-letter queue, which has an alarm of its own. The usual cause is a change by hand, of the function or of what lets the rule invoke it; then it gives up at once, else after a day.
1. aws lambda get-policy --function-name \${TrackDeletionLambdaFunction} must allow events.amazonaws.com for the rule \${TrackDeletionClashRule}; aws events list-targets-by-rule --rule \${TrackDeletionClashRule} must name the function.
2. If not: npm run doctor -- --stage dev --region \${AWS::Region} names the call that puts it back, a deployment does not. 3. npm run replay -- --stage dev --region \${AWS::Region}"
`);
  expect(descriptionOf(WAITING)).toMatchInlineSnapshot(`
"A read that found no secret has been waiting for over 60 minutes in \${SiftReadsQueue.QueueName}: reads of secrets that are gone are reported late. After 4 days the queue drops what it holds. Attempts on secrets that are still scheduled for deletion do not wait there.
1. An alarm on errors or throttles of \${SiftReadsLambdaFunction} has gone off too? Do what that says.
2. Else nothing may hand it what the queue holds. aws lambda list-event-source-mappings --function-name \${SiftReadsLambdaFunction} must say Enabled; if not: aws lambda update-event-source-mapping --enabled --uuid UUID. npm run doctor -- --stage dev --region \${AWS::Region} says what else is amiss.
3. All is well? Then somebody reads thousands of names a second that AWS does not find. CloudTrail has who: GetSecretValue, ResourceNotFoundException."
`);
  expect(descriptionOf('ReadTrailDestinationDeliveryFailuresAlarm')).toMatchInlineSnapshot(`
"AN EVENT IS LOST. Lambda gave up an event for \${ReadTrailLambdaFunction}, and could not send it to the dead-letter queue either: attempts and deletions of other Regions and accounts are not known.
1. The queue \${DeadLetterQueue.QueueName} must exist, and the function's role must allow sqs:SendMessage to it. What was changed by hand a deployment does not put back.
2. The trail's log group keeps all records, of other Regions and accounts too: search it for eventSource = "secretsmanager.amazonaws.com"."
`);
});

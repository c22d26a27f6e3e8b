import {
  functionIds,
  packagedFunction,
  resourceOf,
  type Template,
} from '../../../emulators/template.ts';

const locals = {
  tableName: 'table',
  topicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts',
  noticeTopicArn: 'arn:aws:sns:eu-west-1:111122223333:notices',
  chatTopicArn: 'arn:aws:sns:eu-west-1:111122223333:chat',
  deadLetterQueueArn: 'arn:aws:sqs:eu-west-1:111122223333:queue',
};

const template: Template = {
  Resources: {
    NotifyLambdaFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: { Ref: 'ServerlessDeploymentBucket' }, S3Key: 'serverless/x/notify.zip' },
        Handler: 'functions/notify.handler',
        FunctionName: 'notifier-dev-notify',
        MemorySize: 256,
        Timeout: 30,
        Environment: {
          Variables: {
            ALERT_TOPIC_ARN: { Ref: 'AlertTopic' },
            NOTICE_TOPIC_ARN: { Ref: 'NoticeTopic' },
            CHAT_TOPIC_ARN: { Ref: 'ChatTopic' },
            NOTIFY_FUNCTION_NAME: { Ref: 'NotifyLambdaFunction' },
            READS_QUEUE_URL: { Ref: 'ReadsQueue' },
            ROLE_ARN: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::ACCOUNT:role/x-REGION' },
            MODE: 'off',
            MINUTES: 60,
          },
        },
      },
    },
    NotifyLambdaEvConf: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'NotifyLambdaFunction' },
        DestinationConfig: {
          OnFailure: { Destination: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] } },
        },
        MaximumRetryAttempts: 1,
      },
    },
    ReadsQueue: { Type: 'AWS::SQS::Queue', Properties: {} },
  },
};

test('the functions are found', () => {
  expect(functionIds(template)).toEqual(['NotifyLambdaFunction']);
});

test('a function is read with its environment and its destination', () => {
  expect(packagedFunction(template, 'NotifyLambdaFunction', 'dir', locals)).toEqual({
    name: 'notifier-dev-notify',
    taskRoot: 'dir/notify',
    handler: 'functions/notify.handler',
    environment: {
      ALERT_TOPIC_ARN: locals.topicArn,
      NOTICE_TOPIC_ARN: locals.noticeTopicArn,
      CHAT_TOPIC_ARN: locals.chatTopicArn,
      NOTIFY_FUNCTION_NAME: 'notifier-dev-notify',
      READS_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/ReadsQueue',
      ROLE_ARN: 'arn:aws:iam::ACCOUNT:role/x-REGION',
      MODE: 'off',
      MINUTES: '60',
    },
    timeout: 30,
    memorySize: 256,
    maximumRetryAttempts: 1,
    onFailure: locals.deadLetterQueueArn,
  });
});

test('a function that refers to what nothing stands for is refused', () => {
  const { Type, Properties } = resourceOf(template, 'NotifyLambdaFunction');
  const Environment = { Variables: { BUS: { Ref: 'EventBus' } } };
  const Resources = { Notify: { Type, Properties: { ...Properties, Environment } } };
  expect(() => packagedFunction({ Resources }, 'Notify', 'dir', locals)).toThrow(
    'Nothing stands for {"Ref":"EventBus"} of the template',
  );
});

test('a function without a configuration for failures is tried again twice, and that is all', () => {
  const NotifyLambdaFunction = resourceOf(template, 'NotifyLambdaFunction');
  const ReadsQueue = resourceOf(template, 'ReadsQueue');
  const bare = { Resources: { NotifyLambdaFunction, ReadsQueue } };
  const config = packagedFunction(bare, 'NotifyLambdaFunction', 'dir', locals);
  expect(config).toMatchObject({ maximumRetryAttempts: 2, onFailure: undefined });
});

test('a resource that is not there is named, with those that are', () => {
  expect(() => resourceOf(template, 'NotifyRule')).toThrow(
    'Expected a resource NotifyRule in the packaged template, got NotifyLambdaFunction, NotifyLambdaEvConf, ReadsQueue',
  );
});

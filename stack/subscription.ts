import { attribute, type Resources, ref, sub, type Value } from './cloudformation.ts';
import { READ_TRAIL, SUBSCRIPTION_FILTER } from './names.ts';
import type { Settings } from './settings.ts';
import { TRAIL_LOG_GROUP, trailLogGroup } from './trail.ts';

/**
 * A subscription filter that sends what its pattern passes from the trail's log group to the function `readTrail`, and the
 * permission for that.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
 */
export const subscription = (settings: Settings, pattern: string): Resources => ({
  [READ_TRAIL.permission]: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: ref(READ_TRAIL.function),
      Action: 'lambda:InvokeFunction',
      Principal: 'logs.amazonaws.com',
      SourceAccount: ref('AWS::AccountId'),
      SourceArn: logGroupArn(settings),
    },
  },
  [SUBSCRIPTION_FILTER]: {
    Type: 'AWS::Logs::SubscriptionFilter',
    DependsOn: [READ_TRAIL.permission], // CloudWatch Logs tries to invoke the function when the filter is made
    Properties: {
      LogGroupName: trailLogGroup(settings),
      FilterPattern: pattern,
      DestinationArn: attribute(READ_TRAIL.function, 'Arn'),
    },
  },
});

/** With the `:*` by which CloudWatch Logs names itself as the source. */
const logGroupArn = ({ cloudTrailLogGroup: name }: Settings): Value =>
  name
    ? sub(`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${name}:*`)
    : attribute(TRAIL_LOG_GROUP, 'Arn');

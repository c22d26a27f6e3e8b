import {
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DeleteLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { ACCOUNT, REGION } from '../../../emulators/client.ts';
import type { Outputs } from '../../../emulators/emulator.ts';
import { aws, LOG_GROUP } from '../world.ts';

const cloudTrail = new CloudTrailClient(aws);
const logs = new CloudWatchLogsClient(aws);
const dynamoDb = new DynamoDBClient(aws);

export const TRAIL = 'main';
const STREAM = {
  logGroupName: LOG_GROUP,
  logStreamName: `${ACCOUNT}_CloudTrail_${REGION}`,
};

/** What a trail logs. */
export const select = (ReadWriteType: 'All' | 'WriteOnly') =>
  cloudTrail.send(
    new PutEventSelectorsCommand({
      TrailName: TRAIL,
      EventSelectors: [{ ReadWriteType, IncludeManagementEvents: true }],
    }),
  );

/**
 * Makes what the emulator leaves out: a trail that delivers to its log group, where an event has just come, and what
 * of the deployment it does not do: how the table's items expire and are recovered.
 * @returns what takes all that back for the scenarios after this.
 */
export async function completeAccount({ TableName }: Outputs): Promise<() => Promise<void>> {
  await cloudTrail.send(new CreateTrailCommand({ Name: TRAIL, S3BucketName: 'trail' }));
  await cloudTrail.send(
    new UpdateTrailCommand({
      Name: TRAIL,
      CloudWatchLogsLogGroupArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${LOG_GROUP}:*`,
    }),
  );
  await cloudTrail.send(new StartLoggingCommand({ Name: TRAIL }));
  await select('All');
  await logs.send(new CreateLogStreamCommand(STREAM));
  const logEvents = [{ timestamp: Date.now(), message: '{}' }];
  await logs.send(new PutLogEventsCommand({ ...STREAM, logEvents }));
  await keepTable(TableName);
  return async () => {
    await logs.send(new DeleteLogStreamCommand(STREAM));
    await cloudTrail.send(new DeleteTrailCommand({ Name: TRAIL }));
  };
}

async function keepTable(TableName: string | undefined): Promise<void> {
  await dynamoDb.send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    }),
  );
  await dynamoDb.send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
}

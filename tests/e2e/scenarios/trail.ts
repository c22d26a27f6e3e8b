import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail';
import { ALL, aws, deployed } from '../world.ts';

const cloudTrail = new CloudTrailClient(aws);

describe('createTrail deploys', () => {
  test('a trail of all Regions that logs reads', async () => {
    await deployed(ALL);
    const { trailList = [] } = await cloudTrail.send(new DescribeTrailsCommand());
    expect(trailList).toMatchObject([
      {
        Name: 'deleted-secret-notifier-e2e',
        IsMultiRegionTrail: true,
        LogFileValidationEnabled: true,
      },
    ]);
    const TrailName = trailList[0]?.TrailARN;
    const { EventSelectors } = await cloudTrail.send(new GetEventSelectorsCommand({ TrailName }));
    expect(EventSelectors).toMatchObject([{ ReadWriteType: 'All', IncludeManagementEvents: true }]);
    const { IsLogging } = await cloudTrail.send(new GetTrailStatusCommand({ Name: TrailName }));
    expect(IsLogging).toBe(true);
  });
});
